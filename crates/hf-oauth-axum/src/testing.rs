//! For the tests of apps: requests that are signed in, without any provider.

use axum::body::Body;
use axum::extract::Request;
use hf_oauth_web::{Identity, OAuthOrgInfo, OAuthUserInfo, Scopes, testing};

/// Somebody who is signed in, made up.
///
/// ```
/// use axum::{Router, routing::get};
/// use hf_oauth_axum::{SignedIn, testing};
/// use tower::ServiceExt as _;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let app = Router::new().route("/me", get(async |user: SignedIn| user.display_name().to_owned()));
///
/// let ada = testing::signed_in_as("ada").with_scopes("openid profile jobs").with_org("engine").pro();
/// let response = app.oneshot(ada.request(http::Request::get("/me"))).await.unwrap();
/// assert_eq!(response.status(), 200);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "turn it into a request"]
pub struct Persona(testing::Persona);

/// Somebody of this username, whose id is the same text, with `openid profile` and no organisations.
pub fn signed_in_as(username: &str) -> Persona {
    Persona(testing::signed_in_as(username))
}

impl Persona {
    /// With these scopes granted.
    pub fn with_scopes(self, scopes: impl Into<Scopes>) -> Self {
        Self(self.0.with_scopes(scopes))
    }

    /// In one more organisation, by its `sub`.
    pub fn with_org(self, sub: &str) -> Self {
        Self(self.0.with_org(sub))
    }

    /// In one more organisation, said in full.
    pub fn with_org_info(self, org: OAuthOrgInfo) -> Self {
        Self(self.0.with_org_info(org))
    }

    /// A Pro user.
    pub fn pro(self) -> Self {
        Self(self.0.pro())
    }

    /// Somebody of whom this is known.
    pub fn with_user_info(self, user: OAuthUserInfo) -> Self {
        Self(self.0.with_user_info(user))
    }

    /// Who this is, for a test that calls a handler with [`Visitor::TokenUnavailable`](crate::Visitor::TokenUnavailable).
    pub fn identity(&self) -> Identity {
        self.0.identity()
    }

    /// The request, sent by this person, with an empty body.
    ///
    /// # Panics
    ///
    /// When the builder has a mistake, such as a bad header.
    pub fn request(&self, builder: http::request::Builder) -> Request {
        #[expect(clippy::expect_used, reason = "a test's own request")]
        self.send(builder.body(Body::empty()).expect("a well-formed request"))
    }

    /// The request, sent by this person.
    pub fn send<B>(&self, mut request: http::Request<B>) -> http::Request<B> {
        request.extensions_mut().insert(self.0.test_user());
        request
    }
}
