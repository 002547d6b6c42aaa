//! The one place that prints: one line of JSON, read by the harness.
#![expect(clippy::print_stdout, reason = "what the calling process reads")]

use std::io::Write as _;

/// One line, at once.
pub fn line(text: &str) {
    println!("{text}");
    let _ = std::io::stdout().flush();
}
