//! Core's own vectors once natively and once as wasm under Node: the same number must pass in both.

use std::path::Path;

use serde_json::Value;

use crate::prepare::{Prepared, WASM_TARGET};
use crate::process::{self, capture, cargo, command, root};
use crate::{Result, output, rooms};

/// The example counts in an exit code, which is a byte, and fewer than this would show little.
const FEWEST: u64 = 10;

pub(crate) fn run(prepared: &Prepared) -> Result {
    if !prepared.has("node") || !prepared.has("wasm") {
        output::note("left out: core's vectors under Node");
        return Ok(());
    }
    // The example exports `main` and imports nothing, so Node needs no glue to run it.
    if !root().join("crates/hf-oauth-core/examples/vectors.rs").is_file() {
        return Err("crates/hf-oauth-core/examples/vectors.rs is missing".to_owned());
    }
    for (name, features) in [("without wire", None), ("with wire", Some("wire"))] {
        let native = natively(features)?;
        let (passed, bytes, gzip) = under_node(features)?;
        if passed != native || passed < FEWEST {
            return Err(format!(
                "core's vectors {name}: {native} natively, {passed} under Node, at least {FEWEST} asked"
            ));
        }
        output::note(&format!(
            "core's wasm {name}: {passed} vectors under Node, {bytes} bytes, {gzip} gzipped"
        ));
    }
    Ok(())
}

fn example(command: &str, features: Option<&str>) -> std::process::Command {
    let mut cargo = cargo(&[command, "--quiet", "--package", "hf-oauth-core", "--example", "vectors"]);
    cargo.args(["--no-default-features"]).args(features.iter().flat_map(|name| ["--features", name]));
    cargo
}

fn natively(features: Option<&str>) -> Result<u64> {
    process::run(&mut example("build", features))?;
    // Here success is the number of vectors and not 0, so the exit code is read and not judged.
    let status = example("run", features).status().map_err(|error| format!("core's vectors: {error}"))?;
    match status.code() {
        Some(101) | None => Err(format!("core's vectors failed natively ({status})")),
        Some(code) => Ok(u64::from(code.unsigned_abs())),
    }
}

/// Vectors passed, and the size of the module in bytes, as it is and gzipped.
fn under_node(features: Option<&str>) -> Result<(u64, u64, u64)> {
    let mut build = example("build", features);
    // Built for size, as an app would ship it.
    build.args(["--release", "--target", WASM_TARGET]).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z");
    process::run(&mut build)?;
    let target = rooms::metadata()?.target_directory;
    let module = target.join(WASM_TARGET).join("release/examples/vectors.wasm");
    let script = root().join("tests-env/node/core-vectors.mjs");
    report(&capture(command("node", &[]).arg(script).arg(Path::new(module.as_str())))?)
}

fn report(line: &str) -> Result<(u64, u64, u64)> {
    let report: Value = serde_json::from_str(line).map_err(|error| format!("core-vectors.mjs: {error}"))?;
    let number = |key| report[key].as_u64().ok_or_else(|| format!("core-vectors.mjs printed no `{key}`"));
    Ok((number("passed")?, number("bytes")?, number("gzip")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_the_script_is_read_or_refused() {
        assert_eq!(report(r#"{"passed": 12, "bytes": 30, "gzip": 20}"#), Ok((12, 30, 20)));
        assert!(report(r#"{"passed": -1, "bytes": 30, "gzip": 20}"#).is_err());
        assert!(report("RuntimeError: unreachable").is_err());
    }
}
