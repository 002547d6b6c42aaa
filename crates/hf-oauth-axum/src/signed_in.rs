//! Extractors: who sent a request.

use std::convert::Infallible;
use std::fmt;
use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use hf_oauth_web::testing::TestUser;
use hf_oauth_web::{FailureCode, Identity, Refusal, Visit};
use http::StatusCode;
use http::request::Parts;

use crate::convert::{Head, response};

/// Whoever is signed in, with an access token that has not ended. It derefs to [`hf_oauth_web::SignedIn`], and that to
/// [`Identity`].
///
/// As an argument of a handler it is demanded: without it a browser is sent to the sign-in, and programs get 401 with
/// `login_url`. `Option<SignedIn>` is `None` where nobody is signed in. In both, somebody whose token has ended while the
/// Hub is away gets 503 with a page that tries again; a page that everybody may see takes [`Visitor`] instead.
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
#[derive(Clone, Debug)]
pub struct SignedIn(hf_oauth_web::SignedIn);

/// Who sent a request: for pages that everybody may see. While the Hub is away nobody looks signed out.
///
/// ```
/// use hf_oauth_axum::{Visitor, sign_in_button};
///
/// async fn home(visitor: Visitor) -> String {
///     match visitor {
///         Visitor::Nobody => sign_in_button("/"),
///         Visitor::SignedIn(user) => format!("Hello {}!", user.display_name_html()),
///         // Signed in, and without a token until the Hub answers again.
///         Visitor::TokenUnavailable(user) => format!("Hello {}! The Hub is away.", user.display_name_html()),
///     }
/// }
/// # let _ = home;
/// ```
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Nobody is signed in.
    Nobody,
    /// Somebody is signed in, with an access token that has not ended.
    SignedIn(SignedIn),
    /// Somebody is signed in, their access token has ended, and the Hub cannot be asked for the next one now.
    TokenUnavailable(Identity),
}

impl Visitor {
    /// Who this is, whether there is a token or not.
    pub fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Nobody => None,
            Self::SignedIn(user) => Some(user),
            Self::TokenUnavailable(identity) => Some(identity),
        }
    }
}

impl From<hf_oauth_web::Visitor> for Visitor {
    fn from(visitor: hf_oauth_web::Visitor) -> Self {
        match visitor {
            hf_oauth_web::Visitor::Nobody => Self::Nobody,
            hf_oauth_web::Visitor::SignedIn(user) => Self::SignedIn(SignedIn(user)),
            hf_oauth_web::Visitor::TokenUnavailable(identity) => Self::TokenUnavailable(identity),
        }
    }
}

impl Deref for SignedIn {
    type Target = hf_oauth_web::SignedIn;

    fn deref(&self) -> &hf_oauth_web::SignedIn {
        &self.0
    }
}

/// Why a handler was not called, as an answer: a redirect to the sign-in for browsers, 401 as JSON for programs, 503 where
/// the session's token has ended and the Hub is away.
pub struct NotSignedIn {
    code: FailureCode,
    response: Box<Response>,
}

impl NotSignedIn {
    /// Why.
    pub fn code(&self) -> FailureCode {
        self.code
    }

    fn without_layer() -> Self {
        let response = Box::new(StatusCode::UNAUTHORIZED.into_response());
        Self { code: FailureCode::Unauthenticated, response }
    }
}

impl From<Refusal> for NotSignedIn {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code, response: Box::new(response(refusal.reply)) }
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
        match Found::by(parts) {
            Found::Visit(visit) => match visit.visitor() {
                hf_oauth_web::Visitor::SignedIn(user) => Ok(Self(user)),
                _ => Ok(Self(visit.signed_in(&Head::of_parts(parts).request())?)),
            },
            Found::TestUser(user) => Ok(Self(user)),
            Found::NoLayer => Err(NotSignedIn::without_layer()),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, NotSignedIn> {
        match Found::by(parts) {
            Found::Visit(visit) => Ok(visit.signed_in_or_nobody(&Head::of_parts(parts).request())?.map(Self)),
            Found::TestUser(user) => Ok(Some(Self(user))),
            Found::NoLayer => Ok(None),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(match Found::by(parts) {
            Found::Visit(visit) => visit.visitor().into(),
            Found::TestUser(user) => Self::SignedIn(SignedIn(user)),
            Found::NoLayer => Self::Nobody,
        })
    }
}

/// What a request's extensions say of who sent it.
enum Found<'p> {
    Visit(&'p Visit),
    /// A test of the app calls a handler without the layer.
    TestUser(hf_oauth_web::SignedIn),
    NoLayer,
}

impl<'p> Found<'p> {
    fn by(parts: &'p Parts) -> Self {
        if let Some(visit) = parts.extensions.get::<Visit>() {
            return Self::Visit(visit);
        }
        if let Some(user) = parts.extensions.get::<TestUser>() {
            return Self::TestUser(user.signed_in());
        }
        tracing::error!(
            "a handler asks who is signed in, but the layer is not around it: call `auth.attach(router)` last"
        );
        Self::NoLayer
    }
}
