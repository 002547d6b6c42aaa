//! The page where a person types the code, and what they say.

use std::collections::BTreeSet;

use http::StatusCode;

use crate::answer::{Answer, Page};
use crate::authorize::{carried, choose_persona, forged, is_member, remember};
use crate::browser::Browser;
use crate::config::{AppConfig, UserConfig};
use crate::pages::{self, ConsentView, ORGS};
use crate::request::{Params, Request};
use crate::state::{Device, Hub, Login, Verdict};

pub(crate) const FORM: &str = "device";

/// `GET /oauth/device`
pub(crate) fn page(hub: &Hub, request: &Request) -> Answer {
    let params = request.query_params();
    let typed = params.first("user_code");
    if typed.is_empty() {
        return pages::device_code(hub, StatusCode::OK, None).noting(|note| note.page = Some(Page::Other));
    }
    let browser = Browser::of(hub, request);
    let Some((_, device, app)) = waiting(hub, typed) else { return unknown(hub, typed) };
    let another = params.first("prompt") == "select_account";
    let user = browser.username.as_ref().and_then(|username| hub.state().user(username).cloned());
    let username = browser.username.clone();
    let answer = match user.filter(|_| !another) {
        Some(user) => ask(hub, &browser, &device, &app, &user, None),
        None => choose_persona(hub, &browser, &about(&device), Some(&app.name)),
    };
    answer.noting(|note| {
        note.client_id = Some(device.client_id);
        note.username = username;
    })
}

/// `POST /oauth/device/consent`
pub(crate) fn decide(hub: &Hub, request: &Request) -> Answer {
    let form = request.form();
    let carried = form.first("request");
    let browser = Browser::of(hub, request);
    let user = browser.username.as_ref().and_then(|username| hub.state().user(username).cloned());
    let Some(user) = user.filter(|_| browser.sent(hub, request, FORM, carried, form.first("token"))) else {
        return forged(hub);
    };
    let params = Params::parse(carried.as_bytes());
    let typed = params.first("user_code");
    let Some((device_code, device, app)) = waiting(hub, typed) else { return unknown(hub, typed) };
    let member_of: BTreeSet<String> = user.orgs.iter().map(|org| org.sub()).collect();
    let answer = match form.first("decision") {
        "approve" if !is_member(&app, &user) => {
            settle(hub, &device_code, None);
            let text = format!("The app is open to members of {} only.", app.authorized_org.join(", "));
            pages::message(hub, StatusCode::FORBIDDEN, "Not open to you", &text)
                .noting(|note| note.error = Some("access_denied".to_owned()))
        }
        "approve" => {
            let chosen: BTreeSet<String> = form.all(ORGS).map(str::to_owned).collect();
            let orgs: BTreeSet<String> = chosen.intersection(&member_of).cloned().collect();
            remember(hub, &app.client_id, &device.scopes, &user, &orgs);
            settle(hub, &device_code, Some((&user, orgs)));
            let text = format!("{} goes on by itself. You can close this page.", app.name);
            pages::message(hub, StatusCode::OK, "Your device is connected", &text)
        }
        "all" => ask(hub, &browser, &device, &app, &user, Some(member_of)),
        "none" => ask(hub, &browser, &device, &app, &user, Some(BTreeSet::new())),
        _ => {
            settle(hub, &device_code, None);
            let text = format!("{} gets no access. You can close this page.", app.name);
            pages::message(hub, StatusCode::OK, "Denied", &text)
                .noting(|note| note.error = Some("access_denied".to_owned()))
        }
    };
    answer.noting(|note| {
        note.client_id = Some(app.client_id);
        note.username = Some(user.username);
    })
}

fn ask(
    hub: &Hub,
    browser: &Browser,
    device: &Device,
    app: &AppConfig,
    user: &UserConfig,
    ticked: Option<BTreeSet<String>>,
) -> Answer {
    let request = carried(&about(device));
    let token = browser.form_token(hub, FORM, &request);
    let key = (user.username.clone(), app.client_id.clone());
    let before = || hub.state().consents.get(&key).map(|consented| consented.orgs.clone());
    let ticked = ticked.or_else(before).unwrap_or_default();
    let base = hub.issuer.base_path();
    let view = ConsentView {
        app,
        user,
        scopes: &device.scopes,
        ticked: &ticked,
        asks_for: &|_| false,
        action: "/oauth/device/consent",
        goes_to: None,
        user_code: Some(&device.user_code),
        switch_account: format!("{base}/oauth/device?{request}&prompt=select_account"),
        request: &request,
        token: &token,
    };
    pages::consent(hub, &view)
        .cookie(browser.new_cookie.as_deref())
        .noting(|note| note.page = Some(Page::Consent))
}

/// The device that waits for a decision under this code, as a person may type it (RFC 8628 section 6.1).
fn waiting(hub: &Hub, typed: &str) -> Option<(String, Device, AppConfig)> {
    let plain = |code: &str| -> String {
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
    };
    let typed = plain(typed);
    let now = hub.now();
    let state = hub.state();
    let (device_code, device) = state.devices.iter().find(|(_, device)| {
        device.verdict == Verdict::None && now < device.expires_at && plain(&device.user_code) == typed
    })?;
    Some((device_code.clone(), device.clone(), state.app(&device.client_id)?.clone()))
}

/// Writes the decision down: a login, or a refusal.
fn settle(hub: &Hub, device_code: &str, granted: Option<(&UserConfig, BTreeSet<String>)>) {
    let mut state = hub.state();
    let login = state.logins.len();
    let Some(device) = state.devices.get_mut(device_code) else { return };
    let Some((user, orgs)) = granted else {
        device.verdict = Verdict::Denied;
        return;
    };
    device.verdict = Verdict::Granted { login };
    let login = Login {
        username: user.username.clone(),
        client_id: device.client_id.clone(),
        scopes: device.scopes.clone(),
        orgs,
        revoked: false,
    };
    state.logins.push(login);
}

fn unknown(hub: &Hub, typed: &str) -> Answer {
    pages::device_code(hub, StatusCode::BAD_REQUEST, Some(typed)).noting(|note| {
        note.error = Some("invalid_user_code".to_owned());
        note.page = Some(Page::Other);
    })
}

/// What the pages carry along.
fn about(device: &Device) -> Params {
    Params(vec![("user_code".to_owned(), device.user_code.clone())])
}
