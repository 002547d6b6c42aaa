//! Step 3: the code becomes tokens.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::callback::Grant;
use super::verify::{ExpectedNonce, UnverifiedLogin};
use crate::address::{EndpointUrl, ReturnPath};
use crate::backchannel::{BackchannelError, Body, Request, Step, redacted};
use crate::lenient::{lenient, seconds, words};
use crate::{App, Hub, Scopes, Secret, SecretBytes, UnixTime};

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

/// An exchange under way: what its answer is held against. Not `Clone`; used up by [`receive`](Self::receive).
#[derive(Debug)]
pub struct CodeExchange {
    nonce: Secret,
    scopes: Scopes,
    app_state: Option<String>,
    return_path: ReturnPath,
    secrets: Vec<Secret>,
}

impl Grant {
    /// The request that exchanges the code (RFC 6749 section 4.1.3, RFC 7636 section 4.5), and what its answer is
    /// held against. A code is sent once: after a failure, begin a new login.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::OtherProvider`] when `hub` is not the provider that the code is of.
    pub fn exchange(self, app: &App, hub: &Hub) -> Result<(Request, CodeExchange), ExchangeError> {
        if self.issuer != *hub.issuer() {
            return Err(ExchangeError::OtherProvider { expected: self.issuer.as_str().to_owned() });
        }
        let mut form = vec![("grant_type", Secret::new("authorization_code")), ("code", self.code.clone())];
        form.extend(self.redirect_uri.iter().map(|uri| ("redirect_uri", Secret::new(uri.as_str()))));
        form.push(("code_verifier", self.code_verifier.clone()));
        let request = authenticated(Step::CodeExchange, app, hub.token_endpoint(), form);
        let exchange = CodeExchange {
            nonce: self.nonce,
            scopes: self.scopes,
            app_state: self.app_state,
            return_path: self.return_path,
            secrets: request.secrets.clone(),
        };
        Ok((request, exchange))
    }
}

impl CodeExchange {
    /// Takes the answer. Its tokens stay locked until the ID token is verified.
    ///
    /// `server_date` is the answer's `Date`, which lets an error name a wrong clock.
    ///
    /// # Errors
    ///
    /// [`ExchangeError`].
    pub fn receive(
        self,
        answer: Result<TokenResponse, BackchannelError>,
        now: UnixTime,
        server_date: Option<UnixTime>,
    ) -> Result<UnverifiedLogin, ExchangeError> {
        let answer = answer.map_err(|error| ExchangeError::refused(error, &self.secrets))?;
        let (tokens, id_token) = answer.into_tokens(&self.scopes, now, &self.secrets)?;
        Ok(UnverifiedLogin {
            tokens,
            id_token: id_token.ok_or(ExchangeError::IdTokenMissing)?,
            nonce: ExpectedNonce::Exactly(self.nonce),
            server_date,
            app_state: self.app_state,
            return_path: self.return_path,
        })
    }
}

/// A token request with the app's authentication: Basic for apps with a secret, `client_id` in the form for public
/// ones (RFC 6749 section 2.3.1).
pub(crate) fn authenticated(
    step: Step,
    app: &App,
    endpoint: &EndpointUrl,
    mut form: Vec<(&'static str, Secret)>,
) -> Request {
    let basic = app.client_secret.as_ref().map(|secret| {
        let mut pair = SecretBytes::default();
        basic_encode(&app.client_id, &mut pair);
        pair.append_slice(b":");
        basic_encode(secret.expose(), &mut pair);
        Secret::new(STANDARD.encode(&pair))
    });
    let authorization = basic.as_ref().map(|pair| Secret::new(format!("Basic {}", pair.expose())));
    let said_openly =
        |name: &str| matches!(name, "grant_type" | "redirect_uri" | "scope" | "subject_token_type");
    let in_form = form.iter().filter(|(name, _)| !said_openly(name)).map(|(_, value)| value.clone());
    let secrets = in_form.chain(app.client_secret.clone()).chain(basic).collect();
    if authorization.is_none() {
        form.push(("client_id", Secret::new(app.client_id.as_str())));
    }
    Request { step, endpoint: endpoint.clone(), authorization, body: Some(Body::Form(form)), secrets }
}

/// `application/x-www-form-urlencoded` of RFC 6749 appendix B, which leaves `-` (and `.`, `_`, `*`) as it is: a
/// provider that forgets to decode still reads a UUID.
fn basic_encode(text: &str, encoded: &mut SecretBytes) {
    let digit = |half: u8| b"0123456789ABCDEF"[usize::from(half)];
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                encoded.append_slice(&[byte]);
            }
            b' ' => encoded.append_slice(b"+"),
            _ => encoded.append_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

/// Why a code did not become tokens. The code is used up: begin a new login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The code is of another provider than the one to ask.
    OtherProvider {
        /// The code's issuer.
        expected: String,
    },
    /// The request failed, or its answer could not be read.
    Backchannel(BackchannelError),
    /// The provider does not take the code: used, expired, or of another login.
    InvalidGrant(BackchannelError),
    /// The provider does not take the app: wrong client id or secret.
    InvalidClient(BackchannelError),
    /// A token type that is not `Bearer`.
    UnsupportedTokenType {
        /// What came instead.
        found: String,
    },
    /// A token that cannot stand in a header: empty, far too long, or with foreign characters.
    MalformedToken {
        /// Which one.
        name: &'static str,
    },
    /// No ID token, though `openid` was asked for.
    IdTokenMissing,
}

impl ExchangeError {
    /// Sorts a failed token request by who erred.
    pub(crate) fn refused(mut error: BackchannelError, secrets: &[Secret]) -> Self {
        use crate::backchannel::BackchannelFault::OAuth;
        if let OAuth(oauth) = error.fault {
            error.fault = OAuth(oauth.without(secrets));
        }
        match error.refusal().map(|oauth| oauth.code.as_str()) {
            // `invalid_code` is said by a provider that has it in place of `invalid_grant`.
            Some("invalid_grant" | "invalid_code") => Self::InvalidGrant(error),
            Some("invalid_client" | "unauthorized_client") => Self::InvalidClient(error),
            _ => Self::Backchannel(error),
        }
    }

    /// True when a new attempt may succeed without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Backchannel(error) if error.is_retryable())
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherProvider { expected } => {
                write!(f, "code exchange: this code is of {expected}: begin the login again")
            }
            Self::Backchannel(error) => error.fmt(f),
            Self::InvalidGrant(error) => {
                write!(f, "{error}. The code was used or has expired: begin the login again")
            }
            Self::InvalidClient(error) => {
                write!(
                    f,
                    "{error}. Check the app's client id and secret (OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET)"
                )
            }
            Self::UnsupportedTokenType { found } => {
                write!(f, "token answer: the token type {found:?} is not Bearer")
            }
            Self::MalformedToken { name } => {
                write!(f, "token answer: the {name} is empty, too long or not ASCII")
            }
            Self::IdTokenMissing => f.write_str(
                "token answer: no ID token. Is `openid` among the scopes that the app may ask for?",
            ),
        }
    }
}

impl std::error::Error for ExchangeError {}
