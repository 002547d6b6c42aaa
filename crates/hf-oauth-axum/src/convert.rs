//! Between axum's types and those of `hf-oauth-web`.

use axum::body::Body;
use axum::extract::OriginalUri;
use axum::response::Response;
use hf_oauth_web::testing::TestUser;
use hf_oauth_web::{HeaderValues, Headers, Reply, Request};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store, private");

/// The head of a request, as `hf-oauth-web` looks at it.
pub(crate) struct Head<'r> {
    method: &'r Method,
    uri: &'r Uri,
    target: &'r str,
    headers: Borrowed<'r>,
    test_user: Option<&'r TestUser>,
}

struct Borrowed<'r>(&'r HeaderMap);

impl Headers for Borrowed<'_> {
    fn values(&self, name: &'static str) -> HeaderValues<'_> {
        self.0.get_all(HeaderName::from_static(name)).iter().map(HeaderValue::as_bytes).collect()
    }
}

impl<'r> Head<'r> {
    pub(crate) fn new(
        method: &'r Method,
        uri: &'r Uri,
        headers: &'r HeaderMap,
        extensions: &'r Extensions,
    ) -> Self {
        // As it came, also where the router is nested.
        let uri = extensions.get::<OriginalUri>().map_or(uri, |original| &original.0);
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Self { method, uri, target, headers: Borrowed(headers), test_user: extensions.get() }
    }

    pub(crate) fn of_parts(parts: &'r http::request::Parts) -> Self {
        Self::new(&parts.method, &parts.uri, &parts.headers, &parts.extensions)
    }

    pub(crate) fn of_headers(headers: &'r HeaderMap, nothing: &'r (Method, Uri, Extensions)) -> Self {
        Self::new(&nothing.0, &nothing.1, headers, &nothing.2)
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request::new(self.method.as_str(), self.target, &self.headers)
            .with_authority(self.uri.authority().map(http::uri::Authority::as_str))
            .with_test_user(self.test_user)
    }
}

/// In a response: all cookies of the visit that are to be set are among its own already.
#[derive(Clone, Copy)]
pub(crate) struct HasAllCookies;

/// A reply as a response.
pub(crate) fn response(reply: Reply) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    for (name, value) in reply.headers() {
        append(response.headers_mut(), HeaderName::from_static(name), &value);
    }
    if reply.has_all_cookies() {
        response.extensions_mut().insert(HasAllCookies);
    }
    *response.body_mut() = match reply.into_body() {
        std::borrow::Cow::Borrowed(text) => Body::from(text),
        std::borrow::Cow::Owned(text) => Body::from(text),
    };
    response
}

/// Appends cookies; never replaces what others set. What has some is for one person.
pub(crate) fn append_cookies(headers: &mut HeaderMap, cookies: impl Iterator<Item = String>) {
    let mut any = false;
    for cookie in cookies {
        append(headers, SET_COOKIE, &cookie);
        any = true;
    }
    if any {
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
}

fn append(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // A reply's headers are ASCII by their types.
    if let Ok(mut value) = HeaderValue::from_str(value) {
        value.set_sensitive(name == SET_COOKIE);
        headers.append(name, value);
    }
}
