//! Core's verdicts as a program, and what asks it and the module for pages side by side (`fuzz/browser`).

use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::prepare::WASI;
use crate::process::{cargo, command, root, run};
use crate::{Result, prepare, rooms};

/// The name among the fuzzer's targets; it has no corpus, because the vectors are its seeds.
pub(crate) const TARGET: &str = "browser";

/// Core's verdicts as a program, and all else that the fuzzer needs.
pub(crate) fn prepared() -> Result<PathBuf> {
    prepare::wasm()?;
    prepare::node_packages()?;
    core(true, Some(WASI))
}

/// Core's verdicts as a program: for this machine, or for a target.
pub(crate) fn core(wire: bool, target: Option<&str>) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--quiet", "--package", "hf-oauth-core", "--example", "verdict"]);
    if !wire {
        build.arg("--no-default-features");
    }
    let folder = rooms::metadata()?.target_directory.into_std_path_buf();
    // The program of this machine is built as the tests are; that of a target is asked many thousand times.
    let (folder, name) = match target {
        None => (folder.join("debug"), format!("verdict{}", std::env::consts::EXE_SUFFIX)),
        Some(target) => {
            build.args(["--release", "--target", target]);
            (folder.join(target).join("release"), "verdict.wasm".to_owned())
        }
    };
    run(&mut build)?;
    Ok(folder.join("examples").join(name))
}

/// For some time. CI fails for a change, not by chance: its short runs all begin alike, longer ones look for what is new.
pub(crate) fn fuzz(program: &PathBuf, seconds: u32, always_alike: bool) -> Command {
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
