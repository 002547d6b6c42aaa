//! The home page, and the apps a person has connected.

use askama::Template;
use http::StatusCode;

use super::{Frame, Person, message, people, show};
use crate::answer::Answer;
use crate::browser::Browser;
use crate::clock::iso8601;
use crate::config::AppConfig;
use crate::journal::Entry;
use crate::request::Request;
use crate::state::{Hub, State};

const CONNECTIONS: &str = "/settings/connected-applications";
const LATEST: usize = 20;

#[derive(Template)]
#[template(path = "home.html", whitespace = "minimize")]
struct Home {
    frame: Frame,
    first_app: String,
    name: Option<String>,
    token: String,
    people: Vec<Person>,
    apps: Vec<AppLine>,
    entries: Vec<EntryLine>,
    /// Whether there are Spaces.
    spaces: bool,
}

struct AppLine {
    client_id: String,
    name: String,
    redirect_uris: Vec<String>,
    kind: &'static str,
}

struct EntryLine {
    time: String,
    method: String,
    path: String,
    status: String,
    class: &'static str,
    app: String,
    notes: String,
}

#[derive(Template)]
#[template(path = "connections.html", whitespace = "minimize")]
struct Connections {
    frame: Frame,
    name: Option<String>,
    grants: Vec<GrantLine>,
    token: String,
}

struct GrantLine {
    client_id: String,
    name: String,
    scopes: String,
    orgs: usize,
}

pub(crate) fn home(hub: &Hub, request: &Request) -> Answer {
    let browser = Browser::of(hub, request);
    let journal = hub.journal.snapshot();
    let protocol =
        |entry: &&Entry| !entry.path.starts_with("/avatars/") && !entry.path.starts_with("/assets/");
    let apps: Vec<AppLine> = hub.state().apps.iter().map(app_line).collect();
    let page = Home {
        frame: Frame::of(hub),
        first_app: apps.first().map(|app| app.client_id.clone()).unwrap_or_default(),
        name: display_name(hub, &browser),
        token: browser.form_token(hub, "sign-out", ""),
        people: people(hub, browser.username.as_deref()),
        apps,
        spaces: !hub.spaces.is_empty(),
        entries: journal
            .entries()
            .iter()
            .rev()
            .filter(protocol)
            .skip(1)
            .take(LATEST)
            .map(entry_line)
            .collect(),
    };
    show(hub, StatusCode::OK, &page).cookie(browser.new_cookie.as_deref())
}

/// `GET /settings/connected-applications`
pub(crate) fn connections(hub: &Hub, request: &Request) -> Answer {
    let browser = Browser::of(hub, request);
    let state = hub.state();
    let mut grants = browser.username.as_deref().map(|username| grants(&state, username)).unwrap_or_default();
    drop(state);
    grants.sort_by(|one, other| one.client_id.cmp(&other.client_id));
    let page = Connections {
        frame: Frame::of(hub),
        name: display_name(hub, &browser),
        grants,
        token: browser.form_token(hub, CONNECTIONS, ""),
    };
    show(hub, StatusCode::OK, &page).cookie(browser.new_cookie.as_deref())
}

/// What a person has said yes to, and what needs no yes of theirs.
fn grants(state: &State, username: &str) -> Vec<GrantLine> {
    let said = state.consents.iter().filter(|((who, _), _)| who == username);
    let said = said.map(|((_, client_id), consented)| GrantLine {
        client_id: client_id.clone(),
        name: state.app(client_id).map_or(client_id, |app| &app.name).clone(),
        scopes: consented.scopes.iter().cloned().collect::<Vec<_>>().join(" "),
        orgs: consented.orgs.len(),
    });
    let unasked = state.apps.iter().filter(|app| {
        let key = (username.to_owned(), app.client_id.clone());
        state.grants_unasked(username, app) && !state.consents.contains_key(&key)
    });
    let unasked = unasked.map(|app| GrantLine {
        client_id: app.client_id.clone(),
        name: app.name.clone(),
        scopes: if app.scopes.is_empty() { "whatever it asks for".to_owned() } else { app.scopes.join(" ") },
        orgs: state.user(username).map_or(0, |user| user.orgs.len()),
    });
    said.chain(unasked).collect()
}

/// `POST /settings/connected-applications`
pub(crate) fn disconnect(hub: &Hub, request: &Request) -> Answer {
    let form = request.form();
    let browser = Browser::of(hub, request);
    let Some(username) =
        browser.username.clone().filter(|_| browser.sent(hub, request, CONNECTIONS, "", form.first("token")))
    else {
        let text = "It did not come from this browser's current page. Open the page again.";
        return message(hub, StatusCode::FORBIDDEN, "This form is out of date", text);
    };
    hub.state().disconnect(&username, form.first("client_id"));
    Answer::see_other(&format!("{}{CONNECTIONS}", hub.issuer.base_path()))
        .noting(|note| note.username = Some(username))
}

fn display_name(hub: &Hub, browser: &Browser) -> Option<String> {
    let username = browser.username.as_ref()?;
    hub.state().user(username).map(|user| user.display_name().to_owned())
}

fn app_line(app: &AppConfig) -> AppLine {
    let kind = match (app.space, app.is_public()) {
        (true, _) => "Space",
        (false, true) => "public",
        (false, false) => "with secret",
    };
    let redirect_uris = app.redirect_uris.clone();
    AppLine { client_id: app.client_id.clone(), name: app.name.clone(), redirect_uris, kind }
}

fn entry_line(entry: &Entry) -> EntryLine {
    let error = entry.error.iter().map(|error| format!("error {error}"));
    let fault = entry.fault.iter().map(|fault| format!("fault {fault}"));
    let person = entry.username.iter().map(|username| format!("@{username}"));
    EntryLine {
        time: iso8601(entry.at)[11..19].to_owned(),
        method: entry.method.clone(),
        path: entry.path.clone(),
        status: if entry.status == 0 { "none".to_owned() } else { entry.status.to_string() },
        class: if (200..400).contains(&entry.status) { "good" } else { "bad" },
        app: entry.client_id.clone().unwrap_or_default(),
        notes: person.chain(error).chain(fault).collect::<Vec<_>>().join(", "),
    }
}
