//! What kind of client sent a request: who gets a redirect, who a page, who JSON.

use http::{HeaderMap, HeaderName, Method, header};

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PURPOSE: HeaderName = HeaderName::from_static("purpose");
const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");

/// Who asks, as far as the answer depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Somebody follows a link or types an address: may be redirected to sign in.
    Navigation,
    /// Somebody sends a form: sees a page, but is not redirected, because the form would be lost.
    Form,
    /// An HTMX request: gets `HX-Redirect`.
    Htmx,
    /// A script, an image, a WebSocket, a program: gets JSON.
    Program,
}

impl Audience {
    /// Only a `GET` with `Sec-Fetch-Mode: navigate` is redirected; browsers that do not send `Sec-Fetch-*` are known
    /// by `Accept: text/html`.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        if is_true(headers, &HX_REQUEST) {
            return Self::Htmx;
        }
        let navigates = match headers.get(SEC_FETCH_MODE) {
            Some(mode) => mode == "navigate",
            None => {
                !tells_fetch_metadata(headers)
                    && accepts_html(headers)
                    && !headers.contains_key(header::UPGRADE)
            }
        };
        match (navigates, method == Method::GET) {
            (true, true) => Self::Navigation,
            (true, false) => Self::Form,
            (false, _) => Self::Program,
        }
    }

    /// True when a person looks at the answer.
    pub(crate) fn reads_html(self) -> bool {
        matches!(self, Self::Navigation | Self::Form)
    }
}

/// True when the page is loaded into a frame of another page, where the Hub refuses to be shown.
pub(crate) fn is_framed(headers: &HeaderMap) -> bool {
    let framed = ["iframe", "frame", "fencedframe", "embed", "object"];
    headers.get(SEC_FETCH_DEST).is_some_and(|dest| framed.iter().any(|name| dest == name))
}

/// True when nobody asked for this yet: the browser fetches it in advance.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    [SEC_PURPOSE, PURPOSE].iter().any(|name| {
        let value = headers.get(name).map(|value| value.as_bytes().to_ascii_lowercase());
        value.is_some_and(|value| value.starts_with(b"prefetch") || value.starts_with(b"prerender"))
    })
}

/// `Sec-Fetch-Site`, where the browser tells.
pub(crate) fn fetch_site(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(SEC_FETCH_SITE).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn tells_fetch_metadata(headers: &HeaderMap) -> bool {
    headers.contains_key(SEC_FETCH_SITE) || headers.contains_key(SEC_FETCH_DEST)
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|range| {
            range.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("text/html"))
        })
}

fn is_true(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get(name).is_some_and(|value| value == "true")
}
