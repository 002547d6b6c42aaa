use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::ini::Corruption;
use crate::source::TokenSource;
use crate::users::Owner;

/// Why the store could not be used.
///
/// What is unsafe, corrupt, another tool's, or cannot be kept is found before anything is written. After
/// [`Io`](Self::Io), [`Busy`](Self::Busy) and [`NotEditable`](Self::NotEditable) some of the files may have changed:
/// each holds what it held or what it was to hold, and the next save, list or resolve finishes what was begun.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Something else than a file of ours stands there; writing to it could change somebody else's.
    UnsafePath {
        /// Where.
        path: PathBuf,
        /// What stands there.
        what: Unsafe,
    },
    /// A symbolic link on the way to a file is not followed, or leads where nothing is written.
    UnsafeLink {
        /// The file that was looked for.
        path: PathBuf,
        /// The link or the folder that is in the way.
        at: PathBuf,
        /// What is wrong with it.
        what: UnsafeLink,
    },
    /// The lock is another user's, and cannot be opened.
    ForeignLock {
        /// The lock.
        path: PathBuf,
        /// Whose it is.
        owner: Owner,
    },
    /// Python could not read the file either. It is left as it is.
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with the line.
        what: Corruption,
    },
    /// The file is another tool's JSON. It is left as it is.
    OtherFormat {
        /// Which file.
        path: PathBuf,
    },
    /// More than a mebibyte: no token.
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// What a source holds is no text, or has control characters in it.
    NotAToken {
        /// Which source.
        source_name: TokenSource,
    },
    /// A name that the file's format cannot hold.
    BadName,
    /// A token, refresh token, client id or issuer that the file's format cannot hold.
    BadValue {
        /// Which field.
        field: &'static str,
    },
    /// The file is laid out so that the change would touch what is not ours.
    NotEditable {
        /// Which file.
        path: PathBuf,
    },
    /// No token has this name.
    UnknownName {
        /// The name that was asked for.
        name: String,
    },
    /// Another process held the lock for 30 s.
    Busy {
        /// The lock.
        path: PathBuf,
        /// Whose it is, where it is another user's.
        owner: Option<Owner>,
    },
    /// The system refused.
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What was being done.
        step: FileStep,
        /// Why.
        source: io::Error,
    },
}

/// What is not safe to use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsafe {
    /// A symbolic link, where none is followed.
    Link,
    /// A file with a second name.
    HardLink,
    /// A folder, FIFO, socket or device.
    NotAFile,
    /// A file of another user: neither read nor written.
    OtherOwner(Owner),
}

/// Why a symbolic link is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsafeLink {
    /// The link is another user's.
    OtherOwner(Owner),
    /// On the way is a folder of another user.
    FolderOfAnother(Owner),
    /// On the way is a folder that others may write to.
    FolderOfOthers,
    /// Where it leads, there is nothing: no folder that the file could be in.
    Gone {
        /// What the link says.
        target: PathBuf,
    },
    /// It leads to itself.
    Loop,
}

/// A step of reading or writing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileStep {
    /// Opening it.
    Open,
    /// Reading it.
    Read,
    /// Making its folder.
    MakeFolder,
    /// Making the temporary file beside it.
    MakeTemporary,
    /// Writing the temporary file.
    Write,
    /// Having the disk keep it.
    Sync,
    /// Putting the temporary file in its place.
    Rename,
    /// Taking it away.
    Remove,
    /// Locking it.
    Lock,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsafePath { path, what } => {
                let path = path.display();
                let what = match what {
                    Unsafe::Link => "a symbolic link",
                    Unsafe::HardLink => "a file with several names (hard links)",
                    Unsafe::NotAFile => "not a regular file",
                    Unsafe::OtherOwner(owner) => {
                        return write!(
                            f,
                            "{path} belongs to {owner}: it is neither used nor replaced. {FOREIGN}"
                        );
                    }
                };
                write!(f, "{path} is {what}, so no token is written to it: move it away")
            }
            Self::UnsafeLink { path, at, what } => what.say(f, path, at),
            Self::ForeignLock { path, owner } => {
                write!(
                    f,
                    "{} belongs to {owner} and cannot be locked: nothing is saved. {FOREIGN}",
                    path.display()
                )
            }
            Self::Corrupt { path, line, what } => write!(
                f,
                "{} cannot be read, line {line}: {what}. It was left as it is: mend the line, or move the file away \
                 and sign in again",
                path.display()
            ),
            Self::OtherFormat { path } => write!(
                f,
                "{} is JSON of another tool, which huggingface_hub cannot read. It was left as it is: move it away \
                 and sign in again",
                path.display()
            ),
            Self::TooLarge { path } => write!(f, "{} is too large to hold tokens", path.display()),
            Self::NotAToken { source_name } => {
                write!(f, "{source_name} holds no token: it is not text, or has control characters")
            }
            Self::BadName => f.write_str(
                "this name cannot be kept: it must not be empty, `DEFAULT`, or have control characters",
            ),
            Self::BadValue { field } => {
                write!(
                    f,
                    "this {field} cannot be kept: it is empty, has control characters, or spaces at an end"
                )
            }
            Self::NotEditable { path } => write!(
                f,
                "{} is laid out so that it cannot be changed without touching other entries: mend its indentation",
                path.display()
            ),
            Self::UnknownName { name } => write!(f, "no token is named {name:?}"),
            Self::Busy { path, owner: None } => {
                write!(f, "another process has held {} for 30 s: try again", path.display())
            }
            Self::Busy { path, owner: Some(owner) } => write!(
                f,
                "another process has held {} for 30 s, and that file belongs to {owner}. {FOREIGN}",
                path.display()
            ),
            Self::Io { path, step, .. } => {
                let step = match step {
                    FileStep::Open => "open",
                    FileStep::Read => "read",
                    FileStep::MakeFolder => "make the folder",
                    FileStep::MakeTemporary => "make a temporary file for",
                    FileStep::Write => "write",
                    FileStep::Sync => "have the disk keep",
                    FileStep::Rename => "replace",
                    FileStep::Remove => "remove",
                    FileStep::Lock => "lock",
                };
                write!(f, "could not {step} {}", path.display())
            }
        }
    }
}

/// What can be done about a file of another user.
const FOREIGN: &str = "Have it taken away, or set HF_HOME to a folder of your own";

impl UnsafeLink {
    fn say(&self, f: &mut fmt::Formatter<'_>, path: &Path, at: &Path) -> fmt::Result {
        let (path, at) = (path.display(), at.display());
        match self {
            Self::OtherOwner(owner) => {
                write!(f, "{at} is a symbolic link of {owner}: it is not followed to {path}. {FOREIGN}")
            }
            Self::FolderOfAnother(owner) => write!(
                f,
                "{path} leads through {at}, a folder of {owner}: it is not used through a symbolic link. Set HF_HOME \
                 to a folder of your own"
            ),
            Self::FolderOfOthers => write!(
                f,
                "{path} leads through {at}, where others may write: no token is written there through a symbolic \
                 link. chmod go-w it if it is yours, or set HF_HOME to a folder of your own"
            ),
            Self::Gone { target } => write!(
                f,
                "{at} is a symbolic link to {}, which is not there: mount or make it, or take the link away",
                target.display()
            ),
            Self::Loop => write!(f, "{at} is a symbolic link that leads back to itself: take it away"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// What the system refused, at a path.
pub(crate) fn failed(path: &Path, step: FileStep) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::Io { path: path.into(), step, source }
}
