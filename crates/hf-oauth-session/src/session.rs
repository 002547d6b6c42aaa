//! Who is signed in, and with which tokens.

mod memory;
mod orgs;
mod record;

use std::sync::OnceLock;
use std::time::Duration;

use hf_oauth_core::coordinator::Held;
use hf_oauth_core::{OAuthInfo, OAuthUserInfo, Refreshed, Scopes, Tokens, UnixTime, VerifiedLogin};
use sha2::{Digest as _, Sha256};

pub(crate) use record::{Detail, decode, encode, put_scopes, scopes};

/// How long a session that can be refreshed lives. Without a refresh token it ends with its access token.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// A sign-in that is kept.
///
/// Made of a [`VerifiedLogin`], which only a whole login gives. `Debug` shows no token.
// What every request looks at stands first, beside the count of an `Arc`: of ten thousand sessions none is in a cache.
#[repr(C)]
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    id: SignInId,
    held: HeldOnce,
    created_at: UnixTime,
    obtained_at: UnixTime,
    user_info: OAuthUserInfo,
    tokens: Tokens,
    app_state: Option<String>,
    has_all_orgs: bool,
}

/// One sign-in, told apart from every other: a hash of the access token that it began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignInId([u8; 16]);

/// The tokens' fingerprint is a hash of one, and every request asks for it.
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
        Self {
            app_state: login.app_state,
            ..Self::dangerously_unverified(login.identity.into_user_info(), login.tokens, now)
        }
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
        Self {
            id: SignInId::of(&tokens),
            user_info,
            tokens,
            app_state: None,
            created_at: now,
            obtained_at: now,
            has_all_orgs: true,
            held: HeldOnce::default(),
        }
    }

    /// What stays the same of this sign-in through every refresh, to recognise it by after a logout.
    pub fn id(&self) -> SignInId {
        self.id
    }

    /// Everything known of the user. Names and pictures of organisations, and what the library does not know, may
    /// have been left out of a cookie.
    pub fn user_info(&self) -> &OAuthUserInfo {
        &self.user_info
    }

    /// The user's stable id.
    pub fn subject(&self) -> &str {
        &self.user_info.sub
    }

    /// The tokens. The access token may have ended: see [`expires_at`](Self::expires_at).
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// What was granted.
    pub fn scope(&self) -> &Scopes {
        &self.tokens.scope
    }

    /// The app's own text, as given when the login began.
    pub fn app_state(&self) -> Option<&str> {
        self.app_state.as_deref()
    }

    /// When the access token ends.
    pub fn expires_at(&self) -> UnixTime {
        self.tokens.expires_at
    }

    /// When the person signed in.
    pub fn created_at(&self) -> UnixTime {
        self.created_at
    }

    /// What the refresh coordinator must know of the tokens.
    pub fn held(&self) -> Held {
        *self.held.0.get_or_init(|| Held::of(&self.tokens).obtained_at(self.obtained_at))
    }

    /// When the session itself ends: with its access token, or, where that can be refreshed, [`SESSION_LIFETIME`]
    /// after the sign-in.
    pub fn ends_at(&self) -> UnixTime {
        match self.tokens.refresh_token {
            Some(_) => self.created_at + SESSION_LIFETIME,
            None => self.tokens.expires_at,
        }
    }

    /// False when organisations had to be left out of a cookie: then an organisation that is not listed proves
    /// nothing, and only userinfo can tell. (`orgs` that are `None` were never told by the Hub.)
    pub fn has_all_orgs(&self) -> bool {
        self.has_all_orgs
    }

    /// This session with new tokens, obtained now, and the profile as the new ID token has it, where one came.
    ///
    /// ID tokens carry neither organisations nor plan: those stay as they are, see
    /// [`with_user_info`](Self::with_user_info).
    #[must_use]
    pub fn refreshed(mut self, refreshed: Refreshed, now: UnixTime) -> Self {
        self.tokens = refreshed.tokens;
        self.held = HeldOnce::default();
        self.obtained_at = now;
        if let Some(identity) = refreshed.identity.filter(|identity| identity.subject() == self.subject()) {
            let new = identity.into_user_info();
            let old = &mut self.user_info;
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
    pub fn with_user_info(self, user_info: OAuthUserInfo) -> Option<Self> {
        (user_info.sub == self.user_info.sub).then_some(Self { user_info, has_all_orgs: true, ..self })
    }

    /// The session as one plain value, named as Hugging Face's other libraries name it.
    pub fn into_info(self) -> OAuthInfo {
        let Tokens { access_token, expires_at, scope, .. } = self.tokens;
        let mut info = OAuthInfo::new(access_token, expires_at, self.user_info, scope);
        info.state = self.app_state;
        info
    }
}
