//! The module for pages (`browser/`): built, tested, held to its bytes, and to its copy in the example.

use crate::prepare::{NPM, Prepared};
use crate::process::{command, root, run as perform};
use crate::{Result, output};

/// In this order: the tests look at what was built, and so do the others.
const SCRIPTS: [&str; 4] = ["build", "test", "size", "copied"];

pub(crate) fn run(prepared: &Prepared) -> Result {
    if !prepared.has("node") {
        output::note("left out: the module for pages");
        return Ok(());
    }
    SCRIPTS.iter().try_for_each(|script| {
        let mut npm = command(NPM, &["run", "--silent", script]);
        perform(prepared.apply(npm.current_dir(root().join("browser"))))
    })
}
