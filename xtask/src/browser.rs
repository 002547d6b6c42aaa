//! The module for pages (`browser/`): built, tested, and held to its bytes.

use crate::prepare::{NPM, Prepared};
use crate::process::{command, root, run as perform};
use crate::{Result, output};

/// In this order: the tests look at what was built, and the size is that of it.
const SCRIPTS: [&str; 3] = ["build", "test", "size"];

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
