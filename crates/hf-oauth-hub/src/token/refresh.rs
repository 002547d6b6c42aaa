//! A refresh token for new tokens (RFC 6749 section 6), which rotate as on the Hub.

use super::client::Client;
use super::{Failure, Granted, issue};
use crate::request::Params;
use crate::state::{Hub, RefreshMode};

pub(super) fn refresh(hub: &Hub, params: &Params, client: &Client) -> Result<Granted, Failure> {
    let Some(app) = client.app.as_ref().filter(|_| client.is_authenticated()) else {
        return Err(Failure::new(
            "invalid_client",
            "a refresh needs client_id, and the secret of an app that has one",
        ));
    };
    let token = params.one("refresh_token")?;
    let token = token.ok_or_else(|| Failure::new("invalid_request", "refresh_token is missing"))?;
    let scope = params.one("scope")?;
    let now = hub.now();
    let mode = hub.refresh_mode();
    let mut state = hub.state();
    let unknown = || Failure::new("invalid_grant", "the refresh token is unknown");
    let found = state.refresh.get(token).ok_or_else(unknown)?;
    let (index, used_at, expires_at) = (found.login, found.used_at, found.expires_at);
    let login = state.logins.get(index).cloned().ok_or_else(unknown)?;
    if login.client_id != app.client_id {
        return Err(Failure::new("invalid_grant", "the refresh token belongs to another app"));
    }
    if used_at.is_some_and(|used_at| !graceful(mode, used_at, now)) {
        // Two hold the same token, and one of them stole it (RFC 9700 section 4.14.2).
        state.revoke(index);
        let text = "the refresh token was used before; all tokens of this sign-in are revoked";
        return Err(Failure::new("invalid_grant", text));
    }
    if login.revoked || state.user(&login.username).is_none() {
        return Err(Failure::new("invalid_grant", "the refresh token was revoked"));
    }
    if now >= expires_at {
        return Err(Failure::new("invalid_grant", "the refresh token has expired"));
    }
    let scopes = narrowed(&login.scopes, scope)?;
    let rotate = mode != RefreshMode::Keep;
    if let Some(found) = state.refresh.get_mut(token) {
        if rotate {
            found.used_at = Some(used_at.unwrap_or(now));
        } else {
            found.expires_at = now.saturating_add(hub.lifetimes.refresh_token);
        }
    }
    issue(hub, &mut state, index, scopes, rotate).ok_or_else(unknown)
}

fn graceful(mode: RefreshMode, used_at: u64, now: u64) -> bool {
    match mode {
        RefreshMode::Rotate => false,
        RefreshMode::RotateWithGrace(seconds) => now < used_at.saturating_add(seconds),
        RefreshMode::Keep => true,
    }
}

/// Fewer scopes may be asked for, never one that was not granted.
fn narrowed(granted: &[String], scope: Option<&str>) -> Result<Vec<String>, Failure> {
    let Some(scope) = scope else { return Ok(granted.to_vec()) };
    let mut scopes: Vec<String> = Vec::new();
    for asked in scope.split(' ').filter(|asked| !asked.is_empty()) {
        if !granted.iter().any(|scope| scope == asked) {
            return Err(Failure::new("invalid_scope", "a scope that was not granted"));
        }
        if !scopes.iter().any(|scope| scope == asked) {
            scopes.push(asked.to_owned());
        }
    }
    if scopes.is_empty() { Ok(granted.to_vec()) } else { Ok(scopes) }
}
