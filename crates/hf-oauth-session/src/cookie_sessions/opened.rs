//! Sessions that were opened a moment ago, so that a page's next request costs a hash instead of an opening.
//!
//! ```text
//! name, first part, second part ─▶ keyed 128-bit hash ─▶ entry { end, Arc<Session> } ─▶ now < end ─▶ session
//! ```
//!
//! # Why nobody can forge a hit
//!
//! An entry is made only of cookies that opened under the first key of the ring, so a hit must be one of those cookies
//! or collide with one. The hash is POLYVAL (RFC 8452 section 3), a polynomial over GF(2^128) whose coefficients are the
//! input's blocks, at a random point that this process drew and that nothing prints; its values are never shown to
//! anybody. Two different inputs of up to `n` blocks are two polynomials that agree at most at `n` points: they collide
//! with a chance of at most `n / 2^128`, whoever chose them. Cookies are below 8 KB, which is 2^10 blocks: 2^-118 a
//! pair; 2^14 entries and 2^40 requests leave 2^-64. A miss teaches nothing that helps the next guess: the answer to a
//! forged cookie is the same as without this memory.
//!
//! The input is unambiguous: whole runs of the parts first, then the name, what is left of the parts and zeros up to a
//! run, and last a run with all lengths, which says where each of the others begins. Whole runs are what the hash takes
//! at once.
//!
//! # What is never kept
//!
//! What an older key opened (it is to be sealed anew) and what lies in two jars. What has ended is never handed out: it
//! goes when it is asked for, and otherwise when its room is needed. Keys do not change within a
//! [`Keyring`](crate::Keyring): other keys are another [`CookieSessions`](crate::CookieSessions), which begins empty.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use hf_oauth_core::UnixTime;
use polyval::Polyval;
use polyval::universal_hash::UniversalHash as _;
use zeroize::Zeroizing;

use crate::session::Session;

/// The most sessions that are kept.
const MOST_ENTRIES: usize = 16_384;
/// So that requests on several threads seldom wait for each other.
const SHARDS: usize = 8;
/// What an entry takes beside its session: places in the map and the queue.
const ENTRY: usize = 160;

/// Four blocks, in bytes: the hash takes so many at once, and single ones at several times the cost.
const RUN: usize = 64;

/// The names and values of one session's cookies: what a hit must repeat byte for byte.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) name: &'a [u8],
    pub(super) first: &'a [u8],
    /// Absent where there is one part, which its first digit says too.
    pub(super) second: Option<&'a [u8]>,
}

/// The hash of [`Parts`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key([u8; 16]);

/// Its second half is as good a hash as any; the first half chose the shard.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from_le_bytes(self.0[8..].try_into().unwrap_or_default()));
    }
}

/// Hands on the hash that a [`Key`] is.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0.rotate_left(8) ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

pub(super) struct OpenedSessions {
    hash: Polyval,
    shards: [Mutex<Shard>; SHARDS],
    most_bytes: usize,
}

/// Oldest first; whatever was used since it was looked at last stays one round longer.
#[derive(Default)]
struct Shard {
    entries: HashMap<Key, Entry, BuildHasherDefault<AsItIs>>,
    order: VecDeque<Key>,
    bytes: usize,
}

struct Entry {
    session: Arc<Session>,
    end: UnixTime,
    bytes: usize,
    used: bool,
}

impl OpenedSessions {
    /// `None` without random bytes: then every cookie is opened every time.
    pub(super) fn new(most_bytes: usize) -> Option<Self> {
        let mut key = Zeroizing::new([0; 16]);
        getrandom::fill(key.as_mut()).ok()?;
        let hash = Polyval::new((&*key).into());
        Some(Self { hash, shards: Default::default(), most_bytes })
    }

    pub(super) fn key(&self, parts: &Parts<'_>) -> Key {
        let values = [parts.first, parts.second.unwrap_or_default()];
        let mut hash = self.hash.clone();
        let mut rest = Vec::with_capacity(6 * RUN);
        rest.extend_from_slice(parts.name);
        for value in values {
            let (runs, left) = value.split_at(value.len() / RUN * RUN);
            hash.update_padded(runs);
            rest.extend_from_slice(left);
        }
        rest.resize(rest.len().next_multiple_of(RUN), 0);
        for part in [parts.name, values[0], values[1]] {
            rest.extend_from_slice(&(part.len() as u64).to_le_bytes());
        }
        rest.push(u8::from(parts.second.is_some()));
        rest.resize(rest.len().next_multiple_of(RUN), 0);
        hash.update_padded(&rest);
        Key(hash.finalize().into())
    }

    pub(super) fn get(&self, key: &Key, now: UnixTime) -> Option<Arc<Session>> {
        let mut shard = self.shard(key).lock().unwrap_or_else(PoisonError::into_inner);
        let entry = shard.entries.get_mut(key)?;
        if now < entry.end {
            entry.used = true;
            return Some(Arc::clone(&entry.session));
        }
        shard.forget(key);
        None
    }

    pub(super) fn put(&self, key: Key, session: &Arc<Session>, end: UnixTime) {
        let bytes = ENTRY + session.memory();
        let mut shard = self.shard(&key).lock().unwrap_or_else(PoisonError::into_inner);
        let most_bytes = self.most_bytes / SHARDS;
        if bytes > most_bytes || shard.entries.contains_key(&key) {
            return;
        }
        while shard.entries.len() >= MOST_ENTRIES / SHARDS || shard.bytes + bytes > most_bytes {
            if !shard.evict() {
                return;
            }
        }
        shard.bytes += bytes;
        shard.order.push_back(key);
        shard.entries.insert(key, Entry { session: Arc::clone(session), end, bytes, used: false });
    }

    fn shard(&self, key: &Key) -> &Mutex<Shard> {
        &self.shards[usize::from(key.0[0]) % SHARDS]
    }

    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        let shards = self.shards.iter().map(|shard| shard.lock().unwrap());
        shards.fold((0, 0), |(entries, bytes), shard| {
            assert_eq!(shard.entries.len(), shard.order.len());
            assert_eq!(shard.bytes, shard.entries.values().map(|entry| entry.bytes).sum::<usize>());
            (entries + shard.entries.len(), bytes + shard.bytes)
        })
    }
}

impl Shard {
    /// Looks through the whole queue: once for an entry, when its end was met.
    fn forget(&mut self, key: &Key) {
        self.bytes -= self.entries.remove(key).map_or(0, |entry| entry.bytes);
        self.order.retain(|kept| kept != key);
    }

    /// Ends: each round takes the mark of use from an entry or the entry itself.
    fn evict(&mut self) -> bool {
        while let Some(key) = self.order.pop_front() {
            match self.entries.get_mut(&key) {
                Some(entry) if entry.used => {
                    entry.used = false;
                    self.order.push_back(key);
                }
                _ => {
                    self.bytes -= self.entries.remove(&key).map_or(0, |entry| entry.bytes);
                    return true;
                }
            }
        }
        false
    }
}

impl fmt::Debug for OpenedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedSessions")
    }
}

#[cfg(test)]
mod tests;
