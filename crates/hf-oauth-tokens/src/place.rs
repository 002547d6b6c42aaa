//! Where a file really is. Links are followed here, one by one, and by nobody else: the system would follow anybody's.
//!
//! On a cluster the home is small, so that `~/.cache/huggingface`, `token` or `stored_tokens` are links to a larger disk.
//! Such a link is followed when it is one's own or root's. A write asks more, from the first link that a user made on:
//! every folder that is passed through must be one's own or root's, and nobody else may write to it (`/tmp` is such a
//! folder of all, its sticky bit says nothing of what is not there yet). Then no link and no folder on the way can be
//! exchanged by another user, neither before it is looked at nor afterwards.
//!
//! Each folder is opened in the one before it (`openat`, `O_NOFOLLOW`) and judged by its descriptor, and what is done in the
//! last one is done through its descriptor. So whoever renames a folder meanwhile, or puts a link in its place, moves no write
//! elsewhere. Where no link is on the way at all, the folders are taken as they are: who may write to them is told
//! ([`Warning::FolderOfOthers`](crate::Warning::FolderOfOthers)), as for any file in a home.

mod walk;

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, Mode, Stat};
use rustix::io::Errno;

use crate::error::{StoreError, Unsafe};
use crate::locations::folder;
use crate::platform::open_without_links;
use crate::users::{Owner, is_private, me};
use walk::Walk;

/// What a place is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Links must be one's own; of folders nothing is asked.
    Read,
    /// Links and folders are to be safe to write through.
    Write,
    /// The same, and folders that are not there are made.
    Make,
    /// Every folder must be safe, be there a link or not.
    Audit,
}

/// A file's folder, and its name there: no link is left on the way.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) folder: OwnedFd,
    pub(crate) name: OsString,
    /// The links in place of the file, and then the file.
    pub(crate) steps: Vec<PathBuf>,
    /// Which folder it is.
    pub(crate) id: (u64, u64),
    /// What stands there, if something does.
    pub(crate) stat: Option<Stat>,
}

/// `None` where its folder is not there.
pub(crate) fn find(path: &Path, purpose: Purpose) -> Result<Option<Place>, StoreError> {
    find_as(path, purpose, me())
}

/// With what `user` may be trusted with, which is root's too.
pub(crate) fn find_as(path: &Path, purpose: Purpose, user: u32) -> Result<Option<Place>, StoreError> {
    if purpose != Purpose::Audit
        && let Some(place) = without_links(path)
    {
        return Ok(Some(place));
    }
    Walk::start(path, purpose, user)?.run()
}

/// True of a folder to which more than its owner may write. Root is not counted.
pub(crate) fn is_writable_by_others(stat: &Stat) -> bool {
    #[expect(clippy::useless_conversion, reason = "the types differ between systems")]
    let mode = u32::from(stat.st_mode);
    mode & 0o002 != 0 || mode & 0o020 != 0 && !is_private(stat.st_gid, stat.st_uid)
}

impl Place {
    /// Refuses what a write could harm.
    pub(crate) fn check(&self, path: &Path) -> Result<(), StoreError> {
        if is_ours(path) && self.is_linked() {
            return Err(StoreError::UnsafePath { path: path.into(), what: Unsafe::Link });
        }
        let Some(stat) = &self.stat else { return Ok(()) };
        let what = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => Unsafe::Link,
            FileType::RegularFile if stat.st_nlink > 1 => Unsafe::HardLink,
            FileType::RegularFile if stat.st_uid != me() => Unsafe::OtherOwner(Owner::of(stat.st_uid)),
            FileType::RegularFile => return Ok(()),
            _ => Unsafe::NotAFile,
        };
        Err(StoreError::UnsafePath { path: path.into(), what })
    }

    pub(crate) fn now(&self) -> rustix::io::Result<Stat> {
        fs::statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// True where a link stands in place of the file.
    pub(crate) fn is_linked(&self) -> bool {
        self.steps.len() > 1
    }

    /// That a folder cannot be synced (some network file systems) takes nothing back: what was done is done.
    pub(crate) fn sync(&self) {
        let flags = fs::OFlags::RDONLY | fs::OFlags::DIRECTORY | fs::OFlags::CLOEXEC;
        let _ = fs::openat(&self.folder, ".", flags, Mode::empty()).and_then(fs::fsync);
    }
}

/// True for the files that nobody but this crate makes: what links to them elsewhere is not followed, for it was put there
/// for something else.
pub(crate) fn is_ours(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"hf-oauth."))
}

fn id(stat: &Stat) -> (u64, u64) {
    #[expect(clippy::unnecessary_cast, reason = "the types differ between systems")]
    (stat.st_dev as u64, stat.st_ino as u64)
}

/// The usual case: no link anywhere.
fn without_links(path: &Path) -> Option<Place> {
    let name = path.file_name()?.to_owned();
    let folder = open_without_links(&folder(path))?;
    let stat = match fs::statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => return None,
        Ok(stat) => Some(stat),
        Err(Errno::NOENT) => None,
        Err(_) => return None,
    };
    let id = id(&fs::fstat(&folder).ok()?);
    Some(Place { folder, name, steps: vec![path.into()], id, stat })
}
