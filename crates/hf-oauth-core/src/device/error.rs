use std::fmt;

use crate::backchannel::BackchannelError;
use crate::tokens::ExchangeError;
use crate::{DiscoveryError, IdTokenError, InvalidUrl};

/// Why a device login did not begin or did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceError {
    /// The app has no client id.
    MissingClientId,
    /// The provider has no device endpoint.
    Unsupported {
        /// The provider.
        issuer: String,
    },
    /// The provider's metadata cannot be used.
    Provider(DiscoveryError),
    /// The request for a code failed; or the provider refused, there or later, for a reason that is none of the others.
    Backchannel(BackchannelError),
    /// The provider does not take the app: wrong client id or secret, or the app may not use this grant.
    InvalidClient(BackchannelError),
    /// The provider does not take the code: used, or of another app.
    InvalidGrant(BackchannelError),
    /// The provider sends the person to an address that may not be opened.
    UnsafeVerificationUri {
        /// The member's name.
        name: &'static str,
        /// What is wrong with it.
        source: InvalidUrl,
    },
    /// The provider sends the person to somebody else's site.
    ForeignVerificationUri {
        /// The member's name.
        name: &'static str,
        /// The origin that it names.
        found: String,
        /// The provider.
        issuer: String,
    },
    /// The code to be typed in is empty, too long, or has characters that a terminal must not be sent.
    UnsafeUserCode,
    /// The device code is empty, too long or not ASCII.
    MalformedDeviceCode,
    /// The code is of another provider or another app.
    OtherLogin {
        /// The code's provider.
        issuer: String,
    },
    /// What was kept of a login names no provider.
    InvalidParts {
        /// What is wrong with the issuer.
        source: InvalidUrl,
    },
    /// The person said no.
    Declined(BackchannelError),
    /// The code ended before the person said yes.
    Expired,
    /// The answer that granted the login cannot be used.
    Unusable(ExchangeError),
    /// The ID token was refused.
    IdToken(IdTokenError),
}

impl DeviceError {
    /// Sorts a refusal by who erred.
    pub(super) fn refused(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Backchannel(error) => Self::Backchannel(error),
            ExchangeError::InvalidClient(error) => Self::InvalidClient(error),
            ExchangeError::InvalidGrant(error) => Self::InvalidGrant(error),
            other => Self::Unusable(other),
        }
    }

    /// True when beginning again may succeed without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Backchannel(error) => error.is_retryable(),
            Self::Expired => true,
            _ => false,
        }
    }

    /// The request to the provider that failed, where it was one.
    pub fn backchannel(&self) -> Option<&BackchannelError> {
        match self {
            Self::Backchannel(error)
            | Self::InvalidClient(error)
            | Self::InvalidGrant(error)
            | Self::Declined(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ExchangeError> for DeviceError {
    fn from(error: ExchangeError) -> Self {
        Self::Unusable(error)
    }
}

impl From<IdTokenError> for DeviceError {
    fn from(error: IdTokenError) -> Self {
        Self::IdToken(error)
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingClientId => f.write_str("device login: the app has no client id"),
            Self::Unsupported { issuer } => {
                write!(f, "device login: {issuer} has no device endpoint: sign in with a browser there")
            }
            Self::Provider(error) => write!(f, "device login: {error}"),
            Self::Backchannel(error) => error.fmt(f),
            Self::InvalidClient(error) => {
                write!(f, "{error}. Check the client id and secret, and that the app may use the device flow")
            }
            Self::InvalidGrant(error) => write!(f, "{error}. The code was used already: begin again"),
            Self::UnsafeVerificationUri { name, .. } => {
                write!(f, "device login: the provider's {name} is not safe to open: do not go on with it")
            }
            Self::ForeignVerificationUri { name, found, issuer } => write!(
                f,
                "device login: the provider's {name} is on {found}, which is not {issuer}: do not go on with it"
            ),
            Self::UnsafeUserCode => f.write_str(
                "device login: the provider's user_code is not safe to show: do not go on with it",
            ),
            Self::MalformedDeviceCode => {
                f.write_str("device login: the device_code is empty, too long or not ASCII: begin again")
            }
            Self::OtherLogin { issuer } => write!(
                f,
                "device login: this code is of another login ({issuer}, or another app): begin again"
            ),
            Self::InvalidParts { .. } => {
                f.write_str("device login: what was kept of it cannot be read: begin again")
            }
            Self::Declined(error) => write!(f, "{error}. The sign-in was declined"),
            Self::Expired => f.write_str("device login: the code has expired: begin again"),
            Self::Unusable(error) => write!(f, "device login: {error}"),
            Self::IdToken(error) => write!(f, "device login: {error}"),
        }
    }
}

impl std::error::Error for DeviceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnsafeVerificationUri { source, .. } | Self::InvalidParts { source } => Some(source),
            Self::Provider(error) => error.source(),
            Self::IdToken(error) => error.source(),
            _ => None,
        }
    }
}
