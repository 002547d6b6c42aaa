//! A device code for tokens, once the person has said yes (RFC 8628 sections 3.4 and 3.5).

use super::client::Client;
use super::{Failure, Granted, issue};
use crate::request::Params;
use crate::state::{Hub, Verdict};

/// RFC 8628 section 3.5: what `slow_down` adds, in seconds.
const SLOWER: u64 = 5;

pub(super) fn poll(hub: &Hub, params: &Params, client: &Client) -> Result<Granted, Failure> {
    let Some(app) = client.app.as_ref().filter(|_| client.is_authenticated()) else {
        let text = "polling needs client_id, and the secret of an app that has one";
        return Err(Failure::new("invalid_client", text));
    };
    let code = params.one("device_code")?;
    let code = code.ok_or_else(|| Failure::new("invalid_request", "device_code is missing"))?;
    let now = hub.now();
    // One lock from the look to the mark: of two polls at once only one gets the tokens.
    let mut state = hub.state();
    let unknown = || Failure::new("invalid_grant", "the device code is unknown");
    let device = state.devices.get_mut(code).ok_or_else(unknown)?;
    if device.client_id != app.client_id {
        return Err(Failure::new("invalid_grant", "the device code belongs to another app"));
    }
    let polled_at = device.polled_at.replace(now);
    let index = match device.verdict {
        Verdict::Redeemed => return Err(Failure::new("invalid_grant", "the device code was used before")),
        // The Hub's own words.
        Verdict::Denied => return Err(Failure::new("access_denied", "Device code denied")),
        _ if now >= device.expires_at => {
            return Err(Failure::new("expired_token", "the device code has expired"));
        }
        Verdict::None if polled_at.is_some_and(|at| now < at.saturating_add(device.interval)) => {
            device.interval = device.interval.saturating_add(SLOWER);
            let text = format!("polled too early: wait {} seconds between polls", device.interval);
            return Err(Failure::new("slow_down", text));
        }
        Verdict::None => {
            return Err(Failure::new("authorization_pending", "the person has not decided yet"));
        }
        Verdict::Granted { login } => login,
    };
    device.verdict = Verdict::Redeemed;
    let login = state.logins.get(index).cloned().ok_or_else(unknown)?;
    if login.revoked || state.user(&login.username).is_none() {
        return Err(Failure::new("invalid_grant", "the person has taken the consent back"));
    }
    issue(hub, &mut state, index, login.scopes, true).ok_or_else(unknown)
}
