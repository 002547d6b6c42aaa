//! The way back from the Hub.

use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use hf_oauth::{CallbackError, CallbackParams, Client, LoginError, LoginOptions, PendingLogin, ReturnPath};
use hf_oauth_session::{PendingLookup, Session, WriteError};

use crate::address::Site;
use crate::auth::{HuggingFace, cookies};
use crate::failure::{Failure, FailureCode};
use crate::flights::flight_key;
use crate::guard;
use crate::layer::{Visit, session_written};
use crate::login::{Attempt, begin, unknown_host};
use crate::respond::{append_cookies, failure, see_other};
use crate::settings::OnSignIn;
use crate::step_up;

/// How long the outcome of a login stands for a browser that sends the same redirect again before it got the answer.
const KEPT: Duration = Duration::from_secs(60);

/// What became of one login, for every request that brought its redirect.
pub(crate) type Outcome = Result<SignIn, Box<Failure>>;

#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    session: Session,
    return_path: ReturnPath,
}

/// `GET /oauth/huggingface/callback`.
pub(crate) async fn callback(auth: &HuggingFace, request: Request) -> Response {
    let visit = Visit::of_request(auth, request.into_parts().0).await;
    let Some(site) = visit.current.site.clone() else { return failure(&visit, &unknown_host()) };
    let query = visit.uri.query().unwrap_or_default();
    let refused =
        |error: CallbackError| failure(&visit, &Failure::of_login(&LoginError::Callback(error, None)));
    let params = match CallbackParams::from_query(query) {
        Ok(params) => params,
        Err(error) => return refused(error),
    };
    let Some(state) = params.state().filter(|state| !state.is_empty()).map(str::to_owned) else {
        return refused(CallbackError::StateMissing);
    };
    let now = auth.0.client.now();
    match site.logins.find(&site.app, &state, &cookies(&visit.headers), now) {
        PendingLookup::Waiting(pending) => finish(&visit, &site, params, *pending, &state).await,
        PendingLookup::Finished { return_path } => match visit.current.session() {
            Some(_) => see_other(return_path.as_str()),
            None => {
                let used = Failure::new(FailureCode::LoginUsed, "It works once only. Sign in again.");
                failure(&visit, &used.returning_to(return_path))
            }
        },
        // Somebody who is signed in already has no use for a stray callback, and loses nothing by it.
        PendingLookup::Unknown { .. } if visit.current.session().is_some() => see_other("/"),
        PendingLookup::Unknown { after_restart: false } if !is_error(query) => {
            begin(&visit, LoginOptions::new(), Attempt::Restart).await
        }
        unknown => {
            let twice = matches!(unknown, PendingLookup::Unknown { after_restart: true });
            let mut response = failure(&visit, &lost(twice));
            append_cookies(response.headers_mut(), &site.logins.stale(&cookies(&visit.headers), now));
            response
        }
    }
}

/// The browser brought the login back that it began.
async fn finish(
    visit: &Visit,
    site: &Site,
    params: CallbackParams,
    pending: PendingLogin,
    state: &str,
) -> Response {
    let return_path = pending.return_path().clone();
    let (auth, now) = (&visit.auth.0, visit.auth.0.client.now());
    if *pending.state() != state.into() {
        let mismatch = LoginError::Callback(CallbackError::StateMismatch, None);
        return failure(visit, &Failure::of_login(&mismatch));
    }
    // In a task of its own, once: a code that is sent twice may cost the tokens that the first one brought.
    let (client, check) = (auth.client.clone(), auth.on_sign_in.clone());
    let work = || async move { sign_in(&client, check, params, pending).await.map_err(Box::new) };
    let keep = |outcome: &Outcome| match outcome {
        Err(failure) if !failure.spent => Duration::ZERO,
        _ => KEPT,
    };
    let outcome = auth.sign_ins.join(flight_key("callback", state), now, work, keep).await;
    let cookies = cookies(&visit.headers);
    match outcome.unwrap_or_else(|| Err(Box::new(Failure::broken("a sign-in broke off")))) {
        Ok(sign_in) => welcome(visit, site, &sign_in, state),
        // Too late, but not too late for somebody who is signed in.
        Err(late) if late.code == FailureCode::LoginExpired && visit.current.session().is_some() => {
            let mut response = see_other(return_path.as_str());
            append_cookies(response.headers_mut(), &site.logins.forget(state));
            response
        }
        // Whoever said no to more keeps what they have.
        Err(declined) if declined.code == FailureCode::AccessDenied && visit.current.session().is_some() => {
            let kept = Failure::new(
                FailureCode::AccessDenied,
                "You chose not to grant that. You are still signed in, as before.",
            );
            let mut response = failure(visit, &kept.returning_to(ReturnPath::root()));
            append_cookies(response.headers_mut(), &site.logins.forget(state));
            response
        }
        Err(refused) => {
            let spent = refused.spent || refused.code == FailureCode::LoginExpired;
            let mut response = failure(visit, &refused.returning_to(return_path));
            let mut set_cookies = site.logins.stale(&cookies, now);
            if spent {
                set_cookies.extend(site.logins.forget(state));
            }
            append_cookies(response.headers_mut(), &set_cookies);
            response
        }
    }
}

/// Exchange, verification, and the app's own word.
async fn sign_in(
    client: &Client,
    check: Option<OnSignIn>,
    params: CallbackParams,
    pending: PendingLogin,
) -> Result<SignIn, Failure> {
    let login = client.finish(params, pending).await.map_err(|error| Failure::of_login(&error))?;
    if let Some(check) = check {
        let (user, tokens) = (login.identity.user_info().clone(), login.tokens.clone());
        check(user, tokens).await.map_err(|refused| {
            let failure = Failure::new(FailureCode::SignInRefused, refused.reason);
            Failure { spent: true, ..failure }
        })?;
    }
    let return_path = login.return_path.clone();
    let session = Session::begin(login, client.now());
    tracing::debug!(sub = session.subject(), "signed in");
    Ok(SignIn { session, return_path })
}

/// Signed in: a new session takes the place of whatever the browser had.
fn welcome(visit: &Visit, site: &Site, sign_in: &SignIn, state: &str) -> Response {
    let (now, cookies) = (visit.auth.0.client.now(), cookies(&visit.headers));
    let SignIn { session, return_path } = sign_in;
    let written = match site.sessions.write(session, &cookies, now) {
        Ok(written) => written,
        Err(error) => {
            tracing::error!(%error, "sign-in failed");
            let refused = match error {
                WriteError::SessionTooLarge { .. } => Failure::new(
                    FailureCode::SessionTooLarge,
                    "Hugging Face gave more than a browser can keep in a cookie. Whoever runs this app has to ask for \
                     less.",
                ),
                _ => Failure::broken(&error),
            };
            let mut response = failure(visit, &refused.with_detail(error).returning_to(return_path.clone()));
            append_cookies(response.headers_mut(), &site.logins.forget(state));
            return response;
        }
    };
    let mut response = match step_up::requirement(session.app_state()) {
        // Asked for more and still without it: going back would begin it all again.
        Some(required) => match guard::unmet(&required, session) {
            Some(lack) => failure(visit, &guard::denied(&lack).returning_to(return_path.clone())),
            None => see_other(return_path.as_str()),
        },
        None => see_other(return_path.as_str()),
    };
    let before = site.sessions.read(&cookies, now);
    if let Some(before) = before.session.filter(|before| before.id() != session.id()) {
        visit.auth.0.refresher.replace(&before);
    }
    let mut set_cookies = before.stale;
    set_cookies.extend(site.logins.stale(&cookies, now));
    set_cookies.extend(written);
    set_cookies.extend(site.sessions.without_sign_out_note(&cookies));
    set_cookies.extend(site.logins.finish(state, return_path, now));
    append_cookies(response.headers_mut(), &set_cookies);
    session_written(response)
}

fn lost(twice: bool) -> Failure {
    let what = "The sign-in began, and came back without the cookie that it left in your browser.";
    let what = if twice { format!("{what} It was tried twice.") } else { what.to_owned() };
    Failure::new(FailureCode::LoginLost, what)
    .and(
        "The usual causes: cookies are blocked for this site; the app is shown inside another page; the clock of this \
         device or of the server is wrong; the app was given new keys in between.",
    )
    .and("Open the app in a tab of its own, allow cookies for it, and sign in there.")
}

/// A redirect with an error restarts nothing: whoever said no is not asked again at once.
fn is_error(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "error")
}
