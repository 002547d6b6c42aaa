//! Core's vectors as a program that needs nothing around it: its exit code is how many passed.
//!
//! Built for the browser's target it imports nothing, so anything that runs WebAssembly can run it. The first vector
//! that fails panics, which is a trap there.

#[path = "vectors/checks.rs"]
mod checks;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(checks::run())
}
