//! The button: after the Hub's published "Sign in with Hugging Face", drawn anew.

use askama::Template;
use hf_oauth::ReturnPath;

use crate::paths::Paths;

/// A smiling face; it says nothing that the words beside it do not.
pub(crate) const FACE: &str = include_str!("../templates/face.svg");

#[derive(Template)]
#[template(path = "button.html")]
struct Button<'a> {
    style: &'a str,
    href: &'a str,
    face: &'static str,
    new_tab: bool,
}

/// The style of the button.
pub(crate) const STYLE: &str = include_str!("../templates/button.css");

/// The button that signs in and comes back to `return_to`, as HTML, for apps without a prefix.
///
/// It is a link, legible in light and dark, reachable by keyboard. Its style comes from a route beside the login, so a
/// security policy needs `style-src 'self'` and nothing inline; without its style it is a plain link with a small
/// picture. A `return_to` that leads off this site becomes `/`. With a prefix, or in a Space, take
/// [`HuggingFace::sign_in_button`](crate::HuggingFace::sign_in_button).
///
/// ```
/// let html = hf_oauth_web::sign_in_button("/models?sort=new");
/// assert!(html.contains(r#"href="/oauth/huggingface/login?_target_url=%2Fmodels%3Fsort%3Dnew""#));
/// assert!(html.contains("Sign in with Hugging Face"));
/// assert!(!hf_oauth_web::sign_in_button("//evil.example").contains("evil"));
/// ```
pub fn sign_in_button(return_to: &str) -> String {
    #[expect(clippy::expect_used, reason = "a constant, and the example above makes them")]
    let paths = Paths::new("", None).expect("paths without a prefix are plain");
    button(&paths, &paths.return_path(return_to), false)
}

pub(crate) fn button(paths: &Paths, return_path: &ReturnPath, new_tab: bool) -> String {
    let button =
        Button { style: &paths.button_style, href: &paths.login_to(return_path), face: FACE, new_tab };
    // Writing into a string does not fail.
    button.render().unwrap_or_default()
}
