use std::fmt;

use hf_oauth_core::{
    AuthorizeError, BackchannelError, CallbackError, DiscoveryError, ExchangeError, IdTokenError,
    PendingLogin, RefreshError, RejectedCallback, UserinfoError,
};

/// Why the provider cannot be used at all now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderError {
    /// It could not be reached, or did not answer as a provider does.
    Backchannel(BackchannelError),
    /// Its metadata cannot be used.
    Discovery(DiscoveryError),
}

/// Why an ID token was not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VerifyFailure {
    /// The keys to verify it with cannot be had: it may be right.
    Keys(ProviderError),
    /// It is wrong, by keys that were fetched after it came where they matter.
    Refused(IdTokenError),
    /// It is wrong by the keys at hand, which are older than it and were asked for again a moment ago: the provider
    /// may have rotated its key since.
    Unsettled(IdTokenError),
}

/// Why a login did not begin or did not end.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginError {
    /// It could not begin.
    Authorize(AuthorizeError),
    /// The system's random generator failed.
    Entropy,
    /// The provider cannot be used.
    Provider(ProviderError),
    /// The redirect was refused before any request.
    Callback(CallbackError, Option<Box<PendingLogin>>),
    /// The code did not become tokens.
    Exchange(ExchangeError),
    /// The ID token was refused.
    IdToken(IdTokenError),
    /// Userinfo could not be used.
    Userinfo(UserinfoError),
}

impl LoginError {
    /// The pending login, given back after a redirect that was not its own.
    pub fn into_pending(self) -> Option<PendingLogin> {
        match self {
            Self::Callback(_, pending) => pending.map(|pending| *pending),
            _ => None,
        }
    }

    /// True when beginning again may succeed without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Provider(ProviderError::Backchannel(error)) => error.is_retryable(),
            Self::Exchange(error) => error.is_retryable(),
            Self::Userinfo(UserinfoError::Backchannel(error)) => error.is_retryable(),
            Self::Callback(..) => true,
            _ => false,
        }
    }

    /// The request to the provider that failed, where it was one.
    pub fn backchannel(&self) -> Option<&BackchannelError> {
        match self {
            Self::Provider(ProviderError::Backchannel(error))
            | Self::Userinfo(UserinfoError::Backchannel(error)) => Some(error),
            Self::Exchange(
                ExchangeError::Backchannel(error)
                | ExchangeError::InvalidGrant(error)
                | ExchangeError::InvalidClient(error),
            ) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backchannel(error) => error.fmt(f),
            Self::Discovery(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ProviderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Backchannel(error) => error.source(),
            Self::Discovery(error) => error.source(),
        }
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorize(error) => error.fmt(f),
            Self::Entropy => f.write_str("login: the system's random generator failed"),
            Self::Provider(error) => error.fmt(f),
            Self::Callback(error, _) => error.fmt(f),
            Self::Exchange(error) => error.fmt(f),
            Self::IdToken(error) => error.fmt(f),
            Self::Userinfo(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoginError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Authorize(error) => error.source(),
            Self::Entropy => None,
            Self::Provider(error) => error.source(),
            Self::Callback(error, _) => error.source(),
            Self::Exchange(error) => error.source(),
            Self::IdToken(error) => error.source(),
            Self::Userinfo(error) => error.source(),
        }
    }
}

impl From<AuthorizeError> for LoginError {
    fn from(error: AuthorizeError) -> Self {
        Self::Authorize(error)
    }
}

impl From<CallbackError> for LoginError {
    fn from(error: CallbackError) -> Self {
        Self::Callback(error, None)
    }
}

impl From<Box<RejectedCallback>> for LoginError {
    fn from(rejected: Box<RejectedCallback>) -> Self {
        Self::Callback(rejected.error, Some(Box::new(rejected.pending)))
    }
}

impl From<ExchangeError> for LoginError {
    fn from(error: ExchangeError) -> Self {
        Self::Exchange(error)
    }
}

impl From<IdTokenError> for LoginError {
    fn from(error: IdTokenError) -> Self {
        Self::IdToken(error)
    }
}

impl From<VerifyFailure> for LoginError {
    fn from(failure: VerifyFailure) -> Self {
        match failure {
            VerifyFailure::Keys(error) => Self::Provider(error),
            VerifyFailure::Refused(error) | VerifyFailure::Unsettled(error) => Self::IdToken(error),
        }
    }
}

impl From<UserinfoError> for LoginError {
    fn from(error: UserinfoError) -> Self {
        Self::Userinfo(error)
    }
}

impl From<ProviderError> for LoginError {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<BackchannelError> for ProviderError {
    fn from(error: BackchannelError) -> Self {
        Self::Backchannel(error)
    }
}

impl From<DiscoveryError> for ProviderError {
    fn from(error: DiscoveryError) -> Self {
        Self::Discovery(error)
    }
}

/// A provider that is away is no reason to sign anybody out.
pub(crate) fn as_refresh_error(error: ProviderError) -> RefreshError {
    match error {
        ProviderError::Backchannel(error) => RefreshError::Transient(error),
        ProviderError::Discovery(error) => RefreshError::Provider(error),
    }
}
