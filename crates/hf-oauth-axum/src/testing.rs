//! For the tests of apps: requests that are signed in, without any provider.

use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::extract::Request;
use hf_oauth::{OAuthOrgInfo, OAuthUserInfo, Scopes, Tokens, UnixTime};
use hf_oauth_session::Session;

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
pub struct Persona {
    user: OAuthUserInfo,
    scopes: Scopes,
}

/// Somebody of this username, whose id is the same text, with `openid profile` and no organisations.
pub fn signed_in_as(username: &str) -> Persona {
    let mut user = OAuthUserInfo::new(username);
    user.name = Some(username.to_owned());
    user.preferred_username = Some(username.to_owned());
    user.is_pro = Some(false);
    user.orgs = Some(Vec::new());
    Persona { user, scopes: Scopes::default() }
}

impl Persona {
    /// With these scopes granted.
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// In one more organisation, by its `sub`.
    pub fn with_org(self, sub: &str) -> Self {
        let mut org = OAuthOrgInfo::new(sub);
        org.preferred_username = Some(sub.to_owned());
        self.with_org_info(org)
    }

    /// In one more organisation, said in full.
    pub fn with_org_info(mut self, org: OAuthOrgInfo) -> Self {
        self.user.orgs.get_or_insert_default().push(org);
        self
    }

    /// A Pro user.
    pub fn pro(mut self) -> Self {
        self.user.is_pro = Some(true);
        self
    }

    /// Somebody of whom this is known.
    pub fn with_user_info(mut self, user: OAuthUserInfo) -> Self {
        self.user = user;
        self
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
        let now = UnixTime::from(SystemTime::now());
        let in_a_day = now + Duration::from_secs(86_400);
        let tokens = Tokens::new("hf_oauth_for_tests".into(), None, in_a_day, self.scopes.clone());
        let session = Session::dangerously_unverified(self.user.clone(), tokens, now);
        request.extensions_mut().insert(TestUser(session));
        request
    }
}

/// In a request's extensions, which nothing from the network reaches.
#[derive(Clone)]
pub(crate) struct TestUser(pub(crate) Session);
