//! Python environments of their own with the pinned packages of `tests-env/python`: the Hub's own client for Python, and
//! the tools that come as wheels.

use std::path::{Path, PathBuf};

use super::{Variables, debian, stamp::Stamp};
use crate::Result;
use crate::process::{capture, command, root, run};

/// The interpreter that has the Hub's own client.
const PYTHON: &str = "HF_OAUTH_TEST_PYTHON";

/// New enough, and able to make an environment (Debian keeps `ensurepip` in a package of its own).
const USABLE: &str = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.version)";

pub(super) fn prepare() -> Result<Variables> {
    Ok(vec![(PYTHON, environment("python", "requirements.txt")?)])
}

/// A program that comes as a wheel, pinned in `tools.txt`.
pub(crate) fn wheel(program: &str) -> Result<PathBuf> {
    let program = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let path = environment("tools", "tools.txt")?.with_file_name(&program);
    if path.is_file() { Ok(path) } else { Err(format!("{program} is in no package of tools.txt")) }
}

/// The interpreter of an environment with the packages of that list and no others.
fn environment(name: &str, pins: &str) -> Result<PathBuf> {
    let (python, version) = match usable() {
        Some(found) => found,
        None => {
            debian::install(&["python3", "python3-venv"])?;
            usable().ok_or("no python3 of 3.10 or newer with venv, installed or not")?
        }
    };
    let folder = root().join(".test-env").join(name);
    let inside = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let pins = root().join("tests-env/python").join(pins);
    let stamp = Stamp::new(&folder, &pins, &format!("{}\n{version}", python.display()))?;
    if !stamp.fresh() || !works(&inside) {
        install(&python, &folder, &inside, &pins)?;
        stamp.set()?;
    }
    Ok(inside)
}

fn install(python: &Path, folder: &Path, inside: &Path, requirements: &Path) -> Result {
    run(command(python, &["-m", "venv", "--clear"]).arg(folder))?;
    // Without dependency resolution only what is pinned gets in; `pip check` says so if a pin is missing.
    let install =
        ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"];
    run(command(inside, &install).arg("--requirement").arg(requirements))?;
    run(&mut command(inside, &["-m", "pip", "--disable-pip-version-check", "check"]))
}

/// The second is Debian's own, which `PATH` may hide.
fn usable() -> Option<(PathBuf, String)> {
    ["python3", "/usr/bin/python3"].iter().find_map(|python| {
        let version = capture(&mut command(python, &["-c", USABLE])).ok()?;
        Some((PathBuf::from(python), version))
    })
}

/// An environment breaks when the interpreter that it was made from goes away.
fn works(inside: &Path) -> bool {
    capture(&mut command(inside, &["--version"])).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_requirement_is_pinned() {
        let read = |list: &str| fs::read_to_string(root().join("tests-env/python").join(list)).unwrap();
        let text = read("requirements.txt") + &read("tools.txt");
        let pins: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        assert!(pins.len() > 6);
        for pin in pins {
            let (name, version) = pin.split_once("==").unwrap_or_else(|| panic!("not pinned: {pin}"));
            assert!(!name.is_empty() && version.starts_with(|first: char| first.is_ascii_digit()), "{pin}");
        }
    }
}
