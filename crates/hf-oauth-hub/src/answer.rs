//! An answer before it meets the wire, with what the journal should know about it.

use std::io;
use std::pin::Pin;

use futures_util::Stream;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::body::Bytes;
use serde_json::Value;

use crate::journal::Auth;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) note: Note,
}

pub(crate) enum Body {
    Bytes(Bytes),
    /// Kept apart from bytes until sent, because faults change it.
    Json(Value),
    Stream(ByteStream),
}

pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// For the journal, and for whoever plays the person in front of the browser.
#[derive(Default)]
pub(crate) struct Note {
    pub(crate) client_id: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) auth: Auth,
    pub(crate) error: Option<String>,
    pub(crate) page: Option<Page>,
    pub(crate) faults: Vec<String>,
}

/// Which page a person sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Personas,
    Consent,
    Other,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Self { status, headers, body: Body::Bytes(body.into()), note: Note::default() }
    }

    pub(crate) fn json(status: StatusCode, value: Value) -> Self {
        let mut answer = Self::new(status, "application/json; charset=utf-8", Bytes::new());
        answer.body = Body::Json(value);
        answer
    }

    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.into())
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        let mut answer = Self::text(status, "");
        answer.headers.remove(header::CONTENT_TYPE);
        answer
    }

    /// `303`, so that a POST becomes a GET (RFC 9700 section 4.12).
    pub(crate) fn see_other(location: &str) -> Self {
        // Whoever calls this has checked the location; the fallback is unreachable from outside.
        let Ok(value) = HeaderValue::from_str(location) else {
            return Self::text(StatusCode::BAD_REQUEST, "this address cannot stand in a header\n");
        };
        let mut answer = Self::empty(StatusCode::SEE_OTHER).no_store();
        answer.headers.insert(header::LOCATION, value);
        answer.with(header::REFERRER_POLICY, "no-referrer")
    }

    pub(crate) fn no_store(self) -> Self {
        self.with(header::CACHE_CONTROL, "no-store")
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    pub(crate) fn cookie(mut self, cookie: Option<&str>) -> Self {
        if let Some(value) = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
            self.headers.append(header::SET_COOKIE, value);
        }
        self
    }

    pub(crate) fn noting(mut self, note: impl FnOnce(&mut Note)) -> Self {
        note(&mut self.note);
        self
    }
}
