//! The token answer and the ID token in it.

use serde_json::{Value, json};

use super::Granted;
use crate::fault::{Kind, merge};
use crate::identity;
use crate::keys::{SigningKey, at_hash};
use crate::state::Hub;

/// RFC 6749 section 5.1; the faults that were applied go to `made`.
pub(super) fn respond(
    hub: &Hub,
    key: &SigningKey,
    granted: Granted,
    made: &mut Vec<String>,
) -> Option<Value> {
    let mut body = json!({
        "access_token": granted.access_token,
        "token_type": "bearer",
        "expires_in": granted.expires_in,
        "scope": granted.scopes.join(" "),
    });
    if granted.scopes.iter().any(|scope| scope == "openid") {
        body["id_token"] = json!(id_token(hub, key, &granted, made)?);
    }
    if let Some(refresh_token) = granted.refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    if let Some(kind) = granted.issued_token_type {
        body["issued_token_type"] = json!(kind);
    }
    Some(body)
}

/// OpenID Connect Core section 2; no `isPro`, `canPay` or `orgs`, and no lists at all, as on the Hub.
fn id_token(hub: &Hub, key: &SigningKey, granted: &Granted, made: &mut Vec<String>) -> Option<String> {
    let user = hub.state().user(&granted.login.username)?.clone();
    let now = hub.now();
    let mut claims = json!({
        "iss": hub.issuer.text,
        "sub": user.sub(),
        "aud": granted.login.client_id,
        "exp": now.saturating_add(hub.lifetimes.id_token),
        "iat": now,
        "at_hash": at_hash(&granted.access_token),
    });
    if let Some(nonce) = &granted.nonce {
        claims["nonce"] = json!(nonce);
    }
    merge(&mut claims, &identity::claims(hub, &user, &granted.scopes));
    let mut header = key.header();
    let mut spoiled = false;
    for fault in hub.faults.at_id_token() {
        made.push(fault.name().to_owned());
        match fault {
            Kind::Claims(change) => merge(&mut claims, &change),
            Kind::Header(change) => merge(&mut header, &change),
            _ => spoiled = true,
        }
    }
    let mut jws = key.sign(&header, &claims)?;
    if spoiled {
        jws.spoil();
    }
    Some(jws.compact())
}
