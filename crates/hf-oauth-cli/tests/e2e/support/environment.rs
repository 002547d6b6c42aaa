//! What `cargo xtask test` prepared.

use std::env;
use std::path::PathBuf;

use super::browser::Kind;

/// A browser, what drives it, and what shows it where it has no headless mode.
pub(crate) struct Programs {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
    pub(crate) display: Option<PathBuf>,
}

pub(crate) fn browser(kind: Kind) -> Option<Programs> {
    let (name, browser, driver) = match kind {
        Kind::Chromium => ("chromium", "HF_OAUTH_TEST_CHROMIUM", "HF_OAUTH_TEST_CHROMEDRIVER"),
        Kind::Firefox => ("firefox", "HF_OAUTH_TEST_FIREFOX", "HF_OAUTH_TEST_GECKODRIVER"),
        Kind::WebKit => ("webkit", "HF_OAUTH_TEST_WEBKIT", "HF_OAUTH_TEST_WEBKITDRIVER"),
    };
    let (browser, driver) = (tool(name, browser)?, tool(name, driver)?);
    let display = (kind == Kind::WebKit).then(|| tool(name, "HF_OAUTH_TEST_XVFB"));
    let display = match display {
        Some(None) => return None,
        display => display.flatten(),
    };
    Some(Programs { browser, driver, display })
}

/// The folder with the scripts for Node and their packages.
pub(crate) fn node() -> Option<PathBuf> {
    tool("node", "HF_OAUTH_TEST_NODE")
}

/// The interpreter that has the pinned packages, and the folder with the scripts.
pub(crate) fn python() -> Option<(PathBuf, PathBuf)> {
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests-env/python");
    Some((tool("python", "HF_OAUTH_TEST_PYTHON")?, scripts.into()))
}

/// What answers a program in the system's place.
#[cfg(target_os = "linux")]
pub(crate) fn strace() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = || env::split_paths(&path).map(|folder| folder.join("strace")).find(|path| path.is_file());
    is_there("strace").then(|| found().expect("`cargo xtask test` installs strace"))
}

/// The proxy that many apps stand behind.
pub(crate) fn nginx() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Where Debian has it is not on everybody's path.
    let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = || folders.map(|folder| folder.join("nginx")).find(|path| path.is_file());
    is_there("nginx").then(|| found().expect("`cargo xtask test` installs nginx"))
}

/// The binary that people run, or the one that Cargo built for the tests.
pub(crate) fn binary() -> PathBuf {
    env::var_os("HF_OAUTH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_hf-oauth").into(), PathBuf::from)
}

/// Where `variable` points; none, said aloud, where the tool was left out on purpose or could not be installed.
fn tool(name: &str, variable: &str) -> Option<PathBuf> {
    if let Some(path) = env::var_os(variable).filter(|value| !value.is_empty()) {
        return Some(path.into());
    }
    let there = is_there(name);
    assert!(!there, "{variable} is not set: run `cargo xtask test`, or set HF_OAUTH_TESTS_WITHOUT={name}");
    None
}

/// False, said aloud, where the tool was left out.
fn is_there(name: &str) -> bool {
    let without = env::var("HF_OAUTH_TESTS_WITHOUT").unwrap_or_default();
    let left_out = without.split(',').any(|left_out| left_out.trim() == name);
    if left_out {
        println!("left out: HF_OAUTH_TESTS_WITHOUT names {name}");
    }
    !left_out
}
