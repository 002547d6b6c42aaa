//! Sessions that were opened a moment ago, so that a page's next request costs a hash instead of an opening.
//!
//! ```text
//! a few digits ─▶ place ─▶ session ─▶ keyed 128-bit hash of name and parts the same? ─▶ now < end? ─▶ session
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
//! forged cookie is the same as without this memory. The place decides nothing: cookies with somebody's place and
//! another hash are opened like any others.
//!
//! The input is unambiguous: whole runs of the parts first, then what is left of each, zeros, and last all lengths,
//! which say where each of the others begins. Whole runs are what the hash takes at once.
//!
//! # What is never kept
//!
//! What an older key opened (it is to be sealed anew) and what lies in two jars. What has ended is never handed out: it
//! goes when it is asked for, and otherwise when its room is needed. Keys do not change within a
//! [`Keyring`](crate::Keyring): other keys are another [`CookieSessions`](crate::CookieSessions), which begins empty.
//!
//! # Where the time goes
//!
//! Into the hash, and into waiting for memory: of ten thousand sessions none is in a processor's cache. So a session
//! has a place besides its hash, known from a few digits of the cookie; its slot is fetched while the first half is
//! hashed, and what every request looks at, which lies together, while the second half is.

mod table;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hf_oauth_core::UnixTime;
use polyval::Polyval;
use polyval::universal_hash::UniversalHash as _;
use zeroize::Zeroizing;

use crate::session::{CookieHash, Kept, Session};
use table::{Place, Table};

/// The most sessions that are kept.
const MOST_ENTRIES: usize = 16_384;
/// Each with a lock that is held for a hash, so that requests on several threads seldom wait for each other.
const MOST_SHARDS: usize = 32;
/// Enough for some hundred sessions: a small memory is not cut up.
const SHARD_BYTES: usize = 1024 * 1024;

/// Four blocks, in bytes: the hash takes so many at once, and single ones at several times the cost.
const RUN: usize = 64;
/// Those of the three parts, and whether there is a second one.
const LENGTHS: usize = 3 * 8 + 1;

/// The names and values of one session's cookies: what a hit must repeat byte for byte.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) name: &'a [u8],
    pub(super) first: &'a [u8],
    /// Absent where there is one part, which its first digit says too.
    pub(super) second: Option<&'a [u8]>,
}

impl Parts<'_> {
    /// The last digits of the first part: encryption made them as good as random in every cookie that opens.
    fn place(&self) -> Place {
        let digits = self.first.last_chunk().map_or(0, |digits| u64::from_le_bytes(*digits));
        // Digits do not fill their bytes, and a table asks for all bits.
        let spread = digits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Place(spread ^ (spread >> 32))
    }
}

pub(super) struct OpenedSessions {
    hash: Polyval,
    shards: Vec<Mutex<Table>>,
}

/// A hash on its way: half of the first part is in it.
struct HalfHashed<'p> {
    hash: Polyval,
    other_half: &'p [u8],
    parts: Parts<'p>,
}

impl OpenedSessions {
    /// `None` without random bytes: then every cookie is opened every time.
    pub(super) fn new(most_bytes: usize) -> Option<Self> {
        let mut key = Zeroizing::new([0; 16]);
        getrandom::fill(key.as_mut()).ok()?;
        let hash = Polyval::new((&*key).into());
        let shards = (most_bytes / SHARD_BYTES).clamp(1, MOST_SHARDS);
        let table = |_| Mutex::new(Table::new(MOST_ENTRIES / shards, most_bytes / shards));
        Some(Self { hash, shards: (0..shards).map(table).collect() })
    }

    /// The session that was opened from these cookies, or their hash to keep it under.
    pub(super) fn get(&self, parts: &Parts<'_>, now: UnixTime) -> Result<Session, CookieHash> {
        let place = parts.place();
        let mut table = self.table(place);
        table.fetch(place);
        let half = self.hash_half(parts);
        let session = table.get(place);
        if let Some(session) = session {
            session.fetch();
        }
        let hash = half.finish();
        let Some(session) = session.filter(|session| session.kept().hash == hash) else { return Err(hash) };
        if now < session.kept().end {
            session.kept().mark_used();
            return Ok(session.clone());
        }
        table.remove(place);
        Err(hash)
    }

    /// Keeps a session that was just opened, where there is room for it.
    pub(super) fn put(
        &self,
        parts: &Parts<'_>,
        hash: CookieHash,
        session: Session,
        end: UnixTime,
    ) -> Session {
        let (place, kept) = (parts.place(), Kept::new(hash, end, Table::bytes(&session)));
        self.table(place).keep(place, session, kept)
    }

    fn table(&self, place: Place) -> MutexGuard<'_, Table> {
        let shard = &self.shards[(place.0 >> 40) as usize % self.shards.len()];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash_half<'p>(&self, parts: &Parts<'p>) -> HalfHashed<'p> {
        let mut hash = self.hash.clone();
        let (half, other_half) = parts.first.split_at(parts.first.len() / 2 / RUN * RUN);
        hash.update_padded(half);
        HalfHashed { hash, other_half, parts: *parts }
    }

    /// Entries and bytes.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        let sizes = self.shards.iter().map(|table| table.lock().unwrap().sizes());
        sizes.fold((0, 0), |(entries, bytes), (more, more_bytes)| (entries + more, bytes + more_bytes))
    }
}

impl HalfHashed<'_> {
    fn finish(mut self) -> CookieHash {
        let Parts { name, first, second } = self.parts;
        let (mut rest, mut filled) = ([0; 4 * RUN], 0);
        for part in [name, self.other_half, second.unwrap_or_default()] {
            let (runs, left) = part.as_chunks::<RUN>();
            self.hash.update_padded(runs.as_flattened());
            rest[filled..filled + left.len()].copy_from_slice(left);
            filled += left.len();
        }
        let end = (filled + LENGTHS).next_multiple_of(RUN);
        let lengths = [name.len(), first.len(), second.map_or(0, <[u8]>::len)].map(|length| length as u64);
        let (numbers, has_second) = rest[end - LENGTHS..end].split_at_mut(LENGTHS - 1);
        for (place, length) in numbers.chunks_exact_mut(8).zip(lengths) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        has_second[0] = u8::from(second.is_some());
        self.hash.update_padded(&rest[..end]);
        CookieHash(self.hash.finalize().into())
    }
}

impl fmt::Debug for OpenedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedSessions")
    }
}

#[cfg(test)]
mod tests;
