//! The consent page.

use std::collections::BTreeSet;

use askama::Template;
use http::StatusCode;

use super::{Frame, show, words};
use crate::answer::Answer;
use crate::authorize::Authorization;
use crate::config::UserConfig;
use crate::request::Params;
use crate::state::Hub;

pub(crate) struct ConsentView<'a> {
    pub(crate) authorization: &'a Authorization,
    pub(crate) user: &'a UserConfig,
    pub(crate) ticked: &'a BTreeSet<String>,
    pub(crate) request: &'a str,
    pub(crate) token: &'a str,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    frame: Frame,
    app: &'a str,
    username: &'a str,
    name: &'a str,
    scopes: Vec<ScopeLine<'a>>,
    orgs: Vec<OrgLine<'a>>,
    goes_to: String,
    switch_account: String,
    request: &'a str,
    token: &'a str,
}

struct ScopeLine<'a> {
    name: &'a str,
    words: &'static str,
    strong: bool,
}

struct OrgLine<'a> {
    sub: String,
    username: &'a str,
    name: &'a str,
    role: &'a str,
    restrictions: Vec<&'a str>,
    ticked: bool,
}

pub(crate) fn consent(hub: &Hub, view: &ConsentView<'_>) -> Answer {
    let scope = |name| {
        let (words, strong) = words::scope(name);
        ScopeLine { name, words, strong }
    };
    let mut orgs: Vec<OrgLine<'_>> = view
        .user
        .orgs
        .iter()
        .map(|org| OrgLine {
            ticked: view.ticked.contains(&org.sub()),
            sub: org.sub(),
            username: &org.username,
            name: org.display_name(),
            role: &org.role,
            restrictions: org.security_restrictions.iter().map(|name| words::restriction(name)).collect(),
        })
        .collect();
    // What the app asks for is seen without scrolling; the order is otherwise the person's own.
    orgs.sort_by_key(|org| !view.authorization.asks_for_org(&org.sub));
    let page = ConsentPage {
        frame: Frame::of(hub),
        app: &view.authorization.app.name,
        username: &view.user.username,
        name: view.user.display_name(),
        scopes: view.authorization.scopes.iter().map(|name| scope(name)).collect(),
        orgs,
        goes_to: view.authorization.goes_to(),
        switch_account: switch_account(hub, &view.authorization.params),
        request: view.request,
        token: view.token,
    };
    show(StatusCode::OK, &page)
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
