//! Files of secrets: what stands there, and how it is read and taken away. How it is replaced: [`next`](crate::next).

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, Stat};
use zeroize::Zeroizing;

use crate::error::{FileStep, StoreError, Unsafe, Warning};
use crate::locations::folder;

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

    fn of(stat: &Stat) -> Self {
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

/// `None` where there is none. Follows links, as Python does: mounted secrets are links.
pub(crate) fn read(path: &Path) -> Result<Option<Contents>, StoreError> {
    // Not blocking: a FIFO would wait for somebody to write.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(failed(path, FileStep::Open)(error.into())),
    };
    let stat = fs::fstat(&file).map_err(|error| failed(path, FileStep::Open)(error.into()))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(StoreError::UnsafePath { path: path.into(), what: Unsafe::NotAFile });
    }
    let size = usize::try_from(stat.st_size).unwrap_or(0).min(LARGEST as usize);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed(path, FileStep::Read))?;
    if bytes.len() as u64 > LARGEST {
        return Err(StoreError::TooLarge { path: path.into() });
    }
    let shared = stat.st_mode & 0o044 != 0;
    let warning = shared.then(|| Warning::ReadableByOthers { path: path.into() });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let fresh = i64::try_from(now).is_ok_and(|now| (now - stat.st_mtime).abs() <= 1);
    Ok(Some(Contents { bytes, warning, version: Version::of(&stat), fresh }))
}

/// Which file stands there now.
pub(crate) fn version(path: &Path) -> Version {
    stat(path).map_or(Version::NONE, |stat| Version::of(&stat))
}

/// `false` where there was none.
pub(crate) fn remove(path: &Path) -> Result<bool, StoreError> {
    match fs::unlink(path) {
        Ok(()) => {
            sync_folder(&folder(path));
            Ok(true)
        }
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(false),
        Err(error) => Err(failed(path, FileStep::Remove)(error.into())),
    }
}

/// Refuses what a write could harm.
pub(crate) fn check(path: &Path) -> Result<(), StoreError> {
    let unsafe_path = |what| Err(StoreError::UnsafePath { path: path.into(), what });
    match stat(path) {
        Err(rustix::io::Errno::NOENT) => Ok(()),
        Err(error) => Err(failed(path, FileStep::Open)(error.into())),
        Ok(stat) => match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => unsafe_path(Unsafe::Link),
            FileType::RegularFile if stat.st_nlink > 1 => unsafe_path(Unsafe::HardLink),
            FileType::RegularFile if stat.st_uid != rustix::process::geteuid().as_raw() => {
                unsafe_path(Unsafe::OtherOwner)
            }
            FileType::RegularFile => Ok(()),
            _ => unsafe_path(Unsafe::NotAFile),
        },
    }
}

pub(crate) fn stat(path: &Path) -> rustix::io::Result<Stat> {
    fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)
}

/// What is made is for its owner alone; what is there keeps its mode.
pub(crate) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder).map_err(failed(folder, FileStep::MakeFolder))
}

pub(crate) fn failed(path: &Path, step: FileStep) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::Io { path: path.into(), step, source }
}

/// The rename is done; that a folder cannot be synced (some network file systems) takes nothing back.
pub(crate) fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
