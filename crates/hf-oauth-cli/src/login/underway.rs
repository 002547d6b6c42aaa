//! A device login under way, on disk: what an interrupted login goes on with, and a second one joins.
//!
//! The file is locked by the process that polls. It is written in place, because a lock is an inode's: a death in
//! between leaves what cannot be read, and then there is nothing to go on with. It goes with the login's end.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use hf_oauth::DeviceLoginParts;
use rustix::fs::OFlags;

/// More than any login takes.
const LONGEST: u64 = 64 * 1024;

/// The right to poll.
pub(super) struct Slot {
    file: File,
    path: PathBuf,
}

impl Slot {
    /// None while another process polls.
    pub(super) fn take(path: &Path) -> io::Result<Option<Self>> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        loop {
            let file = open(path, true)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Whoever had it before may have removed the file that is locked now.
            let is_there = fs::symlink_metadata(path).is_ok_and(|there| {
                file.metadata().is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
            });
            if is_there {
                return Ok(Some(Self { file, path: path.to_owned() }));
            }
        }
    }

    /// What was left by the one before.
    pub(super) fn left(&mut self) -> Option<DeviceLoginParts> {
        self.file.rewind().ok()?;
        parse(&mut self.file)
    }

    pub(super) fn keep(&mut self, parts: &DeviceLoginParts) -> io::Result<()> {
        let text = serde_json::to_vec(parts)?;
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&text)
    }

    /// There is nothing to go on with.
    pub(super) fn done(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// What another process polls with.
pub(super) fn peek(path: &Path) -> Option<DeviceLoginParts> {
    parse(&mut open(path, false).ok()?)
}

fn parse(file: &mut File) -> Option<DeviceLoginParts> {
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Never through a link, never a pipe, and nobody else's.
fn open(path: &Path, create: bool) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let flags = i32::try_from(flags).map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    options.read(true).write(create).create(create).truncate(false).mode(0o600).custom_flags(flags);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other(format!("{} is not a file", path.display())));
    }
    if create && metadata.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        // What others could write is not gone on with.
        file.set_len(0)?;
    }
    Ok(file)
}
