//! WebAssembly's targets: the browser's, for the builds that hold the target rule, and WASI's, for core's vectors.

use std::path::PathBuf;

use super::Variables;
use crate::Result;
use crate::process::{capture, command, run};

/// The browser's, as Rust calls it.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A program's with standard input and output.
pub(crate) const WASI: &str = "wasm32-wasip1";

pub(crate) fn prepare() -> Result<Variables> {
    let sysroot = capture(&mut command("rustc", &["--print", "sysroot"]))?;
    for target in [TARGET, WASI] {
        if !PathBuf::from(sysroot.trim()).join("lib/rustlib").join(target).join("lib").is_dir() {
            run(&mut command("rustup", &["target", "add", target]))?;
        }
    }
    Ok(Variables::new())
}
