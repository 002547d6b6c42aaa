//! Where sessions are kept. Today that is the browser, in sealed cookies; a store answers to the same calls.

use hf_oauth::UnixTime;
use hf_oauth_session::{CookieHeaders, CookieSessions, ReadSession, Session, SetCookie, WriteError};

/// The sessions of one site. What may have to wait for a store is `async`.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    cookies: CookieSessions,
}

impl Sessions {
    pub(crate) fn in_cookies(cookies: CookieSessions) -> Self {
        Self { cookies }
    }

    /// The same under the names and attributes of another address.
    pub(crate) fn with_policy(&self, policy: hf_oauth_session::CookiePolicy) -> Self {
        Self { cookies: self.cookies.with_policy(policy) }
    }

    /// A word for the log: how cookies are set.
    pub(crate) fn cookie_profile(&self) -> &'static str {
        self.cookies.policy().profile()
    }

    /// What can be told without waiting: sealed cookies tell everything.
    pub(crate) fn read_now(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> Option<ReadSession> {
        Some(self.cookies.read(cookies, now))
    }

    /// The session that a request's cookies name.
    pub(crate) async fn read(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> ReadSession {
        self.cookies.read(cookies, now)
    }

    /// Keeps a session; the cookies replace those that came.
    ///
    /// # Errors
    ///
    /// [`WriteError`].
    pub(crate) async fn write(
        &self,
        session: &Session,
        cookies: &CookieHeaders<'_>,
        now: UnixTime,
    ) -> Result<Vec<SetCookie>, WriteError> {
        self.cookies.write(session, cookies, now)
    }

    /// Ends a session: nothing keeps its tokens any longer. The cookies delete those that came.
    pub(crate) async fn end(&self, session: Option<&Session>, cookies: &CookieHeaders<'_>) -> Vec<SetCookie> {
        if let Some(session) = session {
            self.cookies.forget(session);
        }
        self.cookies.clear(cookies)
    }

    /// Drops a session's tokens from memory, where another took its cookies' place.
    pub(crate) fn forget(&self, session: &Session) {
        self.cookies.forget(session);
    }

    /// Drops from memory what these cookies were just opened to: they are of a session that had ended before.
    pub(crate) fn forget_read(&self, cookies: &CookieHeaders<'_>) {
        self.cookies.forget_read(cookies);
    }

    /// A note for a minute that somebody signed out, so that no page signs them in again unasked.
    pub(crate) fn sign_out_note(&self) -> SetCookie {
        self.cookies.sign_out_note()
    }

    pub(crate) fn has_sign_out_note(&self, cookies: &CookieHeaders<'_>) -> bool {
        self.cookies.has_sign_out_note(cookies)
    }

    pub(crate) fn without_sign_out_note(&self, cookies: &CookieHeaders<'_>) -> Vec<SetCookie> {
        self.cookies.without_sign_out_note(cookies)
    }
}
