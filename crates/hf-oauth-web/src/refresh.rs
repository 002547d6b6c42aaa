//! Renewing a session's tokens in cookie mode: the coordinator of the core, driven by this process's memory.
//!
//! The lease is an entry in a set; what a store would hold is what became of refresh tokens a moment ago. So requests
//! that were under way with the old cookie find the new tokens. Other processes are not seen.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hf_oauth::UnixTime;
use hf_oauth::coordinator::{
    Action, Coordinator, Event, Held, Outcome, RecentRefreshes, RefreshFailure, RefreshPolicy,
    TokenFingerprint,
};
use hf_oauth_session::{Session, SignInId};
use tokio::sync::Notify;

use crate::expiring_set::Remembered;

/// How long it is remembered that a refresh token has ended, so that many requests are one question.
const ENDED_KEPT: Duration = Duration::from_secs(60);
/// How long it is remembered that somebody signed out, for answers that were under way meanwhile.
const LEFT_KEPT: Duration = Duration::from_secs(600);
/// How long a request waits for a refresh while the token that it has is still good.
const PATIENCE: Duration = Duration::from_secs(3);

/// A session as a handler may have it.
pub(crate) enum Freshness {
    Current(Session),
    /// To be written into its cookies.
    Renewed(Session),
    Ended,
    /// Another sign-in of the same browser took its place: a request that was under way must not take away what that
    /// one set.
    Replaced,
    /// Its token has ended, and the provider is away.
    Unavailable(Unavailable),
}

/// Why a token cannot be had now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    Away { retry_after: Duration },
    Misconfigured,
    Broken,
}

/// Renews sessions. Clones are the same.
#[derive(Clone)]
pub(crate) struct Refresher {
    client: hf_oauth::Client,
    refreshes: Arc<Refreshes>,
}

/// What this process knows of refreshes.
#[derive(Default)]
struct Refreshes {
    policy: RefreshPolicy,
    known: Mutex<Known>,
    /// A lease was given back.
    released: Notify,
}

struct Known {
    recent: RecentRefreshes<Session>,
    ended: Remembered<TokenFingerprint>,
    left: Remembered<SignInId>,
    replaced: Remembered<SignInId>,
    leases: BTreeSet<TokenFingerprint>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            recent: RecentRefreshes::default(),
            ended: Remembered::for_a(ENDED_KEPT),
            left: Remembered::for_a(LEFT_KEPT),
            replaced: Remembered::for_a(LEFT_KEPT),
            leases: BTreeSet::new(),
        }
    }
}

impl Known {
    /// Neither signed out of nor replaced.
    fn has_left(&self, session: &Session, now: UnixTime) -> bool {
        self.left.has(&session.id(), now) || self.replaced.has(&session.id(), now)
    }

    /// No refresh made anything newer of these tokens.
    fn is_newest(&self, session: &Session, now: UnixTime) -> bool {
        self.recent.is_over(now) || self.newer(&session.held(), now).is_none()
    }

    /// What a refresh made of these tokens. Where the provider keeps its refresh tokens, what it made goes by the same
    /// fingerprint, and so does what another process made of them since.
    fn newer(&self, held: &Held, now: UnixTime) -> Option<&Session> {
        let newest = self.recent.newest(&held.fingerprint?, now)?;
        let new = newest.held();
        let is_newer = (new.obtained_at, new.expires_at) > (held.obtained_at, held.expires_at);
        (new.fingerprint != held.fingerprint || is_newer).then_some(newest)
    }
}

impl Refresher {
    pub(crate) fn new(client: hf_oauth::Client) -> Self {
        Self { client, refreshes: Arc::default() }
    }

    /// The session with a token that has not ended, renewed if that is near.
    pub(crate) async fn fresh(&self, session: Session) -> Freshness {
        let (refreshes, now) = (&self.refreshes, self.client.now());
        if refreshes.known().left.has(&session.id(), now) {
            return Freshness::Ended;
        }
        if self.has_ended(&session) {
            return Freshness::Replaced;
        }
        if !session.can_be_refreshed() {
            return if now < session.expires_at() { Freshness::Current(session) } else { Freshness::Ended };
        }
        let newest = refreshes.known().newer(&session.held(), now).cloned();
        let behind = newest.is_some();
        let session = newest.unwrap_or(session);
        if !refreshes.policy.is_due(&session.held(), now) {
            return if behind { Freshness::Renewed(session) } else { Freshness::Current(session) };
        }
        // In a task of its own: once a refresh is sent, its answer may be the only copy of the new tokens, whether the
        // visitor waits for it or not.
        let (good_until, held) = (session.expires_at(), session.clone());
        let mut work = tokio::spawn(drive(self.clone(), session, behind));
        let done = if now + PATIENCE < good_until {
            match tokio::time::timeout(PATIENCE, &mut work).await {
                Ok(done) => done,
                // The next request finds what the refresh brings.
                Err(_) if behind => return Freshness::Renewed(held),
                Err(_) => return Freshness::Current(held),
            }
        } else {
            work.await
        };
        done.unwrap_or(Freshness::Unavailable(Unavailable::Broken))
    }

    /// True when [`fresh`] would give this very session, without waiting and with nothing to write.
    pub(crate) fn is_settled(&self, session: &Session, now: UnixTime) -> bool {
        let refreshes = &self.refreshes;
        let known = refreshes.known();
        let is_current = match session.can_be_refreshed() {
            true => !refreshes.policy.is_due(&session.token_times(), now) && known.is_newest(session, now),
            false => now < session.expires_at(),
        };
        is_current && !known.has_left(session, now)
    }

    /// Somebody signed out: no answer that is still under way brings them back, nothing leads from an old cookie to newer
    /// tokens, and such a cookie is taken away.
    pub(crate) fn sign_out(&self, session: &Session) {
        let now = self.client.now();
        self.refreshes.known().left.add(session.id(), now);
    }

    /// The same browser signed in again: as [`leave`], but the cookies are the new session's by now.
    pub(crate) fn replace(&self, session: &Session) {
        let now = self.client.now();
        self.refreshes.known().replaced.add(session.id(), now);
    }

    /// Whether that session was left or replaced a moment ago, in this process.
    pub(crate) fn has_ended(&self, session: &Session) -> bool {
        self.refreshes.known().has_left(session, self.client.now())
    }
}

/// Performs what the coordinator wants until it has an answer.
async fn drive(refresher: Refresher, mut session: Session, mut behind: bool) -> Freshness {
    let (client, refreshes) = (&refresher.client, &*refresher.refreshes);
    let Some(fingerprint) = session.held().fingerprint else { return Freshness::Current(session) };
    let backoff = refreshes.known().recent.backoff(&fingerprint, client.now());
    let (mut it, mut action) = Coordinator::new(refreshes.policy, session.held(), backoff, client.now());
    let mut lease = None;
    let mut renewed = session.clone();
    let outcome = loop {
        let event = match action {
            Action::AcquireLease { .. } => match refreshes.lease(fingerprint) {
                Some(taken) => {
                    lease = Some(taken);
                    Event::LeaseAcquired
                }
                None => Event::LeaseBusy,
            },
            Action::Wait { span } => {
                let _ = tokio::time::timeout(span, refreshes.released.notified()).await;
                Event::Tick
            }
            Action::ReadCurrent => match refreshes.current(&session.held(), client.now()) {
                Ended::Yes => Event::Current(None),
                Ended::No(newest) => {
                    behind |= newest.is_some();
                    session = newest.unwrap_or(session);
                    Event::Current(Some(session.held()))
                }
            },
            Action::SendRefresh { .. } => match renew(client, &session).await {
                Ok(session) => {
                    renewed = session;
                    Event::Refreshed(renewed.held())
                }
                Err(failure) => {
                    if failure == RefreshFailure::Ended {
                        refreshes.ended(fingerprint, client.now());
                    }
                    Event::Failed(failure)
                }
            },
            Action::Write => {
                let (next, now) = (renewed.held().fingerprint, client.now());
                refreshes.known().recent.refreshed(fingerprint, next, renewed.clone(), now);
                session = renewed.clone();
                Event::Written
            }
            Action::Release => {
                if matches!(
                    it.failure(),
                    Some(RefreshFailure::Transient { .. } | RefreshFailure::Misconfigured)
                ) {
                    refreshes.known().recent.failed(fingerprint, it.backoff(), client.now());
                }
                lease = None;
                Event::Released
            }
            Action::Done(outcome) => break outcome,
            // An action that this version does not know: nothing can be done about it.
            _ => break Outcome::UseHeld,
        };
        action = it.on(event, client.now());
    };
    drop(lease);
    match outcome {
        Outcome::SignInAgain => Freshness::Ended,
        Outcome::Unavailable { retry_after } => Freshness::Unavailable(Unavailable::Away { retry_after }),
        Outcome::Misconfigured => Freshness::Unavailable(Unavailable::Misconfigured),
        Outcome::Refreshed { .. } | Outcome::Adopt => Freshness::Renewed(session),
        // It ended while it was being asked about: the refresh token is as good as before.
        _ if client.now() >= session.expires_at() => {
            Freshness::Unavailable(Unavailable::Away { retry_after: Duration::from_secs(1) })
        }
        _ if behind => Freshness::Renewed(session),
        _ => Freshness::Current(session),
    }
}

async fn renew(client: &hf_oauth::Client, session: &Session) -> Result<Session, RefreshFailure> {
    match client.refresh(session.subject(), session.tokens().clone()).await {
        Ok(refreshed) => {
            let renewed = session.clone().refreshed(refreshed, client.now());
            // People join and leave organisations. What cannot be asked now stays as it was.
            let told = client.userinfo(&renewed.tokens().access_token).await;
            let known = told.ok().and_then(|user| renewed.clone().with_user_info(user));
            Ok(known.unwrap_or(renewed))
        }
        Err(error) => {
            let failure = RefreshFailure::from(&error);
            match failure {
                RefreshFailure::Ended => tracing::info!(%error, "a session ended"),
                RefreshFailure::Misconfigured => tracing::error!(%error, "sessions cannot be renewed"),
                _ => tracing::warn!(%error, "a session could not be renewed"),
            }
            Err(failure)
        }
    }
}

/// What is known of a refresh token.
enum Ended {
    Yes,
    /// The session that came of it, if one did.
    No(Option<Session>),
}

/// Gives the lease back when dropped.
struct Lease<'r> {
    refreshes: &'r Refreshes,
    fingerprint: TokenFingerprint,
}

impl Refreshes {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease(&self, fingerprint: TokenFingerprint) -> Option<Lease<'_>> {
        let taken = self.known().leases.insert(fingerprint);
        taken.then(|| Lease { refreshes: self, fingerprint })
    }

    fn current(&self, held: &Held, now: UnixTime) -> Ended {
        let known = self.known();
        if held.fingerprint.is_some_and(|fingerprint| known.ended.has(&fingerprint, now)) {
            Ended::Yes
        } else {
            Ended::No(known.newer(held, now).cloned())
        }
    }

    fn ended(&self, fingerprint: TokenFingerprint, now: UnixTime) {
        self.known().ended.add(fingerprint, now);
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.refreshes.known().leases.remove(&self.fingerprint);
        self.refreshes.released.notify_waiters();
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refresher")
    }
}
