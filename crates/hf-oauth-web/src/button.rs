//! The button: after the Hub's published "Sign in with Hugging Face", drawn anew.

use askama::Template;
use hf_oauth::ReturnPath;

use crate::frames::FrameSignIn;
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
    beside: Option<Beside>,
}

/// The small link beside the button, which opens a new tab.
struct Beside {
    href: String,
    words: &'static str,
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
    button(&paths, &paths.return_path(return_to), None)
}

/// `frames` is how somebody signs in where the app is shown in a frame, if it may be. What stands beside the button is
/// the way on for whoever finds the Hub refusing to be framed: that cannot be told in advance.
pub(crate) fn button(paths: &Paths, return_path: &ReturnPath, frames: Option<FrameSignIn>) -> String {
    let (href, beside) = match frames {
        None => (paths.login_to(return_path), None),
        Some(FrameSignIn::InFrame) => {
            let words = "Or sign in in a new tab, and go on there";
            (paths.login_to(return_path), Some(Beside { href: paths.login_in_tab_to(return_path), words }))
        }
        Some(FrameSignIn::NewTab) => {
            let words = "Go on in the new tab: this frame stays signed out";
            let href = return_path.as_str().to_owned();
            (paths.login_in_tab_to(return_path), Some(Beside { href, words }))
        }
    };
    let new_tab = frames == Some(FrameSignIn::NewTab);
    let button = Button { style: &paths.button_style, href: &href, face: FACE, new_tab, beside };
    // Writing into a string does not fail.
    button.render().unwrap_or_default()
}
