//! What is done with a login once it is there: look at it, use it, change it, end it.
//!
//! [`Command`] → [`run`] → one file a command → the token store (`store`), and for `whoami` and `status` the Hub (`hub`).
//! No runtime is started unless the network is needed. Secrets leave in three places only: `token` and `git-credential get`
//! on standard output, `exec` in its child's environment.

mod exec;
mod generate;
mod git_credential;
mod hub;
mod list;
mod logout;
mod shown;
mod status;
mod store;
mod switch;
mod token;
mod whoami;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output;

/// The commands of this module; `login` and the servers are beside them.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Forget a login on this machine.
    Logout(logout::Options),
    /// List the logins on this machine.
    #[command(visible_alias = "ls")]
    List(list::Options),
    /// Make another login the active one.
    Switch(switch::Options),
    /// Print the token that is in use, refreshed if it is about to end.
    Token,
    /// Ask the Hub whose token is in use.
    Whoami(whoami::Options),
    /// Say which token is in use and why, what it may do, and what is wrong with the setup.
    Status(status::Options),
    /// Run a program with HF_TOKEN in its environment, and without HF_OIDC_RESOURCE and HUGGING_FACE_HUB_TOKEN, which
    /// would give it another token.
    Exec(exec::Options),
    /// Answer git's questions for credentials: git config --global credential.helper '!hf-oauth git-credential'
    GitCredential(git_credential::Options),
    /// Print a completion script for a shell.
    Completions(generate::Completions),
    /// Print the manual page, of all commands or of one.
    #[command(hide = true)]
    Man(generate::Manual),
}

/// Runs one command to its end.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Logout(options) => logout::run(&options),
        Command::List(options) => as_event(options.json, list::run(&options)),
        Command::Switch(options) => switch::run(&options),
        Command::Token => token::run(),
        Command::Whoami(options) => as_event(options.json, whoami::run(&options)),
        Command::Status(options) => as_event(options.json, status::run(&options)),
        Command::Exec(options) => exec::run(&options),
        Command::GitCredential(options) => git_credential::run(&options),
        Command::Completions(options) => generate::completions(&options),
        Command::Man(options) => generate::man(&options),
    }
}

/// With `--json` a failure is an event on standard output as well.
fn as_event(json: bool, result: Result<ExitCode, Failure>) -> Result<ExitCode, Failure> {
    result.inspect_err(|failure| {
        if json {
            output::json(&failure.event());
        }
    })
}
