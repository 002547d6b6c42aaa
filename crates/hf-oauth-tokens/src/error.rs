use std::fmt;
use std::io;
use std::path::PathBuf;

use hf_oauth_core::InvalidUrl;

use crate::ini::Corruption;
use crate::source::TokenSource;

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

/// What is not safe to write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsafe {
    /// A symbolic link.
    Link,
    /// A file with a second name.
    HardLink,
    /// A folder, FIFO, socket or device.
    NotAFile,
    /// A file of another user.
    OtherOwner,
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
                let what = match what {
                    Unsafe::Link => "a symbolic link",
                    Unsafe::HardLink => "a file with several names (hard links)",
                    Unsafe::NotAFile => "not a regular file",
                    Unsafe::OtherOwner => "a file of another user",
                };
                write!(f, "{} is {what}, so no token is written to it: move it away", path.display())
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
            Self::Busy { path } => {
                write!(f, "another process has held {} for 30 s: try again", path.display())
            }
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

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// What is not wrong enough to stop for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Others on the machine can read this file of secrets. The next write mends it.
    ReadableByOthers {
        /// Which file.
        path: PathBuf,
    },
    /// The named tokens could not be read: what the token is called and when it ends is not known.
    NamesUnreadable {
        /// What the error says.
        why: String,
    },
    /// New tokens are in use but could not be kept: the kept refresh token may be spent, so sign in again soon.
    NotKept {
        /// What the error says.
        why: String,
    },
    /// Tokens could not be refreshed; the old one is used.
    NotRefreshed {
        /// What the error says.
        why: String,
    },
    /// `HF_STORED_TOKENS_PATH` is set, which Python does not read.
    PythonLooksElsewhere,
    /// Nothing can be asked of the Hub at `HF_ENDPOINT`.
    UnusableEndpoint {
        /// What is wrong with it.
        why: InvalidUrl,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadableByOthers { path } => {
                write!(f, "{} can be read by others on this machine: chmod 600 it", path.display())
            }
            Self::NamesUnreadable { why } => f.write_str(why),
            Self::NotKept { why } => {
                write!(f, "THE NEW TOKEN COULD NOT BE SAVED and is good for this process alone: {why}")
            }
            Self::NotRefreshed { why } => write!(f, "the token could not be refreshed: {why}"),
            Self::UnusableEndpoint { why } => {
                write!(
                    f,
                    "HF_ENDPOINT is no address of a Hub: {why}. Unset it, or set it to an https address"
                )
            }
            Self::PythonLooksElsewhere => {
                f.write_str("HF_STORED_TOKENS_PATH is set, which Python's huggingface_hub does not read")
            }
        }
    }
}
