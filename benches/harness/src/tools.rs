//! What is measured, built or installed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process::{capture, cargo, command, root, run};
use crate::{Result, output};

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
    // Where `cargo xtask` says that they are; elsewhere they are left out.
    let prepared =
        |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    output::heading("release builds");
    run(&mut cargo(&["build", "--release", "-p", "hf-oauth-benches", "-p", "hf-oauth-cli"]))?;
    let target = target_directory()?;
    // Not `--locked`: that lock file follows the dependencies of crates in another workspace.
    let peers = ["build", "--release", "--manifest-path", "benches/peers/Cargo.toml", "--target-dir"];
    run(cargo(&peers).arg(target.join("peers")))?;
    let node = prepared("HF_OAUTH_TEST_NODE").is_some();
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
        python: prepared("HF_OAUTH_TEST_PYTHON"),
        node,
        scratch,
        taskset: taskset().filter(|_| cores > 1),
    })
}

fn target_directory() -> Result<PathBuf> {
    let metadata = capture(&mut cargo(&["metadata", "--format-version", "1", "--no-deps", "--locked"]))?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    metadata["target_directory"].as_str().map(PathBuf::from).ok_or_else(|| "no target directory".to_owned())
}

fn taskset() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join("taskset")).find(|path| path.is_file())
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
