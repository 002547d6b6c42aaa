//! What is measured, built or installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::prepare;
use crate::process::{cargo, command, find, root, run};
use crate::{Result, output, rooms};

pub(super) struct Tools {
    /// `hf-oauth-bench`.
    pub(super) bench: PathBuf,
    /// What others built, in a workspace of its own.
    pub(super) peers: PathBuf,
    /// `hf-oauth`.
    pub(super) cli: PathBuf,
    /// The interpreter that has `huggingface_hub`.
    pub(super) python: Option<PathBuf>,
    /// True where Node and its packages are there.
    pub(super) node: bool,
    /// For what is written on the way.
    pub(super) scratch: PathBuf,
    taskset: Option<PathBuf>,
}

pub(super) fn prepare() -> Result<Tools> {
    let prepared = prepare::run()?;
    output::heading("release builds");
    run(&mut cargo(&["build", "--release", "-p", "hf-oauth-benches", "-p", "hf-oauth-cli"]))?;
    let target = rooms::metadata()?.target_directory.into_std_path_buf();
    // Not `--locked`: that lock file follows the dependencies of crates in another workspace.
    let peers = ["build", "--release", "--manifest-path", "benches/peers/Cargo.toml", "--target-dir"];
    run(cargo(&peers).arg(target.join("peers")))?;
    let node = prepared.has("node");
    if node && !root().join("benches/node/node_modules").is_dir() {
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(command("npm", &install).current_dir(root().join("benches/node")))?;
    }
    let scratch = target.join("bench");
    std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Tools {
        bench: target.join("release/hf-oauth-bench"),
        peers: target.join("peers/release/hf-oauth-bench-peers"),
        cli: target.join("release/hf-oauth"),
        python: prepared.has("python").then(|| root().join(".test-env/python/bin/python")),
        node,
        scratch,
        taskset: find(&["taskset"]).filter(|_| cores > 1),
    })
}

impl Tools {
    /// The interpreter and the app that it signs people in with; nothing without Python.
    pub(super) fn python_app(&self) -> Vec<PathBuf> {
        let script = root().join("tests-env/python/hf_py_app.py");
        self.python.iter().flat_map(|python| [python.clone(), script.clone()]).collect()
    }

    /// The program on this core, where cores can be chosen: the server on one, its load on another.
    pub(super) fn pinned(&self, program: &Path, core: usize) -> Command {
        match &self.taskset {
            Some(taskset) => {
                let mut command = command(taskset, &["-c", &core.to_string()]);
                command.arg(program);
                command
            }
            None => command(program, &[]),
        }
    }
}
