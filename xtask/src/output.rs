//! The one place that writes to the terminal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a task runner talks to a person")]

/// A line of progress, set apart from the output of the tools that follow it.
pub(crate) fn heading(line: &str) {
    println!("-- {line}");
}

/// A line worth keeping: a figure, or something left out.
pub(crate) fn note(line: &str) {
    println!("   {line}");
}

pub(crate) fn failure(message: &str) {
    eprintln!("error: {message}");
}

pub(crate) fn usage<'a>(steps: impl Iterator<Item = (&'a str, &'a str)>) {
    eprintln!("usage: cargo xtask STEP\n");
    for (name, what) in steps {
        eprintln!("  {name:13} {what}");
    }
}
