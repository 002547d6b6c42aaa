//! The browser of this machine, which comes back to a port on loopback (RFC 8252).

use std::cell::RefCell;
use std::time::Instant;

use hf_oauth::{
    BackchannelError, CallbackError, ExchangeError, LoginError, LoginOptions, LoopbackError,
    PENDING_LOGIN_LIFETIME, Scope,
};

use super::events::{Event, Success};
use super::plan::Plan;
use super::watcher::Watcher;
use super::{TICK, saved, scopes, show};
use crate::failure::{Failure, Kind};

/// Shows the address, opens it where there is a browser, and waits until the browser has come back.
pub(super) async fn sign_in(plan: &Plan, watcher: &RefCell<Watcher>) -> Result<Success, Failure> {
    let login = plan.client.loopback_login(&options(plan)).await.map_err(|error| failure(plan, error))?;
    let ends = Instant::now() + PENDING_LOGIN_LIFETIME;
    let left = || ends.saturating_duration_since(Instant::now()).as_secs();
    show(plan, watcher, &Event::Authorize { url: login.url().to_owned(), expires_in: left() });
    let ticks = async {
        loop {
            watcher.borrow_mut().tick(Some(left()));
            tokio::time::sleep(TICK).await;
        }
    };
    let login = tokio::select! {
        end = login.finish() => end.map_err(|error| failure(plan, error))?,
        () = ticks => unreachable!("ticks never end"),
    };
    saved::granted(plan, login.tokens).await
}

/// The ID token is what this login is verified by, so `openid` is always asked for.
fn options(plan: &Plan) -> LoginOptions {
    let options = LoginOptions::new();
    if plan.scopes.is_empty() {
        options
    } else {
        options.with_scopes(plan.scopes.clone().with(Scope::OpenId))
    }
}

fn failure(plan: &Plan, error: LoopbackError) -> Failure {
    let refusal = match &error {
        LoopbackError::Login(LoginError::Callback(CallbackError::Provider(oauth), _)) => Some(oauth),
        LoopbackError::Login(login) => login.backchannel().and_then(BackchannelError::oauth),
        _ => None,
    };
    if let Some(failure) = refusal.and_then(|oauth| scopes::refused(&plan.scopes, oauth)) {
        return failure.because(error);
    }
    const CODE: &str = "hf-oauth login, to sign in with a code";
    let (kind, what, next) = match &error {
        LoopbackError::TimedOut => {
            (Kind::TimedOut, "the browser did not come back in ten minutes", "the same command again")
        }
        LoopbackError::Login(LoginError::Callback(CallbackError::Declined(_), _)) => {
            (Kind::AccessDenied, "the login was declined", "the same command again, if that was a mistake")
        }
        LoopbackError::Login(LoginError::Exchange(ExchangeError::InvalidClient(_))) => (
            Kind::SignInRefused,
            "the Hub does not let this app sign in so",
            "check that --client-id is a public app's, without a secret",
        ),
        LoopbackError::Login(LoginError::Provider(cause)) => return cause.clone().into(),
        LoopbackError::Login(login) => match login.backchannel() {
            Some(cause) => return cause.clone().into(),
            None => (Kind::SignInRefused, "the Hub refused the login", CODE),
        },
        _ => (Kind::Failed, "the browser cannot come back to this machine", CODE),
    };
    Failure::new(kind, what).next(next).because(error)
}
