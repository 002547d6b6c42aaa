//! How a command fails: exit code, a stable `code` for programs, what happened, and what to do next.

mod kind;

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use hf_oauth::{BackchannelError, BackchannelFault, ProviderError, TokenExchangeError};
use hf_oauth_tokens::{FileStep, StoreError, TokenError, TokenSource, Unsafe};
use serde_json::{Value, json};

use crate::interrupt::Interrupt;
use crate::printable::printable;

pub(crate) use kind::Kind;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    interrupt: Option<Interrupt>,
    what: String,
    next: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// What happened, without a full stop at its end.
    pub(crate) fn new(kind: Kind, what: impl fmt::Display) -> Self {
        Self { kind, interrupt: None, what: printable(&what.to_string()), next: None, source: None }
    }

    /// A signal came.
    pub(crate) fn interrupted(interrupt: Interrupt, what: impl fmt::Display) -> Self {
        Self { interrupt: Some(interrupt), ..Self::new(Kind::Interrupted, what) }
    }

    /// With what to do: a command, where there is one.
    #[must_use]
    pub(crate) fn next(self, next: impl fmt::Display) -> Self {
        Self { next: Some(printable(&next.to_string())), ..self }
    }

    /// With more to do, after what stands there already.
    #[must_use]
    pub(crate) fn and_next(self, more: impl fmt::Display) -> Self {
        let next = self.next.as_ref().map_or_else(|| more.to_string(), |next| format!("{next}; {more}"));
        self.next(next)
    }

    /// With its cause.
    #[must_use]
    pub(crate) fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// What kind it is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.interrupt.map_or_else(|| self.kind.exit(), Interrupt::exit))
    }

    /// `{"event":"error","code":…,"message":…,"next":…}`.
    pub(crate) fn event(&self) -> Value {
        json!({ "event": "error", "code": self.kind.code(), "message": self.message(), "next": self.next })
    }

    /// For a person: what happened, each cause once, what to do next. Several lines, none of them empty.
    pub(crate) fn report(&self) -> String {
        let mut text = format!("error: {}", self.what);
        for cause in self.causes() {
            text.push_str(&format!("\n  because: {cause}"));
        }
        if let Some(next) = &self.next {
            text.push_str(&format!("\n  next: {next}"));
        }
        text
    }

    /// What happened and its causes on one line.
    pub(crate) fn message(&self) -> String {
        self.causes().iter().fold(self.what.clone(), |text, cause| format!("{text}: {cause}"))
    }

    fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut source = self.source();
        while let Some(cause) = source {
            causes.push(printable(&cause.to_string()));
            source = cause.source();
        }
        causes
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|cause| -> &(dyn Error + 'static) { cause })
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Backchannel(error) => error.into(),
            other => Self::new(Kind::HubError, "the Hub's metadata cannot be used")
                .next("check HF_ENDPOINT")
                .because(other),
        }
    }
}

/// A request that failed, without looking at what it was for.
impl From<BackchannelError> for Failure {
    fn from(error: BackchannelError) -> Self {
        let (kind, what, next) = match &error.fault {
            BackchannelFault::Connect | BackchannelFault::Timeout { .. } | BackchannelFault::Interrupted => (
                Kind::NetworkUnreachable,
                "the Hub cannot be reached",
                "check the network, HTTPS_PROXY and HF_ENDPOINT, then try again",
            ),
            BackchannelFault::Tls { .. } => (
                Kind::NetworkUnreachable,
                "no secure connection to the Hub",
                "set SSL_CERT_FILE to your proxy's certificate authority, or check HF_ENDPOINT",
            ),
            // A fault of its own, which passes; anything else may come from somebody who is no Hub.
            _ if error.status.is_some_and(|status| status >= 500 || status == 429) => {
                (Kind::HubError, "the Hub did not answer as it should", "try again later")
            }
            _ => (
                Kind::HubError,
                "the Hub did not answer as it should",
                "check HF_ENDPOINT and the network that you are in, then try again",
            ),
        };
        Self::new(kind, what).next(next).because(error)
    }
}

/// The store's errors say themselves which file, and what to do about it.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::UnknownName { .. } => {
                Self::new(Kind::Usage, "no such login").next("hf-oauth list, to see which there are")
            }
            StoreError::BadName => {
                Self::new(Kind::Usage, "a name that cannot be kept").next("another --name")
            }
            StoreError::Busy { .. } => {
                Self::new(Kind::StoreUnwritable, "the token store is in use").next("try again")
            }
            StoreError::Io { step: FileStep::Open | FileStep::Read, .. } => {
                Self::new(Kind::StoreUnreadable, "the token store cannot be read")
                    .next("check that file's owner and mode, or set HF_HOME to another folder")
            }
            StoreError::Io { .. } => Self::new(Kind::StoreUnwritable, "the token store cannot be written")
                .next("make the folder writable and the disk less full, or set HF_HOME to another folder"),
            StoreError::UnsafePath { what: Unsafe::OtherOwner(_), .. } => {
                Self::new(Kind::StoreUnreadable, "the token store holds a file of another user")
                    .next("have it taken away, or set HF_HOME to a folder of your own")
            }
            StoreError::UnsafeLink { .. } => {
                Self::new(Kind::StoreUnwritable, "the token store is behind a link that is not followed")
                    .next("mend the link or the folder, or set HF_HOME to another folder")
            }
            StoreError::ForeignLock { .. } => {
                Self::new(Kind::StoreUnwritable, "the token store cannot be locked")
                    .next("have the file taken away, or set HF_HOME to a folder of your own")
            }
            StoreError::UnsafePath { .. } => {
                Self::new(Kind::StoreUnwritable, "the token store cannot be written")
                    .next("move it away, or set HF_HOME to another folder")
            }
            StoreError::NotEditable { .. } => {
                Self::new(Kind::StoreUnwritable, "the token store cannot be written")
                    .next("mend the file, or move it away and sign in again")
            }
            StoreError::NotAToken { source_name: TokenSource::TokenFile } => {
                Self::new(Kind::StoreUnreadable, "the token store cannot be read")
                    .next("move the file `token` in HF_HOME (~/.cache/huggingface) away, then hf-oauth login")
            }
            StoreError::NotAToken { source_name } => {
                Self::new(Kind::StoreUnreadable, format_args!("no token can be read from {source_name}"))
                    .next(format_args!("unset {source_name}, or set it to a token"))
            }
            _ => Self::new(Kind::StoreUnreadable, "the token store cannot be read")
                .next("move the file away, then hf-oauth login"),
        }
        .because(error)
    }
}

/// What keeps the store from having a token that can be used now.
impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        const AGAIN: &str = "hf-oauth login --force";
        let (kind, what, next) = match error {
            TokenError::NotSignedIn => {
                return Self::new(Kind::NotSignedIn, "not signed in").next("hf-oauth login");
            }
            TokenError::Store(error) | TokenError::Unavailable { store: Some(error), .. } => {
                return error.into();
            }
            TokenError::Unavailable { .. } => (
                Kind::NetworkUnreachable,
                "the token has expired, and the Hub cannot refresh it now",
                "try again",
            ),
            TokenError::BadEndpoint { .. } => (
                Kind::Usage,
                "HF_ENDPOINT is no address of a Hub",
                "unset HF_ENDPOINT, or set it to an https address (http on this machine only)",
            ),
            TokenError::NoCiToken => (
                Kind::NotSignedIn,
                "no token for HF_OIDC_RESOURCE",
                "set HF_OIDC_ID_TOKEN to the job's ID token, or unset HF_OIDC_RESOURCE",
            ),
            TokenError::CiExchange(_) => {
                let (kind, next) = ci_exchange(&error);
                (kind, "no token for HF_OIDC_RESOURCE", next)
            }
            _ => (Kind::TokenExpired, "the token has expired", AGAIN),
        };
        Self::new(kind, what).next(next).because(error)
    }
}

/// Who did not answer, or said no: the CI or the Hub.
fn ci_exchange(error: &TokenError) -> (Kind, &'static str) {
    const LATER: &str = "check the job's network, HTTPS_PROXY and HF_ENDPOINT, then run the job again";
    const NO: &str = "check the job's permissions (id-token: write) and the trusted publisher on the Hub, or unset \
                      HF_OIDC_RESOURCE";
    match error.source().and_then(|cause| cause.downcast_ref()) {
        Some(TokenExchangeError::Backchannel(cause))
            if error.is_network() || cause.status.is_none_or(|status| status < 400) =>
        {
            (Failure::from(cause.clone()).kind, LATER)
        }
        Some(TokenExchangeError::Provider(_)) => (Kind::HubError, LATER),
        _ if error.is_network() => (Kind::NetworkUnreachable, LATER),
        _ => (Kind::NotSignedIn, NO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_why_and_what_next_each_on_a_line() {
        let failure = Failure::new(Kind::StoreUnwritable, "the login was not saved")
            .because(std::io::Error::other("disk full"))
            .next("free some space");
        assert_eq!(
            failure.report(),
            "error: the login was not saved\n  because: disk full\n  next: free some space"
        );
        let event = failure.event();
        assert_eq!(
            (&event["code"], &event["message"]),
            (&json!("store_unwritable"), &json!("the login was not saved: disk full"))
        );
    }

    #[test]
    fn row_118_nothing_that_others_wrote_reaches_the_terminal_unsifted() {
        let failure = Failure::new(Kind::Failed, "no token named \u{1b}[2Jx\u{202e}")
            .because(std::io::Error::other("a\u{9b}b\r"))
            .next("\u{7}ask");
        assert_eq!(failure.report(), "error: no token named [2Jx\n  because: ab\n  next: ask");
    }
}
