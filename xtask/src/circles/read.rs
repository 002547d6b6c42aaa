//! From the crate's first file to all of them.

use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Item, Lit, Meta};

use super::names;
use super::tree::{File, Module, Tree};
use crate::Result;

/// The text of a file, where there is one.
pub(super) type Read<'a> = dyn Fn(&Path) -> Option<String> + 'a;

pub(super) fn crate_at(main: &Path, read: &Read<'_>) -> Result<Tree> {
    let mut tree = Tree::default();
    tree.add_file(main, main.parent().unwrap_or(main), None, read)?;
    Ok(tree)
}

impl Tree {
    /// `folder` is where its children lie.
    fn add_file(
        &mut self,
        path: &Path,
        folder: &Path,
        parent: Option<usize>,
        read: &Read<'_>,
    ) -> Result<usize> {
        let text = read(path).ok_or_else(|| format!("{} cannot be read", path.display()))?;
        let parsed = syn::parse_file(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let file = self.files.len();
        let declared_by = parent.map(|module| self.modules[module].file);
        self.files.push(File { path: path.to_path_buf(), parent: declared_by });
        self.add_module(file, folder, parent, &parsed.items, read)
    }

    fn add_module(
        &mut self,
        file: usize,
        folder: &Path,
        parent: Option<usize>,
        items: &[Item],
        read: &Read<'_>,
    ) -> Result<usize> {
        let this = self.modules.len();
        self.modules.push(Module { file, parent, ..Module::default() });
        for item in items.iter().filter(|item| !names::only_tests(names::attributes(item))) {
            let Item::Mod(module) = item else {
                names::collect(item, &mut self.modules[this]);
                continue;
            };
            let name = names::plain(&module.ident);
            let below = folder.join(&name);
            let child = match &module.content {
                Some((_, items)) => self.add_module(file, &below, Some(this), items, read)?,
                None => {
                    let (path, below) = found(folder, &name, &module.attrs, read)?;
                    self.add_file(&path, &below, Some(this), read)?
                }
            };
            self.modules[this].children.insert(name, child);
        }
        Ok(this)
    }
}

/// The file of `mod name;`, and where its own children lie.
fn found(folder: &Path, name: &str, attributes: &[Attribute], read: &Read<'_>) -> Result<(PathBuf, PathBuf)> {
    if let Some(path) = attributes.iter().find_map(named_path) {
        let path = folder.join(path);
        let below = path.parent().unwrap_or(folder).to_path_buf();
        return Ok((path, below));
    }
    let below = folder.join(name);
    let places = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
    let place = places.into_iter().find(|path| read(path).is_some());
    place
        .map(|path| (path, below.clone()))
        .ok_or_else(|| format!("no file of `mod {name}` in {}", folder.display()))
}

/// `#[path = "..."]`
fn named_path(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) = &pair.value else { return None };
    pair.path.is_ident("path").then(|| path.value())
}
