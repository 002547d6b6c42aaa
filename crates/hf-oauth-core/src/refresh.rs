//! Refreshing: new tokens for the same person (RFC 6749 section 6, OpenID Connect Core section 12).

use std::fmt;

use crate::backchannel::{BackchannelError, Request, Step};
use crate::client_auth::authenticated;
use crate::id_token::{
    ExpectedNonce, IdTokenClaims, IdTokenError, IdTokenHeader, IdTokenPolicy, UnverifiedIdToken,
};
use crate::keys::{KeySet, SignatureVerifier};
use crate::login::verify::VerifiedIdentity;
use crate::tokens::{ExchangeError, TokenResponse, Tokens};
use crate::{App, DiscoveryError, Hub, Secret, UnixTime};

/// A refresh under way: what its answer is held against. Not `Clone`; a refresh token is sent once.
#[derive(Debug)]
pub struct Refresh {
    subject: String,
    previous: Tokens,
    secrets: Vec<Secret>,
}

/// New tokens, locked until the ID token that came with them, if one did, is verified. Not `Clone`.
#[derive(Debug)]
pub struct UnverifiedRefresh {
    subject: String,
    tokens: Tokens,
    id_token: Option<Secret>,
    server_date: Option<UnixTime>,
}

/// New tokens whose ID token was read and not yet verified. Not `Clone`.
#[derive(Debug)]
pub struct DecodedRefresh {
    tokens: Tokens,
    id_token: Option<UnverifiedIdToken>,
}

/// New tokens that may be used. Not `Clone`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refreshed {
    /// The tokens; the refresh token is the old one where the provider sent none.
    pub tokens: Tokens,
    /// Who the user is now, where an ID token came along: the same `sub`.
    pub identity: Option<VerifiedIdentity>,
}

impl Refresh {
    /// The request that refreshes `previous`, which are of the user `subject`.
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
        subject: &str,
        previous: Tokens,
    ) -> Result<(Request, Self), RefreshError> {
        let refresh_token = previous.refresh_token.clone().ok_or(RefreshError::NoRefreshToken)?;
        let form = vec![("grant_type", Secret::new("refresh_token")), ("refresh_token", refresh_token)];
        let request = authenticated(Step::Refresh, app, hub.token_endpoint(), form);
        let secrets = request.secrets.clone();
        Ok((request, Self { subject: subject.to_owned(), previous, secrets }))
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
        Ok(UnverifiedRefresh { subject: self.subject, tokens, id_token, server_date })
    }
}

impl UnverifiedRefresh {
    /// Leaves the ID token aside unread, as if none had come, before anything says whose it should be: for tokens that
    /// were kept without an identity.
    pub fn discard_id_token(self) -> Refreshed {
        Refreshed { tokens: self.tokens, identity: None }
    }

    /// Reads the ID token, where one came, with the caller's own JSON parser.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`] when it cannot be read; the tokens are dropped.
    pub fn decode_with(
        self,
        header: impl FnOnce(&[u8]) -> Option<IdTokenHeader>,
        claims: impl FnOnce(&[u8]) -> Option<IdTokenClaims>,
    ) -> Result<DecodedRefresh, IdTokenError> {
        let id_token = match &self.id_token {
            None => None,
            Some(jwt) => Some(
                UnverifiedIdToken::decode_with(jwt.expose(), header, claims)?
                    .expecting(ExpectedNonce::Any, &self.tokens.access_token)
                    .about(&self.subject)
                    .received_at(self.server_date),
            ),
        };
        Ok(DecodedRefresh { tokens: self.tokens, id_token })
    }
}

impl DecodedRefresh {
    /// Whether a key is needed, and which: `None` when no ID token came.
    pub fn key_id(&self) -> Option<Option<&str>> {
        self.id_token.as_ref().map(UnverifiedIdToken::key_id)
    }

    /// Leaves the ID token aside, as if none had come: for when the provider's keys cannot be had, because the old
    /// refresh token is spent and these tokens are the only ones. They came from the token endpoint itself.
    pub fn discard_id_token(self) -> Refreshed {
        Refreshed { tokens: self.tokens, identity: None }
    }

    /// Verifies the ID token as at the login, and that it is about the same user.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`]; the tokens are dropped.
    pub fn verify(
        self,
        app: &App,
        hub: &Hub,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
        policy: IdTokenPolicy,
        now: UnixTime,
    ) -> Result<Refreshed, IdTokenError> {
        let identity =
            self.id_token.map(|token| token.verify(app, hub, keys, verifier, policy, now)).transpose()?;
        Ok(Refreshed {
            tokens: self.tokens,
            identity: identity.map(|user_info| VerifiedIdentity { user_info }),
        })
    }
}

/// Why a refresh brought no tokens, by what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshError {
    /// There is no refresh token to send.
    NoRefreshToken,
    /// The refresh token has ended: the person must sign in again.
    Ended(BackchannelError),
    /// The app's own credentials are refused. The user's refresh token is as good as before: keep it.
    ClientMisconfigured(BackchannelError),
    /// It may work later: keep the tokens.
    Transient(BackchannelError),
    /// The provider's answer cannot be used.
    Unusable(ExchangeError),
    /// The ID token that came along was refused.
    IdToken(IdTokenError),
    /// The provider's metadata cannot be used: keep the tokens.
    Provider(DiscoveryError),
}

impl RefreshError {
    /// True when the same refresh token may work later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
}

impl From<ExchangeError> for RefreshError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::InvalidGrant(error) => Self::Ended(error),
            ExchangeError::InvalidClient(error) => Self::ClientMisconfigured(error),
            ExchangeError::Backchannel(error) if error.is_retryable() => Self::Transient(error),
            other => Self::Unusable(other),
        }
    }
}

impl From<IdTokenError> for RefreshError {
    fn from(error: IdTokenError) -> Self {
        Self::IdToken(error)
    }
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRefreshToken => f.write_str("token refresh: there is no refresh token: sign in again"),
            Self::Ended(error) => write!(f, "{error}. The refresh token has ended: sign in again"),
            Self::ClientMisconfigured(error) => {
                write!(
                    f,
                    "{error}. Check the app's client id and secret (OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET)"
                )
            }
            Self::Transient(error) => write!(f, "{error}. It may work later: the tokens at hand are kept"),
            Self::Unusable(error) => write!(f, "token refresh: {error}"),
            Self::IdToken(error) => write!(f, "token refresh: {error}"),
            Self::Provider(error) => write!(f, "token refresh: {error}"),
        }
    }
}

impl std::error::Error for RefreshError {}
