//! `/oauth/device`: signing in on one device with the browser of another (RFC 8628).
//!
//! An app's request becomes a `Device` under its device code, which only polling at `/oauth/token` uses. The person
//! finds it by its user code on the page, and what they say there is its `Verdict`. The page asks every time, as the
//! Hub does, also where consent stands: whoever sent the code may be somebody else (RFC 8628 section 5.4).

mod page;

use http::{StatusCode, header};
use serde_json::json;

use crate::answer::Answer;
use crate::authorize::scopes;
use crate::config::AppConfig;
use crate::request::{Params, Request};
use crate::state::{Device, Hub, Verdict};
use crate::token::{Failure, failed, identify};

pub(crate) use page::{FORM, decide, page};

/// RFC 8628 section 3.5: what an app goes by that was given no interval, in seconds.
const DEFAULT_INTERVAL: u64 = 5;

/// `POST /oauth/device` (RFC 8628 section 3.1).
pub(crate) fn request(hub: &Hub, request: &Request) -> Answer {
    let params = request.form();
    let client = identify(hub, request, &params);
    let (auth, client_id) = client.as_ref().map_or((None, None), |client| {
        (Some(client.auth), client.app.as_ref().map(|app| app.client_id.clone()))
    });
    let answer = match client.and_then(|client| {
        let authenticated = client.is_authenticated();
        let app = client.app.filter(|_| authenticated);
        let text = "a device request needs client_id, and the secret of an app that has one";
        start(hub, request, &params, &app.ok_or_else(|| Failure::new("invalid_client", text))?)
    }) {
        Ok(answer) => answer,
        Err(failure) => failed(&failure),
    };
    answer.no_store().with(header::PRAGMA, "no-cache").noting(|note| {
        note.auth = auth.unwrap_or_default();
        note.client_id = client_id;
    })
}

fn start(hub: &Hub, request: &Request, params: &Params, app: &AppConfig) -> Result<Answer, Failure> {
    if !request.is_form() {
        let text = "the body must be application/x-www-form-urlencoded";
        return Err(Failure::new("invalid_request", text));
    }
    // Who asks for none gets what the app is registered for, as the Hub's own command line does.
    let registered = app.scopes.join(" ");
    let all = Some(registered.as_str()).filter(|all| !all.is_empty());
    let scopes = scopes(app, params.one("scope")?.or(all))
        .map_err(|(error, description)| Failure::new(error, description))?;
    let now = hub.now();
    let lifetime = hub.lifetimes.device_code;
    let device_code = format!("local_device_{}", hub.random.token());
    let user_code = hub.random.user_code();
    let device = Device {
        user_code: user_code.clone(),
        client_id: app.client_id.clone(),
        scopes,
        expires_at: now.saturating_add(lifetime),
        interval: hub.device.interval.unwrap_or(DEFAULT_INTERVAL),
        polled_at: None,
        verdict: Verdict::None,
    };
    let mut state = hub.state();
    state.prune(now);
    state.devices.insert(device_code.clone(), device);
    drop(state);
    let verification_uri = hub.issuer.at("/oauth/device");
    let mut body = json!({ "device_code": device_code, "user_code": user_code, "expires_in": lifetime });
    if hub.device.verification_uri_complete {
        body["verification_uri_complete"] = json!(format!("{verification_uri}?user_code={user_code}"));
    }
    if let Some(interval) = hub.device.interval {
        body["interval"] = json!(interval);
    }
    body["verification_uri"] = json!(verification_uri);
    Ok(Answer::json(StatusCode::OK, body))
}
