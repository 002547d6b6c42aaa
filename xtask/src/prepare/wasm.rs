//! The browser's target, for core's vectors and the builds that hold the target rule.

use std::path::PathBuf;

use super::Variables;
use crate::Result;
use crate::process::{capture, command, run};

/// As Rust calls it.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn prepare() -> Result<Variables> {
    let sysroot = capture(&mut command("rustc", &["--print", "sysroot"]))?;
    if !PathBuf::from(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        run(&mut command("rustup", &["target", "add", TARGET]))?;
    }
    Ok(Variables::new())
}
