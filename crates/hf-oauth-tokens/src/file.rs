//! Files of secrets: what stands there, and how it is read and taken away. How it is replaced: [`next`](crate::next).

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, Stat, StatVfsMountFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::error::{FileStep, StoreError, Unsafe, UnsafeLink, failed};
use crate::locations::folder;
use crate::place::{self, Purpose, is_ours, is_writable_by_others};
use crate::users::{Owner, me};
use crate::warning::Warning;

const LARGEST: u64 = 1 << 20;

/// What a file holds.
pub(crate) struct Contents {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    pub(crate) warning: Option<Warning>,
    pub(crate) version: Version,
    /// Written a moment ago: by somebody who may not have finished.
    pub(crate) fresh: bool,
}

/// Tells whether somebody wrote since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version(Option<(u64, u64, i64, u64, i64)>);

impl Version {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn of(stat: &Stat) -> Self {
        #[expect(clippy::unnecessary_cast, reason = "the types differ between systems")]
        Self(Some((
            stat.st_dev as u64,
            stat.st_ino as u64,
            stat.st_mtime as i64,
            stat.st_mtime_nsec as u64,
            stat.st_size as i64,
        )))
    }
}

/// `None` where there is none. Links are followed, for mounted secrets are links: one's own and root's alone. So are the
/// files read, or somebody else could choose the token that is used.
pub(crate) fn read(path: &Path) -> Result<Option<Contents>, StoreError> {
    // Not blocking: a FIFO would wait for somebody to write.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = match fs::open(path, flags, Mode::empty()) {
        Err(Errno::LOOP | Errno::MLINK) => match to_read(path)? {
            Some(place) => fs::openat(&place.folder, &place.name, flags, Mode::empty()),
            None => return Ok(None),
        },
        opened => opened,
    };
    let file = match opened {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(failed(path, FileStep::Open)(error.into())),
    };
    let stat = fs::fstat(&file).map_err(|error| failed(path, FileStep::Open)(error.into()))?;
    if !is_trusted(path, &stat) {
        let what = Unsafe::OtherOwner(Owner::of(stat.st_uid));
        return Err(StoreError::UnsafePath { path: path.into(), what });
    }
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(StoreError::UnsafePath { path: path.into(), what: Unsafe::NotAFile });
    }
    let size = usize::try_from(stat.st_size).unwrap_or(0).min(LARGEST as usize);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed(path, FileStep::Read))?;
    if bytes.len() as u64 > LARGEST {
        return Err(StoreError::TooLarge { path: path.into() });
    }
    // The modes of another's file are not ours to mend: a secret that root mounted is often readable by all.
    let shared = stat.st_mode & 0o044 != 0 && stat.st_uid == me();
    let warning = shared.then(|| Warning::ReadableByOthers { path: path.into() });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let fresh = i64::try_from(now).is_ok_and(|now| (now - stat.st_mtime).abs() <= 1);
    Ok(Some(Contents { bytes, warning, version: Version::of(&stat), fresh }))
}

/// One's own and root's. Root reads another user's too, where that user's folders lead to it and nobody else may write to
/// any of them: a home that is mounted into a container belongs to a user there.
fn is_trusted(path: &Path, stat: &Stat) -> bool {
    if stat.st_uid == me() || stat.st_uid == 0 {
        return true;
    }
    let audited = || place::find_as(path, Purpose::Audit, stat.st_uid).ok().flatten()?.stat;
    me() == 0 && audited().is_some_and(|it| (it.st_dev, it.st_ino) == (stat.st_dev, stat.st_ino))
}

/// Where the link in place of the file leads.
fn to_read(path: &Path) -> Result<Option<place::Place>, StoreError> {
    match place::find(path, Purpose::Read) {
        Err(StoreError::UnsafeLink { path: asked, at, what: UnsafeLink::OtherOwner(owner) }) if me() == 0 => {
            place::find_as(path, Purpose::Audit, owner.uid).map_err(|_| StoreError::UnsafeLink {
                path: asked,
                at,
                what: UnsafeLink::OtherOwner(owner),
            })
        }
        found => found,
    }
}

/// That more than this user may write to the file's folder, and what to do about it.
pub(crate) fn folder_of_others(path: &Path) -> Option<Warning> {
    let path = folder(path);
    let stat = fs::stat(&path).ok()?;
    let anothers = stat.st_uid != me() && stat.st_uid != 0 && me() != 0;
    if !anothers && !is_writable_by_others(&stat) {
        return None;
    }
    // Secrets that are mounted lie in such a folder, and nobody can write to it.
    if fs::statvfs(&path).is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::RDONLY)) {
        return None;
    }
    let owner = (stat.st_uid != me()).then(|| Owner::of(stat.st_uid));
    Some(Warning::FolderOfOthers { path, owner })
}

/// `false` where there was none. A link of one's own stays, and what it leads to goes; any other link goes itself, and so
/// does one in place of a file of ours.
pub(crate) fn remove(path: &Path) -> Result<bool, StoreError> {
    let removed = match place::find(path, Purpose::Write) {
        Ok(None) => return Ok(false),
        Ok(Some(place)) if is_ours(path) && place.is_linked() => fs::unlink(path),
        Ok(Some(place)) => {
            fs::unlinkat(&place.folder, &place.name, AtFlags::empty()).inspect(|()| place.sync())
        }
        Err(_) if is_link(path) => fs::unlink(path),
        Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotADirectory => {
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    match removed {
        Ok(()) => Ok(true),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
        Err(error) => Err(failed(path, FileStep::Remove)(error.into())),
    }
}

pub(crate) fn is_link(path: &Path) -> bool {
    stat(path).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

pub(crate) fn stat(path: &Path) -> rustix::io::Result<Stat> {
    fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
