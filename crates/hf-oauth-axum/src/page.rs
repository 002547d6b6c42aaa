//! The pages. Templates are in `templates/`; they escape by themselves.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth::ReturnPath;
use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, FailureCode, WayOn};
use crate::layer::Visit;
use crate::navigation::is_framed;

const STYLE: &str = include_str!("../templates/page.css");

/// Styles are allowed by their hash, so that nothing that slips into a page is.
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE)));

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    style: &'static str,
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

pub(crate) fn failure(visit: &Visit, failure: &Failure) -> String {
    render(&Page {
        style: STYLE,
        face: "",
        title: failure.code.title(),
        text: &failure.text,
        actions: actions(visit, failure),
        form: None,
        detail: failure.detail.as_deref(),
        code: failure.code.as_str(),
    })
}

/// "Do you want to sign out?"
pub(crate) fn ask_logout(visit: &Visit, return_path: &ReturnPath) -> String {
    let paths = &visit.auth.0.paths;
    render(&Page {
        style: STYLE,
        face: crate::button::FACE,
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
    })
}

/// Nothing is loaded, nothing runs, and only who shows the app anyway may frame it.
pub(crate) fn security_policy(visit: &Visit) -> String {
    let framed_by = match &visit.current.site {
        Some(site) if site.in_space => format!("'self' {}", visit.auth.0.client.issuer().url().origin()),
        _ => "'none'".to_owned(),
    };
    format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'self'; frame-ancestors {framed_by}",
        *STYLE_HASH
    )
}

fn actions(visit: &Visit, failure: &Failure) -> Vec<Action> {
    let (paths, back) = (&visit.auth.0.paths, &failure.return_path);
    let framed = is_framed(&visit.headers);
    let action = |label, href: String| Action { label, href, new_tab: framed };
    let home = || action("Back to the app", "/".to_owned());
    match failure.way_on {
        WayOn::SignIn => vec![action("Sign in", paths.login_to(back)), home()],
        WayOn::TryAgain => vec![action("Try again", paths.login_to(back)), home()],
        WayOn::NewTab => {
            // In a frame the page itself is what to come back to: opened on its own it can do what it could not here.
            let href = if failure.code == FailureCode::Framed && !paths.is_own(visit.uri.path()) {
                visit.here().as_str().to_owned()
            } else {
                paths.login_to(back)
            };
            let label = if failure.code == FailureCode::Framed {
                "Sign in with Hugging Face"
            } else {
                "Open in a new tab"
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

fn render(page: &Page<'_>) -> String {
    // Writing into a string does not fail.
    page.render().unwrap_or_default()
}
