//! The target `browser`: core as WebAssembly and the module for pages, side by side under Node (`fuzz/browser`).

use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::prepare::WASI;
use crate::process::{command, root};
use crate::{Result, prepare, vectors};

/// Its name among the targets; it has no corpus, because the vectors are its seeds.
pub(super) const TARGET: &str = "browser";

/// Core's verdicts as a program, and all else that the fuzzer needs.
pub(super) fn prepared() -> Result<PathBuf> {
    prepare::wasm()?;
    prepare::node_packages()?;
    vectors::build(true, Some(WASI))
}

/// For some time. CI fails for a change, not by chance: its short runs all begin alike, longer ones look for what is new.
pub(super) fn fuzz(program: &PathBuf, seconds: u32, always_alike: bool) -> Command {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    let seed = if always_alike { 1 } else { now() };
    let mut run = node(program);
    run.args(["--seconds", &seconds.to_string(), "--seed", &seed.to_string(), "--save"]);
    run.arg(root().join("target/fuzz"));
    run
}

/// Every planted mistake, each until it is found: within 30 s, or within so many executions.
pub(crate) fn planted(program: &PathBuf, executions: Option<u32>) -> Command {
    let mut run = node(program);
    run.arg("--planted");
    if let Some(executions) = executions {
        run.args(["--executions", &executions.to_string()]);
    }
    run
}

/// A fixed number of executions.
pub(crate) fn executions(program: &PathBuf, executions: u32) -> Command {
    let mut run = node(program);
    run.args(["--executions", &executions.to_string()]);
    run
}

fn node(program: &PathBuf) -> Command {
    let mut node = command("node", &[]);
    node.arg(root().join("fuzz/browser/main.mjs")).arg(program);
    node
}
