//! What differs between systems.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::OFlags;

/// A folder that is only passed through: it need not be readable.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PASSING: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PASSING: OFlags = OFlags::RDONLY;

pub(crate) const FOLDER: OFlags =
    PASSING.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The folder, where no link is on the way to it and the system can tell so in one call.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn open_without_links(folder: &Path) -> Option<OwnedFd> {
    use rustix::fs::{CWD, Mode, ResolveFlags, openat2};
    openat2(CWD, folder, FOLDER, Mode::empty(), ResolveFlags::NO_SYMLINKS).ok()
}

/// The folder, where no link is on the way to it and the system can tell so in one call.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn open_without_links(_folder: &Path) -> Option<OwnedFd> {
    None
}
