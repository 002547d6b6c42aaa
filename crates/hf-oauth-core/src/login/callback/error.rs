use std::fmt;

use super::PENDING_LOGIN_LIFETIME;
use crate::backchannel::OAuthError;

/// Why a redirect was refused. No request was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackError {
    /// The redirect URL could not be read as one.
    Malformed,
    /// A parameter came twice (RFC 6749 section 3.1).
    DuplicateParameter {
        /// Its name.
        name: &'static str,
    },
    /// A parameter that a code flow never has.
    UnexpectedParameter {
        /// Its name.
        name: &'static str,
    },
    /// No `state`.
    StateMissing,
    /// The `state` of another login, or a forged one.
    StateMismatch,
    /// The login was begun longer ago than [`PENDING_LOGIN_LIFETIME`].
    StateExpired,
    /// The login was begun with another provider.
    OtherProvider {
        /// That provider's issuer.
        begun_with: String,
    },
    /// `iss` names another provider: a mix-up attack (RFC 9207).
    IssuerMismatch {
        /// The issuer that was expected.
        expected: String,
        /// The issuer that came.
        found: String,
    },
    /// No `iss`, though the provider says that it always sends one.
    IssuerMissing,
    /// The person said no.
    Declined(OAuthError),
    /// The provider answered with another error.
    Provider(OAuthError),
    /// Neither a code nor an error.
    CodeMissing,
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("callback: ")?;
        match self {
            Self::Malformed => f.write_str("the redirect is not a URL that can be read"),
            Self::DuplicateParameter { name } => write!(f, "the parameter {name:?} came more than once"),
            Self::UnexpectedParameter { name } => {
                write!(f, "the parameter {name:?} does not belong into a redirect")
            }
            Self::StateMissing => f.write_str("the redirect has no state: begin the login again"),
            Self::StateMismatch => f.write_str("the state is not this login's: begin the login again"),
            Self::StateExpired => write!(
                f,
                "the login was begun more than {} minutes ago: begin it again",
                PENDING_LOGIN_LIFETIME.as_secs() / 60
            ),
            Self::OtherProvider { begun_with } => {
                write!(f, "the login was begun with {begun_with}: begin it again")
            }
            Self::IssuerMismatch { expected, found } => {
                write!(
                    f,
                    "the answer is from {found:?}, not from {expected:?}: possibly an attack, nothing was used"
                )
            }
            Self::IssuerMissing => f.write_str("the answer does not say which provider it is from"),
            Self::Declined(error) => write!(f, "access was declined: {error}"),
            Self::Provider(error) => write!(f, "the provider answered {error}"),
            Self::CodeMissing => f.write_str("the redirect has neither a code nor an error"),
        }
    }
}

impl std::error::Error for CallbackError {}
