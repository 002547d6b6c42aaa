//! The pages. Templates are in `templates/`; they escape by themselves. A page loads its style and its script from
//! routes beside it, so that it looks right under every security policy that allows the app's own files.

use askama::Template;
use hf_oauth::ReturnPath;

use crate::button::FACE;
use crate::failure::{Failure, FailureCode, WayOn};
use crate::frames::{FrameSignIn, Framing};
use crate::paths::{ASK, Paths, with_mark};
use crate::reply::Reply;
use crate::runtime::Incoming;

/// The style of the pages.
pub(crate) const STYLE: &str = include_str!("../templates/page.css");

/// Takes what the provider sent out of the address bar and the history: a code that was refused, and `state`.
pub(crate) const SCRIPT: &str = "history.replaceState(null, \"\", location.pathname);\n";

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    style: &'a str,
    script: Option<&'a str>,
    face: &'static str,
    title: &'a str,
    text: &'a [String],
    actions: Vec<Action>,
    form: Option<Form>,
    detail: Option<&'a str>,
    code: &'a str,
}

struct Action {
    label: &'static str,
    href: String,
    new_tab: bool,
}

struct Form {
    label: &'static str,
    action: String,
}

pub(crate) fn failure(incoming: Incoming<'_>, failure: &Failure) -> Reply {
    let paths = &incoming.runtime.paths;
    let at_callback = incoming.request.path() == paths.callback;
    let page = Page {
        style: &paths.page_style,
        script: at_callback.then_some(&paths.page_script),
        face: "",
        title: failure.code.title(),
        text: &failure.text,
        actions: actions(incoming, failure),
        form: None,
        detail: failure.detail.as_deref(),
        code: failure.code.as_str(),
    };
    let policy = if failure.is_for_every_frame() { FRAMED_BY_ANYBODY } else { framed_by(incoming) };
    page.reply(failure.code.status(), policy)
}

/// "Do you want to sign out?"
pub(crate) fn ask_logout(incoming: Incoming<'_>, return_path: &ReturnPath) -> Reply {
    let paths = &incoming.runtime.paths;
    let text = ["You stay signed in until you press the button."].into_iter().chain(what_stays(incoming));
    let page = Page {
        face: FACE,
        title: "Sign out?",
        text: &text.map(str::to_owned).collect::<Vec<_>>(),
        actions: vec![Action::here("Stay signed in", return_path.as_str())],
        form: Some(Form { label: "Sign out", action: paths.logout_to(return_path) }),
        ..Page::plain(incoming)
    };
    // Under `no-referrer` browsers send `Origin: null` with the form.
    page.reply(200, framed_by(incoming)).with("referrer-policy", "same-origin")
}

/// Somebody signed out in a frame a moment ago.
pub(crate) fn signed_out(incoming: Incoming<'_>, return_path: &ReturnPath) -> Reply {
    let text = ["You are signed out in this frame."].into_iter().chain(what_stays(incoming));
    let page = Page {
        title: "You are signed out",
        text: &text.map(str::to_owned).collect::<Vec<_>>(),
        actions: vec![Action::here("Back to the app", return_path.as_str())],
        ..Page::plain(incoming)
    };
    page.reply(200, framed_by(incoming))
}

/// Somebody signed in in a tab that was opened from a frame.
pub(crate) fn signed_in_here(incoming: Incoming<'_>, name: &str, return_path: &ReturnPath) -> Reply {
    let page = Page {
        face: FACE,
        title: "Go on here",
        text: &[
            format!("You are signed in as {name} in this tab."),
            "The frame that you came from stays signed out: you can close it.".to_owned(),
        ],
        actions: vec![Action::here("Go on", return_path.as_str())],
        ..Page::plain(incoming)
    };
    page.reply(200, framed_by(incoming))
}

/// What a sign-out does not end: frame and tab are signed in one by one.
fn what_stays(incoming: Incoming<'_>) -> Option<&'static str> {
    let is_framable = incoming.site.is_some_and(|site| site.frames.are_possible());
    is_framable.then_some(match incoming.framing() {
        Framing::Framed => "A tab in which you signed in to this app stays signed in: sign out there, too.",
        _ => "A page that shows this app in a frame, where you signed in, stays signed in: sign out there, too.",
    })
}

impl<'a> Page<'a> {
    /// A page with nothing on it but its style.
    fn plain(incoming: Incoming<'a>) -> Self {
        Self {
            style: &incoming.runtime.paths.page_style,
            script: None,
            face: "",
            title: "",
            text: &[],
            actions: Vec::new(),
            form: None,
            detail: None,
            code: "",
        }
    }

    fn reply(&self, status: u16, framed_by: &str) -> Reply {
        let script = if self.script.is_some() { " script-src 'self';" } else { "" };
        let policy = format!(
            "default-src 'none'; style-src 'self';{script} img-src data:; base-uri 'none'; form-action 'self'; \
             {framed_by}"
        );
        // Writing into a string does not fail.
        Reply::html(status, self.render().unwrap_or_default(), policy)
    }
}

const FRAMED_BY_ANYBODY: &str = "frame-ancestors *";

/// Only who may show the app may frame a page.
fn framed_by(incoming: Incoming<'_>) -> &str {
    incoming.site.map_or("frame-ancestors 'none'", |site| site.frames.policy())
}

impl Action {
    fn here(label: &'static str, href: &str) -> Self {
        Self { label, href: href.to_owned(), new_tab: false }
    }

    fn in_new_tab(label: &'static str, href: &str) -> Self {
        Self { label, href: href.to_owned(), new_tab: true }
    }
}

fn actions(incoming: Incoming<'_>, failure: &Failure) -> Vec<Action> {
    let (paths, back) = (&incoming.runtime.paths, &failure.return_path);
    let sign_in = |label, href: String| match incoming.frame_sign_in() {
        None => vec![Action::here(label, &href)],
        Some(FrameSignIn::InFrame) => vec![Action::here(label, &href), sign_in_in_tab(paths, back)],
        Some(FrameSignIn::NewTab) => vec![Action::in_new_tab(label, &paths.login_in_tab_to(back))],
    };
    let home = Action::here("Back to the app", "/");
    match failure.way_on {
        WayOn::SignIn => with(sign_in("Sign in", paths.login_to(back)), home),
        WayOn::TryAgain => with(sign_in("Try again", paths.login_to(back)), home),
        WayOn::Reload => vec![Action::here("Try again", back.as_str())],
        WayOn::NewTab => vec![open_in_tab(incoming, failure)],
        WayOn::SwitchOrRetry => {
            let switch = Action::here("Switch account", &paths.switch_to(back));
            with(with(sign_in("Try again", paths.login_to(back)), switch), home)
        }
        WayOn::AskAgain => {
            let switch = Action::here("Switch account", &paths.switch_to(back));
            with(with(sign_in("Try again", with_mark(&paths.login_to(back), ASK)), switch), home)
        }
        WayOn::Home => vec![home],
    }
}

fn with(mut actions: Vec<Action>, more: Action) -> Vec<Action> {
    actions.push(more);
    actions
}

fn sign_in_in_tab(paths: &Paths, back: &ReturnPath) -> Action {
    Action::in_new_tab("Sign in in a new tab", &paths.login_in_tab_to(back))
}

/// The one way on from a page that everybody may frame.
fn open_in_tab(incoming: Incoming<'_>, failure: &Failure) -> Action {
    let (paths, back) = (&incoming.runtime.paths, &failure.return_path);
    let framing = incoming.framing();
    if failure.code != FailureCode::Framed {
        return match framing {
            Framing::Unframed => Action::in_new_tab("Open in a new tab", &paths.login_to(back)),
            _ => sign_in_in_tab(paths, back),
        };
    }
    // The page itself is what to come back to: opened on its own it can do what it could not here.
    if !paths.is_own(incoming.request.path()) {
        return Action::in_new_tab("Open in a new tab", incoming.here().as_str());
    }
    match framing {
        Framing::Framed => sign_in_in_tab(paths, back),
        _ => Action::in_new_tab("Sign in with Hugging Face", &paths.login_to(back)),
    }
}
