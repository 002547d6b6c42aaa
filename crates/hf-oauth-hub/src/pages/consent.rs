//! The consent page.

use std::collections::BTreeSet;

use askama::Template;
use http::StatusCode;

use super::{Frame, show, words};
use crate::answer::Answer;
use crate::config::{AppConfig, UserConfig};
use crate::state::Hub;

/// The field of the consent form that names the organisations that are ticked, each for itself.
pub(crate) const ORGS: &str = "org[]";

pub(crate) struct ConsentView<'a> {
    pub(crate) app: &'a AppConfig,
    pub(crate) user: &'a UserConfig,
    pub(crate) scopes: &'a [String],
    /// Whether the app asks for an organisation, by its id.
    pub(crate) asks_for: &'a dyn Fn(&str) -> bool,
    /// Where the decision is sent, below the issuer.
    pub(crate) action: &'a str,
    /// Where the person goes back to; a device has no such place.
    pub(crate) goes_to: Option<String>,
    /// The code of a device, to be compared.
    pub(crate) user_code: Option<&'a str>,
    pub(crate) switch_account: String,
    pub(crate) ticked: &'a BTreeSet<String>,
    pub(crate) request: &'a str,
    pub(crate) token: &'a str,
}

#[derive(Template)]
#[template(path = "consent.html", whitespace = "minimize")]
struct ConsentPage<'a> {
    frame: Frame,
    app: &'a str,
    username: &'a str,
    name: &'a str,
    scopes: Vec<ScopeLine<'a>>,
    orgs: Vec<OrgLine<'a>>,
    action: &'a str,
    goes_to: Option<&'a str>,
    user_code: Option<&'a str>,
    switch_account: &'a str,
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
    orgs.sort_by_key(|org| !(view.asks_for)(&org.sub));
    let page = ConsentPage {
        frame: Frame::of(hub),
        app: &view.app.name,
        username: &view.user.username,
        name: view.user.display_name(),
        scopes: view.scopes.iter().map(|name| scope(name)).collect(),
        orgs,
        action: view.action,
        goes_to: view.goes_to.as_deref(),
        user_code: view.user_code,
        switch_account: &view.switch_account,
        request: view.request,
        token: view.token,
    };
    show(hub, StatusCode::OK, &page)
}
