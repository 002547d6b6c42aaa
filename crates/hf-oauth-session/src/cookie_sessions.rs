//! Sessions in sealed cookies.

mod read;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::{Issuer, SecretBytes, UnixTime};

use crate::cookie::{
    CookieHeaders, CookiePolicy, MOST_DELETIONS, SESSION_COOKIES_LIMIT, SetCookie, pair_len,
};
use crate::error::WriteError;
use crate::keyring::Keyring;
use crate::seal::{Binding, OVERHEAD};
use crate::session::{Detail, Session, encode};
use crate::session_cache::SessionCache;
pub use read::ReadSession;

/// How many bytes of opened sessions are kept in memory so that they need not be opened again; about 15,000 sessions with
/// a token of 1,100 bytes and three organisations.
pub const SESSION_CACHE_LIMIT: usize = 48 * 1024 * 1024;

/// What [`SESSION_COOKIES_LIMIT`] allows of cookies below 4,096 bytes each.
const MOST_CHUNKS: usize = 2;
/// The digit that says how many chunks there are.
const COUNT: usize = 1;

/// Reads and writes sessions in sealed cookies. Plain configuration: clone it, share it.
///
/// ```
/// use std::time::Duration;
/// use hf_oauth_core::{Hub, OAuthUserInfo, Scopes, Tokens, UnixTime};
/// use hf_oauth_session::{CookieHeaders, CookiePolicy, CookieSessions, Keyring, Session};
///
/// # let now = UnixTime::from_secs(1_800_000_000);
/// let sessions =
///     CookieSessions::new(Keyring::random()?, CookiePolicy::https(), "my-app", Hub::huggingface().issuer());
/// let tokens = Tokens::new("access".into(), None, now + Duration::from_secs(3600), Scopes::default());
/// let session = Session::dangerously_unverified(OAuthUserInfo::new("ada"), tokens, now);
///
/// let set_cookies = sessions.write(&session, &CookieHeaders::none(), now)?;
/// let sent_back = set_cookies[0].as_cookie();
/// let cookies = CookieHeaders::new([sent_back.as_bytes()]);
/// assert_eq!(sessions.read(&cookies, now).session, Some(session));
///
/// let an_hour_later = now + Duration::from_secs(3600);
/// assert_eq!(sessions.read(&cookies, an_hour_later).session, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CookieSessions {
    keyring: Keyring,
    policy: CookiePolicy,
    client_id: String,
    issuer: String,
    names: [String; MOST_CHUNKS],
    cache: Option<Arc<SessionCache>>,
}

/// How long a sign-out is noted.
const SIGN_OUT_NOTED: Duration = Duration::from_secs(60);

impl CookieSessions {
    /// Sessions of one app with one provider; cookies of another app or provider do not open.
    pub fn new(keyring: Keyring, policy: CookiePolicy, client_id: &str, issuer: &Issuer) -> Self {
        let names = std::array::from_fn(|index| policy.chunk_name(index));
        let (client_id, issuer) = (client_id.to_owned(), issuer.as_str().to_owned());
        Self { keyring, policy, client_id, issuer, names, cache: cache(SESSION_CACHE_LIMIT) }
    }

    /// Keeps at most `bytes` of opened sessions in memory for [`read`](Self::read) instead of
    /// [`SESSION_CACHE_LIMIT`]; 0 keeps none. What is kept already is forgotten.
    #[must_use]
    pub fn with_cache_limit(mut self, bytes: usize) -> Self {
        self.cache = cache(bytes);
        self
    }

    /// Drops this sign-in from memory at once, whatever cookies it was read from: for a session that is signed out or
    /// ended. (Its cookies open again for whoever still has them, see
    /// [the crate](crate#a-copied-cookie-outlives-the-logout).)
    pub fn forget(&self, session: &Session) {
        if let Some(cache) = &self.cache {
            cache.forget(session.id());
        }
    }

    /// The cookies' names and attributes.
    pub fn policy(&self) -> &CookiePolicy {
        &self.policy
    }

    /// The same under other names and attributes, such as those of another port.
    #[must_use]
    pub fn with_policy(&self, policy: CookiePolicy) -> Self {
        let names = std::array::from_fn(|index| policy.chunk_name(index));
        Self { policy, names, ..self.clone() }
    }

    /// Writes a session, and deletes what a longer one left in `cookies`, those of the request.
    ///
    /// Where it would be too large, details go in this order: members that the library does not know and
    /// organisations' pictures; their names; their usernames; the user's own addresses and the app's state;
    /// organisations beyond what fits ([`Session::has_all_orgs`] says so).
    ///
    /// # Errors
    ///
    /// [`WriteError::SessionTooLarge`] when it does not fit without organisations either.
    pub fn write(
        &self,
        session: &Session,
        cookies: &CookieHeaders<'_>,
        now: UnixTime,
    ) -> Result<Vec<SetCookie>, WriteError> {
        let payload = self.fit(session)?;
        let chars = self.chars(payload.len());
        let sizes = self.layout(chars).unwrap_or_default();
        let binding = self.binding(sizes.len());
        let sealed = self.keyring.seal(&binding, session.ends_at(), &payload)?;
        let mut text = String::with_capacity(chars);
        text.push(char::from(b'0' + sizes.len() as u8));
        URL_SAFE_NO_PAD.encode_string(&sealed, &mut text);
        let max_age = now.until(session.ends_at());
        let mut set_cookies = self.made_room(sizes.len(), cookies);
        let mut rest = text.as_str();
        for (name, size) in self.names.iter().zip(sizes) {
            let (chunk, tail) = rest.split_at(size.min(rest.len()));
            set_cookies.push(self.policy.set(name.clone(), chunk.to_owned(), max_age));
            rest = tail;
        }
        Ok(set_cookies)
    }

    /// What a session of so many parts replaces: parts that it has not, some of them in each answer, and, where a name
    /// came several times, the same part in the other jar. Before lines that set it, this cannot delete the session
    /// itself.
    fn made_room(&self, parts: usize, cookies: &CookieHeaders<'_>) -> Vec<SetCookie> {
        let names = self.policy.session_names_in(cookies);
        let (own, left_over): (Vec<_>, Vec<_>) = names
            .iter()
            .map(String::as_str)
            .partition(|name| self.names[..parts].iter().any(|own| own == name));
        let mut lines = self.policy.delete_some(left_over, MOST_DELETIONS);
        let twice = own.into_iter().filter(|name| cookies.values(name).nth(1).is_some());
        lines.extend(twice.flat_map(|name| self.policy.delete(name).skip(1)));
        lines
    }

    /// Signs out: deletes the session's cookies, every part and in every jar.
    pub fn clear(&self, cookies: &CookieHeaders<'_>) -> Vec<SetCookie> {
        let mut names = self.policy.session_names_in(cookies);
        if !names.contains(&self.names[0]) {
            names.insert(0, self.names[0].clone());
        }
        names.iter().flat_map(|name| self.policy.delete(name)).collect()
    }

    /// A note for a minute that somebody just signed out, so that no page signs them in again unasked. It proves
    /// nothing, and a forged one does no more than ask.
    pub fn sign_out_note(&self) -> SetCookie {
        self.policy.set(self.policy.sign_out_note_name(), "1".to_owned(), SIGN_OUT_NOTED)
    }

    /// True when the browser has that note.
    pub fn has_sign_out_note(&self, cookies: &CookieHeaders<'_>) -> bool {
        cookies.values(&self.policy.sign_out_note_name()).next().is_some()
    }

    /// Takes the note away, where there is one.
    pub fn without_sign_out_note(&self, cookies: &CookieHeaders<'_>) -> Vec<SetCookie> {
        let noted = self.has_sign_out_note(cookies).then(|| self.policy.sign_out_note_name());
        noted.iter().flat_map(|name| self.policy.delete(name)).collect()
    }

    /// Purpose, name and number of chunks, app and provider. The order of chunks needs no word: the seal is over the
    /// whole.
    fn binding(&self, chunks: usize) -> Binding {
        let parts: [&[u8]; 4] =
            [self.names[0].as_bytes(), &[chunks as u8], self.client_id.as_bytes(), self.issuer.as_bytes()];
        Binding::new("session cookie", &parts)
    }

    /// The session's bytes with as much detail as fits.
    fn fit(&self, session: &Session) -> Result<SecretBytes, WriteError> {
        let orgs = session.user_info().orgs.as_ref().map_or(0, Vec::len);
        for detail in Detail::LADDER {
            let payload = encode(session, detail, orgs);
            if self.fits(payload.len()) {
                return Ok(payload);
            }
        }
        let least = encode(session, Detail::Least, 0);
        if !self.fits(least.len()) {
            return Err(self.too_large(session, least.len()));
        }
        // The largest number that fits: `kept` does, `over` does not.
        let (mut kept, mut over, mut best) = (0, orgs, least);
        while over - kept > 1 {
            let middle = kept.midpoint(over);
            let payload = encode(session, Detail::Least, middle);
            if self.fits(payload.len()) {
                (kept, best) = (middle, payload);
            } else {
                over = middle;
            }
        }
        Ok(best)
    }

    fn fits(&self, payload: usize) -> bool {
        self.layout(self.chars(payload)).is_some()
    }

    fn chars(&self, payload: usize) -> usize {
        COUNT + ((OVERHEAD + payload) * 8).div_ceil(6)
    }

    /// How a text of this length is cut, where it fits at all.
    pub(crate) fn layout(&self, chars: usize) -> Option<Vec<usize>> {
        let mut sizes = Vec::with_capacity(MOST_CHUNKS);
        let (mut rest, mut header) = (chars, 0);
        for name in &self.names {
            let size = rest.min(self.policy.room(name));
            header += pair_len(name.len(), size);
            rest -= size;
            sizes.push(size);
            if rest == 0 {
                return (header <= SESSION_COOKIES_LIMIT).then_some(sizes);
            }
        }
        None
    }

    fn too_large(&self, session: &Session, payload: usize) -> WriteError {
        let (user, tokens) = (session.user_info(), session.tokens());
        let parts = [
            ("access token", tokens.access_token.expose().len()),
            ("refresh token", tokens.refresh_token.as_ref().map_or(0, |token| token.expose().len())),
            ("list of scopes", tokens.scope.to_string().len()),
            ("name", user.name.as_ref().map_or(0, String::len)),
            ("username", user.preferred_username.as_ref().map_or(0, String::len)),
            ("e-mail address", user.email.as_ref().map_or(0, String::len)),
            ("subject", user.sub.len()),
        ];
        let (largest, largest_bytes) = parts.into_iter().max_by_key(|part| part.1).unwrap_or_default();
        let bytes = pair_len(self.names[0].len(), self.chars(payload)) + pair_len(self.names[1].len(), 0);
        WriteError::SessionTooLarge { bytes, limit: SESSION_COOKIES_LIMIT, largest, largest_bytes }
    }
}

fn cache(bytes: usize) -> Option<Arc<SessionCache>> {
    if bytes == 0 { None } else { SessionCache::new(bytes).map(Arc::new) }
}

#[cfg(test)]
mod tests;
