//! A request to the provider that did not bring what it was for: by whose fault, and what to do.

use std::fmt;
use std::time::Duration;

use super::{LONGEST_BODY, Step, redacted};
use crate::Secret;

/// An OAuth error as the provider words it (RFC 6749 section 5.2), made fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthError {
    /// The error's code, such as `invalid_grant`.
    pub code: String,
    /// The provider's explanation, without control characters, at most 200 characters.
    pub description: Option<String>,
}

impl OAuthError {
    /// Cleans what a provider sent.
    pub fn new(code: &str, description: Option<&str>) -> Self {
        let description =
            description.map(|text| crate::text::printable(text, 200)).filter(|text| !text.is_empty());
        Self { code: crate::text::printable(code, 60), description }
    }

    /// Takes out whatever was secret in the request, should the provider repeat it.
    pub(crate) fn without(self, secrets: &[Secret]) -> Self {
        Self {
            code: redacted(&self.code, secrets),
            description: self.description.map(|text| redacted(&text, secrets)),
        }
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        match &self.description {
            Some(description) => write!(f, " ({description})"),
            None => Ok(()),
        }
    }
}

/// A request to the provider that did not bring what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackchannelError {
    /// Which exchange failed.
    pub step: Step,
    /// Which endpoint, without its query.
    pub endpoint: String,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// How long the provider asked to wait.
    pub retry_after: Option<Duration>,
    /// What the provider calls the request, to be told to those who run it.
    pub request_id: Option<Box<str>>,
    /// What happened.
    pub fault: BackchannelFault,
}

/// What happened to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackchannelFault {
    /// No connection: refused, no route, no such host.
    Connect,
    /// TLS failed: a certificate that this machine does not trust, a wrong host name, no TLS on the other side.
    Tls {
        /// The TLS library's own words.
        detail: String,
    },
    /// No whole answer within this time.
    Timeout {
        /// The deadline.
        after: Duration,
    },
    /// The connection broke before the answer was whole.
    Interrupted,
    /// The answer was longer than [`LONGEST_BODY`].
    BodyTooLarge,
    /// The answer was compressed though that was not asked for.
    Compressed,
    /// The answer was a redirect; none is followed.
    Redirected,
    /// The provider refused, and said why.
    OAuth(OAuthError),
    /// The provider answered with an error status and no OAuth error.
    Status,
    /// A success that is not JSON.
    NotJson,
    /// JSON of another shape.
    Malformed {
        /// What is wrong with it: a field's name or a position, never a value.
        detail: String,
    },
}

impl BackchannelError {
    /// With the status that came before it went wrong.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// True when the same request may succeed later: the network, a 5xx, a 429, a page where JSON should be.
    pub fn is_retryable(&self) -> bool {
        match &self.fault {
            BackchannelFault::Connect
            | BackchannelFault::Timeout { .. }
            | BackchannelFault::Interrupted
            | BackchannelFault::NotJson => true,
            BackchannelFault::OAuth(error) => {
                self.is_server_side()
                    || matches!(error.code.as_str(), "temporarily_unavailable" | "server_error")
            }
            BackchannelFault::Status => self.is_server_side(),
            _ => self.status.is_some_and(|status| status >= 500),
        }
    }

    /// The provider's own error, if it gave one.
    pub fn oauth(&self) -> Option<&OAuthError> {
        match &self.fault {
            BackchannelFault::OAuth(error) => Some(error),
            _ => None,
        }
    }

    /// The provider's own error, where the token endpoint itself says it: with 400 or 401 (RFC 6749 section 5.2), with
    /// 403 or a success as some do. A gateway that fails may show any text, and that ends no session.
    pub fn refusal(&self) -> Option<&OAuthError> {
        self.oauth()
            .filter(|_| self.status.is_none_or(|status| matches!(status, 200..=299 | 400 | 401 | 403)))
    }

    fn is_server_side(&self) -> bool {
        self.status.is_some_and(|status| status >= 500 || status == 429 || status == 408)
    }
}

impl fmt::Display for BackchannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.step, self.endpoint)?;
        if let Some(status) = self.status {
            write!(f, " answered {status}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(f, " (request {request_id})")?;
        }
        match &self.fault {
            BackchannelFault::Connect => {
                f.write_str(": no connection. Is the address right, and the network (or proxy) up?")
            }
            BackchannelFault::Tls { detail } => write!(
                f,
                ": TLS failed: {detail}. Behind a proxy with its own certificate authority, set SSL_CERT_FILE to its \
                 certificate"
            ),
            BackchannelFault::Timeout { after } => {
                write!(f, ": no whole answer within {} s", after.as_secs())
            }
            BackchannelFault::Interrupted => {
                f.write_str(": the connection broke in the middle of the answer")
            }
            BackchannelFault::BodyTooLarge => write!(f, ": the answer is larger than {LONGEST_BODY} bytes"),
            BackchannelFault::Compressed => {
                f.write_str(": the answer is compressed, which was not asked for")
            }
            BackchannelFault::Redirected => {
                f.write_str(": a redirect, which is not followed here. Is the issuer's address right?")
            }
            BackchannelFault::OAuth(error) => write!(f, ": {error}"),
            BackchannelFault::Status => f.write_str(" without saying why"),
            BackchannelFault::NotJson => f.write_str(": not JSON (a proxy's or an error page?)"),
            BackchannelFault::Malformed { detail } => write!(f, ": not of the expected shape: {detail}"),
        }
    }
}
