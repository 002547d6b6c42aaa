//! The device flow (RFC 8628): a code here, a yes elsewhere.

use std::cell::RefCell;
use std::time::Instant;

use hf_oauth::{DeviceError, DeviceLogin, DeviceLoginParts, DeviceProgress, Tokens};

use super::events::{Event, Success};
use super::plan::Plan;
use super::underway::{self, Slot};
use super::watcher::Watcher;
use super::{TICK, browser, saved};
use crate::failure::{Failure, Kind};

/// Signs in, or waits for another process that is about to.
pub(super) async fn sign_in(plan: &Plan, watcher: &RefCell<Watcher>) -> Result<Success, Failure> {
    let path = &plan.locations.device;
    let unusable = |error| {
        Failure::new(Kind::StoreUnwritable, format!("{} cannot be written", path.display()))
            .next("check HF_HOME, its permissions and the free space")
            .because(error)
    };
    let mut shown = None;
    let slot = loop {
        if let Some(slot) = Slot::take(path).map_err(unusable)? {
            break Some(slot);
        }
        let Some(other) = underway::peek(path).filter(|parts| !plan.force && is_ours(plan, parts)) else {
            break None;
        };
        if shown.is_none() {
            // A file is held to the same rules as an answer, before anything of it is shown.
            plan.client.resume_device_login(other.clone()).map_err(failure)?;
            show(plan, watcher, &event(&other, plan, true));
            shown = Some((other.clone(), active(plan)?));
        }
        watcher.borrow_mut().tick(Some(left(plan, &other)));
        tokio::time::sleep(TICK).await;
    };
    let Some(mut slot) = slot else {
        // Another login is under way that is not ours to join: this one is not kept.
        let login = begin(plan, watcher).await?;
        return saved::granted(plan, poll(plan, watcher, login).await?).await;
    };
    let left = slot.left().filter(|parts| !plan.force && is_ours(plan, parts));
    if let (None, Some((_, before))) = (&left, &shown) {
        let now = active(plan)?;
        if let Some((name, token)) = now.filter(|now| Some(now) != before.as_ref()) {
            slot.done();
            return saved::by_another(plan, name, &token).await;
        }
    }
    let resumed = left.and_then(|parts| Some((plan.client.resume_device_login(parts.clone()).ok()?, parts)));
    let login = match resumed {
        Some((login, parts)) => {
            if shown.is_none() {
                show(plan, watcher, &event(&parts, plan, true));
            }
            login
        }
        None => {
            let login = begin(plan, watcher).await?;
            slot.keep(&plan.client.device_login_parts(&login)).map_err(unusable)?;
            login
        }
    };
    let end = match poll(plan, watcher, login).await {
        Ok(tokens) => saved::granted(plan, tokens).await,
        Err(failure) => Err(failure),
    };
    slot.done();
    end
}

async fn begin(plan: &Plan, watcher: &RefCell<Watcher>) -> Result<DeviceLogin, Failure> {
    let login = plan.client.begin_device_login(&plan.scopes).await.map_err(failure)?;
    show(plan, watcher, &event(&plan.client.device_login_parts(&login), plan, false));
    Ok(login)
}

/// Shows the code, and then opens the page where that is of use.
fn show(plan: &Plan, watcher: &RefCell<Watcher>, event: &Event) {
    watcher.borrow_mut().event(event);
    let opener = plan.opener.filter(|_| watcher.borrow().is_person());
    if let (Some(opener), Some(page)) = (opener, event.page()) {
        browser::open(opener, page);
    }
}

/// Until the end of the code at the latest.
async fn poll(plan: &Plan, watcher: &RefCell<Watcher>, login: DeviceLogin) -> Result<Tokens, Failure> {
    let ends = Instant::now() + plan.client.device_login_left(&login);
    let left = || ends.saturating_duration_since(Instant::now()).as_secs();
    let progress = |progress: DeviceProgress<'_>| {
        let event = match progress {
            DeviceProgress::Waiting { left } => Event::Pending { expires_in: left.as_secs() },
            DeviceProgress::Fault(error) => Event::Fault { what: error.to_string() },
            _ => return,
        };
        watcher.borrow_mut().event(&event);
    };
    let ticks = async {
        loop {
            watcher.borrow_mut().tick(Some(left()));
            tokio::time::sleep(TICK).await;
        }
    };
    tokio::select! {
        end = plan.client.finish_device_login(login, progress) => Ok(end.map_err(failure)?.tokens),
        () = ticks => unreachable!("ticks never end"),
    }
}

fn event(parts: &DeviceLoginParts, plan: &Plan, resumed: bool) -> Event {
    Event::DeviceCode {
        user_code: parts.user_code.clone(),
        verification_uri: parts.verification_uri.clone(),
        complete: parts.verification_uri_complete.clone(),
        expires_in: left(plan, parts),
        resumed,
    }
}

fn left(plan: &Plan, parts: &DeviceLoginParts) -> u64 {
    plan.client.now().until(parts.expires_at).as_secs()
}

/// Whether it is the login that this one would begin, and may still be approved.
fn is_ours(plan: &Plan, parts: &DeviceLoginParts) -> bool {
    parts.issuer == plan.client.issuer().as_str()
        && parts.client_id == plan.client_id
        && parts.scope == plan.scopes.to_string()
        && left(plan, parts) > 0
}

fn active(plan: &Plan) -> Result<Option<(String, hf_oauth::Secret)>, Failure> {
    let active = plan.store.list()?.into_iter().find(|token| token.active);
    Ok(active.and_then(|active| Some((active.name, active.token?))))
}

fn failure(error: DeviceError) -> Failure {
    let (kind, what, next) = match &error {
        DeviceError::Declined(_) => {
            (Kind::AccessDenied, "the login was declined", "hf-oauth login, if that was a mistake")
        }
        DeviceError::Expired => (Kind::CodeExpired, "nobody approved the code in its time", "hf-oauth login"),
        DeviceError::InvalidClient(_) => (
            Kind::SignInRefused,
            "the Hub does not let this app sign in so",
            "check --client-id and HF_ENDPOINT",
        ),
        DeviceError::Backchannel(cause) => return cause.clone().into(),
        DeviceError::UnsafeVerificationUri { .. }
        | DeviceError::ForeignVerificationUri { .. }
        | DeviceError::UnsafeUserCode => (
            Kind::HubError,
            "the answer is not to be trusted",
            "check HF_ENDPOINT and the network that you are in",
        ),
        DeviceError::Provider(_) | DeviceError::Unsupported { .. } => {
            (Kind::HubError, "signing in with a code does not work here", "check HF_ENDPOINT")
        }
        _ => (Kind::SignInRefused, "the Hub refused the login", "hf-oauth login"),
    };
    Failure::new(kind, what).next(next).because(error)
}
