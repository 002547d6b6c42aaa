use std::fmt;

use crate::Secret;
use crate::backchannel::{BackchannelError, BackchannelFault};

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
        if let BackchannelFault::OAuth(oauth) = error.fault {
            error.fault = BackchannelFault::OAuth(oauth.without(secrets));
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
