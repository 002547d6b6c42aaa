//! Everything a person sees. Templates are in `templates/`; they escape by themselves.

mod consent;
mod device;
mod home;
mod spaces;
mod words;

use askama::Template;
use http::{HeaderValue, StatusCode, header};

use crate::answer::Answer;
use crate::browser::Browser;
use crate::config::{FramedBy, UserConfig};
use crate::state::Hub;

pub(crate) use consent::{ConsentView, ORGS, consent};
pub(crate) use device::device_code;
pub(crate) use home::{connections, disconnect, home};
pub(crate) use spaces::{SIDE_BY_SIDE, spaces};

pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// What every page shows around its own.
pub(crate) struct Frame {
    issuer: String,
    base: String,
}

/// Who looks at a page, and the token of the form with which they sign out.
pub(crate) struct Visitor {
    username: Option<String>,
    name: String,
    token: String,
}

/// An app or redirect URI that cannot be trusted.
pub(crate) struct BadApp {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) reason: String,
    pub(crate) registered: Vec<String>,
}

/// A person in a list.
struct Person {
    username: String,
    name: String,
    about: String,
    pro: bool,
    current: bool,
}

#[derive(Template)]
#[template(path = "personas.html", whitespace = "minimize")]
struct Personas<'a> {
    frame: Frame,
    people: Vec<Person>,
    app: Option<&'a str>,
    request: &'a str,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "bad_app.html", whitespace = "minimize")]
struct BadAppPage<'a> {
    frame: Frame,
    problem: &'a BadApp,
}

#[derive(Template)]
#[template(path = "message.html", whitespace = "minimize")]
struct Message<'a> {
    frame: Frame,
    title: &'a str,
    text: &'a str,
}

#[derive(Template)]
#[template(path = "profile.html", whitespace = "minimize")]
struct Profile<'a> {
    frame: Frame,
    username: &'a str,
    name: &'a str,
    about: String,
}

pub(crate) fn personas(
    hub: &Hub,
    current: Option<&str>,
    app: Option<&str>,
    request: &str,
    token: &str,
) -> Answer {
    let page = Personas { frame: Frame::of(hub), people: people(hub, current), app, request, token };
    show(hub, StatusCode::OK, &page)
}

pub(crate) fn bad_app(hub: &Hub, problem: &BadApp) -> Answer {
    show(hub, StatusCode::BAD_REQUEST, &BadAppPage { frame: Frame::of(hub), problem })
}

pub(crate) fn message(hub: &Hub, status: StatusCode, title: &str, text: &str) -> Answer {
    show(hub, status, &Message { frame: Frame::of(hub), title, text })
}

/// The page behind the claim `profile`.
pub(crate) fn profile(hub: &Hub, username: &str) -> Option<Answer> {
    let user = hub.state().user(username)?.clone();
    let page = Profile {
        frame: Frame::of(hub),
        username: &user.username,
        name: user.display_name(),
        about: words::about(&user),
    };
    Some(show(hub, StatusCode::OK, &page))
}

/// What a browser shows beside the title, on a page and on what is none.
pub(crate) fn icon() -> Answer {
    let svg = include_str!("../assets/icon.svg");
    Answer::new(StatusCode::OK, "image/svg+xml", svg).with(header::CACHE_CONTROL, "max-age=3600")
}

pub(crate) fn stylesheet() -> Answer {
    let css = include_str!("../assets/hub.css");
    Answer::new(StatusCode::OK, "text/css; charset=utf-8", css).with(header::CACHE_CONTROL, "no-cache")
}

fn people(hub: &Hub, current: Option<&str>) -> Vec<Person> {
    let person = |user: &UserConfig| Person {
        username: user.username.clone(),
        name: user.display_name().to_owned(),
        about: words::about(user),
        pro: user.pro,
        current: current == Some(user.username.as_str()),
    };
    hub.state().users.iter().map(person).collect()
}

impl Frame {
    fn of(hub: &Hub) -> Self {
        Self { issuer: hub.issuer.text.clone(), base: hub.issuer.base_path().to_owned() }
    }
}

impl Visitor {
    fn of(hub: &Hub, browser: &Browser) -> Self {
        let user = browser.username.as_deref().and_then(|username| hub.state().user(username).cloned());
        Self {
            name: user.as_ref().map(UserConfig::display_name).unwrap_or_default().to_owned(),
            username: user.map(|user| user.username),
            token: browser.form_token(hub, "sign-out", ""),
        }
    }
}

fn show(hub: &Hub, status: StatusCode, page: &impl Template) -> Answer {
    show_with(hub, status, "", page)
}

/// With `more` in the `Content-Security-Policy`, each directive with its `; `.
fn show_with(hub: &Hub, status: StatusCode, more: &'static str, page: &impl Template) -> Answer {
    // Rendering into a string cannot fail with these templates.
    let html = page.render().unwrap_or_default();
    let (ancestors, x_frame_options) = match hub.pages.framed_by {
        FramedBy::Itself => ("'self'", "SAMEORIGIN"),
        FramedBy::Nobody => ("'none'", "DENY"),
    };
    // No `form-action`: Chromium applies it to the redirect back to the app as well.
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; {more}frame-ancestors {ancestors}"
    );
    let mut answer = Answer::new(status, HTML, html).no_store();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        answer.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer.with(header::X_FRAME_OPTIONS, x_frame_options).with(header::REFERRER_POLICY, "same-origin")
}
