//! What a browser says about a request: who asks, from where, and whether a person waits for the answer (Fetch Metadata
//! Request Headers).

use hf_oauth::Origin;

use crate::request::Request;

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
    /// Only a `GET` or `HEAD` with `Sec-Fetch-Mode: navigate` is redirected; browsers that do not send `Sec-Fetch-*`
    /// are known by `Accept: text/html`.
    pub(crate) fn of(request: &Request<'_>) -> Self {
        if request.header("hx-request") == Some("true") {
            return Self::Htmx;
        }
        let navigates = match request.header("sec-fetch-mode") {
            Some(mode) => mode == "navigate",
            None => {
                !request.has("sec-fetch-site")
                    && !request.has("sec-fetch-dest")
                    && accepts_html(request)
                    && !request.has("upgrade")
            }
        };
        match (navigates, matches!(request.method(), "GET" | "HEAD")) {
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

/// True when the page is loaded into a frame of another page.
pub(crate) fn is_framed(request: &Request<'_>) -> bool {
    request.header("sec-fetch-dest").is_some_and(|dest| FRAMES.contains(&dest))
}

/// True when the app's own page leads here, and no other site is on the way.
pub(crate) fn is_own_navigation(request: &Request<'_>) -> bool {
    request.header("sec-fetch-site") == Some("same-origin")
}

const FRAMES: [&str; 5] = ["iframe", "frame", "fencedframe", "embed", "object"];

/// True when the browser says that no person asked for this: an image, a script's `fetch`, a prefetch. Its silence
/// says nothing: older browsers and programs send none of these headers.
pub(crate) fn is_no_navigation(request: &Request<'_>) -> bool {
    let other_mode = request.header("sec-fetch-mode").is_some_and(|mode| mode != "navigate");
    let other_destination =
        request.header("sec-fetch-dest").is_some_and(|dest| dest != "document" && !FRAMES.contains(&dest));
    other_mode || other_destination || is_prefetch(request)
}

/// True when the app's own page leads here by a link that somebody followed.
pub(crate) fn is_own_link(request: &Request<'_>) -> bool {
    request.method() == "GET"
        && request.header("sec-fetch-site") == Some("same-origin")
        && request.header("sec-fetch-mode") == Some("navigate")
        && request.header("sec-fetch-dest") == Some("document")
        && !is_prefetch(request)
}

/// True when the app's own page sent this request: the browser says so (`Sec-Fetch-Site`), or, where it does not send
/// that header, its `Origin` is the app's. A page under `no-referrer` posts with `Origin: null`.
pub(crate) fn is_own_request(request: &Request<'_>, own: &Origin) -> bool {
    if request.has("sec-fetch-site") {
        return is_own_navigation(request);
    }
    request.header("origin") == Some(own.to_string().as_str())
}

/// True when nobody asked for this yet: the browser fetches it in advance.
fn is_prefetch(request: &Request<'_>) -> bool {
    ["sec-purpose", "x-sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().any(|name| {
        request.values(name).any(|value| {
            let value = value.to_ascii_lowercase();
            [&b"prefetch"[..], b"prerender", b"preview"].iter().any(|purpose| value.starts_with(purpose))
        })
    })
}

fn accepts_html(request: &Request<'_>) -> bool {
    request
        .values("accept")
        .filter_map(|value| std::str::from_utf8(value).ok())
        .flat_map(|value| value.split(','))
        .any(|range| {
            range.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("text/html"))
        })
}
