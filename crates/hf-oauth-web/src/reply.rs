//! An answer, as data: an adapter makes its framework's response of it.

use std::borrow::Cow;

use hf_oauth_session::SetCookie;

const NO_STORE: &str = "no-store, private";

/// An answer to a request: status, headers, body.
///
/// An adapter sets every header of [`headers`](Self::headers) by appending (cookies come several times), and puts a
/// mark on the response where [`sets_session`](Self::sets_session), so that its middleware adds no cookie of
/// [`Visit::cookies_after`](crate::Visit::cookies_after).
#[derive(Clone, Debug)]
#[must_use = "send it"]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    cookies: Vec<SetCookie>,
    body: Cow<'static, str>,
    sets_session: bool,
}

impl Reply {
    fn new(status: u16, body: impl Into<Cow<'static, str>>) -> Self {
        let headers = vec![("x-content-type-options", "nosniff".into())];
        Self { status, headers, cookies: Vec::new(), body: body.into(), sets_session: false }
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
        Self::new(status, body.to_string()).private().with("content-type", "application/json")
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
        self.cookies.extend(cookies);
        self
    }

    /// Marks that the session's cookies are among the reply's.
    pub(crate) fn setting_session(mut self) -> Self {
        self.sets_session = true;
        self
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

    /// True when the session's cookies are among the headers.
    pub fn sets_session(&self) -> bool {
        self.sets_session
    }
}
