//! Sessions that were opened a moment ago, so that a page's next request costs a hash instead of an opening.
//!
//! ```text
//! cookies ─▶ keyed 128-bit hash of name and parts ─▶ entry? ─▶ now < end? ─▶ session
//! ```
//!
//! # Why nobody can forge a hit
//!
//! An entry is made only of cookies that opened under the first key of the ring, so a hit must be one of those cookies
//! or collide with one. The hash is POLYVAL (RFC 8452 section 3), a polynomial over GF(2^128) whose coefficients are the
//! input's blocks, at a random point that this process drew and that nothing prints; its values are never shown to
//! anybody. Two different inputs of up to `n` blocks are two polynomials that agree at most at `n` points: they collide
//! with a chance of at most `n / 2^128`, whoever chose them. Cookies are below 8 KB, which is 2^10 blocks: 2^-118 a
//! pair; 2^17 entries and 2^40 requests leave 2^-61. A miss teaches nothing that helps the next guess: the answer to a
//! forged cookie is the same as without this cache.
//!
//! The input is unambiguous: all lengths first, then each part, each filled up with zeros to a length that follows from
//! its own.
//!
//! # What is never kept
//!
//! What an older key opened (it is to be sealed anew) and what lies in two jars. What has ended is never handed out. It
//! goes when it is asked for, when its room is needed, and within a minute when anything else is kept. Keys do not change
//! within a [`Keyring`](crate::Keyring): other keys are another [`CookieSessions`](crate::CookieSessions), which begins
//! with an empty cache.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hf_oauth_core::UnixTime;
use polyval::Polyval;
use polyval::universal_hash::UniversalHash as _;
use quick_cache::sync::Cache;
use zeroize::Zeroizing;

use crate::session::{Session, SignInId};

/// About what a session takes, for the room that the map makes at first.
const USUAL_BYTES: usize = 2 * 1024;
/// The map notes as many sessions that it pushed out as it expects to hold: a bound for those who allow it very much.
const MOST_EXPECTED: usize = 128 * 1024;
/// What an entry takes beside its session: hash, end and the map's own notes.
const ENTRY_BYTES: usize = 96;
/// The lengths of the three parts, and whether there is a second one.
const LENGTHS: usize = 32;
/// What is hashed in front: the lengths and the beginning of the name.
const HEAD: usize = 64;
/// How often ended sessions are looked for.
const SWEEP_SECONDS: i64 = 60;

/// The names and values of one session's cookies: what a hit must repeat byte for byte.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) first: &'a [u8],
    /// Absent where there is one part, which its first digit says too.
    pub(crate) second: Option<&'a [u8]>,
}

/// A keyed hash of all parts of the cookies that a session was opened from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CookieHash([u8; 16]);

/// Sessions by the cookies that they were opened from, up to so many bytes.
pub(crate) struct SessionCache {
    hash: Polyval,
    sessions: Cache<CookieHash, Entry, Weight>,
    swept_at: AtomicI64,
    /// How often a sign-in was dropped.
    forgotten: AtomicU64,
}

/// When cookies began to be opened: what is dropped meanwhile must not come back by them.
#[derive(Clone, Copy)]
pub(crate) struct Started(u64);

#[derive(Clone)]
struct Entry {
    session: Session,
    /// The end that is inside the seal.
    end: UnixTime,
    bytes: u32,
}

#[derive(Clone)]
struct Weight;

impl quick_cache::Weighter<CookieHash, Entry> for Weight {
    fn weight(&self, _: &CookieHash, entry: &Entry) -> u64 {
        entry.bytes.into()
    }
}

impl SessionCache {
    /// `None` without random bytes: then every cookie is opened every time.
    pub(crate) fn new(most_bytes: usize) -> Option<Self> {
        let mut key = Zeroizing::new([0; 16]);
        getrandom::fill(key.as_mut()).ok()?;
        let hash = Polyval::new((&*key).into());
        let usual = (most_bytes / USUAL_BYTES).clamp(1, MOST_EXPECTED);
        let sessions = Cache::with_weighter(usual, most_bytes as u64, Weight);
        Some(Self { hash, sessions, swept_at: AtomicI64::new(i64::MIN), forgotten: AtomicU64::new(0) })
    }

    /// What these cookies are found by.
    pub(crate) fn hash(&self, parts: &Parts<'_>) -> CookieHash {
        let Parts { name, first, second } = *parts;
        let lengths = [name.len(), first.len(), second.map_or(0, <[u8]>::len), second.is_some().into()];
        // Lengths and name together, so that most names make it four whole blocks, which the hash takes at once.
        let mut head = [0; HEAD];
        for (place, length) in head.chunks_exact_mut(8).zip(lengths) {
            place.copy_from_slice(&(length as u64).to_le_bytes());
        }
        let (short, rest) = name.split_at(name.len().min(HEAD - LENGTHS));
        head[LENGTHS..LENGTHS + short.len()].copy_from_slice(short);
        let mut hash = self.hash.clone();
        for part in [&head, rest, first, second.unwrap_or_default()] {
            hash.update_padded(part);
        }
        CookieHash(hash.finalize().into())
    }

    /// The session that was opened from these cookies, unless it has ended.
    pub(crate) fn get(&self, hash: CookieHash, now: UnixTime) -> Option<Session> {
        let entry = self.sessions.get(&hash)?;
        if now < entry.end {
            return Some(entry.session);
        }
        self.sessions.remove(&hash);
        None
    }

    /// To be asked for before cookies are opened.
    pub(crate) fn started(&self) -> Started {
        Started(self.forgotten.load(Ordering::SeqCst))
    }

    /// Keeps a session that was just opened, where there is room for it, unless a sign-in was dropped since it
    /// `started`: it may have been this one.
    pub(crate) fn put(
        &self,
        started: Started,
        hash: CookieHash,
        session: Session,
        end: UnixTime,
        now: UnixTime,
    ) {
        let bytes = u32::try_from(session.memory() + ENTRY_BYTES).unwrap_or(u32::MAX);
        self.sessions.insert(hash, Entry { session, end, bytes });
        // Whoever drops counts first and then looks: either they see this entry, or it is seen here that they counted.
        if self.forgotten.load(Ordering::SeqCst) != started.0 {
            self.sessions.remove(&hash);
        }
        self.sweep(now);
    }

    /// Drops every session of one sign-in. It looks at all entries: sign-outs are rare.
    pub(crate) fn forget(&self, id: SignInId) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.sessions.retain(|_, entry| entry.session.id() != id);
    }

    /// Drops what was opened from these cookies.
    pub(crate) fn remove(&self, hash: CookieHash) {
        self.sessions.remove(&hash);
    }

    /// Drops what has ended, once a minute at most.
    fn sweep(&self, now: UnixTime) {
        let (now_secs, last) = (now.as_secs(), self.swept_at.load(Ordering::Relaxed));
        let is_due = now_secs < last || now_secs.saturating_sub(last) >= SWEEP_SECONDS;
        let is_mine =
            || self.swept_at.compare_exchange(last, now_secs, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_due && is_mine() {
            self.sessions.retain(|_, entry| now < entry.end);
        }
    }

    /// Entries and bytes.
    #[cfg(test)]
    pub(crate) fn sizes(&self) -> (usize, u64) {
        (self.sessions.len(), self.sessions.weight())
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> Vec<Session> {
        self.sessions.iter().map(|(_, entry)| entry.session).collect()
    }
}

impl fmt::Debug for SessionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionCache")
    }
}

#[cfg(test)]
mod tests;
