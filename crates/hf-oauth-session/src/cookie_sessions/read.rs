//! From the cookies of a request to the session.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::UnixTime;

use super::{COUNT, CookieSessions};
use crate::cookie::{CookieHeaders, MOST_DELETIONS, SESSION_COOKIES_LIMIT, SetCookie};
use crate::seal::Opened;
use crate::session::{Session, decode};
use crate::session_cache::Parts;

/// How many characters are opened at most where several cookies of one name came. A browser has one a partition and
/// path, and on plain http whoever has another port of this host may put more in front of the session's own.
const MOST_TRIED: usize = 64 * 1024;

/// What the cookies of a request say.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct ReadSession {
    /// The session, unless there is none, it has ended, or it cannot be opened.
    pub session: Option<Session>,
    /// True when the session should be [written](CookieSessions::write) again: an older key sealed it, or it lies in two
    /// jars.
    pub reseal: bool,
    /// Deletes cookies under the session's names that are of no use any more. Append these lines to the response,
    /// whatever else it is, unless it writes a session: [`write`](CookieSessions::write) deletes the same cookies.
    pub stale: Vec<SetCookie>,
}

impl ReadSession {
    fn nobody(stale: Vec<SetCookie>) -> Self {
        Self { session: None, reseal: false, stale }
    }
}

impl CookieSessions {
    /// Reads the session. Whatever is wrong with the cookies, the answer is "nobody" and which cookies to delete.
    ///
    /// Cookies that were read a moment ago are not opened again: the same bytes give the same session, shared, and its
    /// end is looked at every time. Why that cannot be forged is told in
    /// [the crate](crate#opened-sessions-are-kept-for-a-while).
    pub fn read(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> ReadSession {
        let Some((cache, parts)) = self.cache.as_deref().zip(self.plain_parts(cookies)) else {
            return self.open_all(cookies, now).0;
        };
        let hash = cache.hash(&parts);
        if let Some(session) = cache.get(hash, now) {
            return ReadSession { session: Some(session), reseal: false, stale: Vec::new() };
        }
        let started = cache.started();
        let (read, end) = self.open_all(cookies, now);
        if let Some(session) = read.session.clone().filter(|_| !read.reseal && read.stale.is_empty()) {
            cache.put(started, hash, session, end, now);
        }
        read
    }

    /// Drops from memory what these very cookies were opened to, and looks for no other: for cookies of a session that had
    /// ended before they came, and that was [forgotten](Self::forget) then. It costs a hash, however often they come.
    pub fn forget_read(&self, cookies: &CookieHeaders<'_>) {
        if let Some((cache, parts)) = self.cache.as_deref().zip(self.plain_parts(cookies)) {
            cache.remove(cache.hash(&parts));
        }
    }

    /// The parts of a session's cookies, where each came once, without further parts, and together no longer than they
    /// may be. Whatever is not so simple is opened every time.
    fn plain_parts<'c>(&'c self, cookies: &CookieHeaders<'c>) -> Option<Parts<'c>> {
        let [first_name, second_name] = self.names.each_ref().map(String::as_bytes);
        let (mut first, mut second) = (None, None);
        for (name, value) in cookies.raw_pairs() {
            let part = match name.strip_prefix(first_name) {
                Some([]) => &mut first,
                Some(_) if name == second_name => &mut second,
                Some([b'_', b'3'..=b'9']) => return None,
                _ => continue,
            };
            if part.replace(value).is_some() {
                return None;
            }
        }
        let parts = Parts { name: first_name, first: first?, second };
        let count = if second.is_some() { b'2' } else { b'1' };
        let length = parts.first.len() + second.map_or(0, <[u8]>::len);
        (parts.first.first() == Some(&count) && length <= SESSION_COOKIES_LIMIT).then_some(parts)
    }

    /// Opens the cookies; with the end that is inside the seal.
    fn open_all(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> (ReadSession, UnixTime) {
        let mut may_be_session = false;
        let mut tried = 0;
        let mut best: Option<(Session, UnixTime, bool, usize)> = None;
        for (value, chunks) in self.candidates(cookies) {
            tried += value.len();
            if tried > MOST_TRIED {
                may_be_session = true;
                break;
            }
            match self.open(&value, chunks, now) {
                Opened::Newer => may_be_session = true,
                Opened::Ended | Opened::Unreadable => {}
                Opened::Payload { payload, end, old_key } => {
                    let Some(session) = decode(&payload) else { continue };
                    let age = |session: &Session| {
                        (session.created_at(), session.held().obtained_at, session.expires_at())
                    };
                    if best.as_ref().is_none_or(|(other, ..)| age(&session) > age(other)) {
                        best = Some((session, end, old_key, chunks));
                    }
                }
            }
        }
        let names = self.policy.session_names_in(cookies);
        let delete = |names: &mut dyn Iterator<Item = &String>| {
            self.policy.delete_some(names.map(String::as_str), MOST_DELETIONS)
        };
        match best {
            Some((session, end, old_key, chunks)) => {
                let parts = &self.names[..chunks];
                let stale = delete(&mut names.iter().filter(|name| !parts.contains(name)));
                let came_twice = parts.iter().any(|name| cookies.values(name).nth(1).is_some());
                let reseal = old_key || (came_twice && self.policy.has_two_jars());
                (ReadSession { session: Some(session), reseal, stale }, end)
            }
            // What a newer version sealed is kept, so that going back and forth between versions signs nobody out; and
            // so is what was not tried: a deletion takes every cookie of a name.
            None if may_be_session => (ReadSession::nobody(Vec::new()), now),
            None => (ReadSession::nobody(delete(&mut names.iter())), now),
        }
    }

    /// The whole texts that the cookies may give, without their count, and the counts. They are sealed: no secret.
    pub(super) fn candidates<'c>(
        &'c self,
        cookies: &'c CookieHeaders<'_>,
    ) -> impl Iterator<Item = (Cow<'c, str>, usize)> {
        let [first_name, second_name] = &self.names;
        let alone = cookies.values(first_name).filter_map(|first| first.strip_prefix('1'));
        let alone = alone.map(|text| (Cow::Borrowed(text), 1));
        // The first of two parts is as long as a cookie can be: junk that is shorter costs nothing.
        let full = self.policy.room(first_name);
        let firsts = cookies.values(first_name).filter(move |first| first.len() == full);
        let pairs = firsts.filter_map(|first| first.strip_prefix('2')).flat_map(|first| {
            cookies.values(second_name).map(move |second| (Cow::Owned([first, second].concat()), 2))
        });
        alone.chain(pairs)
    }

    fn open(&self, text: &str, chunks: usize, now: UnixTime) -> Opened {
        if self.layout(COUNT + text.len()).is_none_or(|sizes| sizes.len() != chunks) {
            return Opened::Unreadable;
        }
        match URL_SAFE_NO_PAD.decode(text) {
            Ok(sealed) => self.keyring.open(&self.binding(chunks), &sealed, now),
            Err(_) => Opened::Unreadable,
        }
    }
}
