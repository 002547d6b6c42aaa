//! From a path to the file that defines what it names.

use std::collections::BTreeMap;

use super::tree::Tree;

/// A file names something of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) from: usize,
    pub(super) to: usize,
    /// As it stands there.
    pub(super) path: String,
}

/// One for each pair of files.
pub(super) fn imports(tree: &Tree) -> Vec<Import> {
    let mut all = BTreeMap::new();
    for (at, module) in tree.modules.iter().enumerate() {
        for path in &module.paths {
            let found = relative(tree, at, path, 0).filter(|to| *to != module.file);
            if let Some(to) = found {
                all.entry((module.file, to)).or_insert_with(|| path.join("::"));
            }
        }
    }
    all.into_iter().map(|((from, to), path)| Import { from, to, path }).collect()
}

/// Longer chains of re-exports than this go round.
const DEPTH: usize = 8;

/// The file of what `path` names when it stands in the module `at`; none where it is another crate's, or a variable.
fn relative(tree: &Tree, mut at: usize, path: &[String], depth: usize) -> Option<usize> {
    let mut rest = path;
    let mut anchored = false;
    while let [first, more @ ..] = rest {
        match first.as_str() {
            "crate" if !anchored => at = 0,
            "self" => {}
            "super" => at = tree.modules[at].parent?,
            _ => break,
        }
        (rest, anchored) = (more, true);
    }
    match absolute(tree, at, rest, depth) {
        // Made by a macro, or one of std's names in a path that begins with `crate`.
        None if anchored => Some(tree.modules[at].file),
        found => found,
    }
}

fn absolute(tree: &Tree, at: usize, path: &[String], depth: usize) -> Option<usize> {
    let module = &tree.modules[at];
    let [first, rest @ ..] = path else { return Some(module.file) };
    if depth > DEPTH {
        return None;
    }
    if let Some(child) = module.children.get(first) {
        // Something that a macro makes there is that file's too.
        return absolute(tree, *child, rest, depth + 1).or(Some(tree.modules[*child].file));
    }
    if module.items.contains(first) {
        return Some(module.file);
    }
    let imported = module.imports.iter().filter(|(name, _)| name == first).find_map(|(_, import)| {
        let whole: Vec<String> = import.iter().chain(rest).cloned().collect();
        // `use serde::Serialize` is no path through a module of ours that happens to be called so.
        (import.first() != Some(first) || module.children.contains_key(first))
            .then(|| relative(tree, at, &whole, depth + 1))
            .flatten()
    });
    imported.or_else(|| {
        let globs = module.globs.iter();
        globs.filter(|glob| !glob.is_empty()).find_map(|glob| {
            let target = module_at(tree, at, glob, depth + 1)?;
            absolute(tree, target, path, depth + 1)
        })
    })
}

/// The module that `path` names.
fn module_at(tree: &Tree, mut at: usize, path: &[String], depth: usize) -> Option<usize> {
    if depth > DEPTH {
        return None;
    }
    for (index, name) in path.iter().enumerate() {
        at = match name.as_str() {
            "crate" if index == 0 => 0,
            "self" => at,
            "super" => tree.modules[at].parent?,
            name => match tree.modules[at].children.get(name) {
                Some(child) => *child,
                None => {
                    let imports = &tree.modules[at].imports;
                    let (_, import) = imports.iter().find(|(alias, path)| alias == name && path.len() > 1)?;
                    module_at(tree, at, import, depth + 1)?
                }
            },
        };
    }
    Some(at)
}
