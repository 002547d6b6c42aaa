use std::future::Future;
use std::time::Duration;

use hf_oauth_core::coordinator::{Backoff, Held, RefreshFailure};
use hf_oauth_core::{RefreshError, UnconfirmedTokens, UnixTime};

/// Where the tokens of one session are kept, as one who asks for a fresh token sees it: the memory of a process, a
/// file under a lock, a store with leases.
///
/// A store does its part with one record a session, that holds tokens, a lease and a version:
///
/// | call | what a store does |
/// |---|---|
/// | [`acquire`](Self::acquire) | takes the lease if it is free or over, raises its [`Fence`], reads the record: one trip |
/// | [`read`](Self::read) | reads the record |
/// | [`write`](Self::write) | writes if the record's fence is still the lease's and nobody wrote since the last read |
/// | [`renew`](Self::renew) | makes the lease last, if it is still this one's |
/// | [`release`](Self::release) | frees the lease, if it is still this one's |
///
/// An implementation remembers what it read last (a version), so that a write can tell whether somebody wrote since.
/// No call waits for whoever has the lease: the driver does, with [`wait`](Self::wait).
pub trait Backend: Send {
    /// What is kept of one session: its tokens, and what belongs to them.
    type Record: Clone + Send + Sync;
    /// The right to refresh this session, which one holder has at a time. A store's is a [`Fence`], a file's the lock
    /// that is held; dropping it may free it.
    type Lease: Send + Sync;
    /// What can be wrong with the back end.
    type Error: Send;

    /// Tries to take the lease for so long, and reads the record under it.
    ///
    /// # Errors
    ///
    /// [`BackendError::Contended`] when somebody else has the lease.
    fn acquire(
        &mut self,
        span: Duration,
    ) -> impl Future<Output = Result<Acquired<Self>, BackendError<Self::Error>>> + Send;

    /// Reads the record: `None` when the session is gone. Without a lease it may be what it was a moment ago.
    ///
    /// # Errors
    ///
    /// When the back end does not answer.
    fn read(
        &mut self,
        lease: Option<&Self::Lease>,
    ) -> impl Future<Output = Result<Option<Stored<Self::Record>>, Self::Error>> + Send;

    /// Called right before the refresh token is spent: whether what comes of it could be kept.
    ///
    /// # Errors
    ///
    /// When it could not: then nothing is sent.
    fn prepare(
        &mut self,
        _lease: &Self::Lease,
        _record: &Self::Record,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        std::future::ready(Ok(()))
    }

    /// Writes, unless the lease is another's by now, the session is gone, or somebody wrote since the last read.
    ///
    /// # Errors
    ///
    /// [`BackendError::Contended`] for any of these.
    fn write(
        &mut self,
        lease: &Self::Lease,
        change: Change<'_, Self::Record>,
    ) -> impl Future<Output = Result<(), BackendError<Self::Error>>> + Send;

    /// Makes the lease last so long from now.
    ///
    /// # Errors
    ///
    /// [`BackendError::Contended`] when it is another's by now.
    fn renew(
        &mut self,
        lease: &mut Self::Lease,
        span: Duration,
    ) -> impl Future<Output = Result<(), BackendError<Self::Error>>> + Send;

    /// A refresh of this record failed: remember it for those who come next, or take the session away where it has
    /// ended ([`RefreshFailure::Untrusted`]), under the same conditions as [`write`](Self::write). Best effort.
    fn failed(
        &mut self,
        lease: &Self::Lease,
        record: &Self::Record,
        failure: Failure<'_>,
    ) -> impl Future<Output = ()> + Send;

    /// Gives the lease back, if it is still this one's. It ends by itself where that fails.
    fn release(&mut self, lease: Self::Lease) -> impl Future<Output = ()> + Send;

    /// Waits so long, or less where it can be told that the lease was given back.
    fn wait(&mut self, span: Duration) -> impl Future<Output = ()> + Send;
}

/// What sending a refresh token means for the records of a [`Backend`], and the clock that everything goes by.
pub trait Exchange: Sync {
    /// What is refreshed.
    type Record: Clone + Send + Sync;

    /// What the coordinator must know of the record's tokens.
    fn held(&self, record: &Self::Record) -> Held;

    /// Sends the record's refresh token, once: [`Client::send_refresh`](crate::Client::send_refresh).
    fn send(
        &self,
        record: &Self::Record,
    ) -> impl Future<Output = Result<Sent<Self::Record>, RefreshError>> + Send;

    /// Makes a new record of this one and new tokens, once they are confirmed:
    /// [`Client::confirm_refresh`](crate::Client::confirm_refresh). May be called twice.
    fn confirm(
        &self,
        record: &Self::Record,
        unconfirmed: &UnconfirmedTokens,
    ) -> impl Future<Output = Result<Self::Record, RefreshError>> + Send;

    /// The time.
    fn now(&self) -> UnixTime;
}

/// A record as it is kept.
#[derive(Clone, Debug)]
pub struct Stored<R> {
    /// The session with the tokens that may be used.
    pub record: R,
    /// What a refresh of it brought and nobody has confirmed yet: whoever received it is at it, or has died.
    pub unconfirmed: Option<UnconfirmedTokens>,
}

impl<R> Stored<R> {
    /// A record, and nothing that awaits its confirmation.
    pub fn new(record: R) -> Self {
        Self { record, unconfirmed: None }
    }
}

/// A lease, and what the record was when it was taken: one trip.
pub struct Acquired<B: Backend + ?Sized> {
    /// The lease.
    pub lease: B::Lease,
    /// The record as [`Backend::read`] has it.
    pub current: Result<Option<Stored<B::Record>>, B::Error>,
}

/// Why a back end did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendError<E> {
    /// Somebody else has the lease, or wrote meanwhile, or the session is gone.
    Contended,
    /// The back end cannot be used now.
    Unavailable(E),
}

impl<E> From<E> for BackendError<E> {
    fn from(error: E) -> Self {
        Self::Unavailable(error)
    }
}

/// What is to be written.
#[derive(Debug)]
pub enum Change<'a, R> {
    /// Beside the record as it is: new tokens that are not confirmed.
    Unconfirmed(&'a UnconfirmedTokens),
    /// In place of the record, and of what was unconfirmed.
    Refreshed(&'a R),
}

/// What came of a refresh token.
#[derive(Debug)]
pub enum Sent<R> {
    /// New tokens that are to be kept and confirmed.
    Unconfirmed(UnconfirmedTokens),
    /// A new record that needs no confirmation, because no identity is kept that it could be held against.
    Refreshed(R),
}

/// A refresh that failed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Failure<'a> {
    /// Why.
    pub error: &'a RefreshError,
    /// What follows from it.
    pub kind: RefreshFailure,
    /// How the next attempt with the same refresh token should go.
    pub backoff: Backoff,
}

/// A number that grows with every lease of a record. Each write carries the one of its lease, and is refused when the
/// record has seen a newer one: a holder that slept through its lease writes over nobody.
///
/// ```
/// use hf_oauth::refresh::Fence;
///
/// let first = Fence::default().next();
/// let second = first.next();
/// assert!(second > first && second.number() == 2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(u64);

impl Fence {
    /// As a store has it.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// For a store.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// That of the next lease.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
