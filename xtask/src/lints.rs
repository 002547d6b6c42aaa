//! Formatting, clippy and rustdoc, with warnings denied.

use crate::Result;
use crate::process::{cargo, run};

pub(crate) fn fmt() -> Result {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

pub(crate) fn clippy() -> Result {
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]))
}

pub(crate) fn doc() -> Result {
    // Libraries only: the binary `hf-oauth` would overwrite the pages of the library of that name.
    run(cargo(&["doc", "--workspace", "--no-deps", "--all-features", "--lib"])
        .env("RUSTDOCFLAGS", "-D warnings"))
}
