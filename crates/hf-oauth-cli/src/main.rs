//! `hf-oauth`: Sign in with Hugging Face, on the command line.
//!
//! - `hf-oauth login` signs in from a terminal; the commands of [`account`] use, show and end what it kept;
//! - `hf-oauth demo`: an app with sign-in, profile and inference, in the browser;
//! - `hf-oauth hub`: a local Hub to develop and test against.
//!
//! Data goes to standard output, talk to standard error. The exit codes stand in [`failure`]: 0 done, 1 failed, 2 wrong
//! usage, and so on. A reader that goes away early is no error; a standard output that takes nothing (a full disk) is one.

mod account;
mod demo;
mod failure;
mod given;
mod hub;
mod interrupt;
mod login;
mod output;
mod printable;

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
    /// Sign in, for every tool of Hugging Face on this machine.
    Login(login::Options),
    #[command(flatten)]
    Account(account::Command),
}

/// What runs until it is stopped.
enum Server {
    Demo(demo::Options),
    Hub(hub::Options),
}

fn main() -> ExitCode {
    let arguments: Arguments = given::parse(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let command = match arguments.command {
        Command::Login(options) => return output::ended(login::run(&options)),
        Command::Account(command) => {
            let end = account::run(command).unwrap_or_else(|failure| {
                output::tell(&failure.report());
                failure.exit_code()
            });
            return output::ended(end);
        }
        Command::Demo(options) => Server::Demo(options),
        Command::Hub(options) => Server::Hub(options),
    };
    output::start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::failed(&error),
    };
    let result = match command {
        Server::Demo(options) => runtime.block_on(demo::run(options)),
        Server::Hub(options) => runtime.block_on(hub::run(options)),
    };
    // Streams that are under way do not hold the exit up.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::failed(error.as_ref()),
    }
}
