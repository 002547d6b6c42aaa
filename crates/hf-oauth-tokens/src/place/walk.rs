//! The way to a file, one name after the other.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, CWD, FileType, Mode, Stat};
use rustix::io::Errno;

use super::{Place, Purpose, id, is_writable_by_others};
use crate::error::{FileStep, StoreError, Unsafe, UnsafeLink, failed};
use crate::locations::folder;
use crate::platform::FOLDER;
use crate::users::Owner;

/// As many as the Linux kernel follows.
const MOST_LINKS: usize = 40;

/// A name that is still to be gone through, and the link that it is from.
struct Piece {
    name: OsString,
    link: Option<usize>,
}

pub(super) struct Walk<'p> {
    asked: &'p Path,
    purpose: Purpose,
    user: u32,
    folder: OwnedFd,
    stat: Stat,
    path: PathBuf,
    pending: Vec<Piece>,
    steps: Vec<PathBuf>,
    /// Each link, and what it says.
    links: Vec<(PathBuf, PathBuf)>,
    /// The first folder that is somebody else's, or somebody else's to write to.
    unsafe_folder: Option<(PathBuf, UnsafeLink)>,
    /// A link was followed that is not of the system's own layout.
    by_user: bool,
}

impl<'p> Walk<'p> {
    pub(super) fn start(asked: &'p Path, purpose: Purpose, user: u32) -> Result<Self, StoreError> {
        let (folder, stat) = root(asked)?;
        let mut walk = Self {
            asked,
            purpose,
            user,
            folder,
            stat,
            path: "/".into(),
            pending: Vec::new(),
            steps: Vec::new(),
            links: Vec::new(),
            unsafe_folder: None,
            by_user: false,
        };
        walk.push(asked.as_os_str(), None);
        if !asked.is_absolute() {
            // It has no links in it, and its folders count as well.
            let here = std::env::current_dir().map_err(failed(asked, FileStep::Open))?;
            walk.push(here.as_os_str(), None);
        }
        walk.look();
        Ok(walk)
    }

    /// These are next.
    fn push(&mut self, path: &OsStr, link: Option<usize>) {
        let names = path.as_bytes().split(|byte| *byte == b'/').rev();
        let names = names.filter(|name| !name.is_empty() && *name != b".");
        self.pending.extend(names.map(|name| Piece { name: OsStr::from_bytes(name).to_owned(), link }));
    }

    pub(super) fn run(mut self) -> Result<Option<Place>, StoreError> {
        while let Some(piece) = self.pending.pop() {
            let last = self.pending.is_empty() && piece.name != "..";
            if !last {
                if !self.pass(piece)? {
                    return Ok(None);
                }
                continue;
            }
            match fs::statat(&self.folder, &piece.name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => {
                    self.steps.push(self.path.join(&piece.name));
                    self.follow(&piece.name, &stat)?;
                }
                Ok(stat) => return self.end(piece.name, Some(stat)).map(Some),
                Err(Errno::NOENT) => return self.end(piece.name, None).map(Some),
                Err(error) => return Err(failed(self.asked, FileStep::Open)(error.into())),
            }
        }
        Err(StoreError::UnsafePath { path: self.asked.into(), what: Unsafe::NotAFile })
    }

    /// Into a folder; false where there is none.
    fn pass(&mut self, piece: Piece) -> Result<bool, StoreError> {
        let Piece { name, link } = piece;
        let here = self.path.join(&name);
        let mut opened = fs::openat(&self.folder, &name, FOLDER, Mode::empty());
        if opened.as_ref().err() == Some(&Errno::NOENT) {
            if let Some(link) = link {
                return Err(self.refused(link, UnsafeLink::Gone { target: self.links[link].1.clone() }));
            }
            if self.purpose != Purpose::Make {
                return Ok(false);
            }
            match fs::mkdirat(&self.folder, &name, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => opened = fs::openat(&self.folder, &name, FOLDER, Mode::empty()),
                Err(error) => return Err(self.failed(error)),
            }
        }
        match opened {
            Ok(folder) => {
                self.stat =
                    fs::fstat(&folder).map_err(|error| failed(&here, FileStep::Open)(error.into()))?;
                self.folder = folder;
                if name == ".." {
                    self.path.pop();
                } else {
                    self.path = here;
                }
                self.look();
            }
            Err(error) => match fs::statat(&self.folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => {
                    self.follow(&name, &stat)?;
                }
                _ => return Err(self.failed(error)),
            },
        }
        Ok(true)
    }

    /// What the link says is next.
    fn follow(&mut self, name: &OsStr, stat: &Stat) -> Result<(), StoreError> {
        let link = self.path.join(name);
        if !self.is_trusted(stat.st_uid) {
            let what = UnsafeLink::OtherOwner(Owner::of(stat.st_uid));
            return Err(StoreError::UnsafeLink { path: self.asked.into(), at: link, what });
        }
        // Root's, where nobody else may write: a part of the system, as `/home` often is. Root's own are links as any.
        let of_the_system =
            self.user != 0 && stat.st_uid == 0 && self.stat.st_uid == 0 && !is_writable_by_others(&self.stat);
        self.by_user |= !of_the_system;
        let target = fs::readlinkat(&self.folder, name, Vec::new())
            .map_err(|error| failed(&link, FileStep::Open)(error.into()))?;
        let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
        if target.is_absolute() {
            (self.folder, self.stat) = root(self.asked)?;
            self.path = "/".into();
        }
        self.links.push((link, target.clone()));
        if self.links.len() > MOST_LINKS {
            return Err(self.refused(MOST_LINKS, UnsafeLink::Loop));
        }
        self.push(target.as_os_str(), Some(self.links.len() - 1));
        Ok(())
    }

    fn end(self, name: OsString, stat: Option<Stat>) -> Result<Place, StoreError> {
        let strict = match self.purpose {
            Purpose::Read => false,
            Purpose::Write | Purpose::Make => self.by_user,
            Purpose::Audit => true,
        };
        if let Some((at, what)) = self.unsafe_folder.filter(|_| strict) {
            return Err(StoreError::UnsafeLink { path: self.asked.into(), at, what });
        }
        let mut steps = self.steps;
        steps.push(self.path.join(&name));
        Ok(Place { folder: self.folder, name, steps, id: id(&self.stat), stat })
    }

    fn look(&mut self) {
        if self.unsafe_folder.is_some() || self.purpose == Purpose::Read {
            return;
        }
        let what = if !self.is_trusted(self.stat.st_uid) {
            UnsafeLink::FolderOfAnother(Owner::of(self.stat.st_uid))
        } else if is_writable_by_others(&self.stat) {
            UnsafeLink::FolderOfOthers
        } else {
            return;
        };
        self.unsafe_folder = Some((self.path.clone(), what));
    }

    fn is_trusted(&self, uid: u32) -> bool {
        uid == self.user || uid == 0
    }

    /// By the path that was asked for: that is the one that a person knows.
    fn failed(&self, error: Errno) -> StoreError {
        match self.purpose {
            Purpose::Make => failed(&folder(self.asked), FileStep::MakeFolder)(error.into()),
            _ => failed(self.asked, FileStep::Open)(error.into()),
        }
    }

    fn refused(&self, link: usize, what: UnsafeLink) -> StoreError {
        StoreError::UnsafeLink { path: self.asked.into(), at: self.links[link].0.clone(), what }
    }
}

fn root(asked: &Path) -> Result<(OwnedFd, Stat), StoreError> {
    let folder = fs::openat(CWD, "/", FOLDER, Mode::empty());
    let opened = folder.and_then(|folder| fs::fstat(&folder).map(|stat| (folder, stat)));
    opened.map_err(|error| failed(asked, FileStep::Open)(error.into()))
}
