//! Commands that a shell runs again and again: from their start to their end.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use super::children::bounded;
use super::figures::{CommandTime, TOKEN, TRUE, median};
use super::tools::Tools;
use crate::process::command;
use crate::{Result, output};

const TIMES: usize = 41;
const TIMES_OF_PYTHON: usize = 3;
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn measure(tools: &Tools) -> Result<Vec<CommandTime>> {
    let home = tools.scratch.join("home");
    fs::create_dir_all(&home).map_err(|error| error.to_string())?;
    fs::write(home.join("token"), "hf_benchtokenbenchtokenbenchtokenbench")
        .map_err(|error| error.to_string())?;
    private(&home)?;
    let with_home = |mut command: Command| {
        for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_STORED_TOKENS_PATH"] {
            command.env_remove(name);
        }
        command.env("HF_HOME", &home).env("HOME", &home);
        command
    };
    let ours = || with_home(command(&tools.cli, &["token"]));
    let nothing = || command(TRUE, &[]);
    let is_there = bounded(&mut with_home(command(&tools.cli, &["token", "--help"])), PATIENCE).is_ok();
    if is_there && !bounded(&mut ours(), PATIENCE)?.contains("hf_benchtoken") {
        return Err("hf-oauth token did not print the token".to_owned());
    }
    let (mut true_, mut token) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        true_.push(timed(nothing())?);
        if is_there {
            token.push(timed(ours())?);
        }
    }
    let mut all = vec![CommandTime { name: TRUE, millis: median(true_) }];
    match is_there {
        true => all.push(CommandTime { name: TOKEN, millis: median(token) }),
        false => output::note("left out: `hf-oauth token`, which this binary does not have"),
    }
    if let Some(hf) = tools.python.as_ref().map(|python| python.with_file_name("hf")) {
        let python = (0..TIMES_OF_PYTHON).map(|_| timed(with_home(command(&hf, &["auth", "token"]))));
        let millis = median(python.collect::<Result<Vec<_>>>()?);
        all.push(CommandTime { name: "hf auth token, Python", millis });
    }
    Ok(all)
}

/// Milliseconds from the start to the end; `spawn` and `wait` alone, since looking now and then would be coarse.
fn timed(mut command: Command) -> Result<f64> {
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    let start = Instant::now();
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    let millis = start.elapsed().as_secs_f64() * 1e3;
    if status.success() { Ok(millis) } else { Err(format!("{command:?} failed ({status})")) }
}

#[cfg(unix)]
fn private(home: &std::path::Path) -> Result {
    use std::os::unix::fs::PermissionsExt as _;
    let set = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    set(home, 0o700).and_then(|()| set(&home.join("token"), 0o600)).map_err(|error| error.to_string())
}

#[cfg(not(unix))]
fn private(_: &std::path::Path) -> Result {
    Ok(())
}
