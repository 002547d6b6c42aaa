//! Firefox, from Debian, and geckodriver, which Debian does not have: it is built from its crate.

use std::fs;
use std::path::PathBuf;

use super::{Variables, by_hand, debian, stamp::Stamp};
use crate::process::{capture, cargo, command, find, root, run};
use crate::{Result, output};

const BROWSER: &str = "HF_OAUTH_TEST_FIREFOX";
const DRIVER: &str = "HF_OAUTH_TEST_GECKODRIVER";

/// The driver's version, pinned as everything that the tests stand on.
const VERSION: &str = "0.37.1";

pub(super) fn prepare() -> Result<Variables> {
    if browser().is_none() {
        debian::install(&["firefox-esr"])?;
    }
    let browser = browser().ok_or("firefox-esr is not on PATH, installed or not")?;
    let driver = match by_hand(DRIVER).or_else(|| find(&["geckodriver"])) {
        Some(driver) => driver,
        None => build()?,
    };
    Ok(vec![(BROWSER, browser), (DRIVER, driver)])
}

fn browser() -> Option<PathBuf> {
    by_hand(BROWSER).or_else(|| find(&["firefox-esr", "firefox"]))
}

/// Into `.test-env`, once; without optimisation, since it only passes commands on.
fn build() -> Result<PathBuf> {
    let folder = root().join(".test-env/geckodriver");
    let driver = folder.join("bin").join(format!("geckodriver{}", std::env::consts::EXE_SUFFIX));
    let toolchain = capture(&mut command("rustc", &["--version"]))?;
    let stamp = Stamp::of(&folder, VERSION, &toolchain);
    if !stamp.fresh() || !driver.is_file() {
        output::note(&format!("building: geckodriver {VERSION}"));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let install =
            ["install", "geckodriver", "--version", VERSION, "--locked", "--debug", "--force", "--quiet"];
        run(cargo(&install).arg("--root").arg(&folder).env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
        stamp.set()?;
    }
    Ok(driver)
}
