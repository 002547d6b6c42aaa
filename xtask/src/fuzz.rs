//! `cargo xtask fuzz [--seconds N] [TARGET]`: every fuzz target for some time, two at once.
//!
//! libFuzzer where there are a nightly toolchain and a C++ compiler, otherwise the property test of the same targets:
//! never left out. New inputs stay in `target/fuzz/corpus`; `--minimise` brings what they add into `fuzz/corpus`.
//!
//! The target `browser` is another one: core and the module for pages side by side. `--planted` shows that it finds what it
//! is there to find.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::process::{capture, cargo, command, find, root, run};
use crate::{Result, differ, output};

const SECONDS: u32 = 30;
const AT_ONCE: usize = 2;
const USAGE: &str = "usage: cargo xtask fuzz [--seconds N] [--minimise] [TARGET], or --planted";

/// Coverage for libFuzzer, without an address sanitizer: the project forbids unsafe code.
const RUSTFLAGS: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares";

pub(crate) fn fuzz() -> Result {
    let options = Options::read(std::env::args().skip(2))?;
    if options.planted {
        return run(&mut differ::planted(&differ::prepared()?, None));
    }
    let targets = targets(&options)?;
    let (beside, targets): (Vec<_>, Vec<_>) =
        targets.into_iter().partition(|target| target == differ::TARGET);
    let driven = if targets.is_empty() { Ok(()) } else { drive(&targets, &options) };
    // Whatever became of those.
    let compared = if beside.is_empty() || options.minimise { Ok(()) } else { compare(&beside, &options) };
    driven.and(compared)
}

fn compare(targets: &[String], options: &Options) -> Result {
    let program = differ::prepared()?;
    each(targets, |_| Ok(differ::fuzz(&program, options.seconds, options.seconds <= SECONDS)))
}

fn drive(targets: &[String], options: &Options) -> Result {
    match libfuzzer()? {
        Some(program) if options.minimise => targets.iter().try_for_each(|target| minimise(&program, target)),
        Some(program) => each(targets, |target| libfuzzer_run(&program, target, options.seconds)),
        None if options.minimise => Err("minimising a corpus needs libFuzzer".to_owned()),
        None => {
            let program = property_driver()?;
            each(targets, |target| property_run(&program, target, options.seconds))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Options {
    seconds: u32,
    minimise: bool,
    planted: bool,
    target: Option<String>,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { seconds: SECONDS, minimise: false, planted: false, target: None };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seconds" => {
                    let seconds = args.next().and_then(|text| text.parse().ok());
                    options.seconds = seconds.filter(|seconds| *seconds > 0).ok_or(USAGE)?;
                }
                "--minimise" => options.minimise = true,
                "--planted" => options.planted = true,
                name if !name.starts_with('-') && options.target.is_none() => options.target = Some(arg),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }
}

/// The folders of the corpora are the targets, which a test of theirs holds, and `browser` is one more.
fn targets(options: &Options) -> Result<Vec<String>> {
    let entries =
        fs::read_dir(root().join("fuzz/corpus")).map_err(|error| format!("fuzz/corpus: {error}"))?;
    let corpora = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let names: BTreeSet<_> = corpora.chain([differ::TARGET.to_owned()]).collect();
    match &options.target {
        None => Ok(names.into_iter().collect()),
        Some(target) if names.contains(target) => Ok(vec![target.clone()]),
        Some(target) => {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            Err(format!("no target {target:?}; there are {}", names.join(", ")))
        }
    }
}

/// The program with every target, built for coverage.
fn libfuzzer() -> Result<Option<PathBuf>> {
    let nightly = capture(&mut command("rustc", &["+nightly", "--version", "--verbose"]));
    let host = nightly.ok().and_then(|text| Some(text.split_once("host: ")?.1.lines().next()?.to_owned()));
    let (Some(host), Some(_)) = (host, find(&["c++", "g++", "clang++"])) else {
        output::note(
            "no nightly toolchain or no C++ compiler: the property driver runs instead of libFuzzer",
        );
        return Ok(None);
    };
    let folder = root().join("target/fuzz");
    // Not `--locked`: that lock file follows the dependencies of crates in another workspace.
    let manifest = ["--manifest-path", "fuzz/libfuzzer/Cargo.toml"];
    // The cargo that runs this has set itself as the one to use.
    run(command("cargo", &["+nightly", "build", "--release", "--target", &host])
        .args(manifest)
        .arg("--target-dir")
        .arg(&folder)
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("RUSTFLAGS", RUSTFLAGS))?;
    Ok(Some(
        folder.join(host).join("release").join(format!("hf-oauth-libfuzzer{}", std::env::consts::EXE_SUFFIX)),
    ))
}

fn libfuzzer_run(program: &PathBuf, target: &str, seconds: u32) -> Result<Command> {
    let folder = root().join("target/fuzz");
    let found = folder.join("corpus").join(target);
    fs::create_dir_all(&found).map_err(|error| format!("{}: {error}", found.display()))?;
    let mut run =
        command(program, &["-timeout=10", "-rss_limit_mb=1024", "-max_len=16384", "-print_final_stats=1"]);
    // CI fails for a change, not by chance: its short runs all begin alike. Longer ones look for what is new.
    if seconds <= SECONDS {
        run.arg("-seed=1");
    }
    run.arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/{target}-", folder.display()))
        .arg(found)
        .arg(root().join("fuzz/corpus").join(target))
        .env("HF_OAUTH_FUZZ_TARGET", target);
    Ok(run)
}

/// Brings into `fuzz/corpus` what reaches code that nothing there reaches.
fn minimise(program: &PathBuf, target: &str) -> Result {
    let mut merge = command(program, &["-merge=1", "-max_len=4096"]);
    merge.arg(root().join("fuzz/corpus").join(target)).arg(root().join("target/fuzz/corpus").join(target));
    run(merge.env("HF_OAUTH_FUZZ_TARGET", target))
}

/// The property test's own program, so that several can run at once.
fn property_driver() -> Result<PathBuf> {
    let build = [
        "test",
        "--package",
        "hf-oauth-fuzz",
        "--test",
        "properties",
        "--no-run",
        "--message-format",
        "json",
    ];
    let messages = capture(&mut cargo(&build))?;
    let mut program = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    program.next_back().ok_or_else(|| "cargo named no test program".to_owned())
}

fn property_run(program: &PathBuf, target: &str, seconds: u32) -> Result<Command> {
    let mut run = command(program, &["--exact", target]);
    run.env("HF_OAUTH_FUZZ_SECONDS", seconds.to_string());
    Ok(run)
}

/// Runs all, some at once; every one runs, whatever became of those before it.
fn each(targets: &[String], make: impl Fn(&str) -> Result<Command>) -> Result {
    let mut failed = Vec::new();
    for some in targets.chunks(AT_ONCE) {
        let mut running = Vec::new();
        for target in some {
            let child = make(target)?.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
            running.push((target, child.map_err(|error| format!("{target} did not start: {error}"))?));
        }
        // Each is read in a thread of its own: a full pipe would stop the other one.
        let waiting = running
            .into_iter()
            .map(|(target, child)| (target, std::thread::spawn(move || child.wait_with_output())));
        for (target, thread) in waiting.collect::<Vec<_>>() {
            let outcome = thread.join().map_err(|_| format!("{target}: its thread failed"))?;
            let outcome = outcome.map_err(|error| format!("{target}: {error}"))?;
            let text = [outcome.stdout, outcome.stderr].concat();
            let text = String::from_utf8_lossy(&text);
            if outcome.status.success() {
                output::note(&format!("{target}: {}", summary(&text)));
            } else {
                output::note(&format!("{target}: FAILED\n{}", tail(&text)));
                failed.push(target.as_str());
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("fuzz: {} failed; the inputs are in target/fuzz/TARGET-*", failed.join(", ")))
}

fn summary(text: &str) -> &str {
    let line = text.lines().rev().find(|line| line.starts_with("Done ") || line.starts_with("test result"));
    line.unwrap_or("ok")
}

/// The report of a failure is at the end; what was found on the way is not of interest.
fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_command_line_is_read() {
        let options = Options { seconds: 30, minimise: false, planted: false, target: None };
        assert_eq!(read(""), Ok(options));
        let options =
            Options { seconds: 1200, minimise: true, planted: false, target: Some("jwks".to_owned()) };
        assert_eq!(read("--seconds 1200 jwks --minimise"), Ok(options));
        assert_eq!(read("--planted").map(|options| options.planted), Ok(true));
        for wrong in ["--seconds", "--seconds 0", "--seconds x", "--hours 1", "jwks jwks"] {
            assert_eq!(read(wrong), Err(USAGE.to_owned()), "{wrong}");
        }
    }

    #[test]
    fn a_target_that_is_not_there_is_refused() {
        assert!(targets(&read("no_such_target").unwrap()).unwrap_err().contains("callback_query"));
        let all = targets(&read("").unwrap()).unwrap();
        assert!(all.len() >= 10 && all.contains(&differ::TARGET.to_owned()), "{all:?}");
        assert_eq!(targets(&read("browser").unwrap()), Ok(vec![differ::TARGET.to_owned()]));
    }
}
