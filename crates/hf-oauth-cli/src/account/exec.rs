//! `hf-oauth exec -- CMD...`: a program with `HF_TOKEN`, for tools that know nothing of logins.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Command, ExitCode};

use hf_oauth_tokens::TokenStore;

use crate::failure::{Failure, Kind};
use crate::output;

use super::store;

/// `hf-oauth exec -- CMD...`
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The program and its arguments.
    #[arg(required = true, last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let [program, arguments @ ..] = options.command.as_slice() else {
        return Err(Failure::new(Kind::Usage, "exec: which program?").next("hf-oauth exec -- CMD..."));
    };
    let token = store::fresh(&TokenStore::from_env())?;
    let mut command = Command::new(program);
    // In the environment only: arguments are for everybody on the machine to read.
    command.args(arguments).env("HF_TOKEN", token.token.expose());
    // Else the child would exchange or prefer another token than the one that this command was asked to give it.
    command.env_remove("HF_OIDC_RESOURCE").env_remove("HUGGING_FACE_HUB_TOKEN");
    replace(command).or_else(|error| Ok(not_started(program, error)))
}

/// 127 for what is not found, 126 for what is no program, as shells and `env` have it.
fn not_started(program: &OsStr, error: io::Error) -> ExitCode {
    let missing = error.kind() == io::ErrorKind::NotFound;
    let failure = Failure::new(Kind::Failed, format_args!("{} does not start", program.display()))
        .next(if missing { "check the name and PATH" } else { "check that it is a program that you may run" })
        .because(error);
    output::tell(&failure.report());
    ExitCode::from(if missing { 127 } else { 126 })
}

/// Becomes the program: signals, terminal and exit code are the child's own.
#[cfg(unix)]
fn replace(mut command: Command) -> Result<ExitCode, io::Error> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

/// Runs the program and ends as it did.
#[cfg(not(unix))]
fn replace(mut command: Command) -> Result<ExitCode, io::Error> {
    let status = command.status()?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
