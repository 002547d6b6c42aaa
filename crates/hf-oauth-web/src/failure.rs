//! Everything that can go wrong for a visitor, as stable codes.

mod code;
mod of_login;

pub use code::FailureCode;

use std::fmt;
use std::time::Duration;

use hf_oauth::ReturnPath;

/// Retrying sooner makes no sense where the provider does not say when.
const RETRY_AFTER: Duration = Duration::from_secs(10);

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
    /// True when the code was sent: the pending login can no longer be finished.
    pub(crate) login_is_spent: bool,
}

/// What a page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WayOn {
    SignIn,
    TryAgain,
    /// The same page once more.
    Reload,
    /// In a new tab, whatever the page is in.
    NewTab,
    /// Another account, or the same once more.
    SwitchOrRetry,
    /// The same once more, where the Hub asks whatever was granted before; or another account.
    AskAgain,
    /// Back to the app.
    Home,
}

impl Failure {
    /// True for the pages that say where to open the app, and nothing of anybody's session: whoever frames the app may show
    /// them.
    pub(crate) fn is_for_every_frame(&self) -> bool {
        matches!(self.code, FailureCode::Framed | FailureCode::LoginLost)
    }

    pub(crate) fn new(code: FailureCode, text: impl Into<String>) -> Self {
        let way_on = match code {
            FailureCode::Unauthenticated => WayOn::SignIn,
            FailureCode::SessionUnavailable => WayOn::Reload,
            FailureCode::Framed | FailureCode::LoginLost => WayOn::NewTab,
            FailureCode::HostUnknown
            | FailureCode::CrossSiteLogout
            | FailureCode::NotANavigation
            | FailureCode::AttachedElsewhere => WayOn::Home,
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
            login_is_spent: false,
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

    /// Something in the app failed that should not: the log says what.
    pub(crate) fn broken(what: impl fmt::Display) -> Self {
        tracing::error!(error = %what, "sign-in is not possible");
        Self::app_unavailable()
    }

    /// The app cannot sign anybody in right now. Whoever calls this has written into the log why.
    pub(crate) fn app_unavailable() -> Self {
        let failure = Self::new(
            FailureCode::AppUnavailable,
            "Something in the app itself failed. Try again in a while.",
        );
        Self { retry_after: Some(RETRY_AFTER), ..failure }
    }

    pub(crate) fn misconfigured() -> Self {
        let failure = Self::new(
            FailureCode::AppMisconfigured,
            "Whoever runs it has to correct its registration. You did nothing wrong.",
        );
        Self { retry_after: Some(Duration::from_secs(60)), ..failure }
    }
}
