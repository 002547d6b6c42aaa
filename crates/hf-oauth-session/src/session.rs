//! Who is signed in, and with which tokens.

mod detail;
mod memory;
mod orgs;
mod record;
mod requirement;
mod scopes;
mod tri;

use std::sync::Arc;
use std::time::Duration;

use hf_oauth_core::coordinator::Held;
use hf_oauth_core::{
    ExpectedIdentity, LoginClaims, OAuthInfo, OAuthOrgInfo, OAuthUserInfo, Refreshed, Scopes, Tokens,
    UnixTime, VerifiedLogin,
};
use sha2::{Digest as _, Sha256};

pub(crate) use detail::Detail;
pub(crate) use record::{decode, encode, put_requirements, requirements};
pub(crate) use requirement::joined;
pub use requirement::{MOST_REQUIREMENTS, RequirementId};
pub(crate) use scopes::{put_scopes, scopes};

/// How long a session that can be refreshed lives. Without a refresh token it ends with its access token.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// Who signed in, with which tokens, and until when. Cheap to clone: clones share what it holds.
///
/// Made of a [`VerifiedLogin`], which only a whole login gives. `Debug` shows no token.
#[derive(Clone, Debug, PartialEq)]
pub struct Session(Arc<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    id: SignInId,
    user_info: OAuthUserInfo,
    tokens: Tokens,
    app_state: Option<String>,
    /// Of the login, whatever refreshes bring: the ID tokens that those bring are held to it.
    login_claims: LoginClaims,
    asked: Vec<RequirementId>,
    created_at: UnixTime,
    obtained_at: UnixTime,
    has_all_orgs: bool,
    /// It follows from the tokens. Its fingerprint is a hash, and the refresh asks for it at many requests.
    held: Held,
}

/// One sign-in, told apart from every other: a hash of the access token that it began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignInId([u8; 16]);

impl SignInId {
    fn of(tokens: &Tokens) -> Self {
        let digest = Sha256::new()
            .chain_update("hf-oauth session ")
            .chain_update(tokens.access_token.expose())
            .finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self(id)
    }
}

impl Session {
    /// The session of a login that passed every check.
    pub fn begin(login: VerifiedLogin, now: UnixTime) -> Self {
        let VerifiedLogin { identity, tokens, app_state, .. } = login;
        let login_claims = identity.login_claims();
        Self::new(identity.into_user_info(), tokens, app_state, now).with_login_claims(login_claims)
    }

    /// A session of which nobody checked anything: for tests, and for migrating sessions that were checked elsewhere.
    ///
    /// ```
    /// use std::time::Duration;
    /// use hf_oauth_core::{OAuthUserInfo, Scopes, Tokens, UnixTime};
    /// use hf_oauth_session::Session;
    ///
    /// let now = UnixTime::from_secs(1_800_000_000);
    /// let tokens = Tokens::new("access".into(), None, now + Duration::from_secs(3600), Scopes::default());
    /// let session = Session::dangerously_unverified(OAuthUserInfo::new("ada"), tokens, now);
    /// assert_eq!(session.subject(), "ada");
    /// assert_eq!(session.ends_at(), session.expires_at(), "it cannot be refreshed");
    /// ```
    pub fn dangerously_unverified(user_info: OAuthUserInfo, tokens: Tokens, now: UnixTime) -> Self {
        Self::new(user_info, tokens, None, now)
    }

    fn new(user_info: OAuthUserInfo, tokens: Tokens, app_state: Option<String>, now: UnixTime) -> Self {
        Self(Arc::new(Inner {
            id: SignInId::of(&tokens),
            user_info,
            held: Held::of(&tokens).obtained_at(now),
            tokens,
            app_state,
            login_claims: LoginClaims::default(),
            asked: Vec::new(),
            created_at: now,
            obtained_at: now,
            has_all_orgs: true,
        }))
    }

    /// This session, begun with a login whose ID token had these claims. [`begin`](Self::begin) takes them of the login.
    #[must_use]
    pub fn with_login_claims(mut self, login_claims: LoginClaims) -> Self {
        Arc::make_mut(&mut self.0).login_claims = login_claims;
        self
    }

    /// What the login's ID token said of the login.
    pub fn login_claims(&self) -> LoginClaims {
        self.0.login_claims
    }

    /// Who new tokens must be of, and of which login: for [`Refresh::request`](hf_oauth_core::Refresh::request).
    pub fn expected_identity(&self) -> ExpectedIdentity {
        ExpectedIdentity::new(self.subject()).with_login_claims(self.login_claims())
    }

    /// What stays the same of this sign-in through every refresh, to recognise it by after a logout.
    pub fn id(&self) -> SignInId {
        self.0.id
    }

    /// Everything known of the user. Names and pictures of organisations, and what the library does not know, may
    /// have been left out of a cookie.
    pub fn user_info(&self) -> &OAuthUserInfo {
        &self.0.user_info
    }

    /// The user's stable id.
    pub fn subject(&self) -> &str {
        &self.0.user_info.sub
    }

    /// The tokens. The access token may have ended: see [`expires_at`](Self::expires_at).
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// What was granted.
    pub fn scope(&self) -> &Scopes {
        &self.0.tokens.scope
    }

    /// The app's own text, as given when the login began.
    pub fn app_state(&self) -> Option<&str> {
        self.0.app_state.as_deref()
    }

    /// When the access token ends.
    pub fn expires_at(&self) -> UnixTime {
        self.0.tokens.expires_at
    }

    /// When the person signed in.
    pub fn created_at(&self) -> UnixTime {
        self.0.created_at
    }

    /// Whether there is a refresh token.
    pub fn can_be_refreshed(&self) -> bool {
        self.0.tokens.refresh_token.is_some()
    }

    /// When the tokens were obtained and when they end: [`held`](Self::held) without the fingerprint.
    pub fn token_times(&self) -> Held {
        Held::new(None, self.expires_at()).obtained_at(self.0.obtained_at)
    }

    /// What the refresh coordinator must know of the tokens.
    pub fn held(&self) -> Held {
        self.0.held
    }

    /// What guards have asked this person for since they signed in, the newest last; at most [`MOST_REQUIREMENTS`].
    pub fn asked(&self) -> &[RequirementId] {
        &self.0.asked
    }

    /// True when a guard has asked this person for that already.
    pub fn has_asked(&self, requirement: &RequirementId) -> bool {
        self.0.asked.contains(requirement)
    }

    /// This session, which also remembers that these were asked for; beyond [`MOST_REQUIREMENTS`] the oldest go.
    #[must_use]
    pub fn with_asked(mut self, requirements: &[RequirementId]) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.asked = requirement::joined(&inner.asked, requirements);
        self
    }

    /// This session with these organisations in front of the others: what stands first is kept where a cookie has no room for
    /// all of them.
    ///
    /// ```
    /// use hf_oauth_core::{OAuthOrgInfo, OAuthUserInfo, Scopes, Tokens, UnixTime};
    /// use hf_oauth_session::Session;
    ///
    /// let mut user = OAuthUserInfo::new("ada");
    /// user.orgs = Some(["a", "b", "c"].map(OAuthOrgInfo::new).to_vec());
    /// let tokens = Tokens::new("access".into(), None, UnixTime::from_secs(1), Scopes::default());
    /// let session = Session::dangerously_unverified(user, tokens, UnixTime::from_secs(0));
    /// let orgs = session.with_orgs_first(|org| org.sub == "c").into_info().user_info.orgs.unwrap();
    /// assert_eq!(orgs.iter().map(|org| org.sub.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
    /// ```
    #[must_use]
    pub fn with_orgs_first(mut self, is_first: impl Fn(&OAuthOrgInfo) -> bool) -> Self {
        let is_sorted = |orgs: &Vec<OAuthOrgInfo>| orgs.is_sorted_by_key(|org| !is_first(org));
        if self.0.user_info.orgs.as_ref().is_none_or(is_sorted) {
            return self;
        }
        if let Some(orgs) = &mut Arc::make_mut(&mut self.0).user_info.orgs {
            orgs.sort_by_key(|org| !is_first(org));
        }
        self
    }

    /// When the session itself ends: with its access token, or, where that can be refreshed, [`SESSION_LIFETIME`]
    /// after the sign-in.
    pub fn ends_at(&self) -> UnixTime {
        match self.can_be_refreshed() {
            true => self.0.created_at + SESSION_LIFETIME,
            false => self.expires_at(),
        }
    }

    /// False when organisations had to be left out of a cookie: then an organisation that is not listed proves
    /// nothing, and only userinfo can tell. (`orgs` that are `None` were never told by the Hub.)
    pub fn has_all_orgs(&self) -> bool {
        self.0.has_all_orgs
    }

    /// This session with new tokens, obtained now, and the profile as the new ID token has it, where one came.
    ///
    /// ID tokens carry neither organisations nor plan: those stay as they are, see
    /// [`with_user_info`](Self::with_user_info).
    #[must_use]
    pub fn refreshed(mut self, refreshed: Refreshed, now: UnixTime) -> Self {
        let Refreshed { identity, tokens, .. } = refreshed;
        let identity = identity.filter(|identity| identity.subject() == self.subject());
        let inner = Arc::make_mut(&mut self.0);
        (inner.held, inner.obtained_at) = (Held::of(&tokens).obtained_at(now), now);
        inner.tokens = tokens;
        if let Some(identity) = identity {
            let new = identity.into_user_info();
            let old = &mut inner.user_info;
            for (old, new) in [
                (&mut old.name, new.name),
                (&mut old.preferred_username, new.preferred_username),
                (&mut old.profile, new.profile),
                (&mut old.picture, new.picture),
                (&mut old.website, new.website),
            ] {
                if new.is_some() {
                    *old = new;
                }
            }
            // An address of one answer is not verified by another.
            if new.email.is_some() {
                (old.email, old.email_verified) = (new.email, new.email_verified);
            }
        }
        self
    }

    /// This session with what userinfo says now; `None` when that is about somebody else.
    #[must_use]
    pub fn with_user_info(mut self, user_info: OAuthUserInfo) -> Option<Self> {
        if user_info.sub != self.subject() {
            return None;
        }
        let inner = Arc::make_mut(&mut self.0);
        (inner.has_all_orgs, inner.user_info) = (true, user_info);
        Some(self)
    }

    /// The session as one plain value, named as Hugging Face's other libraries name it.
    pub fn into_info(self) -> OAuthInfo {
        let Inner { tokens, user_info, app_state, .. } = Arc::unwrap_or_clone(self.0);
        let Tokens { access_token, expires_at, scope, .. } = tokens;
        let mut info = OAuthInfo::new(access_token, expires_at, user_info, scope);
        info.state = app_state;
        info
    }

    #[cfg(test)]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
