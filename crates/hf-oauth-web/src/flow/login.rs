//! The way to the Hub.

use hf_oauth::{
    AuthorizationRequest, Hub, LoginError, LoginOptions, LoginSeed, Prompt, ReturnPath, authorize,
};
use hf_oauth_session::{RequirementId, SetCookie, WriteError};

use crate::answers;
use crate::begin::{Attempt, Begin, Step};
use crate::failure::Failure;
use crate::fetch_metadata::{Audience, is_framed, is_no_navigation};
use crate::reply::{Replaces, Reply};
use crate::request::Request;
use crate::site::Site;
use crate::visit::Visit;

/// `GET /oauth/huggingface/login`: nothing but the return path is taken from the link.
pub(crate) fn login(visit: &Visit, request: &Request<'_>) -> Step {
    let paths = &visit.runtime().paths;
    let return_path = paths.return_path_of_query(request.query());
    if let Some(refused) = refused(visit, request, paths.login_to(&return_path)) {
        return refused.into();
    }
    match at_home(visit, request, paths.login_to(&return_path)) {
        Some(home) => Reply::see_other(home).into(),
        None => Step::Begin(Begin::first(LoginOptions::new().with_return_path(return_path))),
    }
}

/// `GET /oauth/huggingface/login/switch`: the Hub asks which account.
pub(crate) fn switch(visit: &Visit, request: &Request<'_>) -> Step {
    let paths = &visit.runtime().paths;
    let return_path = paths.return_path_of_query(request.query());
    if let Some(refused) = refused(visit, request, paths.switch_to(&return_path)) {
        return refused.into();
    }
    if let Some(home) = at_home(visit, request, paths.switch_to(&return_path)) {
        return Reply::see_other(home).into();
    }
    let options = LoginOptions::new().with_return_path(return_path).with_prompt(Prompt::SelectAccount);
    Step::Begin(Begin::first(options))
}

/// The answer to what is no navigation: an image in somebody's text would begin logins, and push out real ones.
fn refused(visit: &Visit, request: &Request<'_>, address: String) -> Option<Reply> {
    if request.method() != "HEAD" && !is_no_navigation(request) {
        return None;
    }
    let reply = answers::not_a_navigation(visit.incoming(request));
    // A link that HTMX follows becomes a navigation.
    Some(if Audience::of(request) == Audience::Htmx { reply.with("hx-redirect", address) } else { reply })
}

/// In a link to the login: do not send the browser to another address any more.
const AT_HOME: &str = "_here=1";

/// A path at the app's own address, for somebody who came by another (a custom domain, `www.`): the callback will
/// be there, and so must the cookie be. Once, because behind some proxies every request seems to come by another.
fn at_home(visit: &Visit, request: &Request<'_>, path: String) -> Option<String> {
    let site = visit.site()?;
    let was_sent = request.query().unwrap_or_default().split('&').any(|pair| pair == AT_HOME);
    if was_sent || Audience::of(request) != Audience::Navigation || site.is_at(request) {
        return None;
    }
    let separator = if path.contains('?') { '&' } else { '?' };
    Some(format!("{}{path}{separator}{AT_HOME}", site.origin))
}

/// Sends the browser to the provider, and keeps what is needed when it comes back.
pub(crate) async fn begin(visit: &Visit, request: &Request<'_>, begin: Begin) -> Reply {
    let incoming = visit.incoming(request);
    let Some(site) = visit.site() else { return answers::unknown_host(incoming) };
    let back = begin.options.return_path.clone();
    if is_framed(request) {
        return answers::failure(incoming, &answers::framed(back));
    }
    match prepare(visit, site, request, begin).await {
        Ok((authorization, set_cookies)) => {
            Reply::see_other(authorization.url()).with_cookies(set_cookies).replacing(Replaces::Logins)
        }
        Err(refused) => answers::failure(incoming, &refused.returning_to(back)),
    }
}

async fn prepare(
    visit: &Visit,
    site: &Site,
    request: &Request<'_>,
    begin: Begin,
) -> Result<(AuthorizationRequest, Vec<SetCookie>), Failure> {
    let Begin { options, asked, attempt } = begin;
    let client = &visit.runtime().client;
    let hub = client.hub().await.map_err(|error| Failure::of_login(&LoginError::Provider(error)))?;
    let seed = match attempt {
        Attempt::First => site.logins.new_seed(),
        Attempt::Restart => site.logins.restart_seed(),
    };
    let seed = seed.map_err(Failure::broken)?;
    let keep = |options: &LoginOptions| keep(visit, site, request, &hub, (options, &seed, &asked));
    let kept = match keep(&options) {
        // A return path may be longer than what a cookie holds: the front page always fits.
        Err(Unkept::TooLarge(_)) => keep(&options.with_return_path(ReturnPath::root())),
        kept => kept,
    };
    let (authorization, mut set_cookies) = kept.map_err(|unkept| match unkept {
        Unkept::TooLarge(error) => {
            tracing::error!(%error, "sign-in cannot begin");
            Failure::misconfigured().with_detail(error)
        }
        Unkept::Failed(failure) => *failure,
    })?;
    if attempt == Attempt::Restart {
        set_cookies.push(site.logins.restart_note());
    }
    Ok((authorization, set_cookies))
}

enum Unkept {
    TooLarge(WriteError),
    Failed(Box<Failure>),
}

fn keep(
    visit: &Visit,
    site: &Site,
    request: &Request<'_>,
    hub: &Hub,
    (options, seed, asked): (&LoginOptions, &LoginSeed, &[RequirementId]),
) -> Result<(AuthorizationRequest, Vec<SetCookie>), Unkept> {
    let failed = |failure| Unkept::Failed(Box::new(failure));
    let now = visit.runtime().client.now();
    let (authorization, _) = authorize(&site.app, hub, options, seed, now)
        .map_err(|error| failed(Failure::of_login(&LoginError::Authorize(error))))?;
    match site.logins.begin(options, seed, asked, &request.cookies(), now) {
        Ok(set_cookies) => Ok((authorization, set_cookies)),
        Err(error @ WriteError::PendingLoginTooLarge { .. }) => Err(Unkept::TooLarge(error)),
        Err(error) => Err(failed(Failure::broken(error))),
    }
}
