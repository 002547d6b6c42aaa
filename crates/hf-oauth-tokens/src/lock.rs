//! The lock that Python's `filelock` takes: `flock` on `stored_tokens.lock`.
//!
//! Where the file system has no `flock`, the file's existence is the lock, as with Python's `SoftFileLock`: it holds the
//! owner's process id and host name, and whoever finds that process gone takes the file away.
//!
//! Where `stored_tokens` is a link, whoever knows the file by another path locks another file: so every path on the way is
//! locked, Python's first and that of the file itself last. Nobody waits while having one of them, so that no two can wait
//! for each other. A lock is never looked for through a link.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{self, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::error::{FileStep, StoreError, Unsafe, failed};
use crate::file::stat;
use crate::locations::Locations;
use crate::place::{self, Purpose};
use crate::users::{Owner, me};

/// How long anyone waits, as in Python.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
/// How old a soft lock without an owner must be before it is nobody's.
const NOBODYS: Duration = Duration::from_secs(2);

/// The lock; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _parts: Vec<Part>,
}

impl Lock {
    /// `None` while somebody else has it.
    pub(crate) fn attempt(places: &Locations) -> Result<Option<Self>, StoreError> {
        Ok(Self::all(&paths(places)?)?.ok())
    }

    /// Waits for it, blocking.
    pub(crate) fn wait(places: &Locations) -> Result<Self, StoreError> {
        Self::wait_for(&paths(places)?)
    }

    /// That of Python's path alone, wherever links lead: to take away what is there.
    pub(crate) fn wait_here(places: &Locations) -> Result<Self, StoreError> {
        Self::wait_for(std::slice::from_ref(&places.lock))
    }

    fn wait_for(paths: &[PathBuf]) -> Result<Self, StoreError> {
        let begun = Instant::now();
        loop {
            match Self::all(paths)? {
                Ok(lock) => return Ok(lock),
                Err(path) if begun.elapsed() >= PATIENCE => {
                    return Err(StoreError::Busy { path: path.into(), owner: other_owner(path) });
                }
                Err(_) => std::thread::sleep(POLL),
            }
        }
    }

    /// All of them, or which one somebody else has.
    fn all(paths: &[PathBuf]) -> Result<Result<Self, &Path>, StoreError> {
        let mut parts = Vec::with_capacity(paths.len());
        for path in paths {
            match Part::attempt(path)? {
                Some(part) => parts.push(part),
                None => return Ok(Err(path)),
            }
        }
        Ok(Ok(Self { _parts: parts }))
    }
}

/// Python's path, and those that its links lead to; their folders are made.
fn paths(places: &Locations) -> Result<Vec<PathBuf>, StoreError> {
    let place = place::find(&places.stored_tokens, Purpose::Make)?;
    let mut paths = vec![places.lock.clone()];
    for step in place.iter().flat_map(|place| place.steps.iter().skip(1)) {
        let mut path = step.as_os_str().to_owned();
        path.push(".lock");
        paths.push(path.into());
    }
    Ok(paths)
}

fn other_owner(path: &Path) -> Option<Owner> {
    let uid = stat(path).ok()?.st_uid;
    (uid != me()).then(|| Owner::of(uid))
}

#[derive(Debug)]
struct Part {
    file: Option<File>,
    soft: Option<PathBuf>,
}

impl Part {
    fn attempt(path: &Path) -> Result<Option<Self>, StoreError> {
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
                Err(error) => {
                    return Err(match other_owner(path).filter(|_| error == Errno::ACCESS) {
                        Some(owner) => StoreError::ForeignLock { path: path.into(), owner },
                        None => failed(path, FileStep::Lock)(error.into()),
                    });
                }
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
}

impl Drop for Part {
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
fn soft(path: &Path, placeholder: bool) -> Result<Option<Part>, StoreError> {
    if placeholder {
        let _ = fs::unlink(path);
    } else {
        break_stale(path);
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match fs::open(path, flags, Mode::from_raw_mode(0o644)) {
        Ok(file) => {
            let owner = format!("{}\n{}\n", std::process::id(), host());
            let lock = Part { file: None, soft: Some(path.into()) };
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
