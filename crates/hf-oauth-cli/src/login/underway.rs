//! A device login under way, on disk: what an interrupted login goes on with, and a second one joins.
//!
//! The file is locked by the process that polls. It is written in place, because a lock is an inode's: a death in
//! between leaves what cannot be read, and then there is nothing to go on with. It goes with the login's end.
//!
//! Whoever polls touches it all the time. A holder that is suspended (Ctrl-Z) keeps its lock and polls no more: then
//! somebody who joined polls in its place, without the lock. The Hub gives the token once, so one of them is granted it,
//! and the other takes over what that one saved.
//!
//! An approval is good once: where its token cannot be saved (a disk that has filled up, a Hub that does not answer just
//! now), the token waits here for the next login, an hour at most. The file has room for it from the beginning, so that
//! no disk can be too full for it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use hf_oauth::{DeviceLoginParts, Scopes, Tokens, UnixTime};
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// More than any login takes.
const LONGEST: u64 = 64 * 1024;

/// What the file takes up, whatever is in it: more than the Hub's tokens need.
const ROOM: usize = 16 * 1024;

/// Many times what a living holder lets pass between two touches.
const SILENCE: Duration = Duration::from_secs(5);

/// A login, as the one before left it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Left {
    /// Approved, and not saved.
    Granted { granted: Granted },
    /// Not approved yet.
    Waiting(DeviceLoginParts),
}

/// Tokens that are to be saved, and what they were asked for with.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Granted {
    pub(super) issuer: String,
    pub(super) client_id: String,
    /// The scopes that were asked for.
    pub(super) asked: String,
    pub(super) at: UnixTime,
    access_token: String,
    refresh_token: Option<String>,
    expires_at: UnixTime,
    scope: String,
}

impl Granted {
    pub(super) fn new(issuer: &str, client_id: &str, asked: &Scopes, at: UnixTime, tokens: &Tokens) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            asked: asked.to_string(),
            at,
            access_token: tokens.access_token.expose().to_owned(),
            refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().to_owned()),
            expires_at: tokens.expires_at,
            scope: tokens.scope.to_string(),
        }
    }

    pub(super) fn tokens(self) -> Tokens {
        let scope = Scopes::from(self.scope.as_str());
        Tokens::new(self.access_token.into(), self.refresh_token.map(Into::into), self.expires_at, scope)
    }
}

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
                // No lock to be had there, for whoever comes: each login is on its own, and the store has other ways to
                // keep their saves apart.
                Err(TryLockError::Error(error)) if is_unsupported(&error) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Whoever had it before may have removed the file that is locked now.
            let slot = Self { file, path: path.to_owned() };
            if slot.is_there() {
                return Ok(Some(slot));
            }
        }
    }

    /// What was left by the one before.
    pub(super) fn left(&mut self) -> Option<Left> {
        self.file.rewind().ok()?;
        parse(&mut self.file)
    }

    pub(super) fn keep(&mut self, login: &Left) -> io::Result<()> {
        let mut text = serde_json::to_vec(login)?;
        // White space is nothing to JSON.
        text.resize(text.len().max(ROOM), b' ');
        self.file.rewind()?;
        self.file.write_all(&text)?;
        self.file.set_len(text.len() as u64)
    }

    /// The file of a holder that polls no more.
    pub(super) fn share(path: &Path) -> io::Result<Self> {
        Ok(Self { file: open(path, true)?, path: path.to_owned() })
    }

    /// For others to see that somebody polls.
    pub(super) fn touch(&self) {
        let _ = self.file.set_modified(SystemTime::now());
    }

    /// There is nothing to go on with.
    pub(super) fn done(self) {
        // Whoever shared the file may have removed it, and the next login have made its own.
        if self.is_there() {
            let _ = fs::remove_file(&self.path);
        }
    }

    fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|there| {
            self.file.metadata().is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
        })
    }
}

/// Whether whoever polls is still at it, by this process's own clock.
pub(super) struct Pulse {
    touched: Option<SystemTime>,
    since: Instant,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { touched: None, since: Instant::now() }
    }

    pub(super) fn is_silent(&mut self, path: &Path) -> bool {
        let touched = fs::symlink_metadata(path).and_then(|metadata| metadata.modified()).ok();
        if touched != self.touched {
            *self = Self { touched, since: Instant::now() };
        }
        self.since.elapsed() > SILENCE
    }
}

/// A file system without flock(2): some network ones.
fn is_unsupported(error: &io::Error) -> bool {
    let known = [Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOLCK];
    Errno::from_io_error(error).is_some_and(|error| known.contains(&error))
}

/// Does away with an approval that waits to be saved; true when there was one.
pub(crate) fn forget_approval(path: &Path) -> bool {
    if !matches!(peek(path), Some(Left::Granted { .. })) {
        return false;
    }
    let slot = Slot::take(path).ok().flatten();
    slot.map(Slot::done).is_some()
}

/// What another process polls with.
pub(super) fn peek(path: &Path) -> Option<Left> {
    parse(&mut open(path, false).ok()?)
}

fn parse(file: &mut File) -> Option<Left> {
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Never through a link of either kind, never a pipe, and nobody else's: the store's own rules.
fn open(path: &Path, create: bool) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let flags = i32::try_from(flags).map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    options.read(true).write(create).create(create).truncate(false).mode(0o600).custom_flags(flags);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    let fault = if !metadata.is_file() {
        "is not a file"
    } else if metadata.nlink() > 1 {
        "is a hard link: another name shares its contents"
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        "belongs to somebody else"
    } else {
        ""
    };
    if !fault.is_empty() {
        return Err(io::Error::other(format!("{} {fault}", path.display())));
    }
    if create && metadata.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        // What others could write is not gone on with.
        file.set_len(0)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    /// An approval that nobody but its owner can have written, in a folder of its own.
    fn approval(name: &str) -> (PathBuf, Vec<u8>) {
        let folder = std::env::temp_dir().join(format!("hf-oauth-underway-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let path = folder.join("victim");
        let tokens = Tokens::new("hf_oauth_x".into(), None, UnixTime::from_secs(1), Scopes::from("openid"));
        let at = UnixTime::from_secs(1);
        let granted = Granted::new("https://huggingface.co", "app", &Scopes::from(""), at, &tokens);
        let text = serde_json::to_vec(&Left::Granted { granted }).unwrap();
        fs::write(&path, &text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        (path, text)
    }

    #[test]
    fn row_123_a_login_under_way_is_neither_read_nor_written_through_another_name_or_as_somebody_elses() {
        type Setup = fn(&Path, &Path) -> io::Result<()>;
        let setups: [(&str, Setup); 3] = [
            ("hard link", |victim, path| fs::hard_link(victim, path)),
            ("symlink", |victim, path| symlink(victim, path)),
            ("owner", |victim, path| fs::copy(victim, path).and_then(|_| chown(path, Some(65534), None))),
        ];
        for (name, setup) in setups {
            let (victim, text) = approval(name);
            assert!(matches!(peek(&victim), Some(Left::Granted { .. })), "{name}: what is there can be read");
            let path = victim.with_file_name("hf-oauth.device");
            match setup(&victim, &path) {
                Err(error) if name == "owner" => {
                    println!("left out: only root can give a file away ({error})")
                }
                done => {
                    done.unwrap();
                    assert!(peek(&path).is_none(), "{name}");
                    assert!(!forget_approval(&path) && path.exists(), "{name}");
                    assert!(Slot::take(&path).is_err(), "{name}");
                    for path in [&victim, &path] {
                        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
                        assert_eq!((fs::read(path).unwrap(), mode), (text.clone(), 0o644), "{name}");
                    }
                }
            }
            fs::remove_dir_all(victim.parent().unwrap()).unwrap();
        }
    }
}
