//! What goes between the app and the provider directly: requests as data, and everything that can go wrong.

mod error;

pub use error::{BackchannelError, BackchannelFault, OAuthError};

use std::fmt;
use std::time::Duration;

use crate::{EndpointUrl, Secret, SecretBytes, UnixTime};

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
    /// The body, at most [`LONGEST_BODY`] bytes. Tokens may be in it.
    pub body: SecretBytes,
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
            body: SecretBytes::from(body.into()),
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

impl std::error::Error for BackchannelError {}

/// `text` with `***` for every secret that is long enough to be one. Looked for in what will be shown: a character that
/// does not show could stand in the middle of a secret, and go afterwards.
pub(crate) fn redacted(text: &str, secrets: &[Secret]) -> String {
    let long = secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= 4);
    let shown = crate::text::printable(text, text.len());
    long.fold(shown, |text, secret| text.replace(secret, "***"))
}
