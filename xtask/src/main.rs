//! `cargo xtask STEP`: one command for everything that this project checks itself with.
//!
//! The steps stand in the order in which `.ci/run` calls them; `cargo xtask test` is the one a contributor needs.

mod architecture;
mod attacks;
mod bench;
mod browser;
mod circles;
mod deny;
mod differ;
mod documents;
mod fuzz;
mod lints;
mod locks;
mod output;
mod package;
mod prepare;
mod process;
mod rooms;
mod test;
mod vectors;
mod wasm;

use std::process::ExitCode;

/// A failed step, in words for the person who ran it.
type Result<T = ()> = std::result::Result<T, String>;

/// Its name, what it does in words, and the function.
type Step = (&'static str, &'static str, fn() -> Result);

const STEPS: &[Step] = &[
    ("test", "prepare the environment, build the release binary, run every test and check", test::run),
    ("prepare", "only install what the tests need and is missing", || prepare::run().map(drop)),
    ("locks", "every lock file as its manifest has it", locks::run),
    ("fmt", "formatting", lints::fmt),
    ("clippy", "clippy, warnings denied", lints::clippy),
    ("doc", "rustdoc, warnings denied", lints::doc),
    ("audit", "advisories, none ignored", deny::advisories),
    ("licences", "the licence of every dependency", deny::licences),
    ("architecture", "which crate may depend on what", architecture::run),
    ("documents", "what the documents say of the project against the project", documents::run),
    ("package", "every crate packed in order, and built from its package alone", package::packages),
    ("wasm", "core (with and without `wire`) and hf-oauth for wasm32", wasm::run),
    ("fuzz", "every fuzz target for 30 s: [--seconds N] [--minimise] [TARGET], or --planted", fuzz::fuzz),
    (
        "vectors",
        "only the vectors: their schema, and core natively and as WebAssembly (part of `test`)",
        || vectors::run(&prepare::run()?),
    ),
    ("browser", "only the module for pages: build, tests, bytes (part of `test`)", || {
        browser::run(&prepare::run()?)
    }),
    (
        "bench",
        "speed, start and size beside others, against goals; writes docs/benchmarks.md (not in CI)",
        bench::run,
    ),
    ("attacks", "only the table of docs/attacks.md against the tests (part of `test`)", attacks::run),
];

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, _, step)) = STEPS.iter().find(|(step, ..)| *step == name) else {
        output::usage(STEPS.iter().map(|(name, what, _)| (*name, *what)));
        return ExitCode::from(2);
    };
    match step() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            output::failure(&message);
            ExitCode::FAILURE
        }
    }
}
