//! Import circles between the files of a crate.
//!
//! ```text
//! files ─▶ modules (tree) ─▶ what each file names, by the file that defines it (resolve) ─▶ circles (graph)
//! ```
//!
//! Seen from any module, its children with everything below them are rooms, and what they name of each other must not
//! come round. A child may name its parent's types and a parent its children's; that is what a folder is. What is only
//! compiled for tests is not looked at.

mod graph;
mod names;
mod read;
mod resolve;
#[cfg(test)]
mod tests;
mod tree;

use std::path::Path;

use cargo_metadata::{Metadata, TargetKind};

use crate::process::root;
use crate::{Result, rooms};

/// One line for each circle.
pub(crate) fn run() -> Result<Vec<String>> {
    check(&rooms::metadata()?, &|path| std::fs::read_to_string(path).ok())
}

fn check(metadata: &Metadata, read: &read::Read<'_>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for target in metadata.workspace_packages().iter().flat_map(|package| &package.targets) {
        let kinds = [TargetKind::Lib, TargetKind::Bin, TargetKind::Example];
        if kinds.iter().any(|kind| target.kind.contains(kind)) {
            found.extend(circles(target.src_path.as_std_path(), read)?);
        }
    }
    Ok(found)
}

/// The circles of the crate whose first file is `main`.
fn circles(main: &Path, read: &read::Read<'_>) -> Result<Vec<String>> {
    let tree = read::crate_at(main, read)?;
    let shown = |file: &Path| file.strip_prefix(root()).unwrap_or(file).display().to_string();
    let circles = graph::circles(&tree, &resolve::imports(&tree)).into_iter().map(|circle| {
        let lines = circle.iter().map(|import| {
            let [from, to] = [import.from, import.to].map(|file| shown(&tree.files[file].path));
            format!("{from} names `{}` of {to}", import.path)
        });
        format!("import circle: {}", lines.collect::<Vec<_>>().join("; "))
    });
    Ok(circles.collect())
}
