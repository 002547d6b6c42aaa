//! A crate's files and modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Indices stand for files and modules; each 0 is the crate's first.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    pub(super) modules: Vec<Module>,
}

pub(super) struct File {
    pub(super) path: PathBuf,
    /// The file that declares it; the first is declared by none.
    pub(super) parent: Option<usize>,
}

/// A file's module, or one that stands inside of a file.
#[derive(Default)]
pub(super) struct Module {
    pub(super) file: usize,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    /// What is defined here.
    pub(super) items: BTreeSet<String>,
    /// What is imported: the name it has here, and its path.
    pub(super) imports: Vec<(String, Vec<String>)>,
    /// Imports of everything.
    pub(super) globs: Vec<Vec<String>>,
    /// Every path that stands here, those of the imports too.
    pub(super) paths: Vec<Vec<String>>,
}
