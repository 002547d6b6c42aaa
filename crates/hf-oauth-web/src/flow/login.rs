//! The way to the Hub.

use hf_oauth::{
    AuthorizationRequest, Hub, LoginError, LoginOptions, LoginSeed, Prompt, ReturnPath, authorize,
};
use hf_oauth_session::{RequirementId, SetCookie, WriteError};

use crate::answers;
use crate::begin::{Attempt, Begin, Step};
use crate::failure::Failure;
use crate::fetch_metadata::{Audience, is_framed, is_no_navigation};
use crate::frames::{FrameSignIn, Framing};
use crate::paths::{ASK, AT_HOME, TAB, has_mark, with_mark};
use crate::reply::{Replaces, Reply};
use crate::request::Request;
use crate::site::Site;
use crate::visit::Visit;

/// `GET /oauth/huggingface/login`: nothing but the return path is taken from the link, and whether it was opened from a
/// frame, and whether the Hub is to ask again.
pub(crate) fn login(visit: &Visit, request: &Request<'_>) -> Step {
    let prompt = has_mark(request.query(), ASK).then_some(Prompt::Consent);
    let paths = &visit.runtime().paths;
    from_link(
        visit,
        request,
        |return_path| match prompt {
            Some(_) => with_mark(&paths.login_to(return_path), ASK),
            None => paths.login_to(return_path),
        },
        prompt,
    )
}

/// `GET /oauth/huggingface/login/switch`: the Hub asks which account.
pub(crate) fn switch(visit: &Visit, request: &Request<'_>) -> Step {
    let paths = &visit.runtime().paths;
    from_link(visit, request, |return_path| paths.switch_to(return_path), Some(Prompt::SelectAccount))
}

fn from_link(
    visit: &Visit,
    request: &Request<'_>,
    address: impl Fn(&ReturnPath) -> String,
    prompt: Option<Prompt>,
) -> Step {
    let runtime = visit.runtime();
    let return_path = runtime.paths.return_path_of_query(request.query());
    let is_for_tab = has_mark(request.query(), TAB) && !is_framed(request);
    let return_path = if is_for_tab { runtime.paths.tab_to(&return_path) } else { return_path };
    if let Some(refused) = refused(visit, request, address(&return_path)) {
        return refused.into();
    }
    if let Some(home) = at_home(visit, request, address(&return_path)) {
        return Reply::see_other(home).into();
    }
    let mut options = LoginOptions::new().with_return_path(return_path);
    options.prompt = prompt;
    // Where access was granted once without the organisation, the Hub would ask no more.
    let asks = has_mark(request.query(), ASK);
    let orgs = runtime.admission.orgs.iter().flatten().filter(|_| asks);
    Step::Begin(Begin::first(orgs.fold(options, |options, org| options.with_org_id(org.as_str()))))
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

/// A path at the app's own address, for somebody who came by one that is not set up (`www.`): the callback will
/// be there, and so must the cookie be. Once, because behind some proxies every request seems to come by another.
fn at_home(visit: &Visit, request: &Request<'_>, path: String) -> Option<String> {
    let site = visit.site()?;
    if has_mark(request.query(), AT_HOME)
        || Audience::of(request) != Audience::Navigation
        || site.is_at(request)
    {
        return None;
    }
    Some(with_mark(&format!("{}{path}", site.origin), AT_HOME))
}

/// Sends the browser to the provider, and keeps what is needed when it comes back.
pub(crate) async fn begin(visit: &Visit, request: &Request<'_>, begin: Begin) -> Reply {
    let incoming = visit.incoming(request);
    let Some(site) = visit.site() else { return answers::unknown_host(incoming) };
    let back = begin.options.return_path.clone();
    match (incoming.framing(), site.frames.sign_in) {
        (Framing::Foreign, _) => return answers::failure(incoming, &answers::framed(incoming, back)),
        (Framing::Framed, FrameSignIn::NewTab) => {
            return answers::failure(incoming, &answers::in_a_tab(back));
        }
        (Framing::Framed, FrameSignIn::InFrame) | (Framing::Unframed, _) => {}
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
