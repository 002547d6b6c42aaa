//! For the tests of apps: somebody who is signed in, without any provider. Adapters put them into their framework's
//! requests.

use std::time::{Duration, SystemTime};

use hf_oauth::{OAuthOrgInfo, OAuthUserInfo, Scopes, Tokens, UnixTime};
use hf_oauth_session::Session;

use crate::signed_in::{Identity, SignedIn};

/// Somebody who is signed in, made up.
///
/// ```
/// use hf_oauth_web::testing;
///
/// let ada = testing::signed_in_as("ada").with_scopes("openid profile jobs").with_org("engine").pro();
/// let test_user = ada.test_user(); // an adapter puts it into a request
/// # let _ = test_user;
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

    /// Who this is, for a test that calls a handler with a [`Visitor`](crate::Visitor) without a token.
    pub fn identity(&self) -> Identity {
        Identity::new(self.test_user().0)
    }

    /// The person as a request carries them.
    pub fn test_user(&self) -> TestUser {
        let now = UnixTime::from(SystemTime::now());
        let in_a_day = now + Duration::from_secs(86_400);
        let tokens = Tokens::new("hf_oauth_for_tests".into(), None, in_a_day, self.scopes.clone());
        TestUser(Session::dangerously_unverified(self.user.clone(), tokens, now))
    }
}

/// Somebody whom a test of the app signed in: in a request's extensions, which nothing from the network reaches.
#[derive(Clone, Debug)]
pub struct TestUser(pub(crate) Session);

impl TestUser {
    /// The person as handlers get them, for code that no middleware is around.
    pub fn signed_in(&self) -> SignedIn {
        SignedIn::new(self.0.clone())
    }
}
