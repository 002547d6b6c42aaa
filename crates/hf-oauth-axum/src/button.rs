//! The button: after the Hub's published "Sign in with Hugging Face", drawn anew.

use askama::Template;
use hf_oauth::ReturnPath;

use crate::paths::Paths;

/// A smiling face; it says nothing that the words beside it do not.
pub(crate) const FACE: &str = include_str!("../templates/face.svg");

#[derive(Template)]
#[template(path = "button.html")]
struct Button<'a> {
    href: &'a str,
    face: &'static str,
    new_tab: bool,
}

/// The button that signs in and comes back to `return_to`, as HTML, for apps without a prefix.
///
/// It is a link with its own styles, legible in light and dark, reachable by keyboard. A `return_to` that leads off
/// this site becomes `/`. With a prefix, or in a Space, take
/// [`HuggingFace::sign_in_button`](crate::HuggingFace::sign_in_button).
///
/// ```
/// let html = hf_oauth_axum::sign_in_button("/models?sort=new");
/// assert!(html.contains(r#"href="/oauth/huggingface/login?_target_url=%2Fmodels%3Fsort%3Dnew""#));
/// assert!(html.contains("Sign in with Hugging Face"));
/// assert!(!hf_oauth_axum::sign_in_button("//evil.example").contains("evil"));
/// ```
pub fn sign_in_button(return_to: &str) -> String {
    match Paths::new("", None) {
        Some(paths) => button(&paths.login_to(&paths.return_path(return_to)), false),
        None => button(ReturnPath::root().as_str(), false),
    }
}

pub(crate) fn button(href: &str, new_tab: bool) -> String {
    // Writing into a string does not fail.
    Button { href, face: FACE, new_tab }.render().unwrap_or_default()
}
