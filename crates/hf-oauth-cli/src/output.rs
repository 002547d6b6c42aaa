//! Everything that this command prints: data on standard output, talk on standard error.
//!
//! No control or bidirectional character leaves by [`say`], [`tell`] or [`json`], whoever wrote the text; only [`draw`]
//! moves a cursor, and what it gets is this program's own.

#![expect(clippy::print_stderr, reason = "the one file that talks to the terminal")]

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::OnceLock;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::printable::{is_hostile, printable_json};

/// Logs to standard error: warnings, and what this project says at its start; `RUST_LOG` says otherwise.
pub(crate) fn start_log() {
    // Levels and modules (`debug`, `warn,hf_oauth_axum=trace`); spans and fields would need a regular expression engine.
    let wanted = std::env::var("RUST_LOG").ok().filter(|text| !text.trim().is_empty());
    let wanted = wanted.and_then(|text| text.parse::<Targets>().ok());
    let usual =
        || Targets::new().with_default(LevelFilter::WARN).with_target("hf_oauth_axum", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .without_time()
        .with_target(false);
    tracing_subscriber::registry().with(lines).with(wanted.unwrap_or_else(usual)).init();
}

/// Why standard output did not take all that was said.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// A text for a person or a pipe; a reader that went away is no error.
pub(crate) fn say(text: &str) {
    out(&clean(text));
}

/// `exit`, unless what was said did not arrive: a token that a full disk did not take must not look like one.
pub(crate) fn ended(exit: ExitCode) -> ExitCode {
    match LOST.get() {
        Some(error) if exit == ExitCode::SUCCESS => {
            tell(&format!("error: standard output cannot be written\n  because: {error}"));
            ExitCode::FAILURE
        }
        _ => exit,
    }
}

/// A text for the person at the terminal.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", clean(text));
}

/// A value as one line of JSON on standard output. Hostile characters become escapes: programs get the exact value,
/// terminals see none.
pub(crate) fn json(value: &serde_json::Value) {
    out(&printable_json(value));
}

/// The terminal's own language, on standard error.
pub(crate) fn draw(sequence: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(sequence.as_bytes()).and_then(|()| err.flush());
}

/// An error with all its causes, each said once.
pub(crate) fn failed(error: &dyn Error) -> ExitCode {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("\n  because: {cause}"));
        source = cause.source();
    }
    eprintln!("error: {}", clean(&text));
    ExitCode::FAILURE
}

fn out(text: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error);
    }
}

/// `text` without the characters that could steer a terminal; lines stay lines.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|&c| c == '\n' || !is_hostile(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_118_nothing_that_steers_a_terminal_is_left() {
        let hostile = "a\u{1b}]8;;http://evil\u{7}b\rc\u{9b}31m\u{7f}d\u{202e}e\u{2066}f\u{200f}\nnext";
        assert_eq!(clean(hostile), "a]8;;http://evilbc31mdef\nnext");
    }
}
