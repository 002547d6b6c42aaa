//! `cargo xtask test`: the one command that passes the tests on a fresh machine.

use std::path::PathBuf;
use std::process::Command;

use crate::attacks::EVERYTHING;
use crate::prepare::Prepared;
use crate::process::{self, cargo, has_cargo};
use crate::{Result, attacks, browser, output, prepare, rooms, vectors};

pub(crate) fn run() -> Result {
    let prepared = prepare::run()?;
    let binary = binary()?;
    let runner: &[&str] = if has_cargo("nextest") { &["nextest", "run"] } else { &["test"] };
    let tests = |what: &str, args: &[&str]| {
        output::heading(what);
        process::run(with(cargo(runner).arg("--no-fail-fast").args(args), &prepared, &binary))
    };
    // Every part runs even if one before it failed: one run says everything that is wrong.
    let mut failures = Vec::new();
    let mut part = |outcome: Result| failures.extend(outcome.err());

    output::heading("the examples, which some of the tests run");
    part(process::run(&mut cargo(&["build", "--workspace", "--all-features", "--examples"])));
    part(tests("tests", EVERYTHING));
    part(tests(
        "tests of core without `wire`",
        &["--package", "hf-oauth-core", "--no-default-features", "--lib", "--tests"],
    ));
    output::heading("documentation's examples");
    let doctests = ["test", "--no-fail-fast", "--workspace", "--all-features", "--doc"];
    part(process::run(with(&mut cargo(&doctests), &prepared, &binary)));
    output::heading("the token in hf-hub's hands");
    part(process::run(with(&mut hf_hub(), &prepared, &binary)));
    output::heading("the vectors");
    part(vectors::run(&prepared));
    output::heading("the module for pages");
    part(browser::run(&prepared));
    output::heading("docs/attacks.md");
    part(attacks::run());

    if failures.is_empty() { Ok(()) } else { Err(failures.join("\nerror: ")) }
}

/// The example that hands tokens to the crate `hf-hub`. It is no member of the workspace, since `hf-hub` brings crates under
/// the MPL-2.0; it shares the target folder, and so what both have in common is built once.
fn hf_hub() -> Command {
    cargo(&["test", "--locked", "--manifest-path", "examples/hf-hub/Cargo.toml", "--target-dir", "target"])
}

/// The very binary that people run, built as they build it; the tests drive it.
fn binary() -> Result<PathBuf> {
    output::heading("the release binary");
    process::run(&mut cargo(&["build", "--release", "--package", "hf-oauth-cli"]))?;
    let folder = rooms::metadata()?.target_directory.join("release");
    let binary = folder.join(format!("hf-oauth{}", std::env::consts::EXE_SUFFIX)).into_std_path_buf();
    if binary.is_file() { Ok(binary) } else { Err(format!("{} was not built", binary.display())) }
}

fn with<'a>(command: &'a mut Command, prepared: &Prepared, binary: &PathBuf) -> &'a mut Command {
    prepared.apply(command).env("HF_OAUTH_BIN", binary)
}
