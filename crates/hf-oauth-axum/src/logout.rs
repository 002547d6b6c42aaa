//! Signing out, which no other site may do for somebody.

use axum::extract::Request;
use axum::response::Response;
use hf_oauth::{Origin, ReturnPath};
use hf_oauth_session::SetCookie;
use http::{HeaderMap, StatusCode, header};

use crate::address::Site;
use crate::auth::{HuggingFace, cookies};
use crate::failure::{Failure, FailureCode};
use crate::layer::{Visit, session_written};
use crate::login::unknown_host;
use crate::navigation::{fetch_site, is_prefetch};
use crate::page;
use crate::respond::{append_cookies, failure, html, see_other};

/// `GET`: a link of the app's own signs out, everything else gets a page that asks.
pub(crate) async fn ask_or_sign_out(auth: &HuggingFace, request: Request) -> Response {
    let visit = Visit::of_request(auth, request.into_parts().0).await;
    let return_path = auth.0.paths.return_path_of_query(visit.uri.query());
    match &visit.current.site {
        None => failure(&visit, &unknown_host()),
        Some(site) if fetch_site(&visit.headers) == Some("same-origin") && !is_prefetch(&visit.headers) => {
            signed_out(&visit, site, &return_path)
        }
        Some(_) => ask(&visit, &return_path),
    }
}

/// `POST`: of the app's own pages only.
pub(crate) async fn sign_out(auth: &HuggingFace, request: Request) -> Response {
    let visit = Visit::of_request(auth, request.into_parts().0).await;
    let return_path = auth.0.paths.return_path_of_query(visit.uri.query());
    match &visit.current.site {
        None => failure(&visit, &unknown_host()),
        Some(site) if is_asked_by_us(&visit.headers, &site.origin) => signed_out(&visit, site, &return_path),
        Some(_) => {
            let text = "You are still signed in. If you want to sign out, do it in the app itself.";
            failure(&visit, &Failure::new(FailureCode::CrossSiteLogout, text))
        }
    }
}

/// A `POST` comes from the app itself when the browser says so (`Sec-Fetch-Site`), or its `Origin` is the app's.
pub(crate) fn is_asked_by_us(headers: &HeaderMap, own: &Origin) -> bool {
    if let Some(site) = fetch_site(headers) {
        return matches!(site, "same-origin" | "none");
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => origin.as_bytes() == own.to_string().as_bytes(),
        _ => false,
    }
}

fn ask(visit: &Visit, return_path: &ReturnPath) -> Response {
    let mut response = html(visit, StatusCode::OK, page::ask_logout(visit, return_path));
    // Under `no-referrer` browsers send `Origin: null` with the form.
    response.headers_mut().insert(header::REFERRER_POLICY, http::HeaderValue::from_static("same-origin"));
    response
}

fn signed_out(visit: &Visit, site: &Site, return_path: &ReturnPath) -> Response {
    // Not the visitor's session as handlers have it: one whose access token has ended is left as well.
    let kept = site.sessions.read(&cookies(&visit.headers), visit.auth.client().now()).session;
    if let Some(session) = kept {
        visit.auth.0.refresher.sign_out(&session);
    }
    let mut response = see_other(return_path.as_str());
    append_cookies(response.headers_mut(), &everything(visit, site));
    append_cookies(response.headers_mut(), &[site.sessions.sign_out_note()]);
    session_written(response)
}

/// The session's cookies in every variant, and all pending logins.
fn everything(visit: &Visit, site: &Site) -> Vec<SetCookie> {
    let cookies = cookies(&visit.headers);
    let mut all = site.sessions.clear(&cookies);
    all.extend(site.logins.stale(&cookies, hf_oauth::UnixTime::from_secs(i64::MAX)));
    all
}
