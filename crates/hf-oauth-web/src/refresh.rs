//! A session whose access token has not ended, refreshed where that is near.
//!
//! In cookie mode the tokens are in the browser. What several requests must agree on is kept in this process's memory
//! ([`memory`]), which is the back end of the one refresh driver: so requests that were under way with the old cookie
//! find the new tokens. Other processes are not seen.

mod memory;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hf_oauth::coordinator::{Held, Outcome, RefreshPolicy};
use hf_oauth::refresh::{Driven, Exchange, Sent, drive};
use hf_oauth::{Client, RefreshError, UnconfirmedTokens, UnixTime};
use hf_oauth_session::Session;

use memory::{Memory, SessionInMemory};

/// How long a request waits for a refresh while the token that it has is still good.
const PATIENCE: Duration = Duration::from_secs(3);

/// A session as a handler may have it.
pub(crate) enum Freshness {
    /// The session as it came.
    Current(Session),
    /// The session with newer tokens, which are to be written into its cookies.
    Renewed(Session),
    /// The session has ended: its cookies are to be taken away.
    Ended(EndReason),
    /// Another request ended the session meanwhile, by a sign-out or a new sign-in of the same browser, and set the
    /// cookies that count: none is to be touched.
    Replaced,
    /// The access token has ended and cannot be refreshed now. The session stays.
    Unavailable(Unavailability),
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// The person signed out, or the session was ended, a moment ago.
    SignedOut,
    /// The access token has ended, and so has the refresh token, or there is none.
    TokenEnded,
    /// What the provider answered to a refresh is about somebody else, or not the provider's. A warning is logged.
    Untrusted,
}

/// Why there is no access token now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailability {
    /// The provider is away or overloaded.
    Away {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The provider refuses the app's own credentials.
    Misconfigured,
    /// A fault of this program, which is logged.
    Broken,
}

/// Refreshes sessions, one refresh a session at a time, and knows which have ended. Cheap to clone; clones know the
/// same.
#[derive(Clone)]
pub(crate) struct Refresher {
    client: Client,
    policy: RefreshPolicy,
    memory: Arc<Memory>,
}

impl Refresher {
    /// Refreshes with this client.
    pub(crate) fn new(client: Client) -> Self {
        Self { client, policy: RefreshPolicy::default(), memory: Arc::default() }
    }

    /// The session with a token that has not ended, renewed if that is near.
    pub(crate) async fn fresh(&self, session: Session) -> Freshness {
        let now = self.client.now();
        let newest = {
            let mut known = self.memory.known();
            known.sweep(now);
            if let Some(ended) = known.end_of(&session, now) {
                return ended;
            }
            known.newer(&session, now).cloned()
        };
        if !session.can_be_refreshed() {
            return if now < session.expires_at() {
                Freshness::Current(session)
            } else {
                Freshness::Ended(EndReason::TokenEnded)
            };
        }
        let is_behind = newest.is_some();
        let session = newest.unwrap_or(session);
        let as_it_is = if is_behind { Freshness::Renewed } else { Freshness::Current };
        if !self.policy.is_due(&session.held(), now) {
            return as_it_is(session);
        }
        // In a task of its own: once a refresh is sent, its answer may be the only copy of the new tokens, whether the
        // visitor waits for it or not.
        let (good_until, at_hand) = (session.expires_at(), session.clone());
        let refresher = self.clone();
        let mut work = tokio::spawn(async move { refresher.refresh(session, is_behind).await });
        let done = if now + PATIENCE < good_until {
            match tokio::time::timeout(PATIENCE, &mut work).await {
                Ok(done) => done,
                // The next request finds what the refresh brings.
                Err(_) => return as_it_is(at_hand),
            }
        } else {
            work.await
        };
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "refreshing a session failed within this program");
            Freshness::Unavailable(Unavailability::Broken)
        })
    }

    /// True when [`fresh`](Self::fresh) would give this very session, without waiting and with nothing to write.
    pub(crate) fn is_settled(&self, session: &Session, now: UnixTime) -> bool {
        let known = self.memory.known();
        let is_current = match session.can_be_refreshed() {
            true => !self.policy.is_due(&session.token_times(), now) && known.is_newest(session, now),
            false => now < session.expires_at(),
        };
        is_current && !known.has_ended(session, now)
    }

    /// Ends the session: no answer that is still under way brings it back, nothing leads from an older cookie to newer
    /// tokens, and such a cookie is taken away. Its tokens are dropped.
    pub(crate) fn sign_out(&self, session: &Session) {
        self.memory.known().sign_out(session, self.client.now());
    }

    /// Ends the session as [`sign_out`](Self::sign_out) does, because the same browser signed in again: the cookies are
    /// the new session's by now.
    pub(crate) fn replace(&self, session: &Session) {
        self.memory.known().replace(session, self.client.now());
    }

    /// Whether the session was signed out, replaced or ended a moment ago, in this process.
    pub(crate) fn has_ended(&self, session: &Session) -> bool {
        self.memory.known().has_ended(session, self.client.now())
    }

    async fn refresh(self, session: Session, is_behind: bool) -> Freshness {
        let (before, now) = (session.clone(), self.client.now());
        let backoff = self.memory.known().backoff(&session, now);
        let mut backend = SessionInMemory::new(self.memory.clone(), self.client.clone(), session.clone());
        let exchange = SessionExchange(&self.client);
        let Driven { outcome, record, .. } =
            drive(&mut backend, &exchange, self.policy, session, backoff).await;
        let now = self.client.now();
        let ended = self.memory.known().end_of(&before, now);
        let is_newer = is_behind || record.held() != before.held();
        match outcome {
            _ if matches!(ended, Some(Freshness::Replaced)) => Freshness::Replaced,
            Outcome::SignInAgain => match ended {
                None => Freshness::Ended(EndReason::TokenEnded),
                // Signed out meanwhile: that answer took the cookies away, and there may be newer ones.
                Some(Freshness::Ended(EndReason::SignedOut)) => Freshness::Replaced,
                Some(ended) => ended,
            },
            Outcome::Unavailable { retry_after } => {
                Freshness::Unavailable(Unavailability::Away { retry_after })
            }
            Outcome::Misconfigured => Freshness::Unavailable(Unavailability::Misconfigured),
            Outcome::Refreshed { .. } | Outcome::Adopt => Freshness::Renewed(record),
            // It ended while it was being asked about: the refresh token is as good as before.
            _ if now >= record.expires_at() => {
                Freshness::Unavailable(Unavailability::Away { retry_after: Duration::from_secs(1) })
            }
            _ if is_newer => Freshness::Renewed(record),
            _ => Freshness::Current(record),
        }
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresher").field("client", &self.client).finish_non_exhaustive()
    }
}

/// What refreshing means for a session.
struct SessionExchange<'c>(&'c Client);

impl Exchange for SessionExchange<'_> {
    type Record = Session;

    fn held(&self, session: &Session) -> Held {
        session.held()
    }

    async fn send(&self, session: &Session) -> Result<Sent<Session>, RefreshError> {
        let unconfirmed = self.0.send_refresh(session.expected_identity(), session.tokens().clone()).await?;
        Ok(Sent::Unconfirmed(unconfirmed))
    }

    async fn confirm(
        &self,
        session: &Session,
        unconfirmed: &UnconfirmedTokens,
    ) -> Result<Session, RefreshError> {
        let mut refreshed = self.0.confirm_refresh(unconfirmed).await?;
        let user_info = refreshed.user_info.take();
        let renewed = session.clone().refreshed(refreshed, unconfirmed.received_at());
        // People join and leave organisations. What could not be asked stays as it was.
        let told = user_info.and_then(|user| renewed.clone().with_user_info(user));
        Ok(told.unwrap_or(renewed))
    }

    fn now(&self) -> UnixTime {
        self.0.now()
    }
}
