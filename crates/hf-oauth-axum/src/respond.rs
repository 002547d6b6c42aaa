//! Answers: redirects, pages, JSON, and the headers that they all have.

use axum::body::Body;
use axum::response::Response;
use hf_oauth_session::SetCookie;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::failure::{Failure, FailureCode};
use crate::layer::Visit;
use crate::navigation::Audience;
use crate::page;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store, private");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");
const HX_CURRENT_URL: HeaderName = HeaderName::from_static("hx-current-url");

/// 303 with an empty body, which browsers follow with a `GET` (RFC 9110 section 15.4.4).
pub(crate) fn see_other(location: &str) -> Response {
    let mut response = closed(Response::new(Body::empty()));
    *response.status_mut() = StatusCode::SEE_OTHER;
    match HeaderValue::from_str(location) {
        Ok(location) => drop(response.headers_mut().insert(header::LOCATION, location)),
        // Locations are return paths and URLs, which are ASCII by their types.
        Err(_) => drop(response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"))),
    }
    response
}

/// A page of ours.
pub(crate) fn html(visit: &Visit, status: StatusCode, html: String) -> Response {
    let mut response = closed(Response::new(Body::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::from_str(&page::security_policy(visit)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The failure as a page for people, as JSON for everybody else.
pub(crate) fn failure(visit: &Visit, failure: &Failure) -> Response {
    let mut response = if visit.audience.reads_html() {
        html(visit, failure.status(), page::failure(visit, failure))
    } else {
        as_json(visit, failure)
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Cookie, Sec-Fetch-Mode, HX-Request"));
    if let Some(wait) = failure.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    if failure.code == FailureCode::SignedOut {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("HuggingFace realm=\"sign-in\""));
    }
    response
}

/// Nobody is signed in, where somebody should be: people are sent to the sign-in, programs are told where it is.
pub(crate) fn signed_out(visit: &Visit) -> Response {
    let paths = &visit.auth.0.paths;
    match visit.audience {
        // The Hub would sign them in again without a word.
        Audience::Navigation if has_just_left(visit) => {
            let failure_ = Failure::new(
                FailureCode::SignedOut,
                "You signed out a moment ago. This page is for people who are signed in.",
            );
            failure(visit, &failure_.returning_to(visit.here()))
        }
        Audience::Navigation => see_other(&paths.login_to(&visit.here())),
        audience => {
            let text = "This needs somebody who is signed in.";
            let mut response = failure(visit, &Failure::new(FailureCode::SignedOut, text));
            if audience == Audience::Htmx
                && let Ok(login) = HeaderValue::from_str(&paths.login_to(&htmx_page(visit)))
            {
                response.headers_mut().insert(HX_REDIRECT, login);
            }
            response
        }
    }
}

fn has_just_left(visit: &Visit) -> bool {
    let cookies = crate::auth::cookies(&visit.headers);
    visit.current.site.as_ref().is_some_and(|site| site.sessions.has_sign_out_note(&cookies))
}

/// Appends cookies; never replaces what others set. Whatever sets a cookie of ours is nobody else's to keep.
pub(crate) fn append_cookies(headers: &mut HeaderMap, cookies: &[SetCookie]) {
    for cookie in cookies {
        if let Ok(mut value) = HeaderValue::from_str(&cookie.header_value()) {
            value.set_sensitive(true);
            headers.append(header::SET_COOKIE, value);
        }
    }
    if !cookies.is_empty() {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    }
}

/// No cache, no referrer, no guessing of types.
fn closed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    response
}

fn as_json(visit: &Visit, failure: &Failure) -> Response {
    let mut body = json!({
        "error": failure.code.as_str(),
        "message": failure.text.join(" "),
        "login_url": visit.auth.0.paths.login_to(&failure.return_path),
    });
    if let Some(object) = body.as_object_mut().filter(|_| !failure.restrictions.is_empty()) {
        object.insert("restrictions".to_owned(), json!(failure.restrictions));
    }
    let mut response = closed(Response::new(Body::from(body.to_string())));
    *response.status_mut() = failure.status();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The page that an HTMX request was sent from, as far as it is one of this site.
fn htmx_page(visit: &Visit) -> hf_oauth::ReturnPath {
    let url = visit.headers.get(HX_CURRENT_URL).and_then(|url| url.to_str().ok());
    let uri = url.and_then(|url| url.parse::<http::Uri>().ok());
    uri.map_or_else(hf_oauth::ReturnPath::root, |uri| visit.auth.return_path_of(&uri))
}
