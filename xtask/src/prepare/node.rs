//! Node and the pinned packages of `tests-env/node`: a certified provider, the Hub's own client for JavaScript, and what
//! pages are held to.

use super::{Variables, debian, stamp::Stamp};
use crate::Result;
use crate::process::{capture, command, find, root, run};

/// The folder with the scripts and their packages.
pub(crate) const FOLDER: &str = "HF_OAUTH_TEST_NODE";

/// What is installed as its lock file says: the tests' own packages, and what builds the module for pages.
const LOCKED: [&str; 2] = ["tests-env/node", "browser"];

/// npm's program, which on Windows is a script.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The oldest line of Node that the pinned packages run on.
const OLDEST: u32 = 20;

pub(crate) fn prepare() -> Result<Variables> {
    if find(&["node"]).is_none() || find(&["npm"]).is_none() {
        debian::install(&["nodejs", "npm"])?;
    }
    let version = capture(&mut command("node", &["--version"]))?;
    if major(&version).is_none_or(|major| major < OLDEST) {
        return Err(format!("node is {}, and {OLDEST} or newer is needed", version.trim()));
    }
    for folder in LOCKED.map(|folder| root().join(folder)) {
        let stamp =
            Stamp::new(&folder.join("node_modules"), &folder.join("package-lock.json"), version.trim())?;
        if !stamp.fresh() {
            // No package's install script runs: none of these needs one.
            let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
            run(command(NPM, &install).current_dir(&folder))?;
            stamp.set()?;
        }
    }
    Ok(vec![(FOLDER, root().join(LOCKED[0]))])
}

/// `v20.1.2` is 20.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn major_reads_what_node_prints() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }

    #[test]
    fn the_lock_files_pin_by_hash_and_name_no_download_address() {
        for folder in LOCKED {
            let path = root().join(folder).join("package-lock.json");
            let lock: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            let packages = lock["packages"].as_object().unwrap();
            for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
                assert!(package.get("resolved").is_none(), "{name} names an address");
                assert!(
                    package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")),
                    "{name}"
                );
            }
            assert!(packages.len() > 2);
        }
    }
}
