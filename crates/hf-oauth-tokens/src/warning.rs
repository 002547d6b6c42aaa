use std::fmt;
use std::path::PathBuf;

use hf_oauth_core::InvalidUrl;

use crate::users::Owner;

/// What is not wrong enough to stop for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Others on the machine can read this file of secrets. The next write mends it.
    ReadableByOthers {
        /// Which file.
        path: PathBuf,
    },
    /// More than this user may write to the folder: others can put files of their own there, or take these away.
    FolderOfOthers {
        /// Which folder.
        path: PathBuf,
        /// Whose it is, where it is another user's.
        owner: Option<Owner>,
    },
    /// There is nothing at the end of the symbolic link in place of the token file.
    LinkGone {
        /// The link.
        path: PathBuf,
        /// What it says.
        target: PathBuf,
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
            Self::FolderOfOthers { path, owner: None } => {
                write!(f, "others on this machine may write to {}: chmod go-w it", path.display())
            }
            Self::FolderOfOthers { path, owner: Some(owner) } => write!(
                f,
                "{} belongs to {owner}, and more than you may write to it: set HF_HOME to a folder of your own",
                path.display()
            ),
            Self::LinkGone { path, target } => write!(
                f,
                "{} is a symbolic link to {}, where nothing is: sign in again, or mend the link",
                path.display(),
                target.display()
            ),
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
