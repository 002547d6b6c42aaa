//! A file is replaced whole: its next contents are written beside it, kept by the disk, and renamed over it.
//!
//! What is written beside it has a name that nobody can guess, is made with `O_EXCL | O_NOFOLLOW`, for its owner alone,
//! and is locked (`flock`) by its maker for as long as that lives. So whoever finds one that is not locked knows that
//! its maker died, whichever lock of the store that one held: two stores may share the folder of the token file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{self, AtFlags, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::error::{FileStep, StoreError, failed};
use crate::file::{Version, hex};
use crate::place::{self, Place, Purpose};
use crate::users::me;

const PREFIX: &str = ".hf-oauth.";
const SUFFIX: &str = ".tmp";
const RANDOM_BYTES: usize = 16;
const MOST_TRIES: u32 = 5;
/// Where the file system has no locks, one this old is nobody's: a save takes at most half a minute, all waiting
/// included.
const NOBODYS: Duration = Duration::from_secs(3600);

/// A file's next contents, on the disk beside it. Taken away again unless they are put in its place.
#[derive(Debug)]
pub(crate) struct Next {
    path: PathBuf,
    /// Where it is to be put, links followed.
    place: Place,
    /// Its name there meanwhile.
    temporary: String,
    /// Holds the lock that says that its maker lives.
    file: File,
    placed: bool,
}

impl Next {
    /// Everything that can fail for want of room or permission, but for the rename.
    pub(crate) fn prepare(path: &Path, bytes: &[u8]) -> Result<Self, StoreError> {
        for _ in 0..MOST_TRIES {
            let place = place::find(path, Purpose::Make)?;
            let Some(place) = place else { break };
            place.check(path)?;
            let temporary = temporary_name(path)?;
            let file = create(&place.folder, &temporary)
                .map_err(|error| failed(path, FileStep::MakeTemporary)(error.into()))?;
            let mut next = Self { path: path.into(), place, temporary, file, placed: false };
            if next.is_ours() {
                next.fill(bytes)?;
                return Ok(next);
            }
        }
        Err(StoreError::Busy { path: path.into(), owner: None })
    }

    /// Stays with it when it is put in its place, and while others rewrite it there.
    pub(crate) fn inode(&self) -> Result<u64, StoreError> {
        let told = self.file.metadata().map_err(failed(&self.path, FileStep::MakeTemporary))?;
        Ok(told.ino())
    }

    /// The rename, and nothing else: the folder is synced when all files of a change are in their places.
    pub(crate) fn place(&mut self) -> Result<(), StoreError> {
        let Place { folder, name, .. } = &self.place;
        fs::renameat(folder, &self.temporary, folder, name)
            .map_err(|error| failed(&self.path, FileStep::Rename)(error.into()))?;
        self.placed = true;
        Ok(())
    }

    /// What stands there now.
    pub(crate) fn there(&self) -> Version {
        self.place.now().map_or(Version::NONE, |stat| Version::of(&stat))
    }

    pub(crate) fn place_of(&self) -> &Place {
        &self.place
    }

    /// False when a sweep got hold of it between its making and its locking.
    fn is_ours(&self) -> bool {
        match fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => false,
            // Without locks no sweep touches what is new.
            Ok(()) | Err(_) => fs::fstat(&self.file).is_ok_and(|stat| stat.st_nlink > 0),
        }
    }

    fn fill(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        // The umask may have taken the owner's own bits.
        fs::fchmod(&self.file, Mode::RUSR | Mode::WUSR)
            .map_err(|error| failed(&self.path, FileStep::MakeTemporary)(error.into()))?;
        self.file.write_all(bytes).map_err(failed(&self.path, FileStep::Write))?;
        self.file.sync_all().map_err(failed(&self.path, FileStep::Sync))
    }
}

impl Drop for Next {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::unlinkat(&self.place.folder, &self.temporary, AtFlags::empty());
        }
    }
}

/// One file, all or nothing.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut next = Next::prepare(path, bytes)?;
    next.place()?;
    next.place.sync();
    Ok(())
}

/// True for the name of what [`Next`] makes.
fn is_temporary(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX));
    random.is_some_and(|random| {
        random.len() == 2 * RANDOM_BYTES && random.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Takes away what saves that died left beside these files: it may hold a token. What cannot be taken away now is left.
pub(crate) fn sweep(paths: &[&Path]) {
    let mut swept = BTreeSet::new();
    for path in paths {
        if let Ok(Some(Place { folder, id, .. })) = place::find(path, Purpose::Write)
            && swept.insert(id)
        {
            sweep_folder(&folder);
        }
    }
}

fn sweep_folder(folder: &OwnedFd) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(entries) = fs::openat(folder, ".", flags, Mode::empty()).and_then(fs::Dir::new) else { return };
    for entry in entries.flatten() {
        if let Some(name) = entry.file_name().to_str().ok().filter(|name| is_temporary(name)) {
            let _ = remove_if_dead(folder, name);
        }
    }
}

/// Nothing but a file of ours with one name whose maker is gone.
fn remove_if_dead(folder: &OwnedFd, name: &str) -> rustix::io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = fs::openat(folder, name, flags, Mode::empty())?;
    let opened = fs::fstat(&file)?;
    let ours = FileType::from_raw_mode(opened.st_mode) == FileType::RegularFile
        && opened.st_uid == me()
        && opened.st_nlink == 1;
    if !ours {
        return Ok(());
    }
    match fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK) if is_old(&opened) => {}
        Err(error) => return Err(error),
    }
    let now = fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if (now.st_dev, now.st_ino) == (opened.st_dev, opened.st_ino) {
        fs::unlinkat(folder, name, AtFlags::empty())?;
    }
    Ok(())
}

fn is_old(stat: &Stat) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(stat.st_mtime)
        .is_ok_and(|written| now.as_secs().saturating_sub(written) >= NOBODYS.as_secs())
}

/// Nothing that stands there is opened, and no link is followed.
fn create(folder: &OwnedFd, temporary: &str) -> rustix::io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    fs::openat(folder, temporary, flags, Mode::RUSR | Mode::WUSR).map(File::from)
}

fn temporary_name(path: &Path) -> Result<String, StoreError> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random)
        .map_err(|error| failed(path, FileStep::MakeTemporary)(io::Error::other(error)))?;
    Ok(format!("{PREFIX}{}{SUFFIX}", hex(&random)))
}

#[cfg(test)]
mod tests;
