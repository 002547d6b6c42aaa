//! Everything that can go wrong for a visitor, as stable codes.

use std::fmt;
use std::time::Duration;

use hf_oauth::{
    BackchannelError, BackchannelFault, CallbackError, ExchangeError, LoginError, ProviderError, ReturnPath,
    UserinfoError,
};
use http::StatusCode;

/// Retrying sooner makes no sense where the provider does not say when.
const RETRY_AFTER: Duration = Duration::from_secs(10);

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// The stable names of failures: `error` in JSON answers, and on the pages.
        ///
        /// ```
        /// use hf_oauth_axum::FailureCode;
        ///
        /// assert_eq!(FailureCode::SignedOut.as_str(), "signed_out");
        /// assert_eq!(FailureCode::SignedOut.status(), 401);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FailureCode {
            $($(#[$doc])* $variant,)*
        }

        impl FailureCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// Nobody is signed in.
    SignedOut = "signed_out", 401, "Please sign in";
    /// The sign-in page was opened inside a frame, where the Hub refuses to be shown: it offers a new tab.
    Framed = "framed", 200, "Sign in in a new tab";
    /// The app has no public URL, and the request's host is no loopback one.
    HostUnknown = "host_unknown", 400, "This address is not set up for signing in";
    /// The redirect has parameters twice, none, or some that do not belong there.
    MalformedRedirect = "malformed_redirect", 400, "This link is not complete";
    /// The redirect has no `state`.
    StateMissing = "state_missing", 400, "This link does not belong to a sign-in";
    /// The sign-in was begun too long ago.
    LoginExpired = "login_expired", 400, "That took too long";
    /// The browser did not bring its sign-in cookie back, not at the second attempt either.
    LoginLost = "login_lost", 400, "Your browser did not keep the sign-in cookie";
    /// The same redirect came a second time.
    LoginUsed = "login_used", 400, "This sign-in was used already";
    /// The sign-in was begun with another provider.
    OtherProvider = "other_provider", 400, "This sign-in was begun somewhere else";
    /// The redirect says that it is of another provider: possibly an attack.
    IssuerMismatch = "issuer_mismatch", 400, "This answer came from the wrong place";
    /// The provider does not take the code (any more).
    CodeRefused = "code_refused", 400, "This sign-in is not valid any more";
    /// The person said no.
    AccessDenied = "access_denied", 403, "You did not give access";
    /// The app's own check said no.
    SignInRefused = "sign_in_refused", 403, "You cannot sign in here";
    /// A scope was not granted.
    ScopeMissing = "scope_missing", 403, "This page needs another permission";
    /// The account is not in the organisation, or did not grant access to it.
    OrgMissing = "org_missing", 403, "This page is for members of an organisation";
    /// Nobody told which organisations the account is in.
    OrgUnknown = "org_unknown", 403, "This page needs to see your organisations";
    /// The organisation demands something before membership counts.
    OrgRestricted = "org_restricted", 403, "Your organisation asks for one more step";
    /// Another site tried to sign the person out.
    CrossSiteLogout = "cross_site_logout", 403, "Another site asked to sign you out";
    /// The provider refused the request for a sign-in.
    ProviderRefused = "provider_refused", 502, "Hugging Face refused this sign-in";
    /// The provider's answer cannot be used.
    ProviderMalformed = "provider_malformed", 502, "Hugging Face gave an answer that makes no sense";
    /// Who signed in could not be proven.
    IdentityRefused = "identity_refused", 502, "Your identity could not be confirmed";
    /// The session does not fit into cookies.
    SessionTooLarge = "session_too_large", 502, "Your sign-in is too large to keep";
    /// The provider cannot be reached or is overloaded.
    ProviderUnavailable = "provider_unavailable", 503, "Hugging Face cannot be reached";
    /// The provider does not take the app's credentials.
    AppMisconfigured = "app_misconfigured", 503, "This app is not set up right";
    /// The session's token has ended, and the provider is away.
    SessionUnavailable = "session_unavailable", 503, "Your session cannot be renewed right now";
    /// Something in the app itself broke: the log says what.
    AppUnavailable = "app_unavailable", 503, "This app cannot sign anybody in right now";
    /// The provider did not answer in time.
    ProviderTimeout = "provider_timeout", 504, "Hugging Face did not answer in time";
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One failure, as much of it as an answer needs. It has no secret.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) code: FailureCode,
    /// Sentences for the person.
    pub(crate) text: Vec<String>,
    /// The technical side, for whoever runs the app.
    pub(crate) detail: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) way_on: WayOn,
    pub(crate) return_path: ReturnPath,
    /// Restrictions of an organisation, for programs.
    pub(crate) restrictions: Vec<String>,
    /// True when the code is used: the pending login is of no use any more.
    pub(crate) spent: bool,
}

/// What a page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WayOn {
    SignIn,
    TryAgain,
    /// In a new tab, whatever the page is in.
    NewTab,
    /// Another account, or the same once more.
    SwitchOrRetry,
    /// Back to the app.
    Home,
}

impl Failure {
    pub(crate) fn new(code: FailureCode, text: impl Into<String>) -> Self {
        let way_on = match code {
            FailureCode::SignedOut => WayOn::SignIn,
            FailureCode::Framed | FailureCode::LoginLost => WayOn::NewTab,
            FailureCode::HostUnknown | FailureCode::CrossSiteLogout => WayOn::Home,
            FailureCode::AccessDenied
            | FailureCode::SignInRefused
            | FailureCode::ScopeMissing
            | FailureCode::OrgMissing
            | FailureCode::OrgUnknown
            | FailureCode::OrgRestricted => WayOn::SwitchOrRetry,
            _ => WayOn::TryAgain,
        };
        Self {
            code,
            text: vec![text.into()],
            detail: None,
            retry_after: None,
            way_on,
            return_path: ReturnPath::root(),
            restrictions: Vec::new(),
            spent: false,
        }
    }

    pub(crate) fn and(mut self, text: impl Into<String>) -> Self {
        self.text.push(text.into());
        self
    }

    pub(crate) fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    pub(crate) fn returning_to(mut self, return_path: ReturnPath) -> Self {
        self.return_path = return_path;
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// Randomness failed, or a task broke.
    pub(crate) fn broken(what: impl fmt::Display) -> Self {
        tracing::error!(error = %what, "sign-in is not possible");
        let failure = Self::new(
            FailureCode::AppUnavailable,
            "Something in the app itself failed. Try again in a while.",
        );
        Self { retry_after: Some(RETRY_AFTER), ..failure }
    }

    /// A login that did not begin or did not end.
    pub(crate) fn of_login(error: &LoginError) -> Self {
        let failure = match error {
            LoginError::Callback(error, _) => Self::of_callback(error),
            LoginError::Exchange(error) => Self { spent: true, ..Self::of_exchange(error) },
            LoginError::IdToken(_) => Self { spent: true, ..Self::identity() },
            LoginError::Userinfo(error) => Self { spent: true, ..Self::of_userinfo(error) },
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
                Self { spent: true, ..failure }
            }
            CallbackError::Provider(error) => {
                let busy = matches!(error.code.as_str(), "temporarily_unavailable" | "server_error");
                let failure = if busy { Self::unavailable(None) } else { Self::refused() };
                Self { spent: true, ..failure }
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

    pub(crate) fn misconfigured() -> Self {
        let failure = Self::new(
            FailureCode::AppMisconfigured,
            "Whoever runs it has to correct its registration. You did nothing wrong.",
        );
        Self { retry_after: Some(Duration::from_secs(60)), ..failure }
    }
}
