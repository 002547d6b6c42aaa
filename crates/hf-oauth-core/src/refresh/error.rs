use std::fmt;

use crate::DiscoveryError;
use crate::backchannel::BackchannelError;
use crate::id_token::IdTokenError;
use crate::tokens::ExchangeError;

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
    /// The answer is about somebody else: another person, another issuer, another app, another login. The session has
    /// ended.
    IdentityMismatch(IdentityMismatch),
    /// The ID token that came along was refused: unreadable, or its signature is wrong under the provider's newest
    /// keys. The session has ended, because the old refresh token is spent.
    IdToken(IdTokenError),
    /// The provider's metadata cannot be used: keep the tokens.
    Provider(DiscoveryError),
}

/// What says that the answer of a refresh is about somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityMismatch {
    /// The ID token names another `iss`, `aud`, `azp`, `sub`, `nonce` or `auth_time`.
    IdToken(IdTokenError),
    /// Userinfo names another `sub`.
    Userinfo,
}

impl RefreshError {
    /// True when the session has ended with this: the person must sign in again.
    pub fn ends_session(&self) -> bool {
        matches!(self, Self::NoRefreshToken | Self::Ended(_) | Self::IdentityMismatch(_) | Self::IdToken(_))
    }

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
        use IdTokenError as E;
        match error {
            E::Issuer { .. }
            | E::Audience
            | E::AuthorizedParty
            | E::Subject
            | E::OtherSubject
            | E::Nonce
            | E::AuthTime => Self::IdentityMismatch(IdentityMismatch::IdToken(error)),
            error => Self::IdToken(error),
        }
    }
}

impl fmt::Display for IdentityMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdToken(error) => error.fmt(f),
            Self::Userinfo => f.write_str("userinfo: it is about another user than before (sub)"),
        }
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
            Self::IdentityMismatch(mismatch) => write!(
                f,
                "token refresh: {mismatch}. The answer is about somebody else: the session has ended, sign in again"
            ),
            Self::IdToken(error) => write!(f, "token refresh: {error}. The session has ended: sign in again"),
            Self::Provider(error) => write!(f, "token refresh: {error}"),
        }
    }
}

impl std::error::Error for RefreshError {}
