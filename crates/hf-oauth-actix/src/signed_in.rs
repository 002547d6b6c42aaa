//! Extractors: who sent a request.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::{Extensions, Payload};
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, ResponseError};
use hf_oauth_web::testing::TestUser;
use hf_oauth_web::{FailureCode, Identity, Refusal, Reply, Visit};

use crate::convert::{Head, response};

/// Whoever is signed in, with an access token that has not ended. It derefs to [`hf_oauth_web::SignedIn`], and that to
/// [`Identity`].
///
/// As an argument of a handler it is demanded: without it a browser is sent to the sign-in, and programs get 401 with
/// `login_url`. Somebody whose token has ended while the Hub is away gets 503 with a page that tries again.
///
/// **Do not take `Option<SignedIn>`.** actix turns every error of an extractor into `None`, so that people who are signed in
/// would look signed out while the Hub is away. A page that everybody may see takes [`Visitor`].
///
/// ```
/// # actix_web::rt::System::new().block_on(async {
/// use actix_web::{App, test, web};
/// use hf_oauth_actix::{SignedIn, testing};
///
/// async fn who(user: SignedIn) -> String {
///     format!("{} is {}", user.display_name(), user.subject())
/// }
/// let app = App::new().route("/who", web::get().to(who)); // and `auth.attach(...)` around it
///
/// let app = test::init_service(app).await;
/// let request = testing::signed_in_as("ada").send(test::TestRequest::get().uri("/who").to_request());
/// assert_eq!(test::call_and_read_body(&app, request).await, "ada is ada");
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct SignedIn(hf_oauth_web::SignedIn);

/// Who sent a request: for pages that everybody may see. While the Hub is away nobody looks signed out.
///
/// ```
/// use hf_oauth_actix::{Visitor, sign_in_button};
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

/// Why a handler was not called, and what is answered instead: a redirect to the sign-in for browsers, 401 as JSON for
/// programs, 503 where the session's token has ended and the Hub is away.
pub struct NotSignedIn {
    code: FailureCode,
    /// None where no middleware is around that could make one.
    reply: Option<Reply>,
}

impl NotSignedIn {
    /// Why.
    pub fn code(&self) -> FailureCode {
        self.code
    }
}

impl From<Refusal> for NotSignedIn {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code, reply: Some(refusal.reply) }
    }
}

impl fmt::Debug for NotSignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotSignedIn").field("code", &self.code).finish_non_exhaustive()
    }
}

impl fmt::Display for NotSignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the handler was not called: {}", self.code.as_str())
    }
}

impl ResponseError for NotSignedIn {
    fn status_code(&self) -> StatusCode {
        self.error_response().status()
    }

    fn error_response(&self) -> HttpResponse {
        match &self.reply {
            Some(reply) => response(reply.clone()),
            None => HttpResponse::new(StatusCode::UNAUTHORIZED),
        }
    }
}

impl FromRequest for SignedIn {
    type Error = NotSignedIn;
    type Future = Ready<Result<Self, NotSignedIn>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match Found::by(&request.extensions()) {
            Found::Visit(visit) => {
                visit.signed_in(&Head::of(request).request()).map(Self).map_err(NotSignedIn::from)
            }
            Found::TestUser(user) => Ok(Self(user)),
            Found::NoMiddleware => Err(NotSignedIn { code: FailureCode::Unauthenticated, reply: None }),
        })
    }
}

impl FromRequest for Visitor {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(match Found::by(&request.extensions()) {
            Found::Visit(visit) => visit.visitor().into(),
            Found::TestUser(user) => Self::SignedIn(SignedIn(user)),
            Found::NoMiddleware => Self::Nobody,
        }))
    }
}

/// What a request's extensions say of who sent it.
enum Found<'e> {
    Visit(&'e Visit),
    /// A test of the app calls a handler without the middleware.
    TestUser(hf_oauth_web::SignedIn),
    NoMiddleware,
}

impl<'e> Found<'e> {
    fn by(extensions: &'e Extensions) -> Self {
        if let Some(visit) = extensions.get::<Visit>() {
            return Self::Visit(visit);
        }
        if let Some(user) = extensions.get::<TestUser>() {
            return Self::TestUser(user.signed_in());
        }
        tracing::error!(
            "a handler asks who is signed in, but the middleware is not around it: call `auth.attach(app)`"
        );
        Self::NoMiddleware
    }
}
