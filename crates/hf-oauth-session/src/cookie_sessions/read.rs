//! From the cookies of a request to the session.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::UnixTime;

use super::opened::Parts;
use super::{COUNT, CookieSessions, SESSION_COOKIES_LIMIT};
use crate::cookie::{CookieHeaders, SetCookie};
use crate::seal::Opened;
use crate::session::{Session, decode};

/// How many cookies of one name are tried: a browser has one a partition and path.
const MOST_TWINS: usize = 4;

/// What the cookies of a request say.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct ReadSession {
    /// The session, unless there is none, it has ended, or it cannot be opened.
    pub session: Option<Session>,
    /// True when the session should be written again: an older key sealed it, or it lies in the wrong jar.
    pub reseal: bool,
    /// Cookies of ours that are of no use any more. Append them to the response, whatever else it is, before any
    /// that set a session.
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
    /// end is looked at every time. What is kept, and why it cannot be forged, is told in
    /// [the crate](crate#opened-sessions-are-kept-for-a-while).
    pub fn read(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> ReadSession {
        let Some((opened, parts)) = self.opened.as_deref().zip(self.plain_parts(cookies)) else {
            return self.open_all(cookies, now).0;
        };
        let hash = match opened.get(&parts, now) {
            Ok(session) => return ReadSession { session: Some(session), reseal: false, stale: Vec::new() },
            Err(hash) => hash,
        };
        let (mut read, end) = self.open_all(cookies, now);
        if !read.reseal && read.stale.is_empty() {
            read.session = read.session.map(|session| opened.put(&parts, hash, session, end));
        }
        read
    }

    /// The parts, where each came once, nothing else of ours is beside them, and they are as short as ours; whatever is
    /// not so simple is opened every time.
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
        let mut newer = false;
        let mut best: Option<(Session, UnixTime, bool, usize)> = None;
        let mut twins = 0;
        for (value, chunks) in self.candidates(cookies) {
            twins += 1;
            match self.open(&value, chunks, now) {
                Opened::Newer => newer = true,
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
        let names = self.names_in(cookies);
        match best {
            Some((session, end, old_key, chunks)) => {
                let left_over = names.iter().filter(|name| !self.names[..chunks].contains(name));
                let mut stale: Vec<_> = left_over.flat_map(|name| self.policy.delete(name)).collect();
                let mut wrong_jar: Vec<_> = Vec::new();
                if twins > 1 {
                    // Every jar but our own, which is the first variant: the session is written there again.
                    let names = &self.names[..chunks];
                    wrong_jar.extend(names.iter().flat_map(|name| self.policy.delete(name).skip(1)));
                }
                let reseal = old_key || !wrong_jar.is_empty();
                stale.append(&mut wrong_jar);
                (ReadSession { session: Some(session), reseal, stale }, end)
            }
            // A newer version's cookie is kept, so that going back and forth between versions signs nobody out.
            None if newer => (ReadSession::nobody(Vec::new()), now),
            None => {
                let stale = names.iter().flat_map(|name| self.policy.delete(name)).collect();
                (ReadSession::nobody(stale), now)
            }
        }
    }

    /// The whole texts that the cookies may give, without their count, and the counts. They are sealed: no secret.
    fn candidates<'c>(&'c self, cookies: &'c CookieHeaders<'_>) -> Vec<(Cow<'c, str>, usize)> {
        let mut found = Vec::new();
        for first in cookies.values(&self.names[0]).take(MOST_TWINS) {
            match first.as_bytes().first() {
                Some(b'1') => found.push((Cow::Borrowed(&first[COUNT..]), 1)),
                Some(b'2') => {
                    for second in cookies.values(&self.names[1]).take(MOST_TWINS) {
                        found.push((Cow::Owned([&first[COUNT..], second].concat()), 2));
                    }
                }
                _ => {}
            }
        }
        found
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
