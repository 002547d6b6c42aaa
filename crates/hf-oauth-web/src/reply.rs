//! An answer, as data: an adapter makes its framework's response of it.

use std::borrow::Cow;

use hf_oauth_session::SetCookie;

use crate::cookie_lines::CookieLines;

const NO_STORE: &str = "no-store, private";

/// An answer to a request: status, headers, body.
///
/// An adapter sets every header of [`headers`](Self::headers) by appending (cookies come several times), and puts a
/// mark on the response where the reply [has all cookies](Self::has_all_cookies), so that its middleware adds none of
/// [`Visit::cookies_after`](crate::Visit::cookies_after).
#[derive(Clone, Debug)]
#[must_use = "send it"]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    cookies: CookieLines,
    body: Cow<'static, str>,
    replaces: Replaces,
}

/// Which cookies of the visit have no place beside those of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replaces {
    Nothing,
    /// The reply has looked through the pending logins itself, with the one in mind that begins.
    Logins,
    /// The reply begins or ends the session, or has the visit's cookies already.
    Everything,
}

impl Reply {
    fn new(status: u16, body: impl Into<Cow<'static, str>>) -> Self {
        let headers = vec![("x-content-type-options", "nosniff".into())];
        Self {
            status,
            headers,
            cookies: CookieLines::default(),
            body: body.into(),
            replaces: Replaces::Nothing,
        }
    }

    /// 303, which browsers follow with a `GET` (RFC 9110 section 15.4.4). `location` is ASCII.
    pub(crate) fn see_other(location: impl Into<String>) -> Self {
        Self::new(303, "").private().with("location", location.into())
    }

    /// A page for one person.
    pub(crate) fn html(status: u16, html: String, security_policy: String) -> Self {
        Self::new(status, html)
            .private()
            .with("content-type", "text/html; charset=utf-8")
            .with("content-security-policy", security_policy)
    }

    /// JSON for one person.
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::json_text(status, body.to_string())
    }

    /// As [`json`](Self::json), of what is text already.
    pub(crate) fn json_text(status: u16, body: String) -> Self {
        Self::new(status, body).private().with("content-type", "application/json")
    }

    /// A file that is the same for everybody.
    pub(crate) fn asset(content_type: &'static str, text: &'static str) -> Self {
        Self::new(200, text).with("content-type", content_type).with("cache-control", "public, max-age=3600")
    }

    /// In no cache, and no address goes on to other sites.
    fn private(self) -> Self {
        self.with("cache-control", NO_STORE).with("referrer-policy", "no-referrer")
    }

    /// With this header, in place of any of the same name.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.retain(|(found, _)| *found != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn with_cookies(mut self, cookies: impl IntoIterator<Item = SetCookie>) -> Self {
        self.cookies.put(cookies);
        self
    }

    /// With cookies that take the place of the visit's.
    pub(crate) fn replacing(mut self, replaces: Replaces) -> Self {
        self.replaces = replaces;
        self
    }

    pub(crate) fn replaces(&self) -> Replaces {
        self.replaces
    }

    /// With the visit's cookies, which come before its own, and so with all.
    pub(crate) fn completed_with<'c>(mut self, earlier: impl IntoIterator<Item = &'c SetCookie>) -> Self {
        let own = std::mem::take(&mut self.cookies);
        self.cookies.put(earlier.into_iter().cloned());
        self.cookies.put(own);
        self.replaces = Replaces::Everything;
        // What sets a cookie is for one person.
        if self.cookies.is_empty() { self } else { self.with("cache-control", NO_STORE) }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers, names in lower case and values in ASCII; `set-cookie` may come several times, and is secret.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let headers = self.headers.iter().map(|(name, value)| (*name, Cow::Borrowed(value.as_ref())));
        headers.chain(self.cookies.iter().map(|cookie| ("set-cookie", Cow::Owned(cookie.header_value()))))
    }

    /// The body.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The body, without a copy.
    pub fn into_body(self) -> Cow<'static, str> {
        self.body
    }

    /// True when every cookie of this answer is among the headers, and no other is to be set beside them.
    pub fn has_all_cookies(&self) -> bool {
        self.replaces == Replaces::Everything
    }
}
