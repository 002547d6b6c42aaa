//! Chromium and its driver, for the tests in a real browser.

use std::fs;
use std::path::PathBuf;

use super::{Variables, by_hand, debian};
use crate::Result;
use crate::process::find;

const BROWSER: &str = "HF_OAUTH_TEST_CHROMIUM";
const DRIVER: &str = "HF_OAUTH_TEST_CHROMEDRIVER";

pub(super) fn prepare() -> Result<Variables> {
    if paths().is_none() {
        let mut packages = vec!["chromium", "chromium-driver"];
        // Without any font Chromium draws boxes, and a screenshot of boxes shows nothing.
        if fs::read_dir("/usr/share/fonts").map_or(true, |mut fonts| fonts.next().is_none()) {
            packages.push("fonts-dejavu-core");
        }
        debian::install(&packages)?;
    }
    let (browser, driver) = paths().ok_or("chromium and chromedriver are not on PATH, installed or not")?;
    Ok(vec![(BROWSER, browser), (DRIVER, driver)])
}

fn paths() -> Option<(PathBuf, PathBuf)> {
    let browser = by_hand(BROWSER).or_else(|| find(&["chromium", "chromium-browser", "google-chrome"]))?;
    let driver = by_hand(DRIVER).or_else(|| find(&["chromedriver"]))?;
    Some((browser, driver))
}
