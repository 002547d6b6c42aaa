//! Everything a person sees. Templates are in `templates/`; they escape by themselves.

mod consent;
mod device;
mod home;
mod words;

use askama::Template;
use http::{StatusCode, header};

use crate::answer::Answer;
use crate::config::{FramedBy, UserConfig};
use crate::state::Hub;

pub(crate) use consent::{ConsentView, ORGS, consent};
pub(crate) use device::device_code;
pub(crate) use home::{connections, disconnect, home};

pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// What every page shows around its own.
pub(crate) struct Frame {
    issuer: String,
    base: String,
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

/// No `form-action`: Chromium applies it to the redirect back to the app as well.
macro_rules! policy {
    ($ancestors:literal) => {
        concat!(
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors ",
            $ancestors
        )
    };
}

fn show(hub: &Hub, status: StatusCode, page: &impl Template) -> Answer {
    // Rendering into a string cannot fail with these templates.
    let html = page.render().unwrap_or_default();
    let (policy, x_frame_options) = match hub.pages.framed_by {
        FramedBy::Itself => (policy!("'self'"), "SAMEORIGIN"),
        FramedBy::Nobody => (policy!("'none'"), "DENY"),
    };
    Answer::new(status, HTML, html)
        .no_store()
        .with(header::CONTENT_SECURITY_POLICY, policy)
        .with(header::X_FRAME_OPTIONS, x_frame_options)
        .with(header::REFERRER_POLICY, "same-origin")
}
