//! The lock that Python's `filelock` takes: `flock` on `stored_tokens.lock`.
//!
//! Where the file system has no `flock`, the file's existence is the lock, as with Python's `SoftFileLock`: it holds the
//! owner's process id and host name, and whoever finds that process gone takes the file away.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{self, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::error::{FileStep, StoreError, Unsafe};
use crate::file::{failed, make_folder, stat};
use crate::locations::folder;

/// How long anyone waits, as in Python.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
/// How old a soft lock without an owner must be before it is nobody's.
const NOBODYS: Duration = Duration::from_secs(2);

/// The lock; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: Option<File>,
    soft: Option<PathBuf>,
}

impl Lock {
    /// `None` while somebody else has it.
    pub(crate) fn attempt(path: &Path) -> Result<Option<Self>, StoreError> {
        make_folder(&folder(path))?;
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o664);
        let created = fs::open(path, flags | OFlags::CREATE | OFlags::EXCL, mode);
        let (file, new) = match created {
            Ok(file) => (File::from(file), true),
            Err(Errno::EXIST) => match fs::open(path, flags, Mode::empty()) {
                Ok(file) => (File::from(file), false),
                // Gone between the two, or a peer's umask left it unreadable for a moment.
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::LOOP) => return unsafe_path(path, Unsafe::Link),
                Err(Errno::ISDIR | Errno::NXIO) => return unsafe_path(path, Unsafe::NotAFile),
                Err(error) => return Err(failed(path, FileStep::Lock)(error.into())),
            },
            Err(Errno::LOOP) => return unsafe_path(path, Unsafe::Link),
            Err(error) => return Err(failed(path, FileStep::Lock)(error.into())),
        };
        if new {
            let _ = fs::fchmod(&file, mode);
        }
        let opened = fs::fstat(&file).map_err(|error| failed(path, FileStep::Lock)(error.into()))?;
        if FileType::from_raw_mode(opened.st_mode) != FileType::RegularFile {
            return unsafe_path(path, Unsafe::NotAFile);
        }
        if opened.st_nlink > 1 {
            return unsafe_path(path, Unsafe::HardLink);
        }
        match fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK | Errno::ACCESS | Errno::INTR) => return Ok(None),
            Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK) => return soft(path, new),
            Err(error) => return Err(failed(path, FileStep::Lock)(error.into())),
        }
        // Somebody may have unlinked it meanwhile: then this is a lock that nobody else sees.
        let ours = stat(path).is_ok_and(|now| (now.st_dev, now.st_ino) == (opened.st_dev, opened.st_ino));
        Ok(ours.then_some(Self { file: Some(file), soft: None }))
    }

    /// Waits for it, blocking.
    pub(crate) fn wait(path: &Path) -> Result<Self, StoreError> {
        let begun = Instant::now();
        loop {
            if let Some(lock) = Self::attempt(path)? {
                return Ok(lock);
            }
            if begun.elapsed() >= PATIENCE {
                return Err(StoreError::Busy { path: path.into() });
            }
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            let _ = fs::flock(file, FlockOperation::Unlock);
        }
        if let Some(path) = &self.soft {
            let _ = fs::unlink(path);
        }
    }
}

fn unsafe_path<T>(path: &Path, what: Unsafe) -> Result<T, StoreError> {
    Err(StoreError::UnsafePath { path: path.into(), what })
}

/// The marker's existence is the lock.
fn soft(path: &Path, placeholder: bool) -> Result<Option<Lock>, StoreError> {
    if placeholder {
        let _ = fs::unlink(path);
    } else {
        break_stale(path);
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match fs::open(path, flags, Mode::from_raw_mode(0o644)) {
        Ok(file) => {
            let owner = format!("{}\n{}\n", std::process::id(), host());
            let lock = Lock { file: None, soft: Some(path.into()) };
            File::from(file).write_all(owner.as_bytes()).map_err(failed(path, FileStep::Lock))?;
            Ok(Some(lock))
        }
        Err(Errno::EXIST) => Ok(None),
        Err(error) => Err(failed(path, FileStep::Lock)(error.into())),
    }
}

/// Takes away a marker whose owner is gone. By renaming it first: of two who find it stale, one gets it, and a marker
/// that turns out to be another one is put back.
fn break_stale(path: &Path) {
    let Some(seen) = marker(path).filter(Marker::is_stale) else { return };
    let mut random = [0; 8];
    if getrandom::fill(&mut random).is_err() {
        return;
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".break.{}", crate::file::hex(&random)));
    let aside = PathBuf::from(aside);
    if fs::rename(path, &aside).is_err() {
        return;
    }
    if marker(&aside).is_some_and(|moved| moved.inode != seen.inode) {
        let _ = fs::link(&aside, path);
    }
    let _ = fs::unlink(&aside);
}

struct Marker {
    inode: u64,
    text: String,
    age: Duration,
}

impl Marker {
    fn is_stale(&self) -> bool {
        let mut lines = self.text.lines();
        let pid =
            lines.next().and_then(|line| line.trim().parse().ok()).and_then(rustix::process::Pid::from_raw);
        let (Some(pid), Some(there)) = (pid, lines.next()) else { return self.age >= NOBODYS };
        there.trim() == host() && rustix::process::test_kill_process(pid) == Err(Errno::SRCH)
    }
}

fn marker(path: &Path) -> Option<Marker> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(fs::open(path, flags, Mode::empty()).ok()?);
    let inode = fs::fstat(&file).ok()?.st_ino;
    let age = file.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
    let mut text = String::new();
    file.take(1024).read_to_string(&mut text).ok()?;
    Some(Marker { inode, text, age })
}

/// As `filelock` writes it: out of the initial namespace of process ids, which is the kernel's constant
/// `PROC_PID_INIT_INO`, with the namespace, since the ids mean nothing elsewhere.
fn host() -> String {
    const INITIAL: u64 = 0xeffffffc;
    let system = rustix::system::uname();
    let mut name = String::new();
    for byte in system.nodename().to_bytes() {
        match byte {
            b'?' | 0..=b' ' | 0x7f.. => name.push_str(&format!("?{byte:02x}")),
            _ => name.push(char::from(*byte)),
        }
    }
    let namespace = fs::stat("/proc/self/ns/pid").map_or(INITIAL, |stat| stat.st_ino);
    if namespace != INITIAL {
        name.push_str(&format!("?pidns-{namespace:x}"));
    }
    if name.is_empty() { "?".to_owned() } else { name }
}

#[cfg(test)]
mod tests;
