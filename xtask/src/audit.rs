//! Advisories: none ignored; unmaintained and unsound crates are failures too.

use std::env;
use std::path::PathBuf;

use crate::process::{cargo, has_cargo, root, run as execute};
use crate::{Result, output};

/// Installed where it is missing. The lock file of that release is kept, so the tool does not drift.
const VERSION: &str = "0.22.2";

pub(crate) fn run() -> Result {
    if !has_cargo("audit") {
        output::heading("installing cargo-audit");
        let install = ["install", "cargo-audit", "--locked", "--no-default-features", "--version", VERSION];
        execute(&mut cargo(&install))?;
    }
    let mut audit = cargo(&["audit", "--deny", "unmaintained", "--deny", "unsound"]);
    if let Some(database) = database()? {
        audit.args(["--no-fetch", "--stale", "--db"]).arg(database);
    }
    execute(&mut audit)
}

/// `ADVISORY_DB`, else a copy that stands beside the project; `None` has cargo-audit fetch its own.
fn database() -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("ADVISORY_DB").filter(|path| !path.is_empty()).map(PathBuf::from) {
        // A named one that is missing must not turn into a silent fetch, nor into "no advisories".
        if !named.join("crates").is_dir() {
            return Err(format!(
                "ADVISORY_DB={} is no advisory database (no folder `crates`)",
                named.display()
            ));
        }
        return Ok(Some(named));
    }
    let beside = root().join("../shared/advisory-db");
    Ok(beside.join("crates").is_dir().then_some(beside))
}
