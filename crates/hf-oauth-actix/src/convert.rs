//! Between actix's types and those of `hf-oauth-web`.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use hf_oauth_web::testing::TestUser;
use hf_oauth_web::{HeaderValues, Headers, Reply, Request};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store, private");

/// The head of a request, as `hf-oauth-web` looks at it.
pub(crate) struct Head<'r> {
    method: &'r str,
    target: &'r str,
    authority: Option<&'r str>,
    headers: Borrowed<'r>,
    test_user: Option<TestUser>,
}

struct Borrowed<'r>(&'r HeaderMap);

impl Headers for Borrowed<'_> {
    fn values(&self, name: &'static str) -> HeaderValues<'_> {
        self.0.get_all(HeaderName::from_static(name)).map(HeaderValue::as_bytes).collect()
    }
}

impl<'r> Head<'r> {
    pub(crate) fn of(request: &'r HttpRequest) -> Self {
        // As it came: actix routes by a copy, from which scopes take their prefix.
        let uri = request.uri();
        Self {
            method: request.method().as_str(),
            target: uri.path_and_query().map_or("/", |target| target.as_str()),
            authority: uri.authority().map(|authority| authority.as_str()),
            headers: Borrowed(request.headers()),
            test_user: request.extensions().get().cloned(),
        }
    }

    pub(crate) fn of_headers(headers: &'r HeaderMap) -> Self {
        Self { method: "GET", target: "/", authority: None, headers: Borrowed(headers), test_user: None }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request::new(self.method, self.target, &self.headers)
            .with_authority(self.authority)
            .with_test_user(self.test_user.as_ref())
    }
}

/// In a response: all cookies of the visit that are to be set are among its own already.
#[derive(Clone, Copy)]
pub(crate) struct HasAllCookies;

/// A reply as a response.
pub(crate) fn response(reply: Reply) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = HttpResponse::new(status);
    for (name, value) in reply.headers() {
        append(response.headers_mut(), HeaderName::from_static(name), &value);
    }
    if reply.has_all_cookies() {
        response.extensions_mut().insert(HasAllCookies);
    }
    response.set_body(BoxBody::new(reply.into_body()))
}

/// Appends the cookies of a visit to a handler's response, unless it has them already.
pub(crate) fn append_cookies<B>(response: &mut HttpResponse<B>, cookies: impl Iterator<Item = String>) {
    if response.extensions().get::<HasAllCookies>().is_some() {
        return;
    }
    let headers = response.headers_mut();
    let mut any = false;
    // Never in place of what others set.
    for cookie in cookies {
        append(headers, SET_COOKIE, &cookie);
        any = true;
    }
    if any {
        // What has some is for one person.
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
