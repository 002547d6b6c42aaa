//! The target rule: core and `hf-oauth` build for the browser, and what only that target compiles is linted too.

use crate::prepare::WASM_TARGET as TARGET;
use crate::process::{self, cargo};
use crate::{Result, prepare};

pub(crate) fn run() -> Result {
    prepare::wasm()?;
    for build in ["hf-oauth-core --no-default-features", "hf-oauth-core", "hf-oauth"] {
        process::run(cargo(&["build", "--target", TARGET, "--package"]).args(build.split(' ')))?;
    }
    let lint = ["-p", "hf-oauth-core", "-p", "hf-oauth", "--", "-D", "warnings"];
    process::run(cargo(&["clippy", "--target", TARGET]).args(lint))
}
