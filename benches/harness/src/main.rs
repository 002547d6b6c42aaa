//! Speed, start and size, ours beside what others built, against goals.
//!
//! ```text
//! tools (build) ─▶ requests ─▶ threads ─▶ logins, ID tokens ─▶ starts ─▶ figures ─▶ docs/benchmarks.{md,svg} ─▶ goals
//! ```
//!
//! `cargo xtask bench` starts it, in the environment that the tests have.
//!
//! Not part of CI: what a busy machine measures is about the machine.

mod children;
mod commands;
mod figures;
mod goals;
mod machine;
mod output;
mod picture;
mod process;
mod requests;
mod starts;
mod table;
mod threads;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;

use self::children::bounded;
use self::figures::Figures;
use self::process::root;
use self::tools::Tools;

/// A failure, in words for the person who ran it.
type Result<T = ()> = std::result::Result<T, String>;

/// How long logins and ID tokens are measured, in seconds.
const SPAN: &str = "5";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            output::failure(&message);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result {
    let tools = tools::prepare()?;
    output::heading("requests of somebody who is signed in");
    let requests = requests::measure(&tools)?;
    output::heading("two threads beside one");
    let threads = threads::measure(&tools)?;
    output::heading("logins and ID tokens");
    let mut logins = json(&tools, &tools.peers, "logins", &tools.python_app())?;
    logins[figures::OURS] = json(&tools, &tools.bench, "logins", &[])?;
    let id_tokens = json(&tools, &tools.peers, "verify", &[])?;
    output::heading("starts, memory and size");
    let figures = Figures {
        requests,
        threads,
        logins,
        id_tokens,
        starts: starts::measure(&tools)?,
        commands: commands::measure(&tools)?,
        binary_bytes: fs::metadata(&tools.cli).map_err(|error| error.to_string())?.len(),
        machine: machine::describe(&tools)?,
    };
    let text = table::markdown(&figures);
    text.lines().filter(|line| line.starts_with('|')).for_each(output::note);
    write("docs/benchmarks.md", &text)?;
    write("docs/benchmarks.svg", &picture::svg(&figures))?;
    goals::check(&figures)
}

fn json(tools: &Tools, program: &Path, what: &str, more: &[PathBuf]) -> Result<Value> {
    let text = bounded(tools.pinned(program, 0).args([what, SPAN]).args(more), Duration::from_secs(60))?;
    serde_json::from_str(&text).map_err(|error| format!("{what}: {error}: {text}"))
}

fn write(path: &str, text: &str) -> Result {
    fs::write(root().join(path), text).map_err(|error| format!("{path}: {error}"))
}
