use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use hf_oauth::{OAuthInfo, OAuthOrgInfo, OAuthUserInfo, Scopes, Secret, UnixTime};
use hf_oauth_session::Session;
use http::Extensions;
use http::request::Parts;

use crate::failure::FailureCode;
use crate::layer::{Current, Visit, Who};
use crate::respond::{failure, signed_out};
use crate::step_up;
use crate::testing::TestUser;

/// Whoever is signed in, with an access token that has not ended.
///
/// As an argument of a handler it is demanded: without it a browser is sent to the sign-in, and programs get 401 with
/// `login_url`. `Option<SignedIn>` is `None` where nobody is signed in, whatever the reason.
///
/// ```
/// use axum::{Router, routing::get};
/// use hf_oauth_axum::{SignedIn, testing};
/// use tower::ServiceExt as _;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// async fn who(user: SignedIn) -> String {
///     format!("{} is {}", user.display_name(), user.subject())
/// }
/// let app = Router::new().route("/who", get(who)); // and `auth.attach(...)` around it
///
/// let request = testing::signed_in_as("ada").request(http::Request::get("/who"));
/// let response = app.oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 200);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct SignedIn(Session);

impl SignedIn {
    /// Everything known of the user. Names and pictures of many organisations may have been left out to fit a cookie.
    pub fn user_info(&self) -> &OAuthUserInfo {
        self.0.user_info()
    }

    /// The user's stable id. Key everything on this: usernames change hands.
    pub fn subject(&self) -> &str {
        self.0.subject()
    }

    /// What to call the user: the name, or the username, or the id. As the Hub has it: not for HTML.
    pub fn display_name(&self) -> &str {
        let user = self.user_info();
        let names = [user.name.as_deref(), user.preferred_username.as_deref()];
        names.into_iter().flatten().find(|name| !name.trim().is_empty()).unwrap_or(&user.sub)
    }

    /// [`display_name`](Self::display_name), escaped for HTML text and attribute values.
    pub fn display_name_html(&self) -> String {
        escaped(self.display_name())
    }

    /// The bearer token, to call the Hub as this user.
    pub fn access_token(&self) -> &Secret {
        &self.0.tokens().access_token
    }

    /// When that token ends. Where it can be refreshed, the session goes on.
    pub fn access_token_expires_at(&self) -> UnixTime {
        self.0.expires_at()
    }

    /// What was granted.
    pub fn scope(&self) -> &Scopes {
        self.0.scope()
    }

    /// The organisations; `None` when nobody told. Where [`has_all_orgs`](Self::has_all_orgs) is false there are more.
    pub fn orgs(&self) -> Option<&[OAuthOrgInfo]> {
        self.user_info().orgs.as_deref()
    }

    /// False when there were more organisations than a cookie holds: then one that is not listed proves nothing.
    pub fn has_all_orgs(&self) -> bool {
        self.0.has_all_orgs()
    }

    /// All of it as one plain value, named as Hugging Face's other libraries name it.
    pub fn info(&self) -> OAuthInfo {
        step_up::without_marker(Session::clone(&self.0).into_info())
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("subject", &self.subject()).finish_non_exhaustive()
    }
}

/// Nobody is signed in, as an answer: a redirect to the sign-in for browsers, 401 as JSON for programs. 503 where the
/// session's token has ended and the Hub is away.
pub struct NotSignedIn {
    code: FailureCode,
    response: Box<Response>,
}

impl NotSignedIn {
    /// Why.
    pub fn code(&self) -> FailureCode {
        self.code
    }
}

impl fmt::Debug for NotSignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotSignedIn").field("code", &self.code).finish_non_exhaustive()
    }
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        *self.response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotSignedIn> {
        if let Some(session) = session_of(&parts.extensions) {
            return Ok(Self(session));
        }
        let Some(current) = current_or_log(&parts.extensions) else {
            // Without the layer nobody is anybody.
            let response = Box::new(http::StatusCode::UNAUTHORIZED.into_response());
            return Err(NotSignedIn { code: FailureCode::SignedOut, response });
        };
        let visit = Visit::new(current, &parts.method, parts.headers.clone(), &parts.uri, &parts.extensions);
        let (code, response) = match &visit.current.who {
            Who::Away(away) => (away.code, failure(&visit, away)),
            Who::Nobody | Who::Person(_) => (FailureCode::SignedOut, signed_out(&visit)),
        };
        Err(NotSignedIn { code, response: Box::new(response) })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        let session = session_of(&parts.extensions);
        if session.is_none() {
            let _ = current_or_log(&parts.extensions);
        }
        Ok(session.map(Self))
    }
}

/// What the layer found, and a word in the log where there is no layer.
pub(crate) fn current_or_log(extensions: &Extensions) -> Option<Current> {
    let current = Current::of(extensions).cloned();
    if current.is_none() {
        tracing::error!(
            "a handler or guard asks who is signed in, but the layer is not around it: call `auth.attach(router)` last"
        );
    }
    current
}

fn session_of(extensions: &Extensions) -> Option<Session> {
    match Current::of(extensions) {
        Some(current) => current.session().cloned(),
        None => extensions.get::<TestUser>().map(|user| user.0.clone()),
    }
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // A name that turns the direction of writing around turns the rest of the page around.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            character if character.is_control() => html.push(' '),
            character => html.push(character),
        }
    }
    html
}
