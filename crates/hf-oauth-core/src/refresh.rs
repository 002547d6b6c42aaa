//! Refreshing: new tokens for the same person (RFC 6749 section 6, OpenID Connect Core section 12).
//!
//! ```text
//! Refresh ─receive─▶ UnverifiedRefresh ─check─▶ UnconfirmedTokens ─decode─▶ DecodedRefresh ─verify─▶ Refreshed
//!                     nothing was read           keep these at once                        usable
//! ```
//!
//! A provider that rotates has spent the old refresh token by the time its answer comes. So what needs no network is
//! checked first and at once (whose ID token it is), then the new tokens are kept, and only then is anybody asked for
//! keys. What is kept between is [`UnconfirmedTokens`]: it gives nobody a token to use.

mod error;
mod unconfirmed;

use crate::backchannel::{BackchannelError, Request, Step};
use crate::client_auth::authenticated;
use crate::id_token::{ExpectedNonce, IdTokenClaims, IdTokenHeader, IdTokenPolicy, UnverifiedIdToken};
use crate::login::verify::VerifiedIdentity;
use crate::tokens::{ExchangeError, TokenResponse, Tokens};
use crate::userinfo::OAuthUserInfo;
use crate::{App, Hub, Secret, UnixTime};

pub use error::{IdentityMismatch, RefreshError};
pub use unconfirmed::{DecodedRefresh, UnconfirmedParts, UnconfirmedTokens};

/// Who the tokens to refresh are of: what the answer is held against (OpenID Connect Core section 12.2).
///
/// The subject alone will do. Where the nonce and the `auth_time` of the login's ID token are still known, an answer
/// that names others is refused as well.
///
/// ```
/// use hf_oauth_core::{ExpectedIdentity, UnixTime};
///
/// let by_subject = ExpectedIdentity::from("4f3c2b1a9d8e7f6a");
/// let by_login = by_subject.with_auth_time(UnixTime::from_secs(1_800_000_000));
/// assert_eq!(by_login.subject(), "4f3c2b1a9d8e7f6a");
/// ```
#[derive(Clone, Debug)]
pub struct ExpectedIdentity {
    subject: String,
    nonce: Option<Secret>,
    auth_time: Option<UnixTime>,
}

impl ExpectedIdentity {
    /// The user with this `sub`.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), nonce: None, auth_time: None }
    }

    /// With the nonce of the login.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// With the `auth_time` of the login's ID token.
    #[must_use]
    pub fn with_auth_time(mut self, auth_time: UnixTime) -> Self {
        self.auth_time = Some(auth_time);
        self
    }

    /// The user's `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl From<&str> for ExpectedIdentity {
    fn from(subject: &str) -> Self {
        Self::new(subject)
    }
}

impl From<&String> for ExpectedIdentity {
    fn from(subject: &String) -> Self {
        Self::new(subject)
    }
}

/// A refresh under way: what its answer is held against. Not `Clone`; a refresh token is sent once.
#[derive(Debug)]
pub struct Refresh {
    expected: ExpectedIdentity,
    previous: Tokens,
    secrets: Vec<Secret>,
}

/// New tokens, locked until it was looked at whose they are. Not `Clone`.
#[derive(Debug)]
pub struct UnverifiedRefresh {
    expected: ExpectedIdentity,
    tokens: Tokens,
    id_token: Option<Secret>,
    received_at: UnixTime,
    server_date: Option<UnixTime>,
}

/// New tokens that may be used. Not `Clone`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refreshed {
    /// The tokens; the refresh token is the old one where the provider sent none.
    pub tokens: Tokens,
    /// Who the user is now, where an ID token came along and the provider's keys could be had: the same `sub`.
    pub identity: Option<VerifiedIdentity>,
    /// What userinfo says with the new access token, where it was asked and answered: the same `sub`.
    pub user_info: Option<OAuthUserInfo>,
    subject: String,
}

impl Refresh {
    /// The request that refreshes `previous`, which are of the user `expected`: a `sub`, or more.
    ///
    /// # Errors
    ///
    /// [`RefreshError::NoRefreshToken`].
    ///
    /// ```
    /// use hf_oauth_core::{App, Hub, Refresh, RefreshError, Scopes, Tokens, UnixTime};
    ///
    /// let tokens = Tokens::new("access".into(), Some("refresh".into()), UnixTime::from_secs(0), Scopes::default());
    /// let (request, _refresh) = Refresh::request(&App::new("app"), &Hub::huggingface(), "subject", tokens)?;
    /// assert_eq!(request.endpoint().as_str(), "https://huggingface.co/oauth/token");
    /// # Ok::<(), RefreshError>(())
    /// ```
    pub fn request(
        app: &App,
        hub: &Hub,
        expected: impl Into<ExpectedIdentity>,
        previous: Tokens,
    ) -> Result<(Request, Self), RefreshError> {
        let refresh_token = previous.refresh_token.clone().ok_or(RefreshError::NoRefreshToken)?;
        let form = vec![("grant_type", Secret::new("refresh_token")), ("refresh_token", refresh_token)];
        let request = authenticated(Step::Refresh, app, hub.token_endpoint(), form);
        let secrets = request.secrets.clone();
        Ok((request, Self { expected: expected.into(), previous, secrets }))
    }

    /// Takes the answer.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], sorted by what it means for the session.
    pub fn receive(
        self,
        answer: Result<TokenResponse, BackchannelError>,
        now: UnixTime,
        server_date: Option<UnixTime>,
    ) -> Result<UnverifiedRefresh, RefreshError> {
        let answer =
            answer.map_err(|error| RefreshError::from(ExchangeError::refused(error, &self.secrets)))?;
        let (mut tokens, id_token) = answer.into_tokens(&self.previous.scope, now, &self.secrets)?;
        tokens.refresh_token = tokens.refresh_token.or(self.previous.refresh_token);
        Ok(UnverifiedRefresh { expected: self.expected, tokens, id_token, received_at: now, server_date })
    }
}

impl UnverifiedRefresh {
    /// Leaves the ID token aside unread, as if none had come, before anything says whose it should be: for tokens that
    /// were kept without an identity. They need no confirmation.
    pub fn discard_id_token(self) -> Tokens {
        self.tokens
    }

    /// Reads the ID token, where one came, with the caller's own JSON parser, and checks all of it but its signature:
    /// whatever key signed it, an ID token of another person, issuer or app ends the session.
    ///
    /// # Errors
    ///
    /// [`RefreshError::IdentityMismatch`] and [`RefreshError::IdToken`]. The tokens are dropped, and nothing is
    /// retried: the old refresh token is spent.
    pub fn check_with(
        self,
        app: &App,
        hub: &Hub,
        policy: IdTokenPolicy,
        header: impl FnOnce(&[u8]) -> Option<IdTokenHeader>,
        claims: impl FnOnce(&[u8]) -> Option<IdTokenClaims>,
    ) -> Result<UnconfirmedTokens, RefreshError> {
        let ExpectedIdentity { subject, nonce, auth_time } = self.expected;
        if let Some(jwt) = &self.id_token {
            let nonce = nonce.map_or(ExpectedNonce::Any, ExpectedNonce::AbsentOr);
            UnverifiedIdToken::decode_with(jwt.expose(), header, claims)?
                .expecting(nonce, &self.tokens.access_token)
                .about(&subject)
                .authenticated_at(auth_time)
                .received_at(self.server_date)
                .check_claims(app, hub, policy, self.received_at)?;
        }
        Ok(UnconfirmedTokens {
            subject,
            tokens: self.tokens,
            id_token: self.id_token,
            received_at: self.received_at,
        })
    }
}

impl Refreshed {
    /// Adds what userinfo says with the new access token (OpenID Connect Core section 5.3.2).
    ///
    /// # Errors
    ///
    /// [`RefreshError::IdentityMismatch`] when that is about somebody else: the session has ended, the tokens are
    /// dropped.
    pub fn with_userinfo(self, user_info: OAuthUserInfo) -> Result<Self, RefreshError> {
        if user_info.sub != self.subject {
            return Err(RefreshError::IdentityMismatch(IdentityMismatch::Userinfo));
        }
        Ok(Self { user_info: Some(user_info), ..self })
    }
}
