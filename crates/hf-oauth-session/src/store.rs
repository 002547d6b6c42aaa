//! Sessions on the server: an opaque id in the cookie, the record in a store.

#[cfg(feature = "test-suite")]
pub mod conformance;
mod id;
mod memory;
mod sessions;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use hf_oauth_core::UnixTime;

pub use id::{LeaseHolder, SessionId, StoreKey};
pub use memory::MemoryStore;
pub use sessions::{StoredRead, StoredSession, StoredSessions};

/// What a store's methods return: a future of no particular runtime.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps records by key. A store sees neither session ids nor tokens: keys are hashes, records are sealed, so its
/// dump lets nobody in.
///
/// Every implementation passes the suite in `conformance` (feature `test-suite`). An error is an error: it never
/// means that there is no session.
///
/// # For implementers
///
/// `now` is the caller's clock. A store with a clock of its own may use that instead, for lives and leases alike.
/// Each method is one atomic operation.
pub trait SessionStore: Send + Sync + fmt::Debug {
    /// The record, unless there is none or it has ended.
    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixTime) -> StoreFuture<'a, Option<StoredRecord>>;

    /// Keeps a record under a key that is new, as version 1, until `ends_at`.
    fn insert<'a>(
        &'a self,
        key: &'a StoreKey,
        sealed: Vec<u8>,
        ends_at: UnixTime,
        now: UnixTime,
    ) -> StoreFuture<'a, ()>;

    /// Replaces the record if it still has this version; the version then grows. False when it has another or is
    /// gone: it is never made anew.
    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        version: u64,
        sealed: Vec<u8>,
        ends_at: UnixTime,
        now: UnixTime,
    ) -> StoreFuture<'a, bool>;

    /// Deletes the record, if there is one.
    fn delete<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, ()>;

    /// Takes the lease of this key for so long, without waiting; false when somebody else has it.
    fn acquire_lease<'a>(
        &'a self,
        key: &'a StoreKey,
        holder: &'a LeaseHolder,
        lease: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, bool>;

    /// Gives the lease back, if this holder still has it; somebody else's stays.
    fn release_lease<'a>(&'a self, key: &'a StoreKey, holder: &'a LeaseHolder) -> StoreFuture<'a, ()>;
}

/// A record as a store keeps it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredRecord {
    /// The sealed session.
    pub sealed: Vec<u8>,
    /// Counts the writes, from 1.
    pub version: u64,
}

impl StoredRecord {
    /// A record that a store found.
    pub fn new(sealed: Vec<u8>, version: u64) -> Self {
        Self { sealed, version }
    }
}

impl fmt::Debug for StoredRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRecord")
            .field("bytes", &self.sealed.len())
            .field("version", &self.version)
            .finish()
    }
}

/// A store that did not do what it was asked to. The session is as it was: answer 503 and keep the cookie.
#[derive(Debug)]
pub struct StoreError {
    step: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// What failed, in a word or two, and why. Neither may hold a key or a record.
    pub fn new(step: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { step, source: source.into() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "session store: {} failed. Is it up, and its address right? Nobody was signed out",
            self.step
        )
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

#[cfg(test)]
mod tests;
