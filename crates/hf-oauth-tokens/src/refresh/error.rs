use std::fmt;

use hf_oauth::{BackchannelError, RefreshError, TokenExchangeError};

use super::github::CiError;
use crate::endpoint::Endpoint;
use crate::error::StoreError;

/// Why there is no token to use.
#[derive(Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// Nobody is signed in.
    NotSignedIn,
    /// The token has ended and so has its refresh token, or there is none.
    Ended {
        /// What the token is called.
        name: String,
        /// What the Hub said, if it was asked.
        source: Option<Box<RefreshError>>,
    },
    /// The Hub refuses the client that got the refresh token.
    Refused {
        /// What the Hub said.
        source: Option<Box<RefreshError>>,
    },
    /// The token has ended and cannot be refreshed now.
    Unavailable {
        /// What the Hub said, if it was asked.
        refresh: Option<Box<RefreshError>>,
        /// Why the files could not be used, if it was that.
        store: Option<StoreError>,
    },
    /// `HF_ENDPOINT`, or what a token was kept with, is no address of a Hub.
    BadEndpoint {
        /// What it is.
        endpoint: Endpoint,
    },
    /// `HF_OIDC_RESOURCE` is set, and there is no CI token to exchange.
    NoCiToken,
    /// The CI gave no ID token ([`CiError`](crate::CiError)), or the Hub did not exchange it.
    CiExchange(Box<dyn std::error::Error + Send + Sync>),
    /// The token store cannot be used.
    Store(StoreError),
}

impl TokenError {
    /// True when the network, the Hub or the CI was away: nobody answered, or with a fault of their own (5xx, 429). The
    /// same call may succeed later without anybody changing anything.
    ///
    /// ```
    /// use hf_oauth_tokens::TokenError;
    ///
    /// assert!(!TokenError::NotSignedIn.is_network());
    /// ```
    pub fn is_network(&self) -> bool {
        match self {
            Self::Unavailable { store, .. } => store.is_none(),
            Self::CiExchange(error) => match (error.downcast_ref(), error.downcast_ref()) {
                (Some(TokenExchangeError::Backchannel(error)), _) => is_away(error),
                (_, Some(CiError::Unreachable(_))) => true,
                (_, Some(CiError::Status { status })) => is_fault(*status),
                _ => false,
            },
            _ => false,
        }
    }
}

fn is_away(error: &BackchannelError) -> bool {
    error.is_retryable() || error.status.is_none_or(is_fault)
}

fn is_fault(status: u16) -> bool {
    status >= 500 || status == 429
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn => f.write_str("nobody is signed in: run `hf-oauth login`"),
            Self::Ended { name, .. } => {
                write!(f, "the token {name:?} has ended and cannot be refreshed: run `hf-oauth login`")
            }
            Self::Refused { .. } => {
                f.write_str("the Hub refuses the client that got this token: run `hf-oauth login`")
            }
            Self::Unavailable { refresh: None, store: Some(_) } => f.write_str(
                "the token has ended, and is not refreshed while the token store cannot be used: mend that",
            ),
            Self::Unavailable { .. } => {
                f.write_str("the token has ended and cannot be refreshed now: try again in a moment")
            }
            Self::BadEndpoint { endpoint } => {
                write!(f, "{endpoint} is no address of a Hub: look at HF_ENDPOINT")
            }
            Self::NoCiToken => f.write_str(
                "HF_OIDC_RESOURCE is set, but this is no job of GitHub Actions: set HF_OIDC_ID_TOKEN to the ID token of \
                 the CI job",
            ),
            Self::CiExchange(_) => {
                f.write_str("HF_OIDC_RESOURCE is set, but the CI's token could not be exchanged")
            }
            Self::Store(_) => f.write_str("the token store cannot be used"),
        }
    }
}

impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Ended { source: Some(error), .. }
            | Self::Refused { source: Some(error) }
            | Self::Unavailable { refresh: Some(error), .. } => Some(&**error),
            Self::Unavailable { store: Some(error), .. } | Self::Store(error) => Some(error),
            Self::CiExchange(error) => Some(&**error),
            _ => None,
        }
    }
}
