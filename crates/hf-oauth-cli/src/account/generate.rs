//! What packagers and shells read: completion scripts and the manual page, made from the command line's own definition.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::failure::{Failure, Kind};
use crate::output;

/// `hf-oauth completions SHELL`
#[derive(clap::Args)]
pub(crate) struct Completions {
    /// For which shell.
    shell: Shell,
}

pub(crate) fn completions(options: &Completions) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut crate::Arguments::command(), "hf-oauth", &mut script);
    say(&script);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man() -> Result<ExitCode, Failure> {
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(crate::Arguments::command()).render(&mut page);
    made.map_err(|error| Failure::new(Kind::Failed, "the manual page").because(error))?;
    say(&page);
    Ok(ExitCode::SUCCESS)
}

fn say(text: &[u8]) {
    output::say(String::from_utf8_lossy(text).trim_end());
}
