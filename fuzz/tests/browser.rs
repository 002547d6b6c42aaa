//! The module for pages (`browser/`) gives core's verdicts: `fuzz/browser` under Node, for a few executions. Longer, and
//! with core as WebAssembly: `cargo xtask fuzz browser`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Core's `verdict`, as Cargo built it for the tests.
fn verdict() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    let program = folder.join(format!("verdict{}", env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "not built: cargo build --package hf-oauth-core --example verdict");
    program
}

/// What the fuzzer printed, and whether it found no difference; none where Node was left out.
fn fuzz(args: &[&str]) -> Option<(String, bool)> {
    let without = env::var("HF_OAUTH_TESTS_WITHOUT").unwrap_or_default();
    if without.split(',').any(|name| name.trim() == "node") {
        println!("left out: HF_OAUTH_TESTS_WITHOUT names node");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let packages = root.join("browser/node_modules");
    assert!(packages.is_dir(), "{} is missing: run `cargo xtask prepare`", packages.display());
    let script = root.join("fuzz/browser/main.mjs");
    let output = Command::new("node").arg(script).arg(verdict()).args(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Some((String::from_utf8_lossy(&text).into_owned(), output.status.success()))
}

#[test]
fn row_203_the_module_gives_cores_verdicts_on_changed_inputs() {
    let Some((text, alike)) = fuzz(&["--executions", "1000"]) else { return };
    assert!(alike, "{text}");
    assert!(text.contains("0 differences"), "{text}");
}

/// The comparison is one: a planted mistake is a difference, printed with both verdicts, and a failure.
#[test]
fn row_203_a_reader_that_takes_the_last_duplicate_is_found() {
    let plant = ["--executions", "4000", "--plant", "last-duplicate-counts"];
    let Some((text, alike)) = fuzz(&plant) else { return };
    assert!(!alike, "{text}");
    assert!(
        text.contains("two verdicts") && text.contains("malformed") && text.contains("accepted"),
        "{text}"
    );
}
