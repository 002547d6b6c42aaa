use std::fmt;

/// The operating system gave no random bytes: nothing can be sealed safely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEntropy;

impl fmt::Display for NoEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system's random generator failed")
    }
}

impl std::error::Error for NoEntropy {}

/// Why cookies could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The session does not fit, even without everything that may be left out.
    SessionTooLarge {
        /// The bytes that the session would take in the `Cookie` header.
        bytes: usize,
        /// The bytes that it may take.
        limit: usize,
        /// What takes the most.
        largest: &'static str,
        /// The bytes that this takes.
        largest_bytes: usize,
    },
    /// The pending login does not fit: its return path, scopes and app state are too long together.
    PendingLoginTooLarge {
        /// The bytes that it would take in the `Cookie` header.
        bytes: usize,
        /// The bytes that it may take.
        limit: usize,
    },
    /// No random bytes.
    NoEntropy(NoEntropy),
}

impl From<NoEntropy> for WriteError {
    fn from(error: NoEntropy) -> Self {
        Self::NoEntropy(error)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionTooLarge { bytes, limit, largest, largest_bytes } => write!(
                f,
                "session cookie: {bytes} bytes, at most {limit} fit; the largest part is the {largest} with \
                 {largest_bytes} bytes. Keep sessions in a store instead of cookies"
            ),
            Self::PendingLoginTooLarge { bytes, limit } => write!(
                f,
                "login cookie: {bytes} bytes, at most {limit} fit. Shorten the return path, the scopes or the app state"
            ),
            Self::NoEntropy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WriteError {}
