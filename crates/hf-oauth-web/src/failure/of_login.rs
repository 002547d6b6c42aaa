//! What the library's errors mean for the visitor.

use std::time::Duration;

use hf_oauth::{
    BackchannelError, BackchannelFault, CallbackError, ExchangeError, LoginError, ProviderError,
    UserinfoError,
};

use super::{Failure, FailureCode, RETRY_AFTER};

impl Failure {
    /// A login that did not begin or did not end.
    pub(crate) fn of_login(error: &LoginError) -> Self {
        let failure = match error {
            LoginError::Callback(error, _) => Self::of_callback(error),
            LoginError::Exchange(error) => Self { login_is_spent: true, ..Self::of_exchange(error) },
            LoginError::IdToken(_) => Self { login_is_spent: true, ..Self::identity() },
            LoginError::Userinfo(error) => Self { login_is_spent: true, ..Self::of_userinfo(error) },
            LoginError::Provider(error) => Self::of_provider(error),
            LoginError::Authorize(_) => Self::misconfigured(),
            other => return Self::broken(other),
        };
        let failure = failure.with_detail(error);
        match failure.code {
            FailureCode::AppMisconfigured => tracing::error!(%error, code = %failure.code, "sign-in failed"),
            code if code.status() >= 500 => tracing::warn!(%error, %code, "sign-in failed"),
            code => tracing::debug!(%error, %code, "sign-in failed"),
        }
        failure
    }

    fn of_callback(error: &CallbackError) -> Self {
        let again = "Nothing was done. Begin the sign-in again.";
        match error {
            CallbackError::StateMissing => Self::new(FailureCode::StateMissing, again),
            CallbackError::StateExpired => Self::new(
                FailureCode::LoginExpired,
                "The sign-in was begun more than ten minutes ago. Begin it again.",
            ),
            CallbackError::OtherProvider { .. } => Self::new(FailureCode::OtherProvider, again),
            CallbackError::IssuerMismatch { .. } | CallbackError::IssuerMissing => Self::new(
                FailureCode::IssuerMismatch,
                "It may be an attempt to trick you. Nothing of it was used.",
            ),
            CallbackError::Declined(_) => {
                let failure = Self::new(
                    FailureCode::AccessDenied,
                    "You chose not to let this app sign you in. Nothing was shared with it.",
                )
                .and("Sign in whenever you like, or choose another account.");
                Self { login_is_spent: true, ..failure }
            }
            CallbackError::Provider(error) => {
                let busy = matches!(error.code.as_str(), "temporarily_unavailable" | "server_error");
                let failure = if busy { Self::unavailable(None) } else { Self::refused() };
                Self { login_is_spent: true, ..failure }
            }
            _ => Self::new(FailureCode::MalformedRedirect, again),
        }
    }

    fn of_exchange(error: &ExchangeError) -> Self {
        match error {
            ExchangeError::InvalidGrant(_) => {
                Self::new(FailureCode::CodeRefused, "It was used or has expired. Begin the sign-in again.")
            }
            ExchangeError::InvalidClient(_) => Self::misconfigured(),
            ExchangeError::Backchannel(error) => Self::of_backchannel(error),
            _ => Self::malformed(),
        }
    }

    fn of_userinfo(error: &UserinfoError) -> Self {
        match error {
            UserinfoError::SubjectMismatch | UserinfoError::SubjectMissing => Self::identity(),
            UserinfoError::Backchannel(error) => Self::of_backchannel(error),
            _ => Self::malformed(),
        }
    }

    pub(crate) fn of_provider(error: &ProviderError) -> Self {
        match error {
            ProviderError::Backchannel(error) => Self::of_backchannel(error),
            _ => Self::malformed(),
        }
    }

    fn of_backchannel(error: &BackchannelError) -> Self {
        match &error.fault {
            BackchannelFault::Timeout { .. } => {
                let failure = Self::new(
                    FailureCode::ProviderTimeout,
                    "The sign-in service is slow right now. Try again in a moment.",
                );
                Self { retry_after: Some(RETRY_AFTER), ..failure }
            }
            _ if error.is_retryable() => Self::unavailable(error.retry_after),
            BackchannelFault::OAuth(_) => Self::refused(),
            _ => Self::malformed(),
        }
    }

    fn unavailable(retry_after: Option<Duration>) -> Self {
        let failure = Self::new(
            FailureCode::ProviderUnavailable,
            "The sign-in service is away or overloaded. Try again in a moment.",
        );
        let wait =
            retry_after.unwrap_or(RETRY_AFTER).clamp(Duration::from_secs(1), Duration::from_secs(3600));
        Self { retry_after: Some(wait), ..failure }
    }

    fn refused() -> Self {
        Self::new(FailureCode::ProviderRefused, "It did not say that you did something wrong. Try again.")
    }

    fn malformed() -> Self {
        Self::new(FailureCode::ProviderMalformed, "Nothing of it was used. Try again in a while.")
    }

    fn identity() -> Self {
        Self::new(
            FailureCode::IdentityRefused,
            "What came back does not prove who you are. Nothing of it was used.",
        )
    }
}
