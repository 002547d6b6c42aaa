//! WebKitGTK's own small browser, its driver, and the screen that it needs, from Debian.

use std::fs;
use std::path::PathBuf;

use super::{Variables, by_hand, debian};
use crate::Result;
use crate::process::find;

const BROWSER: &str = "HF_OAUTH_TEST_WEBKIT";
const DRIVER: &str = "HF_OAUTH_TEST_WEBKITDRIVER";
const SCREEN: &str = "HF_OAUTH_TEST_XVFB";

pub(super) fn prepare() -> Result<Variables> {
    if paths().is_none() {
        debian::install(&["webkit2gtk-driver", "xvfb"])?;
    }
    let found = paths().ok_or("MiniBrowser, WebKitWebDriver or Xvfb is not there, installed or not")?;
    Ok([BROWSER, DRIVER, SCREEN].into_iter().zip(found).collect())
}

fn paths() -> Option<[PathBuf; 3]> {
    let browser = by_hand(BROWSER).or_else(browser)?;
    let driver = by_hand(DRIVER).or_else(|| find(&["WebKitWebDriver"]))?;
    let screen = by_hand(SCREEN).or_else(|| find(&["Xvfb"]))?;
    Some([browser, driver, screen])
}

/// It is no program for people, so it is on nobody's path: `/usr/lib/MACHINE/webkit2gtk-VERSION/MiniBrowser`.
fn browser() -> Option<PathBuf> {
    let machines = fs::read_dir("/usr/lib").ok()?.flatten();
    let libraries = machines.filter_map(|machine| fs::read_dir(machine.path()).ok()).flatten().flatten();
    let versions = libraries.filter(|it| it.file_name().to_string_lossy().starts_with("webkit2gtk-"));
    // Several API versions of one engine may stand side by side.
    versions.map(|it| it.path().join("MiniBrowser")).filter(|it| it.is_file()).max()
}
