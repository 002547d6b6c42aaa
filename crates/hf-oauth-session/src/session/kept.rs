//! What the memory of opened sessions notes beside a session, so that a hit looks at one place.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use hf_oauth_core::UnixTime;

/// A keyed hash of all parts of the cookies that a session was opened from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CookieHash(pub(crate) [u8; 16]);

/// Not of the session itself: what changes is kept nowhere.
pub(crate) struct Kept {
    pub(crate) hash: CookieHash,
    /// The end that is inside the seal.
    pub(crate) end: UnixTime,
    /// What it takes in memory.
    pub(crate) bytes: usize,
    used: AtomicBool,
}

impl Kept {
    pub(crate) fn new(hash: CookieHash, end: UnixTime, bytes: usize) -> Self {
        Self { hash, end, bytes, used: AtomicBool::new(false) }
    }

    pub(crate) fn mark_used(&self) {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    /// Takes the mark away.
    pub(crate) fn take_mark(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }
}

/// Nobody may learn the hash.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self::new(CookieHash([0; 16]), UnixTime::from_secs(0), 0)
    }
}

impl Clone for Kept {
    /// A copy is kept nowhere.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Kept {
    /// Where a session is kept says nothing about it.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
