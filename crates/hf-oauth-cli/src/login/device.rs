//! The device flow (RFC 8628): a code here, a yes elsewhere.

use std::cell::RefCell;
use std::path::Path;
use std::time::{Duration, Instant};

use hf_oauth::{DeviceError, DeviceLogin, DeviceLoginParts, DeviceProgress, Secret, Tokens};

use super::events::{Event, Success};
use super::plan::Plan;
use super::underway::{self, Granted, Left, Pulse, Slot};
use super::watcher::Watcher;
use super::{TICK, saved, scopes, show};
use crate::failure::{Failure, Kind};

/// How long an approval is kept that could not be saved.
const GRANTED_LIFETIME: Duration = Duration::from_secs(3600);

/// From the Hub's answer until an approval is kept, and until it is saved: whoami and a wait for the store's lock.
const TO_KEEP: Duration = Duration::from_secs(2);
const TO_SAVE: Duration = Duration::from_secs(45);

/// Signs in, or waits for another process that is about to.
pub(super) async fn sign_in(plan: &Plan, watcher: &RefCell<Watcher>) -> Result<Success, Failure> {
    let path = &plan.locations.device;
    let known = active(plan)?;
    let mut joined = None;
    let mut pulse = Pulse::new();
    let mut slot = loop {
        if let Some(slot) = Slot::take(path).map_err(|error| unusable(path, error))? {
            break Some(slot);
        }
        let Some(other) = underway::peek(path).filter(|left| !plan.force && is_ours(plan, left)) else {
            break None;
        };
        // A login that is granted is about to be saved.
        if let (None, Left::Waiting(other)) = (&joined, &other) {
            // A file is held to the same rules as an answer, before anything of it is shown.
            plan.client.resume_device_login(other.clone()).map_err(|error| failure(plan, error))?;
            show(plan, watcher, &event(other, plan, true));
            joined = Some(other.clone());
        }
        if joined.is_some() && matches!(other, Left::Waiting(_)) && pulse.is_silent(path) {
            break Some(Slot::share(path).map_err(|error| unusable(path, error))?);
        }
        watcher.borrow_mut().tick(joined.as_ref().map(|other| left(plan, other)));
        tokio::time::sleep(TICK).await;
    };
    // None: another login is under way that is not ours to join, and this one is not kept.
    let before = slot.as_mut().and_then(Slot::left).filter(|left| !plan.force && is_ours(plan, left));
    if let (None, Some(_)) = (&before, &joined)
        && let Some((name, token)) = changed(plan, known.as_ref())?
    {
        if let Some(slot) = slot {
            slot.done();
        }
        return saved::by_another(plan, name, &token).await;
    }
    let tokens = match before {
        Some(Left::Granted { granted }) => {
            watcher.borrow_mut().event(&Event::Approved);
            Ok(Ok(granted.tokens()))
        }
        Some(Left::Waiting(parts)) => approved(plan, watcher, &mut slot, joined, Some(parts)).await,
        None => approved(plan, watcher, &mut slot, joined, None).await,
    };
    let end = match tokens {
        Ok(Ok(tokens)) => saved_or_kept(plan, &mut slot, tokens).await,
        Ok(Err(error @ DeviceError::InvalidGrant(_))) => used_by_another(plan, known.as_ref(), error).await,
        Ok(Err(error)) => Err((failure(plan, error), false)),
        Err(failure) => Err((failure, false)),
    };
    match end {
        Err((failure, true)) => Err(failure),
        end => {
            if let Some(slot) = slot {
                slot.done();
            }
            end.map_err(|(failure, _)| failure)
        }
    }
}

/// Has a code approved: that of whom it joined, that of an interrupted login, or a new one.
async fn approved(
    plan: &Plan,
    watcher: &RefCell<Watcher>,
    slot: &mut Option<Slot>,
    joined: Option<DeviceLoginParts>,
    before: Option<DeviceLoginParts>,
) -> Result<Result<Tokens, DeviceError>, Failure> {
    let login = match (joined, before) {
        // Whoever polled has stopped. If the login has ended, the Hub still says how: no new code after a no.
        (Some(joined), _) => plan.client.resume_device_login(joined).map_err(|error| failure(plan, error))?,
        (None, before) => match before.and_then(|parts| resume(plan, watcher, parts)) {
            Some(login) => login,
            None => begin(plan, watcher, slot).await?,
        },
    };
    Ok(poll(plan, watcher, slot.as_ref(), login).await)
}

/// The Hub has given the token already: to a process that shares this login, and is about to save it, or has.
async fn used_by_another(
    plan: &Plan,
    known: Option<&(String, Secret)>,
    error: DeviceError,
) -> Result<Success, (Failure, bool)> {
    let (now, is_granted) =
        (Instant::now(), || matches!(underway::peek(&plan.locations.device), Some(Left::Granted { .. })));
    loop {
        if let Some((name, token)) = changed(plan, known).map_err(|failure| (failure, is_granted()))? {
            return saved::by_another(plan, name, &token).await.map_err(|failure| (failure, false));
        }
        if now.elapsed() > if is_granted() { TO_SAVE } else { TO_KEEP } {
            return Err((failure(plan, error), is_granted()));
        }
        tokio::time::sleep(TICK).await;
    }
}

/// The error says whether the approval is kept for the next login.
async fn saved_or_kept(
    plan: &Plan,
    slot: &mut Option<Slot>,
    tokens: Tokens,
) -> Result<Success, (Failure, bool)> {
    let now = plan.client.now();
    let granted = Granted::new(plan.client.issuer().as_str(), &plan.client_id, &plan.scopes, now, &tokens);
    let kept = slot.as_mut().is_some_and(|slot| slot.keep(&Left::Granted { granted }).is_ok());
    saved::granted(plan, tokens).await.map_err(|failure| match failure.kind() {
        // The Hub does not know the token, so it is of no use later either.
        Kind::SignInRefused => (failure, false),
        _ if kept => {
            let next = "your approval is kept for an hour: hf-oauth login without --force goes on with it";
            (failure.and_next(next), true)
        }
        _ => (failure.and_next("your approval is lost: hf-oauth login then asks for a new one"), false),
    })
}

/// Goes on with a login that was interrupted, unless what was kept cannot be used.
fn resume(plan: &Plan, watcher: &RefCell<Watcher>, parts: DeviceLoginParts) -> Option<DeviceLogin> {
    let login = plan.client.resume_device_login(parts.clone()).ok()?;
    show(plan, watcher, &event(&parts, plan, true));
    Some(login)
}

async fn begin(
    plan: &Plan,
    watcher: &RefCell<Watcher>,
    slot: &mut Option<Slot>,
) -> Result<DeviceLogin, Failure> {
    let login = plan.client.begin_device_login(&plan.scopes).await.map_err(|error| failure(plan, error))?;
    let parts = plan.client.device_login_parts(&login);
    if let Some(slot) = slot {
        let kept = slot.keep(&Left::Waiting(parts.clone()));
        kept.map_err(|error| unusable(&plan.locations.device, error))?;
    }
    show(plan, watcher, &event(&parts, plan, false));
    Ok(login)
}

/// Until the end of the code at the latest.
async fn poll(
    plan: &Plan,
    watcher: &RefCell<Watcher>,
    slot: Option<&Slot>,
    login: DeviceLogin,
) -> Result<Tokens, DeviceError> {
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
            slot.inspect(|slot| slot.touch());
            watcher.borrow_mut().tick(Some(left()));
            tokio::time::sleep(TICK).await;
        }
    };
    tokio::select! {
        end = plan.client.finish_device_login(login, progress) => Ok(end?.tokens),
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

/// Whether it is the login that this one would begin, and may still be approved or saved.
fn is_ours(plan: &Plan, login: &Left) -> bool {
    let (issuer, client_id, asked, is_good) = match login {
        Left::Waiting(it) => (&it.issuer, &it.client_id, &it.scope, left(plan, it) > 0),
        Left::Granted { granted: it } => {
            (&it.issuer, &it.client_id, &it.asked, plan.client.now() < it.at + GRANTED_LIFETIME)
        }
    };
    is_good
        && issuer == plan.client.issuer().as_str()
        && *client_id == plan.client_id
        && *asked == plan.scopes.to_string()
}

/// What another process has saved since.
fn changed(plan: &Plan, known: Option<&(String, Secret)>) -> Result<Option<(String, Secret)>, Failure> {
    Ok(active(plan)?.filter(|now| Some(now) != known))
}

fn active(plan: &Plan) -> Result<Option<(String, Secret)>, Failure> {
    let active = plan.store.list()?.into_iter().find(|token| token.active);
    Ok(active.and_then(|active| Some((active.name, active.token?))))
}

fn unusable(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Kind::StoreUnwritable, format!("{} cannot be written", path.display()))
        .next("check HF_HOME, its permissions and the free space")
        .because(error)
}

fn failure(plan: &Plan, error: DeviceError) -> Failure {
    if let DeviceError::Backchannel(cause) = &error
        && let Some(failure) = cause.oauth().and_then(|oauth| scopes::refused(&plan.scopes, oauth))
    {
        return failure.because(error);
    }
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
