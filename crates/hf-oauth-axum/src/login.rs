//! The way to the Hub.

use axum::extract::Request;
use axum::response::Response;
use hf_oauth::{
    AuthorizationRequest, Hub, LoginError, LoginOptions, LoginSeed, Prompt, ReturnPath, authorize,
};
use hf_oauth_session::{SetCookie, WriteError};

use crate::address::Site;
use crate::auth::{HuggingFace, cookies};
use crate::failure::{Failure, FailureCode};
use crate::layer::Visit;
use crate::navigation::{Audience, is_framed};
use crate::respond::{append_cookies, failure, see_other};

/// `GET /oauth/huggingface/login`: nothing but the return path is taken from the link.
pub(crate) async fn login(auth: &HuggingFace, request: Request) -> Response {
    let visit = Visit::of_request(auth, request.into_parts().0).await;
    let return_path = auth.0.paths.return_path_of_query(visit.uri.query());
    if let Some(home) = elsewhere(&visit, &return_path) {
        return see_other(&home);
    }
    begin(&visit, LoginOptions::new().with_return_path(return_path), Attempt::First).await
}

/// The login at the app's own address, for somebody who came by another (a custom domain, `www.`): the callback will
/// be there, and so must the cookie be. Once, because behind some proxies every request seems to come by another.
fn elsewhere(visit: &Visit, return_path: &ReturnPath) -> Option<String> {
    let site = visit.current.site.as_ref()?;
    let was_sent = visit.uri.query().unwrap_or_default().split('&').any(|pair| pair == AT_HOME);
    if was_sent || visit.audience != Audience::Navigation || site.is_at(&visit.headers, &visit.uri) {
        return None;
    }
    let login = visit.auth.0.paths.login_to(return_path);
    let separator = if login.contains('?') { '&' } else { '?' };
    Some(format!("{}{login}{separator}{AT_HOME}", site.origin))
}

/// In a link to the login: do not send the browser to another address any more.
const AT_HOME: &str = "_here=1";

/// `GET /oauth/huggingface/login/switch`: the Hub asks which account.
pub(crate) async fn switch(auth: &HuggingFace, request: Request) -> Response {
    let visit = Visit::of_request(auth, request.into_parts().0).await;
    let return_path = auth.0.paths.return_path_of_query(visit.uri.query());
    let options = LoginOptions::new().with_return_path(return_path).with_prompt(Prompt::SelectAccount);
    begin(&visit, options, Attempt::First).await
}

/// Whether this login stands in for one whose cookie was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    First,
    Restart,
}

/// Sends the browser to the provider, and keeps what is needed when it comes back.
pub(crate) async fn begin(visit: &Visit, options: LoginOptions, attempt: Attempt) -> Response {
    let Some(site) = &visit.current.site else { return failure(visit, &unknown_host()) };
    if is_framed(&visit.headers) {
        return failure(visit, &framed(options.return_path));
    }
    let back = options.return_path.clone();
    match prepare(visit, site, options, attempt).await {
        Ok((request, set_cookies)) => {
            let mut response = see_other(&request.url());
            append_cookies(response.headers_mut(), &set_cookies);
            response
        }
        Err(refused) => failure(visit, &refused.returning_to(back)),
    }
}

async fn prepare(
    visit: &Visit,
    site: &Site,
    options: LoginOptions,
    attempt: Attempt,
) -> Result<(AuthorizationRequest, Vec<SetCookie>), Failure> {
    let client = &visit.auth.0.client;
    let hub = client.hub().await.map_err(|error| Failure::of_login(&LoginError::Provider(error)))?;
    let seed = match attempt {
        Attempt::First => site.logins.new_seed(),
        Attempt::Restart => site.logins.restart_seed(),
    };
    let seed = seed.map_err(Failure::broken)?;
    let keep = |options: &LoginOptions| keep(visit, site, &hub, options, &seed);
    match keep(&options) {
        // A return path may be longer than what a cookie holds: the front page always fits.
        Err(Unkept::TooLarge(_)) => keep(&options.with_return_path(ReturnPath::root())),
        kept => kept,
    }
    .map_err(|unkept| match unkept {
        Unkept::TooLarge(error) => {
            tracing::error!(%error, "sign-in cannot begin");
            Failure::misconfigured().with_detail(error)
        }
        Unkept::Failed(failure) => *failure,
    })
}

enum Unkept {
    TooLarge(WriteError),
    Failed(Box<Failure>),
}

fn keep(
    visit: &Visit,
    site: &Site,
    hub: &Hub,
    options: &LoginOptions,
    seed: &LoginSeed,
) -> Result<(AuthorizationRequest, Vec<SetCookie>), Unkept> {
    let failed = |failure| Unkept::Failed(Box::new(failure));
    let now = visit.auth.0.client.now();
    let (request, _) = authorize(&site.app, hub, options, seed, now)
        .map_err(|error| failed(Failure::of_login(&LoginError::Authorize(error))))?;
    match site.logins.begin(options, seed, &[], &cookies(&visit.headers), now) {
        Ok(mut set_cookies) => {
            if seed.attempt() == hf_oauth::LoginAttempt::Restart {
                set_cookies.push(site.logins.restart_note());
            }
            Ok((request, set_cookies))
        }
        Err(error @ WriteError::PendingLoginTooLarge { .. }) => Err(Unkept::TooLarge(error)),
        Err(error) => Err(failed(Failure::broken(error))),
    }
}

pub(crate) fn unknown_host() -> Failure {
    Failure::new(
        FailureCode::HostUnknown,
        "Without a public URL, signing in works under localhost, 127.0.0.1 and [::1] only.",
    )
    .and("Whoever runs this app: call with_public_url(\"https://...\") with the address that you see above.")
}

fn framed(return_path: ReturnPath) -> Failure {
    Failure::new(
        FailureCode::Framed,
        "This app is shown inside another page, where Hugging Face does not let anybody sign in.",
    )
    .returning_to(return_path)
}
