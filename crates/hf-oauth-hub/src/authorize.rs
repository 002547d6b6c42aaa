//! `/oauth/authorize`: from a request to a code, by way of the pages a person sees.

mod consent;
mod redirect_uri;
mod request;
mod sign_in;

use std::collections::BTreeSet;

use http::StatusCode;

use crate::answer::{Answer, Page};
use crate::browser::Browser;
use crate::config::{AppConfig, UserConfig};
use crate::pages;
use crate::request::{Params, Request};
use crate::state::{Code, Consented, Hub, Login};

pub(crate) use consent::{FORM as CONSENT_FORM, decide};
pub(crate) use request::scopes;
pub(crate) use sign_in::{
    FORM as SIGN_IN_FORM, form as sign_in_form, page as choose_persona, sign_in, sign_out,
};

use request::{Authorization, Refusal, read};

/// GET, or POST with the parameters in the URL or the form.
pub(crate) fn authorize(hub: &Hub, request: &Request) -> Answer {
    let mut params = request.query_params();
    params.0.extend(request.form().0);
    let authorization = match read(hub, &params) {
        Ok(authorization) => authorization,
        Err(refusal) => return refuse(hub, refusal),
    };
    let client_id = authorization.app.client_id.clone();
    let browser = Browser::of(hub, request);
    let username = browser.username.clone();
    answer(hub, &authorization, &browser).noting(|note| {
        note.client_id = Some(client_id);
        note.username = username;
    })
}

fn answer(hub: &Hub, authorization: &Authorization, browser: &Browser) -> Answer {
    let silent = authorization.prompts("none");
    let user = browser.username.as_ref().and_then(|username| hub.state().user(username).cloned());
    let another = authorization.prompts("login") || authorization.prompts("select_account");
    let Some(user) = user.filter(|_| !another) else {
        if silent {
            return authorization.error(hub, "login_required", "Nobody is signed in at the local Hub");
        }
        let app = Some(authorization.app.name.as_str());
        return sign_in::page(hub, browser, &authorization.params, app);
    };
    if !is_member(&authorization.app, &user) {
        let description =
            format!("The app is open to members of {} only", authorization.app.authorized_org.join(", "));
        return authorization.error(hub, "access_denied", &description);
    }
    match standing_consent(hub, authorization, &user) {
        Some(orgs) => approve(hub, authorization, &user, orgs),
        None if silent => authorization.error(hub, "consent_required", "The person has not consented yet"),
        None => consent::page(hub, browser, authorization, &user, None),
    }
}

/// The organisations that were granted, if nobody needs to be asked again.
fn standing_consent(hub: &Hub, authorization: &Authorization, user: &UserConfig) -> Option<BTreeSet<String>> {
    if authorization.prompts("consent") {
        return None;
    }
    let key = (user.username.clone(), authorization.app.client_id.clone());
    let state = hub.state();
    let unasked = state.grants_unasked(&user.username, &authorization.app);
    let Some(consented) = state.consents.get(&key) else {
        return unasked.then(|| user.orgs.iter().map(|org| org.sub()).collect());
    };
    let scopes = unasked || authorization.scopes.iter().all(|scope| consented.scopes.contains(scope));
    let asked = |sub: &String| authorization.asks_for_org(sub) && !consented.orgs.contains(sub);
    let more = user.orgs.iter().map(|org| org.sub()).any(|sub| asked(&sub));
    (scopes && !more).then(|| consented.orgs.clone())
}

/// Issues a code and sends the person back (RFC 6749 section 4.1.2).
fn approve(hub: &Hub, authorization: &Authorization, user: &UserConfig, orgs: BTreeSet<String>) -> Answer {
    let code = format!("local_code_{}", hub.random.token());
    let now = hub.now();
    let mut state = hub.state();
    state.prune(now);
    let login = state.logins.len();
    state.logins.push(Login {
        username: user.username.clone(),
        client_id: authorization.app.client_id.clone(),
        scopes: authorization.scopes.clone(),
        orgs,
        revoked: false,
    });
    let issued = Code {
        login,
        redirect_uri: authorization.redirect_uri_sent.clone(),
        challenge: authorization.challenge.clone(),
        nonce: authorization.nonce.clone(),
        expires_at: now.saturating_add(hub.lifetimes.code),
        redeemed: false,
    };
    state.codes.insert(code.clone(), issued);
    drop(state);
    authorization.redirect(hub, &[("code", &code)])
}

/// Remembers what a person granted, beside what they granted before.
pub(crate) fn remember(
    hub: &Hub,
    client_id: &str,
    scopes: &[String],
    user: &UserConfig,
    orgs: &BTreeSet<String>,
) {
    let at = hub.now();
    let key = (user.username.clone(), client_id.to_owned());
    let mut state = hub.state();
    let fresh = || Consented { scopes: BTreeSet::new(), orgs: BTreeSet::new(), at };
    let consented = state.consents.entry(key).or_insert_with(fresh);
    consented.scopes.extend(scopes.iter().cloned());
    // The page shows what was granted before, so what is not ticked any more was taken back.
    consented.orgs.clone_from(orgs);
    consented.at = at;
}

/// Whether the app's `authorized_org` lets this person in.
pub(crate) fn is_member(app: &AppConfig, user: &UserConfig) -> bool {
    let open_to = &app.authorized_org;
    open_to.is_empty()
        || user.orgs.iter().any(|org| open_to.contains(&org.username) || open_to.contains(&org.sub()))
}

fn refuse(hub: &Hub, refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Page(problem) => {
            let known = hub.state().app(&problem.client_id).map(|app| app.client_id.clone());
            pages::bad_app(hub, &problem).noting(|note| {
                note.client_id = known;
                note.error = Some("invalid_request".to_owned());
                note.page = Some(Page::Other);
            })
        }
        Refusal::Redirect(answer) => *answer,
    }
}

/// A form that did not come from our own page in this browser.
pub(crate) fn forged(hub: &Hub) -> Answer {
    pages::message(
        hub,
        StatusCode::FORBIDDEN,
        "This form is out of date",
        "It did not come from this browser's current page. Go back to the app and sign in again.",
    )
}

/// What a page carries along while a person chooses and consents.
pub(crate) fn carried(params: &Params) -> String {
    params.encode()
}
