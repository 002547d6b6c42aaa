//! What would be published: every crate packed, in the order of their dependencies, and built from its package alone.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::process::{cargo, run};
use crate::{Result, rooms};

pub(crate) fn packages() -> Result {
    let metadata = rooms::metadata()?;
    let members = metadata.workspace_packages();
    let published: Vec<_> = members.iter().filter(|room| room.publish.is_none()).collect();
    forget_compiled(&metadata.target_directory.join("debug/deps").into_std_path_buf())?;
    // A crate that reaches for a file outside its own folder builds here and fails for everybody else.
    let mut package = cargo(&["package", "--locked", "--allow-dirty"]);
    for room in published {
        package.args(["--package", room.name.as_str()]);
        forget_unpacked(&cargo_home()?, &format!("{}-{}", room.name, room.version))?;
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
fn forget_unpacked(cargo_home: &Path, package: &str) -> Result {
    for registry in entries(&cargo_home.join("registry/src")) {
        let unpacked = registry.join(package);
        if is_nameless(&registry) && unpacked.is_dir() {
            fs::remove_dir_all(&unpacked).map_err(|error| format!("{}: {error}", unpacked.display()))?;
        }
    }
    Ok(())
}

/// What was compiled from such folders counts as fresh as well, because a registry's packages never change.
fn forget_compiled(deps: &Path) -> Result {
    for list in entries(deps).filter(|path| path.extension().is_some_and(|extension| extension == "d")) {
        let text = fs::read_to_string(&list).unwrap_or_default();
        if !text.contains("/registry/src/-") {
            continue;
        }
        let stem = list.file_stem().unwrap_or_default().to_string_lossy();
        for output in [format!("lib{stem}.rlib"), format!("lib{stem}.rmeta"), format!("{stem}.d")] {
            let output = deps.join(output);
            if output.is_file() {
                fs::remove_file(&output).map_err(|error| format!("{}: {error}", output.display()))?;
            }
        }
    }
    Ok(())
}

fn is_nameless(registry: &Path) -> bool {
    registry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"-"))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_of_our_own_packages_is_forgotten() {
        let home = env::temp_dir().join(format!("hf-oauth-xtask-package-{}", std::process::id()));
        let source = |folder: &str| home.join("registry/src").join(folder);
        let folders = ["-1f/core-0.1.0", "-1f/other-0.1.0", "index.crates.io-2e/core-0.1.0"];
        folders.iter().for_each(|folder| fs::create_dir_all(source(folder)).unwrap());
        let deps = home.join("deps");
        fs::create_dir_all(&deps).unwrap();
        let files = ["libcore-1.rlib", "core-1.d", "libcore-2.rlib", "core-2.d"];
        for (file, text) in
            files.iter().zip(["", "x: /c/registry/src/-1f/core-0.1.0/lib.rs", "", "x: /p/core/lib.rs"])
        {
            fs::write(deps.join(file), text).unwrap();
        }

        forget_unpacked(&home, "core-0.1.0").unwrap();
        forget_compiled(&deps).unwrap();
        let unpacked = folders.map(|folder| source(folder).is_dir());
        let compiled = files.map(|file| deps.join(file).is_file());
        fs::remove_dir_all(&home).unwrap();
        assert_eq!((unpacked, compiled), ([false, true, true], [false, false, true, true]));
        forget_unpacked(&home, "core-0.1.0").unwrap();
        forget_compiled(&deps).unwrap();
    }
}
