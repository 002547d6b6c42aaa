//! `apt-get`, for whoever is root on Debian; for everyone else the names of the packages to install.

use std::path::Path;
use std::sync::Mutex;

use crate::Result;
use crate::process::{capture, command, find, run};

/// Whether the package lists were fetched in this run: once is enough.
static UPDATED: Mutex<bool> = Mutex::new(false);

pub(crate) fn install(packages: &[&str]) -> Result {
    let root = capture(&mut command("id", &["-u"])).is_ok_and(|uid| uid.trim() == "0");
    if !root || find(&["apt-get"]).is_none() || !Path::new("/etc/debian_version").exists() {
        return Err(format!("not found, and only root on Debian installs it: {}", packages.join(" ")));
    }
    let mut updated = UPDATED.lock().map_err(|_| "apt-get failed before".to_owned())?;
    if !*updated {
        run(command("apt-get", &["update", "-qq"]).env("DEBIAN_FRONTEND", "noninteractive"))?;
        *updated = true;
    }
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    run(command("apt-get", &install).args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}
