//! Pictures of pages, for people to look at.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// `target/screenshots/NAME.png`
pub(crate) fn save(name: &str, png: &[u8]) {
    write(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("../screenshots").join(format!("{name}.png")), png);
}

/// The README's picture. Every run would draw it a little differently, so it is written on demand.
pub(crate) fn save_for_readme(png: &[u8]) {
    if std::env::var_os("HF_OAUTH_WRITE_SCREENSHOT").is_some_and(|value| value == "1") {
        write(&PathBuf::from(ROOT).join("docs/demo.png"), png);
    }
}

fn write(path: &Path, png: &[u8]) {
    assert!(png.starts_with(b"\x89PNG"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, png).unwrap();
}
