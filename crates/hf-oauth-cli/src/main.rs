//! `hf-oauth`: Sign in with Hugging Face, on the command line.
//!
//! - `hf-oauth demo`: an app with sign-in, profile and inference, in the browser;
//! - `hf-oauth hub`: a local Hub to develop and test against.
//!
//! Data goes to standard output, talk to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod demo;
mod hub;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Sign in with Hugging Face.
#[derive(Parser)]
#[command(name = "hf-oauth", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show an app with sign-in, profile and inference. Needs no internet: without OAUTH_CLIENT_ID it brings a local Hub.
    Demo(demo::Options),
    /// Run a Hub on this machine, to develop and test against.
    Hub(hub::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    output::start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::failed(&error),
    };
    let result = match arguments.command {
        Command::Demo(options) => runtime.block_on(demo::run(options)),
        Command::Hub(options) => runtime.block_on(hub::run(options)),
    };
    // Streams that are under way do not hold the exit up.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::failed(error.as_ref()),
    }
}
