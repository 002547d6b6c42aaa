//! When to refresh, and when not to.

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::{RefreshError, Secret, Tokens, UnixTime};

/// How refreshes go. The defaults suit a web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshPolicy {
    /// A token with less than this left is refreshed; 5 minutes. Of a token whose whole life is known and shorter
    /// than twice this, half the life counts instead.
    pub margin: Duration,
    /// While somebody else refreshes, a token with this left is served without waiting; 30 s.
    pub serve_while_waiting: Duration,
    /// How long between two looks at what somebody else does; 250 ms.
    pub poll: Duration,
    /// How long to wait for somebody else in all: as long as a refresh may take, 30 s.
    pub patience: Duration,
    /// How long to wait for a back end that does not answer; 5 s.
    pub patience_without_store: Duration,
    /// How long a lease lasts when its holder dies: longer than reading, refreshing and writing may take, 60 s.
    pub lease: Duration,
    /// The pause after a first failure, doubled by each further one; 2 s.
    pub first_pause: Duration,
    /// The longest pause, whatever the provider asks for; 5 minutes.
    pub longest_pause: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            margin: Duration::from_secs(300),
            serve_while_waiting: Duration::from_secs(30),
            poll: Duration::from_millis(250),
            patience: crate::Step::Refresh.deadline(),
            patience_without_store: Duration::from_secs(5),
            lease: Duration::from_secs(60),
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(300),
        }
    }
}

impl RefreshPolicy {
    /// With another margin.
    #[must_use]
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// True when these tokens should be refreshed now, if they can be, or when a refresh of them is to be confirmed.
    pub fn is_due(&self, held: &Held, now: UnixTime) -> bool {
        if held.has_unconfirmed {
            return true;
        }
        let margin = match held.obtained_at {
            Some(obtained_at) => self.margin.min(obtained_at.until(held.expires_at) / 2),
            None => self.margin,
        };
        now.until(held.expires_at) <= margin
    }
}

/// A refresh token's SHA-256: tells tokens apart without being one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenFingerprint([u8; 32]);

impl TokenFingerprint {
    /// The fingerprint of a token.
    pub fn of(token: &Secret) -> Self {
        Self(
            Sha256::new()
                .chain_update("hf-oauth fingerprint ")
                .chain_update(token.expose())
                .finalize()
                .into(),
        )
    }

    /// The bytes, to key a lease or a map with.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The first four bytes, enough to follow one in a log.
impl fmt::Debug for TokenFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "TokenFingerprint({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// What must be known of tokens to decide about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held {
    /// Which refresh token; `None` where there is none.
    pub fingerprint: Option<TokenFingerprint>,
    /// When the access token ends.
    pub expires_at: UnixTime,
    /// When it was obtained, where that is known.
    pub obtained_at: Option<UnixTime>,
    /// Whether a refresh of these tokens was answered already, and the new tokens are kept beside them
    /// [unconfirmed](crate::UnconfirmedTokens). Then the refresh token is spent and is not sent.
    pub has_unconfirmed: bool,
}

impl Held {
    /// Tokens of which it is not known when they were obtained.
    pub fn new(fingerprint: Option<TokenFingerprint>, expires_at: UnixTime) -> Self {
        Self { fingerprint, expires_at, obtained_at: None, has_unconfirmed: false }
    }

    /// What these tokens are to the coordinator.
    pub fn of(tokens: &Tokens) -> Self {
        Self::new(tokens.refresh_token.as_ref().map(TokenFingerprint::of), tokens.expires_at)
    }

    /// With when they were obtained, so that a short life is not refreshed on every call.
    #[must_use]
    pub fn obtained_at(mut self, obtained_at: UnixTime) -> Self {
        self.obtained_at = Some(obtained_at);
        self
    }

    /// With whether new tokens are kept beside them that are not confirmed yet.
    #[must_use]
    pub fn with_unconfirmed(mut self, has_unconfirmed: bool) -> Self {
        self.has_unconfirmed = has_unconfirmed;
        self
    }

    /// True while the access token has not ended.
    pub fn is_valid(&self, now: UnixTime) -> bool {
        now < self.expires_at
    }
}

/// Why a refresh brought nothing, by what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshFailure {
    /// The refresh token has ended (`invalid_grant`).
    Ended,
    /// An answer came and is refused: it is about somebody else, or its ID token is not the provider's. The session
    /// has ended, and nothing is retried.
    Untrusted,
    /// The app's credentials are refused (`invalid_client`): the user's tokens are as good as before.
    Misconfigured,
    /// It may work later.
    Transient {
        /// How long the provider asked to wait.
        retry_after: Option<Duration>,
    },
}

/// An answer that could not be used counts as transient: should the provider have rotated the token all the same,
/// the next attempt ends with `invalid_grant`.
impl From<&RefreshError> for RefreshFailure {
    fn from(error: &RefreshError) -> Self {
        match error {
            RefreshError::NoRefreshToken | RefreshError::Ended(_) => Self::Ended,
            RefreshError::IdentityMismatch(_) | RefreshError::IdToken(_) => Self::Untrusted,
            RefreshError::ClientMisconfigured(_) => Self::Misconfigured,
            RefreshError::Transient(error) => Self::Transient { retry_after: error.retry_after },
            _ => Self::Transient { retry_after: None },
        }
    }
}

/// How earlier attempts with a refresh token went: until when not to try again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    retry_at: Option<UnixTime>,
    misconfigured: bool,
}

impl Backoff {
    /// Nothing has failed.
    pub const fn none() -> Self {
        Self { failures: 0, retry_at: None, misconfigured: false }
    }

    /// How long not to try; zero when a refresh may be sent.
    pub fn remaining(&self, now: UnixTime) -> Duration {
        self.retry_at.map_or(Duration::ZERO, |at| now.until(at))
    }

    pub(super) fn is_misconfigured(&self) -> bool {
        self.misconfigured
    }

    /// `retry_after` of the provider lengthens the pause, up to the policy's longest.
    pub(super) fn after_failure(
        self,
        policy: &RefreshPolicy,
        failure: RefreshFailure,
        now: UnixTime,
    ) -> Self {
        let asked = match failure {
            RefreshFailure::Transient { retry_after } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let doubled = policy.first_pause.saturating_mul(1 << self.failures.min(20));
        let pause = doubled.max(asked).min(policy.longest_pause);
        Self {
            failures: self.failures.saturating_add(1),
            retry_at: Some(now + pause),
            misconfigured: failure == RefreshFailure::Misconfigured,
        }
    }
}
