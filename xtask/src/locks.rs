//! Lock files: ours, and those of the packages that stand outside of the workspace, which nobody sees go stale.

use crate::Result;
use crate::process::{capture, cargo};

/// Each a workspace of its own.
const MANIFESTS: &[&str] =
    &["Cargo.toml", "benches/peers/Cargo.toml", "examples/hf-hub/Cargo.toml", "fuzz/libfuzzer/Cargo.toml"];

pub(crate) fn run() -> Result {
    let stale = |manifest: &&&str| {
        capture(&mut cargo(&["update", "--workspace", "--locked", "--manifest-path", manifest])).is_err()
    };
    let stale: Vec<_> = MANIFESTS.iter().filter(stale).collect();
    if stale.is_empty() {
        return Ok(());
    }
    let update = |manifest| format!("cargo update --workspace --manifest-path {manifest}");
    let updates: Vec<_> = stale.into_iter().map(update).collect();
    Err(format!("lock files that are not as their manifests have it:\n  {}", updates.join("\n  ")))
}
