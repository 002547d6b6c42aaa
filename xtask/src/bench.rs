//! Starts the benchmarks (`benches/harness`) in the environment that the tests have.

use crate::process::{self, cargo};
use crate::{Result, prepare};

pub(crate) fn run() -> Result {
    let prepared = prepare::run()?;
    process::run(prepared.apply(&mut cargo(&["run", "--quiet", "--package", "hf-oauth-bench-harness"])))
}
