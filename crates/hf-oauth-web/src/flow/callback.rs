//! The way back from the Hub.

use std::time::Duration;

use hf_oauth::{CallbackError, CallbackParams, LoginAttempt, LoginError, PendingLogin, ReturnPath};
use hf_oauth_session::{PendingLookup, RequirementId, SetCookie, WriteError};

use crate::answers;
use crate::begin::{Begin, Step};
use crate::failure::{Failure, FailureCode};
use crate::fetch_metadata::is_no_navigation;
use crate::frames::Framing;
use crate::paths::{AT_HOME, has_mark, host_of_query, with_mark};
use crate::refresh::{Freshness, Refresher};
use crate::reply::{Replaces, Reply};
use crate::request::Request;
use crate::sign_in::{SignIn, SignInOutcome, sign_in};
use crate::single_flight::call_key;
use crate::site::{Site, host_and_port};
use crate::visit::Visit;

/// How long the outcome of a login stands for a browser that sends the same redirect again before it got the answer.
const KEPT: Duration = Duration::from_secs(60);

/// `GET /oauth/huggingface/callback`.
pub(crate) async fn callback(visit: &Visit, request: &Request<'_>) -> Step {
    let incoming = visit.incoming(request);
    let Some(site) = visit.site() else { return answers::unknown_host(incoming).into() };
    if request.method() == "HEAD" || is_no_navigation(request) {
        return answers::not_a_navigation(incoming).into();
    }
    let refused = |error: CallbackError| {
        answers::failure(incoming, &Failure::of_login(&LoginError::Callback(error, None))).into()
    };
    let params = match CallbackParams::from_query(request.query().unwrap_or_default()) {
        Ok(params) => params,
        Err(error) => return refused(error),
    };
    let Some(state) = params.state().filter(|state| !state.is_empty()).map(str::to_owned) else {
        return refused(CallbackError::StateMissing);
    };
    let is_error = params.is_error();
    if let Some(elsewhere) = began_elsewhere(visit, request, &state) {
        return Reply::see_other(elsewhere).into();
    }
    match site.logins.find(&site.app, &state, &request.cookies(), visit.runtime().client.now()) {
        PendingLookup::Waiting { login, asked } => {
            Returned { visit, site, request, state: &state }.finish(params, *login, asked).await.into()
        }
        PendingLookup::Finished { return_path } => match visit.session() {
            Some(_) => Reply::see_other(return_path.as_str()).into(),
            None => {
                let used = Failure::new(FailureCode::LoginUsed, "It works once only. Sign in again.");
                answers::failure(incoming, &used.returning_to(return_path)).into()
            }
        },
        // Somebody who is signed in already has no use for a stray callback, and loses nothing by it.
        PendingLookup::Unknown { .. } if visit.session().is_some() => Reply::see_other("/").into(),
        // Whoever said no is not asked again at once.
        PendingLookup::Unknown { may_restart: true, .. }
            if !is_error && visit.runtime().begins_once_more(&state) =>
        {
            Step::Begin(Begin::restart())
        }
        PendingLookup::Unknown { .. } => {
            let is_of_this_library = LoginAttempt::of_state(&state).is_some();
            if !is_error && is_of_this_library {
                tracing::warn!(
                    "a sign-in came back a second time without its cookie. If several instances serve this address they \
                     need the same session keys (OAUTH_SESSION_KEYS) and the same client; otherwise the browser keeps \
                     no cookies"
                );
            } else if !is_error {
                // Anybody can ask for this address: no warning for what may be nobody's sign-in.
                tracing::info!(
                    "a sign-in came back with a `state` that this app never sent: the link is forged or old, or the \
                     provider or a proxy changes addresses"
                );
            }
            let lost = lost(!is_error && is_of_this_library, incoming.framing());
            answers::failure(incoming, &lost).into()
        }
        other => {
            let unknown = Failure::broken(format_args!("a pending login in an unknown state: {other:?}"));
            answers::failure(incoming, &unknown).into()
        }
    }
}

/// Where the browser is sent on to, with all that the provider said, when the login began on a custom domain: what is needed
/// to finish it is a cookie of that domain. Only the redirect goes there, never a session; and it goes to no address that
/// is not set up, once.
fn began_elsewhere(visit: &Visit, request: &Request<'_>, state: &str) -> Option<String> {
    let (runtime, query) = (visit.runtime(), request.query());
    let host = host_of_query(query)?;
    // What a provider sends, and a header can carry.
    let sent = query.filter(|query| query.bytes().all(|byte| byte.is_ascii_graphic()))?;
    let domain = runtime.sites.custom_domains().iter().find(|site| host_and_port(&site.origin) == host)?;
    let here = visit.site()?;
    if has_mark(query, AT_HOME) || here.origin == domain.origin {
        return None;
    }
    let found = here.logins.find(&here.app, state, &request.cookies(), runtime.client.now());
    if !matches!(found, PendingLookup::Unknown { .. }) {
        return None;
    }
    let url = format!("{}{}?{sent}", domain.origin, runtime.paths.callback);
    Some(with_mark(&url, AT_HOME))
}

/// The browser brought the login back that it began.
#[derive(Clone, Copy)]
struct Returned<'a> {
    visit: &'a Visit,
    site: &'a Site,
    request: &'a Request<'a>,
    state: &'a str,
}

impl Returned<'_> {
    async fn finish(self, params: CallbackParams, login: PendingLogin, asked: Vec<RequirementId>) -> Reply {
        let Self { visit, site, request, state } = self;
        let (runtime, incoming) = (visit.runtime(), visit.incoming(request));
        let return_path = login.return_path().clone();
        // In a task of its own, once: a code that is sent twice may cost the tokens that the first one brought.
        let (client, admission) = (runtime.client.clone(), runtime.admission.clone());
        let (clock, requirements) = (runtime.client.clone(), asked.clone());
        let work = || sign_in(client, admission, params, login, asked);
        let keep = |outcome: &SignInOutcome| match outcome {
            Err(failure) if !failure.login_is_spent => Duration::ZERO,
            _ => KEPT,
        };
        let key = call_key("callback", state);
        let outcome = runtime.sign_ins.run(key, move || clock.now(), work, keep).await;
        match outcome.unwrap_or_else(|| Err(Box::new(Failure::broken("a sign-in broke off")))) {
            Ok(sign_in) => self.welcome(&sign_in).await,
            // Too late, but not too late for somebody who is signed in.
            Err(late) if late.code == FailureCode::LoginExpired && visit.session().is_some() => {
                Reply::see_other(return_path.as_str()).with_cookies(site.logins.forget(state))
            }
            // Whoever said no to more keeps what they have, and is not asked for it again.
            Err(declined) if declined.code == FailureCode::AccessDenied && visit.session().is_some() => {
                let kept = Failure::new(
                    FailureCode::AccessDenied,
                    "You chose not to grant that. You are still signed in, as before.",
                );
                let reply = answers::failure(incoming, &kept.returning_to(ReturnPath::root()))
                    .with_cookies(site.logins.forget(state));
                reply.with_cookies(self.remember(&requirements).await.unwrap_or_default())
            }
            Err(refused) => {
                let is_over = refused.login_is_spent || refused.code == FailureCode::LoginExpired;
                let mut cookies = if is_over { site.logins.forget(state) } else { Vec::new() };
                // What the provider will not give this app is not asked for again either.
                if refused.code == FailureCode::ProviderRefused {
                    cookies.extend(self.remember(&requirements).await.unwrap_or_default());
                }
                answers::failure(incoming, &refused.returning_to(return_path)).with_cookies(cookies)
            }
        }
    }

    /// The cookies of the session that the browser has, which then knows what was asked for. `None` where it knows already,
    /// and where it cannot be written now: then it is asked for once more.
    async fn remember(self, asked: &[RequirementId]) -> Option<Vec<SetCookie>> {
        let Self { visit, site, request, .. } = self;
        let session = visit.session().filter(|session| asked.iter().any(|it| !session.has_asked(it)))?;
        // Not older tokens over newer ones: a refresh may be under way.
        let session = match visit.runtime().refresher.fresh(session.clone()).await {
            Freshness::Current(session) | Freshness::Renewed(session) => {
                visit.runtime().admission.prepared(session).with_asked(asked)
            }
            _ => return None,
        };
        site.sessions.write(&session, &request.cookies(), visit.runtime().client.now()).await.ok()
    }

    /// Signed in: a new session takes the place of whatever the browser had.
    async fn welcome(self, sign_in: &SignIn) -> Reply {
        let Self { visit, site, request, state } = self;
        let SignIn { session, return_path } = sign_in;
        let (now, cookies) = (visit.runtime().client.now(), request.cookies());
        let written = match site.sessions.write(session, &cookies, now).await {
            Ok(written) => written,
            Err(error) => {
                tracing::error!(%error, "sign-in failed");
                let failure = unkept(&error).with_detail(error).returning_to(return_path.clone());
                return answers::failure(visit.incoming(request), &failure)
                    .with_cookies(site.logins.forget(state));
            }
        };
        let finished = site.logins.finish(state, return_path, &cookies, &written, now);
        let before = site.sessions.read(&cookies, now).await;
        if let Some(before) = before.session.filter(|before| before.id() != session.id()) {
            visit.runtime().end_of(&before, Refresher::replace);
            site.sessions.forget(&before);
        }
        Reply::see_other(return_path.as_str())
            .with_cookies(before.stale)
            .with_cookies(written)
            .with_cookies(site.sessions.without_sign_out_note(&cookies))
            .with_cookies(site.logins.without_restart_note(&cookies))
            .with_cookies(finished)
            .replacing(Replaces::Everything)
    }
}

fn unkept(error: &WriteError) -> Failure {
    match error {
        WriteError::SessionTooLarge { .. } => Failure::new(
            FailureCode::SessionTooLarge,
            "Hugging Face gave more than a browser can keep in a cookie. Whoever runs this app has to ask for less.",
        ),
        _ => Failure::broken(error),
    }
}

fn lost(twice: bool, framing: Framing) -> Failure {
    let what = "The sign-in began, and came back without the cookie that it left in your browser.";
    let what = if twice { format!("{what} It was tried twice.") } else { what.to_owned() };
    let failure = Failure::new(FailureCode::LoginLost, what);
    if framing != Framing::Unframed {
        return failure
            .and("This app is shown inside another page, and your browser seems to keep no cookies for it there.")
            .and("Open the app in a tab of its own, sign in there, and go on there.");
    }
    failure
        .and(
            "The usual causes: cookies are blocked for this site; the app is shown inside another page; the clock of this \
             device or of the server is wrong; the app was given new keys in between, or runs several times with \
             different ones; something in between changed the address.",
        )
        .and("Open the app in a tab of its own, allow cookies for it, and sign in there.")
}
