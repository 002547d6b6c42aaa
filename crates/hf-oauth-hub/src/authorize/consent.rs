//! Asking the person, and what they said.

use std::collections::BTreeSet;

use super::request::read;
use super::{approve, carried, forged, is_member, refuse, remember};
use crate::answer::{Answer, Page};
use crate::browser::Browser;
use crate::config::UserConfig;
use crate::pages::{self, ConsentView, ORGS};
use crate::request::{Params, Request};
use crate::state::Hub;

use super::request::Authorization;

pub(crate) const FORM: &str = "consent";

/// The consent page; `ticked` is what the person has ticked so far.
pub(super) fn page(
    hub: &Hub,
    browser: &Browser,
    authorization: &Authorization,
    user: &UserConfig,
    ticked: Option<BTreeSet<String>>,
) -> Answer {
    let request = carried(&authorization.params);
    let token = browser.form_token(hub, FORM, &request);
    let key = (user.username.clone(), authorization.app.client_id.clone());
    let ticked = ticked.unwrap_or_else(|| {
        let before =
            hub.state().consents.get(&key).map(|consented| consented.orgs.clone()).unwrap_or_default();
        let asked = user.orgs.iter().map(|org| org.sub()).filter(|sub| authorization.asks_for_org(sub));
        before.into_iter().chain(asked).collect()
    });
    let view = ConsentView {
        app: &authorization.app,
        user,
        scopes: &authorization.scopes,
        ticked: &ticked,
        asks_for: &|sub| authorization.asks_for_org(sub),
        action: "/oauth/authorize/consent",
        goes_to: Some(authorization.goes_to()),
        user_code: None,
        switch_account: switch_account(hub, &authorization.params),
        request: &request,
        token: &token,
    };
    pages::consent(hub, &view)
        .cookie(browser.new_cookie.as_deref())
        .noting(|note| note.page = Some(Page::Consent))
}

/// `POST /oauth/authorize/consent`
pub(crate) fn decide(hub: &Hub, request: &Request) -> Answer {
    let form = request.form();
    let carried = form.first("request");
    let browser = Browser::of(hub, request);
    let user = browser.username.as_ref().and_then(|username| hub.state().user(username).cloned());
    let Some(user) = user.filter(|_| browser.sent(hub, request, FORM, carried, form.first("token"))) else {
        return forged(hub);
    };
    // The request comes back through the browser: nothing in it is believed twice.
    let authorization = match read(hub, &Params::parse(carried.as_bytes())) {
        Ok(authorization) => authorization,
        Err(refusal) => return refuse(hub, refusal),
    };
    if !is_member(&authorization.app, &user) {
        return authorization.error(hub, "access_denied", "The app is not open to this person");
    }
    let (client_id, username) = (authorization.app.client_id.clone(), user.username.clone());
    let member_of: BTreeSet<String> = user.orgs.iter().map(|org| org.sub()).collect();
    let answer = match form.first("decision") {
        "approve" => {
            let chosen: BTreeSet<String> = form.all(ORGS).map(str::to_owned).collect();
            let orgs: BTreeSet<String> = chosen.intersection(&member_of).cloned().collect();
            remember(hub, &authorization.app.client_id, &authorization.scopes, &user, &orgs);
            approve(hub, &authorization, &user, orgs)
        }
        "all" => page(hub, &browser, &authorization, &user, Some(member_of)),
        "none" => page(hub, &browser, &authorization, &user, Some(BTreeSet::new())),
        // The Hub's own words.
        _ => authorization.error(hub, "access_denied", "The user denied the request"),
    };
    answer.noting(|note| {
        note.client_id = Some(client_id);
        note.username = Some(username);
    })
}

/// The same request, with the page of personas first.
fn switch_account(hub: &Hub, params: &Params) -> String {
    let mut params = params.clone();
    let mut prompt = params.first("prompt").to_owned();
    params.0.retain(|(name, _)| name != "prompt");
    if !prompt.is_empty() {
        prompt.push(' ');
    }
    params.0.push(("prompt".to_owned(), format!("{prompt}select_account")));
    format!("{}/oauth/authorize?{}", hub.issuer.base_path(), params.encode())
}
