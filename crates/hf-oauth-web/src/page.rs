//! The pages. Templates are in `templates/`; they escape by themselves. A page loads its style and its script from
//! routes beside it, so that it looks right under every security policy that allows the app's own files.

use askama::Template;
use hf_oauth::ReturnPath;

use crate::button::FACE;
use crate::failure::{Failure, FailureCode, WayOn};
use crate::fetch_metadata::is_framed;
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
    // It says where to open the app, and nothing of anybody's session: whoever frames the app may show it.
    let framed_by = if failure.code == FailureCode::Framed { "*".to_owned() } else { framed_by(incoming) };
    page.reply(failure.code.status(), &framed_by)
}

/// "Do you want to sign out?"
pub(crate) fn ask_logout(incoming: Incoming<'_>, return_path: &ReturnPath) -> Reply {
    let paths = &incoming.runtime.paths;
    let page = Page {
        style: &paths.page_style,
        script: None,
        face: FACE,
        title: "Sign out?",
        text: &["You stay signed in until you press the button.".to_owned()],
        actions: vec![Action {
            label: "Stay signed in",
            href: return_path.as_str().to_owned(),
            new_tab: false,
        }],
        form: Some(Form { label: "Sign out", action: paths.logout_to(return_path) }),
        detail: None,
        code: "",
    };
    // Under `no-referrer` browsers send `Origin: null` with the form.
    page.reply(200, &framed_by(incoming)).with("referrer-policy", "same-origin")
}

impl Page<'_> {
    fn reply(&self, status: u16, framed_by: &str) -> Reply {
        let script = if self.script.is_some() { " script-src 'self';" } else { "" };
        let policy = format!(
            "default-src 'none'; style-src 'self';{script} img-src data:; base-uri 'none'; form-action 'self'; \
             frame-ancestors {framed_by}"
        );
        // Writing into a string does not fail.
        Reply::html(status, self.render().unwrap_or_default(), policy)
    }
}

/// Only who shows the app anyway may frame a page.
fn framed_by(incoming: Incoming<'_>) -> String {
    match incoming.site {
        Some(site) if site.in_space => format!("'self' {}", incoming.runtime.client.issuer().url().origin()),
        _ => "'none'".to_owned(),
    }
}

fn actions(incoming: Incoming<'_>, failure: &Failure) -> Vec<Action> {
    let (paths, back) = (&incoming.runtime.paths, &failure.return_path);
    let framed = is_framed(incoming.request);
    let action = |label, href: String| Action { label, href, new_tab: framed };
    let home = || action("Back to the app", "/".to_owned());
    match failure.way_on {
        WayOn::SignIn => vec![action("Sign in", paths.login_to(back)), home()],
        WayOn::TryAgain => vec![action("Try again", paths.login_to(back)), home()],
        WayOn::Reload => vec![action("Try again", back.as_str().to_owned())],
        WayOn::NewTab => {
            // In a frame the page itself is what to come back to: opened on its own it can do what it could not here.
            let (label, href) = if failure.code != FailureCode::Framed {
                ("Open in a new tab", paths.login_to(back))
            } else if paths.is_own(incoming.request.path()) {
                ("Sign in with Hugging Face", paths.login_to(back))
            } else {
                ("Open in a new tab", incoming.here().as_str().to_owned())
            };
            vec![Action { label, href, new_tab: true }]
        }
        WayOn::SwitchOrRetry => vec![
            action("Try again", paths.login_to(back)),
            action("Switch account", paths.switch_to(back)),
            home(),
        ],
        WayOn::Home => vec![home()],
    }
}
