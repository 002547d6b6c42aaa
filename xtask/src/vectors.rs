//! The vectors of `vectors/`: they fit their schema, they are what `vectors/make` makes, and core gives every verdict
//! natively and as WebAssembly under Node's WASI.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::prepare::{Prepared, WASI};
use crate::process::{self, capture, command, root};
use crate::{Result, differ, output};

/// How often the two are compared; `cargo xtask fuzz` does it for longer.
const EXECUTIONS: u32 = 4_000;

pub(crate) fn run(prepared: &Prepared) -> Result {
    if !prepared.has("node") || !prepared.has("wasm") {
        output::note("left out: the vectors under Node");
        return Ok(());
    }
    let schema = node("tests-env/node/vectors-schema.mjs", &[&root().join("vectors")])?;
    output::note(&format!("vectors: {}", schema.trim()));
    for (name, wire) in [("without `wire`", false), ("with `wire`", true)] {
        let native = held_by(&differ::core(wire, None)?)?;
        let program = differ::core(wire, Some(WASI))?;
        let wasm = held_by(&program)?;
        if native != wasm {
            return Err(format!("core {name}: {native:?} natively, {wasm:?} as WebAssembly"));
        }
        let tests: u64 = wasm.values().sum();
        let bytes = program.metadata().map_or(0, |file| file.len());
        output::note(&format!(
            "core {name}: {tests} vectors natively, {tests} as WebAssembly of {bytes} bytes"
        ));
        if wire {
            for (rule, count) in &wasm {
                output::note(&format!("  {rule}: {count} natively, {count} as WebAssembly"));
            }
            let made = node("vectors/make/main.mjs", &[&program, Path::new("--check")]);
            made.map_err(|why| format!("{why}\n`node vectors/make/main.mjs {}`", program.display()))?;
            output::heading("core and the module for pages side by side");
            process::run(&mut differ::executions(&program, EXECUTIONS))?;
            process::run(&mut differ::planted(&program, Some(10 * EXECUTIONS)))?;
        }
    }
    Ok(())
}

/// How many vectors held, by rule.
fn held_by(program: &Path) -> Result<BTreeMap<String, u64>> {
    report(&node("vectors/run.mjs", &[program])?)
}

fn report(line: &str) -> Result<BTreeMap<String, u64>> {
    let report: Value = serde_json::from_str(line).map_err(|error| format!("vectors/run.mjs: {error}"))?;
    let rules = report["rules"].as_object().filter(|rules| !rules.is_empty());
    let rules = rules.ok_or("vectors/run.mjs printed no `rules`")?;
    let count = |(rule, count): (&String, &Value)| Some((rule.clone(), count.as_u64()?));
    rules
        .iter()
        .map(count)
        .collect::<Option<_>>()
        .ok_or_else(|| "vectors/run.mjs printed no number".to_owned())
}

fn node(script: &str, args: &[&Path]) -> Result<String> {
    capture(command("node", &[]).arg(root().join(script)).args(args))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_the_script_is_read_or_refused() {
        let rules = report(r#"{"exchanges": {"rs256": 2}, "rules": {"rs256/accepted": 2}}"#).unwrap();
        assert_eq!(rules.get("rs256/accepted"), Some(&2));
        assert!(report(r#"{"rules": {"rs256/accepted": -1}}"#).is_err());
        assert!(report(r#"{"rules": {}}"#).is_err(), "nothing is not enough");
        assert!(report("RuntimeError: unreachable").is_err());
    }
}
