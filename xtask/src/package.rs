//! What would be published: every crate packed, in the order of their dependencies, and built from its package alone.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::process::{cargo, run};
use crate::{Result, rooms};

pub(crate) fn packages() -> Result {
    let metadata = rooms::metadata()?;
    let members = metadata.workspace_packages();
    let published = members.iter().filter(|room| room.publish.is_none());
    // A crate that reaches for a file outside its own folder builds here and fails for everybody else.
    let mut package = cargo(&["package", "--locked", "--allow-dirty"]);
    for room in published {
        package.args(["--package", room.name.as_str()]);
        forget(&cargo_home()?, &format!("{}-{}", room.name, room.version))?;
    }
    run(&mut package)
}

fn cargo_home() -> Result<PathBuf> {
    let home = env::home_dir().map(|home| home.join(".cargo"));
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or(home)
        .ok_or_else(|| "no CARGO_HOME and no home".to_owned())
}

/// Cargo unpacks the packages of one run as if they came from a registry (one without a name, so its folder begins with
/// a dash), and takes what it finds there in the next run: the version is the same, the contents are not.
fn forget(cargo_home: &Path, package: &str) -> Result {
    for registry in fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten().flatten() {
        let unpacked = registry.path().join(package);
        if registry.file_name().as_encoded_bytes().starts_with(b"-") && unpacked.is_dir() {
            fs::remove_dir_all(&unpacked).map_err(|error| format!("{}: {error}", unpacked.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_unpacked_of_our_own_packages_is_forgotten() {
        let home = env::temp_dir().join(format!("hf-oauth-xtask-package-{}", std::process::id()));
        let folders = ["-1f/core-0.1.0", "-1f/other-0.1.0", "index.crates.io-2e/core-0.1.0"];
        let path = |folder: &str| home.join("registry/src").join(folder);
        for folder in folders {
            fs::create_dir_all(path(folder)).unwrap();
        }
        forget(&home, "core-0.1.0").unwrap();
        let left = folders.map(|folder| path(folder).is_dir());
        fs::remove_dir_all(&home).unwrap();
        assert_eq!(left, [false, true, true]);
        forget(&home, "core-0.1.0").unwrap();
    }
}
