//! `apt-get`, for whoever is root on Debian; for everyone else the names of the packages to install.

use std::path::Path;
use std::sync::Mutex;

use crate::process::{capture, command, find};
use crate::{Result, output};

/// Whether the package lists were fetched in this run: once is enough.
static UPDATED: Mutex<bool> = Mutex::new(false);

pub(crate) fn install(packages: &[&str]) -> Result {
    let root = capture(&mut command("id", &["-u"])).is_ok_and(|uid| uid.trim() == "0");
    if !root || find(&["apt-get"]).is_none() || !Path::new("/etc/debian_version").exists() {
        return Err(format!("not found, and only root on Debian installs it: {}", packages.join(" ")));
    }
    let mut updated = UPDATED.lock().map_err(|_| "apt-get failed before".to_owned())?;
    if !*updated {
        apt_get(&["update", "-qq"])?;
        *updated = true;
    }
    output::note(&format!("installing: {}", packages.join(" ")));
    apt_get(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}

/// Its thousands of lines are only worth reading when it fails.
fn apt_get(args: &[&str]) -> Result {
    capture(command("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
}
