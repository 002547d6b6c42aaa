//! `hf-oauth login`: a token of the person's, checked and kept where every tool of Hugging Face finds it.
//!
//! ```text
//! Options ─▶ Plan: issuer, app, store, Way ─▶ device │ loopback │ pasted token ─▶ Tokens
//!    │                                           │ Event (code, address, ...)      │
//!    └ terminal? ─▶ Watcher: Screen │ Lines │ Json ◀────────────── Success ◀─ saved ◀─ checked with whoami
//! ```
//!
//! - [`events`] are what happens; [`watcher`] shows them: to a person at a terminal ([`screen`], [`keys`]), as plain lines,
//!   or as JSON, one event a line. Nothing is ever asked where standard input or output is no terminal.
//! - [`scopes`] are what is asked for.
//! - [`surroundings`] decide whether a browser can be opened, [`browser`] opens it, without a shell.
//! - [`device`] has a code approved on any device; [`loopback`] has the browser of this machine come back to it.
//! - [`underway`] keeps a device login that was interrupted, so that the next one goes on with the same code.
//! - [`pasted`] reads a token that the person has, [`hidden`] at a terminal.
//! - [`plan`] has the store rehearse the save, before anybody is asked.
//! - [`saved`] asks the Hub whose token it is and only then writes it. Until then nothing that was there has changed.
//!
//! A login replaces an earlier one of the same account, as Python's does. A name that is another account's is left to
//! it, unless `--force` says otherwise.
//!
//! A signal ends a login wherever it is: exit code 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.

mod browser;
mod device;
mod events;
mod hidden;
mod keys;
mod loopback;
mod pasted;
mod plan;
mod saved;
mod scopes;
mod screen;
mod surroundings;
mod underway;
mod watcher;

use std::cell::RefCell;
use std::io::{IsTerminal as _, stdin};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::failure::{Failure, Kind};
use crate::interrupt::Interrupts;
use events::Event;
use plan::{Plan, Way};
pub(crate) use underway::forget_approval;
use watcher::Watcher;

/// How often the screen is drawn, keys are read and locks are tried.
const TICK: Duration = Duration::from_millis(100);

#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 signed in, 1 failed, 2 wrong usage, 4 declined, expired or timed out, 5 Hub or network \
                        unreachable, 6 token store cannot be used, 130 interrupted (143 SIGTERM, 129 SIGHUP)."
)]
pub(crate) struct Options {
    /// Show a code to type in on any device; this is the default
    #[arg(long, group = "way")]
    device: bool,
    /// Sign in with the browser of this machine; needs --client-id of a public app that has
    /// http://127.0.0.1/callback as redirect URL. Asks for openid and profile unless --scope names others
    #[arg(long, group = "way")]
    browser: bool,
    /// Read a token from standard input, one line; a terminal asks for it and does not show it
    #[arg(long, group = "way", conflicts_with = "scope")]
    token_stdin: bool,
    /// Ask for this scope; several with commas between, or several times. Without any the Hub grants what the app may
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// The app to sign in to, instead of the Hub's own command-line app; for a code, not for --browser,
    /// HF_DEVICE_CODE_OAUTH_CLIENT_ID says so as well
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Keep the token under this name, instead of oauth-USERNAME or the name that it has on the Hub
    #[arg(long)]
    name: Option<String>,
    /// Begin anew even if a login is under way, and take a name that belongs to another account
    #[arg(long)]
    force: bool,
    /// Do not open a browser; HF_OAUTH_NO_BROWSER=1 says so for good
    #[arg(long, env = "HF_OAUTH_NO_BROWSER", hide_env = true, value_parser = clap::builder::FalseyValueParser::new())]
    no_browser: bool,
    /// Give up after this time: 90, 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// Print one JSON event a line: device_code, authorize, approved, pending, warning, success, error
    #[arg(long)]
    json: bool,
}

/// Runs the login to its end; what there is to say is said.
pub(crate) fn run(options: &Options) -> ExitCode {
    let watcher = RefCell::new(Watcher::new(options.json));
    let end = attempt(options, &watcher);
    let mut watcher = watcher.into_inner();
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            watcher.failed(&failure);
            failure.exit_code()
        }
    }
}

fn attempt(options: &Options, watcher: &RefCell<Watcher>) -> Result<(), Failure> {
    let plan = Plan::new(options)?;
    plan.warn(watcher)?;
    let asks = plan.way == Way::Pasted && stdin().is_terminal();
    // Before the runtime: signals still have their usual effect on whoever waits for a pipe.
    let piped = plan.way == Way::Pasted && !asks;
    let piped = piped.then(|| pasted::read(plan.client.issuer())).transpose()?;
    let failed = |error| Failure::new(Kind::Failed, "the login cannot start").because(error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let end = runtime.block_on(async {
        let interrupts = if asks { Interrupts::listen_to_all() } else { Interrupts::listen() };
        let mut interrupts = interrupts.map_err(failed)?;
        let timeout = async {
            match options.timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        let done = async {
            let asked = if asks { Some(pasted::ask(plan.client.issuer()).await?) } else { None };
            sign_in(&plan, piped.or(asked), watcher).await
        };
        tokio::select! {
            biased;
            interrupt = interrupts.next() => {
                Err(Failure::interrupted(interrupt, "interrupted, nothing has changed").next(again(options)))
            }
            done = done => done,
            () = timeout => Err(timed_out(options)),
        }
    });
    // Neither a name that is still being looked up nor a save that waits for the store's lock holds the exit up.
    runtime.shutdown_background();
    end
}

async fn sign_in(
    plan: &Plan,
    pasted: Option<hf_oauth::Secret>,
    watcher: &RefCell<Watcher>,
) -> Result<(), Failure> {
    let success = match pasted {
        Some(token) => saved::pasted(plan, token).await?,
        None if plan.way == Way::Browser => loopback::sign_in(plan, watcher).await?,
        None => device::sign_in(plan, watcher).await?,
    };
    watcher.borrow_mut().event(&Event::Success(success));
    Ok(())
}

fn timed_out(options: &Options) -> Failure {
    Failure::new(Kind::TimedOut, "nobody approved the login in the time that --timeout gave")
        .next(again(options))
}

/// Only a code outlives its program.
fn again(options: &Options) -> &'static str {
    if options.browser || options.token_stdin {
        "run the same command again"
    } else {
        "run the same command again to go on with the same code"
    }
}

/// Shows what the person has to open, and then opens it where that is of use.
fn show(plan: &Plan, watcher: &RefCell<Watcher>, event: &Event) {
    watcher.borrow_mut().event(event);
    let opener = plan.opener.filter(|_| watcher.borrow().is_person());
    if let (Some(opener), Some(page)) = (opener, event.page()) {
        browser::open(opener, page);
    }
}

/// Seconds, or a number with `s`, `m` or `h`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(['s', 'm', 'h']);
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a time is a number with s, m or h".to_owned()),
    };
    let seconds = digits.parse::<u32>().ok().filter(|&seconds| seconds > 0);
    let seconds = seconds.ok_or("a time is a whole number above 0, with s, m or h")?;
    Ok(Duration::from_secs(u64::from(seconds) * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("1h", 3600)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "s", "0", "-1", "1.5m", "5ms", "1d", "99999999999"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
