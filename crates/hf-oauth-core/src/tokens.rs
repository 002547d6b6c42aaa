//! What the token endpoint answers, whatever it was asked with (RFC 6749 section 5).

mod error;

pub use error::ExchangeError;

use std::time::Duration;

use serde::Deserialize;

use crate::backchannel::redacted;
use crate::lenient::{lenient, seconds, words};
use crate::{Scopes, Secret, UnixTime};

/// What a token is taken to live when the provider does not say (RFC 6749 section 5.1: it should).
pub const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(3600);

/// The least that a token is taken to live, so that an absurd answer is no refresh on every call.
pub const SHORTEST_TOKEN_LIFETIME: Duration = Duration::from_secs(60);

/// A year, so that no absurd answer means "never ends" or leaves the range of a clock.
const LONGEST_TOKEN_LIFETIME: Duration = Duration::from_secs(365 * 86_400);

const LONGEST_TOKEN: usize = 16 * 1024;

/// What a user's sign-in gave the app: use them as the user, keep them secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// The bearer token.
    pub access_token: Secret,
    /// For the next access token; single-use where the provider rotates.
    pub refresh_token: Option<Secret>,
    /// When the access token ends.
    pub expires_at: UnixTime,
    /// What was granted; what was asked for, where the provider does not say.
    pub scope: Scopes,
}

impl Tokens {
    /// Tokens from a store.
    pub fn new(
        access_token: Secret,
        refresh_token: Option<Secret>,
        expires_at: UnixTime,
        scope: Scopes,
    ) -> Self {
        Self { access_token, refresh_token, expires_at, scope }
    }
}

/// The token endpoint's answer as it comes (RFC 6749 section 5.1); unknown members are ignored.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the members are the specification's own")]
pub struct TokenResponse {
    pub access_token: Secret,
    pub token_type: String,
    /// Seconds; absent, `null` and garbage alike are `None`.
    #[serde(default, deserialize_with = "seconds")]
    pub expires_in: Option<i64>,
    #[serde(default)]
    pub refresh_token: Option<Secret>,
    #[serde(default)]
    pub id_token: Option<Secret>,
    /// Separated by spaces; a list is read as well.
    #[serde(default, deserialize_with = "words")]
    pub scope: Option<String>,
    /// Of a token exchange (RFC 8693 section 2.2.1).
    #[serde(default, deserialize_with = "lenient")]
    pub issued_token_type: Option<String>,
}

impl TokenResponse {
    /// Checks what can be checked without the ID token, and tells when the token ends. `secrets` are the request's.
    pub(crate) fn into_tokens(
        self,
        asked_for: &Scopes,
        now: UnixTime,
        secrets: &[Secret],
    ) -> Result<(Tokens, Option<Secret>), ExchangeError> {
        if !self.token_type.eq_ignore_ascii_case("bearer") {
            let found = redacted(&self.token_type, secrets);
            return Err(ExchangeError::UnsupportedTokenType { found: crate::text::printable(&found, 60) });
        }
        if !self.access_token.is_header_safe(LONGEST_TOKEN) {
            return Err(ExchangeError::MalformedToken { name: "access_token" });
        }
        // An empty one is none: some send the member whether or not there is a token.
        let refresh_token = self.refresh_token.filter(|token| !token.is_empty());
        if refresh_token.as_ref().is_some_and(|token| !token.is_header_safe(LONGEST_TOKEN)) {
            return Err(ExchangeError::MalformedToken { name: "refresh_token" });
        }
        let lifetime = self.expires_in.map_or(DEFAULT_TOKEN_LIFETIME, |seconds| {
            Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
                .clamp(SHORTEST_TOKEN_LIFETIME, LONGEST_TOKEN_LIFETIME)
        });
        let tokens = Tokens {
            access_token: self.access_token,
            refresh_token,
            expires_at: now + lifetime,
            scope: self.scope.map_or_else(|| asked_for.clone(), |scope| Scopes::from(scope.as_str())),
        };
        Ok((tokens, self.id_token))
    }
}
