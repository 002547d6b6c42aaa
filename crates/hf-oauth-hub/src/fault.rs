//! Misbehaviour on demand. Nothing here is left to chance: the same script gives the same answers.

mod due;

pub(crate) use due::Faults;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a fault can be tied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/oauth/authorize`
    Authorize,
    /// `/oauth/token`
    Token,
    /// `POST /oauth/device`
    Device,
    /// `/oauth/userinfo`
    Userinfo,
    /// `/oauth/jwks`
    Jwks,
    /// `/api/whoami-v2`
    Whoami,
    /// `/v1/chat/completions`
    ChatCompletions,
    /// `/ci/id-token`
    CiIdToken,
}

/// One way to misbehave: at one endpoint or at all, for so many requests or always.
///
/// At each request but a browser's preflight (`OPTIONS`) the first fault of every kind that fits is applied. Faults that give an answer of their own do so
/// instead of the endpoint, which then does nothing; all others let it act first.
///
/// ```
/// use hf_oauth_hub::{Endpoint, Fault, LocalHub};
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// let hub = LocalHub::start().await?;
/// // The next two token requests fail, the third works.
/// hub.fault(Fault::status(503).on(Endpoint::Token).times(2));
/// // Every ID token from now on has another audience and no nonce.
/// hub.fault(Fault::claims(serde_json::json!({ "aud": "somebody-else", "nonce": null })));
/// assert_eq!(hub.faults().len(), 2);
/// hub.clear_faults();
/// assert!(hub.faults().is_empty());
/// # Ok::<(), hf_oauth_hub::StartError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "hand it to LocalHub::fault"]
pub struct Fault {
    pub(crate) kind: Kind,
    endpoint: Option<Endpoint>,
    remaining: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Answer(Canned),
    Latency(Duration),
    CutBody,
    LostAnswer,
    EndlessBody,
    SlowBody(Duration),
    Json(Value),
    Claims(Value),
    Header(Value),
    BadSignature,
}

/// An answer that does not depend on the request.
#[derive(Clone, Debug)]
pub(crate) struct Canned {
    pub(crate) name: String,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Fault {
    /// Answers with `status` and a JSON error.
    pub fn status(status: u16) -> Self {
        let body = format!(r#"{{"error":"Scripted fault: status {status}"}}"#);
        Self::canned(format!("status {status}"), status, "application/json", body.into_bytes())
    }

    /// Answers with `status` and an HTML page, as a proxy in front of the Hub would.
    pub fn html(status: u16) -> Self {
        let body =
            format!("<!doctype html><html><body><h1>{status}</h1><p>Scripted fault.</p></body></html>");
        Self::canned(format!("html {status}"), status, "text/html; charset=utf-8", body.into_bytes())
    }

    /// Answers with any status, content type and bytes.
    pub fn body(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::canned(format!("body {status}"), status, &content_type.into(), body.into())
    }

    /// Answers with a redirect to `url`.
    pub fn redirect(status: u16, url: impl Into<String>) -> Self {
        let fault = Self::canned(format!("redirect {status}"), status, "text/plain", Vec::new());
        fault.with_header("location", url)
    }

    /// Waits, then goes on as usual. The machine's time counts, also under a manual clock.
    pub fn latency(wait: Duration) -> Self {
        Self::of(Kind::Latency(wait))
    }

    /// Acts, then sends half of the body and closes the connection.
    pub fn cut_body() -> Self {
        Self::of(Kind::CutBody)
    }

    /// Acts, then closes the connection without an answer.
    pub fn lost_answer() -> Self {
        Self::of(Kind::LostAnswer)
    }

    /// Acts, then sends a body that has no end.
    pub fn endless_body() -> Self {
        Self::of(Kind::EndlessBody)
    }

    /// Acts, then sends the body one byte at a time with `pause` between; a stream one event at a time.
    pub fn slow_body(pause: Duration) -> Self {
        Self::of(Kind::SlowBody(pause))
    }

    /// Acts, then merges `members` into the JSON object of the answer; `null` takes a member away.
    pub fn json(members: Value) -> Self {
        Self::of(Kind::Json(members))
    }

    /// Merges `members` into the claims of the ID token before it is signed; `null` takes a claim away.
    pub fn claims(members: Value) -> Self {
        Self::of(Kind::Claims(members))
    }

    /// Merges `members` into the JWS header of the ID token before it is signed; `null` takes one away.
    pub fn header(members: Value) -> Self {
        Self::of(Kind::Header(members))
    }

    /// Spoils the signature of the ID token.
    pub fn bad_signature() -> Self {
        Self::of(Kind::BadSignature)
    }

    /// At `endpoint` only.
    pub fn on(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// For the next `times` requests that it fits; always unless given.
    pub fn times(mut self, times: u32) -> Self {
        self.remaining = Some(times);
        self
    }

    /// For every request that it fits, until [`clear_faults`](crate::LocalHub::clear_faults); so it is unless [`times`](Self::times) says otherwise.
    pub fn always(mut self) -> Self {
        self.remaining = None;
        self
    }

    /// With one more header, on a fault that gives an answer of its own; otherwise nothing changes.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Kind::Answer(canned) = &mut self.kind {
            canned.headers.push((name.into(), value.into()));
        }
        self
    }

    fn of(kind: Kind) -> Self {
        Self { kind, endpoint: None, remaining: None }
    }

    fn canned(name: String, status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let content_type = content_type.to_owned();
        Self::of(Kind::Answer(Canned { name, status, content_type, body, headers: Vec::new() }))
    }
}

impl Kind {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Answer(canned) => &canned.name,
            Self::Latency(_) => "latency",
            Self::CutBody => "cut_body",
            Self::LostAnswer => "lost_answer",
            Self::EndlessBody => "endless_body",
            Self::SlowBody(_) => "slow_body",
            Self::Json(_) => "json",
            Self::Claims(_) => "claims",
            Self::Header(_) => "header",
            Self::BadSignature => "bad_signature",
        }
    }

    /// Whether it touches the ID token, and so waits until one is made.
    fn in_id_token(&self) -> bool {
        matches!(self, Self::Claims(_) | Self::Header(_) | Self::BadSignature)
    }
}

/// Puts the members of `change` into `object`; `null` removes.
pub(crate) fn merge(object: &mut Value, change: &Value) {
    let (Value::Object(object), Value::Object(change)) = (object, change) else { return };
    for (name, value) in change {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}
