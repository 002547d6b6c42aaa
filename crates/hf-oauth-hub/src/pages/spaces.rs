//! The pages of Spaces: the list, one in its frame, all side by side.

use askama::Template;
use http::{StatusCode, header};

use super::{Frame, Visitor, show_with};
use crate::answer::Answer;
use crate::browser::Browser;
use crate::request::Request;
use crate::space::{self, Space};
use crate::state::Hub;

/// What huggingface.co's page lets the frame of a Space do; `serial`, `vr` and others that browsers do not know are its own.
const ALLOW: &str = "accelerometer; ambient-light-sensor; autoplay; battery; camera; clipboard-read; clipboard-write; \
                     display-capture; document-domain; encrypted-media; fullscreen; geolocation; gyroscope; \
                     layout-animations; legacy-image-formats; magnetometer; microphone; midi; oversized-images; payment; \
                     picture-in-picture; publickey-credentials-get; serial; sync-xhr; usb; vr ; wake-lock; \
                     xr-spatial-tracking";
/// No `allow-top-navigation`: the app cannot lead the whole tab to a sign-in.
const SANDBOX: &str = "allow-downloads allow-forms allow-modals allow-pointer-lock allow-popups \
                       allow-popups-to-escape-sandbox allow-same-origin allow-scripts \
                       allow-storage-access-by-user-activation";
/// What the page is asked for is passed on to the app, behind this.
const THEME: &str = "__theme=system";
/// An app may lead its frame wherever it wants, as on huggingface.co.
const FRAMES: &str = "frame-src http: https:; ";

/// The page of all of them, below `/spaces/`.
pub(crate) const SIDE_BY_SIDE: &str = "side-by-side";

#[derive(Template)]
#[template(path = "spaces.html", whitespace = "minimize")]
struct Spaces<'a> {
    frame: Frame,
    spaces: &'a [Space],
}

#[derive(Template)]
#[template(path = "space.html", whitespace = "minimize")]
struct InFrames<'a> {
    frame: Frame,
    visitor: Visitor,
    title: &'a str,
    shown: Vec<Shown<'a>>,
    allow: &'static str,
    sandbox: &'static str,
    /// Where its forms come back to.
    back: &'a str,
}

struct Shown<'a> {
    id: &'a str,
    origin: &'a str,
    src: String,
}

/// Everything below `/spaces`.
pub(crate) fn spaces(hub: &Hub, request: &Request) -> Option<Answer> {
    let asked = request.path.trim_start_matches("/spaces");
    let asked = asked.strip_prefix('/').unwrap_or(asked);
    if let Some(id) = asked.strip_suffix("/environment")
        && let Some(space) = hub.space(id)
    {
        return Some(space::environment(space, request));
    }
    let shown: Vec<&Space> = match asked {
        "" => Vec::new(),
        SIDE_BY_SIDE if !hub.spaces.is_empty() => hub.spaces.iter().collect(),
        id => vec![hub.space(id)?],
    };
    if let Some(elsewhere) = moved(hub, request) {
        return Some(elsewhere);
    }
    if shown.is_empty() {
        let page = Spaces { frame: Frame::of(hub), spaces: &hub.spaces };
        return Some(super::show(hub, StatusCode::OK, &page));
    }
    let browser = Browser::of(hub, request);
    let query = Some(request.query.as_str()).filter(|query| !query.is_empty());
    let src = |space: &Space| match query {
        Some(query) => format!("{}/?{THEME}&{query}", space.origin()),
        None => format!("{}/?{THEME}", space.origin()),
    };
    let page = InFrames {
        frame: Frame::of(hub),
        visitor: Visitor::of(hub, &browser),
        title: if let [space] = shown.as_slice() { space.id() } else { "Side by side" },
        shown: shown.iter().map(|it| Shown { id: it.id(), origin: it.origin(), src: src(it) }).collect(),
        allow: ALLOW,
        sandbox: SANDBOX,
        back: asked,
    };
    let answer = show_with(hub, StatusCode::OK, FRAMES, &page).cookie(browser.new_cookie.as_deref());
    // The app in the frame sees which site shows it, as on huggingface.co.
    Some(answer.with(header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
}

/// Below another name of this machine the hub would be on the site of the app in its frame.
fn moved(hub: &Hub, request: &Request) -> Option<Answer> {
    let host = request.header(header::HOST)?;
    let issuer = hub.issuer.origin();
    let own = issuer.split_once("://").map_or("", |(_, host)| host);
    if host.eq_ignore_ascii_case(own) {
        return None;
    }
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    Some(Answer::see_other(&format!("{}{query}", hub.issuer.at(&request.path))))
}
