//! The one place that writes to the terminal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a person watches")]

/// A line of progress.
pub(crate) fn heading(line: &str) {
    println!("-- {line}");
}

/// A figure, or something left out.
pub(crate) fn note(line: &str) {
    println!("   {line}");
}

pub(crate) fn failure(message: &str) {
    eprintln!("error: {message}");
}
