//! The device flow (RFC 8628): a code here, a yes elsewhere.

use std::cell::RefCell;
use std::time::Instant;

use hf_oauth::{DeviceError, DeviceLogin, DeviceLoginParts, DeviceProgress, Tokens};

use super::events::{Event, Success};
use super::plan::Plan;
use super::underway::{self, Slot};
use super::watcher::Watcher;
use super::{TICK, saved, show};
use crate::failure::{Failure, Kind};

/// Signs in, or waits for another process that is about to.
pub(super) async fn sign_in(plan: &Plan, watcher: &RefCell<Watcher>) -> Result<Success, Failure> {
    let path = &plan.locations.device;
    let unusable = |error| {
        Failure::new(Kind::StoreUnwritable, format!("{} cannot be written", path.display()))
            .next("check HF_HOME, its permissions and the free space")
            .because(error)
    };
    let mut joined = None;
    let mut slot = loop {
        if let Some(slot) = Slot::take(path).map_err(unusable)? {
            break Some(slot);
        }
        let Some(other) = underway::peek(path).filter(|parts| !plan.force && is_ours(plan, parts)) else {
            break None;
        };
        if joined.is_none() {
            // A file is held to the same rules as an answer, before anything of it is shown.
            plan.client.resume_device_login(other.clone()).map_err(failure)?;
            show(plan, watcher, &event(&other, plan, true));
            joined = Some((other.clone(), active(plan)?));
        }
        watcher.borrow_mut().tick(Some(left(plan, &other)));
        tokio::time::sleep(TICK).await;
    };
    // None: another login is under way that is not ours to join, and this one is not kept.
    let left = slot.as_mut().and_then(Slot::left).filter(|parts| !plan.force && is_ours(plan, parts));
    if let (None, Some((_, before))) = (&left, &joined) {
        let now = active(plan)?;
        if let Some((name, token)) = now.filter(|now| Some(now) != before.as_ref()) {
            if let Some(slot) = slot {
                slot.done();
            }
            return saved::by_another(plan, name, &token).await;
        }
    }
    let login = match (joined, left) {
        // Whoever polled has stopped. If the login has ended, the Hub still says how: no new code after a no.
        (Some((joined, _)), _) => plan.client.resume_device_login(joined).map_err(failure),
        (None, left) => match left.and_then(|parts| resume(plan, watcher, parts)) {
            Some(login) => Ok(login),
            None => begin(plan, watcher).await.and_then(|login| {
                let parts = plan.client.device_login_parts(&login);
                slot.as_mut().map_or(Ok(()), |slot| slot.keep(&parts)).map_err(unusable)?;
                Ok(login)
            }),
        },
    };
    let end = async { saved::granted(plan, poll(plan, watcher, login?).await?).await }.await;
    if let Some(slot) = slot {
        slot.done();
    }
    end
}

/// Goes on with a login that was interrupted, unless what was kept cannot be used.
fn resume(plan: &Plan, watcher: &RefCell<Watcher>, parts: DeviceLoginParts) -> Option<DeviceLogin> {
    let login = plan.client.resume_device_login(parts.clone()).ok()?;
    show(plan, watcher, &event(&parts, plan, true));
    Some(login)
}

async fn begin(plan: &Plan, watcher: &RefCell<Watcher>) -> Result<DeviceLogin, Failure> {
    let login = plan.client.begin_device_login(&plan.scopes).await.map_err(failure)?;
    show(plan, watcher, &event(&plan.client.device_login_parts(&login), plan, false));
    Ok(login)
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
