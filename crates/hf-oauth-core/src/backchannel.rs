//! What goes between the app and the provider directly: requests as data, and everything that can go wrong.

use std::fmt;
use std::time::Duration;

use crate::{EndpointUrl, Secret, UnixTime};

/// The most bytes that an answer may have, after decompression.
pub const LONGEST_BODY: usize = 1 << 20;

/// Which exchange a request or an error belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Reading the provider's metadata.
    Discovery,
    /// Exchanging a code for tokens.
    CodeExchange,
    /// Refreshing tokens.
    Refresh,
    /// Reading the provider's signing keys.
    Keys,
    /// Asking who the user is.
    Userinfo,
    /// Asking the Hub's own `whoami-v2`.
    Whoami,
    /// Asking for a code that a person types in elsewhere.
    DeviceAuthorization,
    /// Asking whether that person has said yes.
    DevicePoll,
    /// Exchanging somebody else's word for a token.
    TokenExchange,
    /// Asking a CI for a job's ID token.
    CiIdToken,
}

impl Step {
    /// How long the whole exchange may take, connection and body included. A refresh gets longer: its answer may
    /// carry the only copy of a rotated token.
    pub const fn deadline(self) -> Duration {
        match self {
            Step::Refresh => Duration::from_secs(30),
            _ => Duration::from_secs(10),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Discovery => "discovery",
            Step::CodeExchange => "code exchange",
            Step::Refresh => "token refresh",
            Step::Keys => "signing keys",
            Step::Userinfo => "userinfo",
            Step::Whoami => "whoami",
            Step::DeviceAuthorization => "device authorization",
            Step::DevicePoll => "device login",
            Step::TokenExchange => "token exchange",
            Step::CiIdToken => "the job's ID token",
        })
    }
}

/// A request to perform: `GET` without a body, `POST` with one.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) step: Step,
    pub(crate) endpoint: EndpointUrl,
    pub(crate) authorization: Option<Secret>,
    pub(crate) body: Option<Body>,
    /// What no error may say, should the provider repeat the request.
    pub(crate) secrets: Vec<Secret>,
}

/// What a `POST` carries: names and texts, in one of two spellings.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(&'static str, Secret)>),
    /// One JSON object of strings.
    Json(Vec<(&'static str, Secret)>),
}

impl Request {
    pub(crate) fn get(step: Step, endpoint: EndpointUrl) -> Self {
        Self { step, endpoint, authorization: None, body: None, secrets: Vec::new() }
    }

    /// A `GET` with the user's token (RFC 6750 section 2.1).
    pub(crate) fn get_as_user(step: Step, endpoint: EndpointUrl, access_token: &Secret) -> Self {
        let authorization = Some(Secret::new(format!("Bearer {}", access_token.expose())));
        Self { authorization, secrets: vec![access_token.clone()], ..Self::get(step, endpoint) }
    }

    /// The exchange that this belongs to.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Where it goes.
    pub fn endpoint(&self) -> &EndpointUrl {
        &self.endpoint
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self) -> Option<&Secret> {
        self.authorization.as_ref()
    }

    /// The form's fields; `None` for a request without a form.
    pub fn form(&self) -> Option<&[(&'static str, Secret)]> {
        match &self.body {
            Some(Body::Form(fields)) => Some(fields),
            _ => None,
        }
    }

    /// The members of the JSON object to send, all of them strings; `None` for a request without one.
    pub fn json(&self) -> Option<&[(&'static str, Secret)]> {
        match &self.body {
            Some(Body::Json(members)) => Some(members),
            _ => None,
        }
    }

    /// An error of this request.
    pub fn error(&self, kind: BackchannelFault) -> BackchannelError {
        BackchannelError {
            step: self.step,
            endpoint: self.endpoint.without_query().to_owned(),
            status: None,
            retry_after: None,
            request_id: None,
            fault: kind,
        }
    }
}

/// An answer, as much of it as the checks need.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// `Retry-After`, as a span from now.
    pub retry_after: Option<Duration>,
    /// What the provider calls this request: its `X-Request-Id` header.
    pub request_id: Option<String>,
    /// Why the Hub refuses, in its own words: its `X-Error-Code` and `X-Error-Message` headers.
    pub explanation: Option<String>,
    /// The server's clock: its `Date` header.
    pub date: Option<UnixTime>,
    /// The body, at most [`LONGEST_BODY`] bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with a status and a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            content_type: None,
            retry_after: None,
            request_id: None,
            explanation: None,
            date: None,
            body: body.into(),
        }
    }
}

/// Bodies hold tokens: only their length prints.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

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

impl std::error::Error for BackchannelError {}

/// `text` with `***` for every secret that is long enough to be one. Looked for in what will be shown: a character that
/// does not show could stand in the middle of a secret, and go afterwards.
pub(crate) fn redacted(text: &str, secrets: &[Secret]) -> String {
    let long = secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= 4);
    let shown = crate::text::printable(text, text.len());
    long.fold(shown, |text, secret| text.replace(secret, "***"))
}
