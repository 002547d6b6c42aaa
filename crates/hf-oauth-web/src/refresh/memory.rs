//! What this process knows of sessions that were refreshed or ended a moment ago.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hf_oauth::coordinator::{Backoff, RecentRefreshes, RefreshFailure, TokenFingerprint};
use hf_oauth::refresh::{Acquired, Backend, BackendError, Change, Failure, Fence, Stored};
use hf_oauth::{Client, UnconfirmedTokens, UnixTime};
use hf_oauth_session::{Session, SignInId};
use tokio::sync::Notify;

use super::{EndReason, Freshness};
use crate::expiring_set::ExpiringSet;

/// How long it is known that a refresh token has ended, so that many requests are one question.
const SPENT_KEPT: Duration = Duration::from_secs(60);
/// How long it is known that a session has ended, for answers that were under way meanwhile.
const ENDED_KEPT: Duration = Duration::from_secs(600);

/// What all requests share.
#[derive(Default)]
pub(super) struct Memory {
    known: Mutex<Known>,
    /// A lease was given back.
    released: Notify,
}

impl Memory {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Known {
    /// What sessions became, by the refresh token that was sent.
    recent: RecentRefreshes<Session>,
    /// What came of that refresh token and awaits its confirmation.
    unconfirmed: RecentRefreshes<(SignInId, UnconfirmedTokens)>,
    /// Refresh tokens that have ended.
    spent: ExpiringSet<TokenFingerprint>,
    /// Sessions that were signed out, or ended by an answer that was not to be trusted.
    ended: ExpiringSet<SignInId>,
    untrusted: ExpiringSet<SignInId>,
    replaced: ExpiringSet<SignInId>,
    leases: BTreeMap<SignInId, Fence>,
    newest_lease: Fence,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            recent: RecentRefreshes::default(),
            unconfirmed: RecentRefreshes::default(),
            spent: ExpiringSet::new(SPENT_KEPT),
            ended: ExpiringSet::new(ENDED_KEPT),
            untrusted: ExpiringSet::new(ENDED_KEPT),
            replaced: ExpiringSet::new(ENDED_KEPT),
            leases: BTreeMap::new(),
            newest_lease: Fence::default(),
        }
    }
}

impl Known {
    pub(super) fn sign_out(&mut self, session: &Session, now: UnixTime) {
        self.ended.add(session.id(), session.subject(), now);
        self.drop_tokens(session);
    }

    pub(super) fn replace(&mut self, session: &Session, now: UnixTime) {
        self.replaced.add(session.id(), session.subject(), now);
        self.drop_tokens(session);
    }

    /// Signed out, replaced, or ended by an answer that was not to be trusted.
    pub(super) fn has_ended(&self, session: &Session, now: UnixTime) -> bool {
        let sets = [&self.ended, &self.replaced, &self.untrusted];
        sets.into_iter().any(|set| set.contains(&session.id(), now))
    }

    pub(super) fn end_of(&self, session: &Session, now: UnixTime) -> Option<Freshness> {
        let id = session.id();
        if self.ended.contains(&id, now) {
            Some(Freshness::Ended(EndReason::SignedOut))
        } else if self.untrusted.contains(&id, now) {
            Some(Freshness::Ended(EndReason::Untrusted))
        } else {
            self.replaced.contains(&id, now).then_some(Freshness::Replaced)
        }
    }

    /// Whether no refresh made anything newer of these tokens.
    pub(super) fn is_newest(&self, session: &Session, now: UnixTime) -> bool {
        self.recent.is_over(now) || self.newer(session, now).is_none()
    }

    /// What a refresh made of these tokens. Where the provider keeps its refresh tokens, what it made goes by the same
    /// fingerprint, and so does what another process made of them since, and what another sign-in of the same person made
    /// of its own where both have one refresh token: that is none of this one's.
    pub(super) fn newer(&self, session: &Session, now: UnixTime) -> Option<&Session> {
        let held = session.held();
        let newest = self.recent.newest(&held.fingerprint?, now).filter(|it| it.id() == session.id())?;
        let new = newest.held();
        let is_newer = (new.obtained_at, new.expires_at) > (held.obtained_at, held.expires_at);
        (new.fingerprint != held.fingerprint || is_newer).then_some(newest)
    }

    /// How earlier attempts with this session's refresh token went.
    pub(super) fn backoff(&self, session: &Session, now: UnixTime) -> Backoff {
        let fingerprint = session.held().fingerprint;
        fingerprint.map_or(Backoff::none(), |fingerprint| self.recent.backoff(&fingerprint, now))
    }

    /// Drops tokens whose time here has passed.
    pub(super) fn sweep(&mut self, now: UnixTime) {
        self.recent.sweep(now);
        self.unconfirmed.sweep(now);
    }

    #[cfg(test)]
    pub(super) fn tokens_kept(&self) -> usize {
        self.recent.len() + self.unconfirmed.len()
    }

    fn drop_tokens(&mut self, session: &Session) {
        let id = session.id();
        self.recent.retain(|newer| newer.id() != id);
        self.unconfirmed.retain(|(of, _)| *of != id);
    }

    /// The session as it is known now: `None` when it has ended.
    fn current(&self, session: &Session, now: UnixTime) -> Option<Stored<Session>> {
        let session = self.newer(session, now).unwrap_or(session);
        let fingerprint = session.held().fingerprint?;
        if self.has_ended(session, now) || self.spent.contains(&fingerprint, now) {
            return None;
        }
        let unconfirmed = self.unconfirmed.newest(&fingerprint, now).filter(|(of, _)| *of == session.id());
        let unconfirmed = unconfirmed.map(|(_, tokens)| tokens.clone());
        Some(Stored { record: session.clone(), unconfirmed })
    }

    fn write(&mut self, session: &Session, change: &Change<'_, Session>, now: UnixTime) {
        let Some(fingerprint) = session.held().fingerprint else { return };
        match change {
            Change::Unconfirmed(tokens) => {
                let what = (session.id(), UnconfirmedTokens::clone(tokens));
                self.unconfirmed.refreshed(fingerprint, None, what, now);
            }
            Change::Refreshed(renewed) => {
                let next = renewed.held().fingerprint;
                self.recent.refreshed(fingerprint, next, Session::clone(renewed), now);
                self.unconfirmed.remove(&fingerprint);
            }
        }
    }
}

/// One session in the memory of this process.
pub(super) struct SessionInMemory {
    memory: Arc<Memory>,
    client: Client,
    /// As it was read last.
    session: Session,
}

impl SessionInMemory {
    pub(super) fn new(memory: Arc<Memory>, client: Client, session: Session) -> Self {
        Self { memory, client, session }
    }

    fn current(&mut self) -> Option<Stored<Session>> {
        let current = self.memory.known().current(&self.session, self.client.now())?;
        self.session = current.record.clone();
        Some(current)
    }
}

/// The right to refresh a session, given back when dropped.
pub(super) struct Lease {
    memory: Arc<Memory>,
    session: SignInId,
    fence: Fence,
}

impl Lease {
    fn take(memory: &Arc<Memory>, session: SignInId) -> Option<Self> {
        let mut known = memory.known();
        if known.leases.contains_key(&session) {
            return None;
        }
        let fence = known.newest_lease.next();
        known.newest_lease = fence;
        known.leases.insert(session, fence);
        Some(Self { memory: memory.clone(), session, fence })
    }

    fn is_valid(&self, known: &Known) -> bool {
        known.leases.get(&self.session) == Some(&self.fence)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut known = self.memory.known();
        if self.is_valid(&known) {
            known.leases.remove(&self.session);
        }
        drop(known);
        self.memory.released.notify_waiters();
    }
}

impl Backend for SessionInMemory {
    type Record = Session;
    type Lease = Lease;
    type Error = Infallible;

    async fn acquire(&mut self, _span: Duration) -> Result<Acquired<Self>, BackendError<Infallible>> {
        let lease = Lease::take(&self.memory, self.session.id()).ok_or(BackendError::Contended)?;
        Ok(Acquired { lease, current: Ok(self.current()) })
    }

    async fn read(&mut self, _lease: Option<&Lease>) -> Result<Option<Stored<Session>>, Infallible> {
        Ok(self.current())
    }

    async fn write(
        &mut self,
        lease: &Lease,
        change: Change<'_, Session>,
    ) -> Result<(), BackendError<Infallible>> {
        let now = self.client.now();
        let mut known = self.memory.known();
        // Whoever signed out meanwhile stays signed out, and their tokens are kept nowhere.
        if !lease.is_valid(&known) || known.has_ended(&self.session, now) {
            return Err(BackendError::Contended);
        }
        known.write(&self.session, &change, now);
        Ok(())
    }

    async fn renew(&mut self, lease: &mut Lease, _span: Duration) -> Result<(), BackendError<Infallible>> {
        // It lasts until it is dropped.
        if lease.is_valid(&self.memory.known()) { Ok(()) } else { Err(BackendError::Contended) }
    }

    async fn failed(&mut self, _lease: &Lease, session: &Session, failure: Failure<'_>) {
        let (now, error) = (self.client.now(), failure.error);
        let Some(fingerprint) = session.held().fingerprint else { return };
        let mut known = self.memory.known();
        match failure.kind {
            RefreshFailure::Ended => {
                tracing::info!(%error, "a session ended");
                known.spent.add(fingerprint, session.subject(), now);
            }
            RefreshFailure::Untrusted => {
                tracing::warn!(
                    %error,
                    "a session was ended: what the provider answered to a refresh is not to be trusted"
                );
                known.untrusted.add(session.id(), session.subject(), now);
                known.drop_tokens(session);
            }
            RefreshFailure::Misconfigured => {
                tracing::error!(%error, "sessions cannot be renewed");
                known.recent.failed(fingerprint, failure.backoff, now);
            }
            _ => {
                tracing::warn!(%error, "a session could not be renewed");
                known.recent.failed(fingerprint, failure.backoff, now);
            }
        }
    }

    async fn release(&mut self, lease: Lease) {
        drop(lease);
    }

    async fn wait(&mut self, span: Duration) {
        let _ = tokio::time::timeout(span, self.memory.released.notified()).await;
    }
}
