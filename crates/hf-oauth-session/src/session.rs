//! Who is signed in, and with which tokens.

mod kept;
mod memory;
mod orgs;
mod record;
mod subject;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hf_oauth_core::coordinator::Held;
use hf_oauth_core::{OAuthInfo, OAuthUserInfo, Refreshed, Scopes, Tokens, UnixTime, VerifiedLogin};
use sha2::{Digest as _, Sha256};

pub(crate) use kept::{CookieHash, Kept};
pub(crate) use record::{Detail, decode, encode, put_scopes, scopes};

use crate::platform::fetch;
use subject::NearSubject;

/// How long a session that can be refreshed lives. Without a refresh token it ends with its access token.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// A sign-in that is kept. Cheap to clone: clones share what it holds.
///
/// Made of a [`VerifiedLogin`], which only a whole login gives. `Debug` shows no token.
#[derive(Clone, Debug, PartialEq)]
pub struct Session(Arc<Head>);

/// What every request looks at stands first, so that it can be fetched at once: see [`Session::fetch`].
#[repr(C)]
#[derive(Clone, Debug, PartialEq)]
struct Head {
    kept: Kept,
    near_subject: NearSubject,
    can_be_refreshed: bool,
    has_all_orgs: bool,
    expires_at: UnixTime,
    obtained_at: UnixTime,
    created_at: UnixTime,
    id: SignInId,
    held: HeldOnce,
    rest: Arc<Rest>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rest {
    user_info: OAuthUserInfo,
    tokens: Tokens,
    app_state: Option<String>,
}

/// One sign-in, told apart from every other: a hash of the access token that it began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignInId([u8; 16]);

/// The tokens' fingerprint is a hash of one, and wherever somebody refreshed a moment ago every request asks for it.
#[derive(Clone, Default)]
struct HeldOnce(OnceLock<Held>);

impl PartialEq for HeldOnce {
    /// It follows from the tokens, which are compared.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for HeldOnce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeldOnce")
    }
}

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
        let rest = Rest { user_info: identity.into_user_info(), tokens, app_state };
        Self(Arc::new(Head::begin(rest, now)))
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
        Self(Arc::new(Head::begin(Rest { user_info, tokens, app_state: None }, now)))
    }

    /// What stays the same of this sign-in through every refresh, to recognise it by after a logout.
    pub fn id(&self) -> SignInId {
        self.0.id
    }

    /// Everything known of the user. Names and pictures of organisations, and what the library does not know, may
    /// have been left out of a cookie.
    pub fn user_info(&self) -> &OAuthUserInfo {
        &self.0.rest.user_info
    }

    /// The user's stable id.
    pub fn subject(&self) -> &str {
        self.0.near_subject.as_str().unwrap_or_else(|| &self.0.rest.user_info.sub)
    }

    /// The tokens. The access token may have ended: see [`expires_at`](Self::expires_at).
    pub fn tokens(&self) -> &Tokens {
        &self.0.rest.tokens
    }

    /// What was granted.
    pub fn scope(&self) -> &Scopes {
        &self.0.rest.tokens.scope
    }

    /// The app's own text, as given when the login began.
    pub fn app_state(&self) -> Option<&str> {
        self.0.rest.app_state.as_deref()
    }

    /// When the access token ends.
    pub fn expires_at(&self) -> UnixTime {
        self.0.expires_at
    }

    /// When the person signed in.
    pub fn created_at(&self) -> UnixTime {
        self.0.created_at
    }

    /// Whether there is a refresh token.
    pub fn can_be_refreshed(&self) -> bool {
        self.0.can_be_refreshed
    }

    /// When the tokens were obtained and when they end: [`held`](Self::held) without the fingerprint, which costs a
    /// hash.
    pub fn token_times(&self) -> Held {
        Held::new(None, self.0.expires_at).obtained_at(self.0.obtained_at)
    }

    /// What the refresh coordinator must know of the tokens.
    pub fn held(&self) -> Held {
        let Head { held, rest, obtained_at, .. } = &*self.0;
        *held.0.get_or_init(|| Held::of(&rest.tokens).obtained_at(*obtained_at))
    }

    /// When the session itself ends: with its access token, or, where that can be refreshed, [`SESSION_LIFETIME`]
    /// after the sign-in.
    pub fn ends_at(&self) -> UnixTime {
        match self.can_be_refreshed() {
            true => self.0.created_at + SESSION_LIFETIME,
            false => self.0.expires_at,
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
        let head = self.changed();
        let rest = Arc::make_mut(&mut head.rest);
        head.can_be_refreshed = tokens.refresh_token.is_some();
        (head.expires_at, head.obtained_at) = (tokens.expires_at, now);
        (head.held, rest.tokens) = (HeldOnce::default(), tokens);
        if let Some(identity) = identity {
            let new = identity.into_user_info();
            let old = &mut rest.user_info;
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
        let head = self.changed();
        head.has_all_orgs = true;
        Arc::make_mut(&mut head.rest).user_info = user_info;
        Some(self)
    }

    /// The session as one plain value, named as Hugging Face's other libraries name it.
    pub fn into_info(self) -> OAuthInfo {
        let Rest { tokens, user_info, app_state } = Arc::unwrap_or_clone(Arc::unwrap_or_clone(self.0).rest);
        let Tokens { access_token, expires_at, scope, .. } = tokens;
        let mut info = OAuthInfo::new(access_token, expires_at, user_info, scope);
        info.state = app_state;
        info
    }

    /// For a change: apart from all clones, and kept nowhere.
    fn changed(&mut self) -> &mut Head {
        let head = Arc::make_mut(&mut self.0);
        head.kept = Kept::default();
        head
    }

    pub(crate) fn keep_as(&mut self, kept: Kept) {
        Arc::make_mut(&mut self.0).kept = kept;
    }

    /// Has the memory of what every request looks at fetched, without waiting for it: of ten thousand sessions none is
    /// in a cache. It takes two or three lines.
    pub(crate) fn fetch(&self) {
        let Head { kept, near_subject, obtained_at, .. } = &*self.0;
        fetch(kept);
        fetch(near_subject);
        fetch(obtained_at);
    }

    /// What the memory of opened sessions noted.
    pub(crate) fn kept(&self) -> &Kept {
        &self.0.kept
    }

    #[cfg(test)]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Head {
    fn new(id: SignInId, rest: Rest, times: [UnixTime; 2], has_all_orgs: bool) -> Self {
        let [created_at, obtained_at] = times;
        Self {
            kept: Kept::default(),
            near_subject: NearSubject::of(&rest.user_info.sub),
            can_be_refreshed: rest.tokens.refresh_token.is_some(),
            has_all_orgs,
            expires_at: rest.tokens.expires_at,
            obtained_at,
            created_at,
            id,
            held: HeldOnce::default(),
            rest: Arc::new(rest),
        }
    }

    fn begin(rest: Rest, now: UnixTime) -> Self {
        Self::new(SignInId::of(&rest.tokens), rest, [now, now], true)
    }
}
