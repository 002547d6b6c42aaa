//! For the tests of apps: requests that are signed in, without any provider.

use actix_web::HttpMessage;
use hf_oauth_web::{OAuthOrgInfo, OAuthUserInfo, Scopes, testing};

/// Somebody who is signed in, made up.
///
/// ```
/// # actix_web::rt::System::new().block_on(async {
/// use actix_web::{App, test, web};
/// use hf_oauth_actix::{SignedIn, testing};
///
/// let me = async |user: SignedIn| user.display_name().to_owned();
/// let app = test::init_service(App::new().route("/me", web::get().to(me))).await;
///
/// let ada = testing::signed_in_as("ada").with_scopes("openid profile jobs").with_org("engine").pro();
/// let request = ada.send(test::TestRequest::get().uri("/me").to_request());
/// assert_eq!(test::call_and_read_body(&app, request).await, "ada");
/// # });
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

    /// The request, sent by this person: what [`TestRequest`](actix_web::test::TestRequest) makes for a whole app
    /// (`to_request`), for an extractor (`to_http_request`) or for a middleware (`to_srv_request`).
    pub fn send<R: HttpMessage>(&self, request: R) -> R {
        request.extensions_mut().insert(self.0.test_user());
        request
    }
}
