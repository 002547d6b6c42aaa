use std::fmt;
use std::time::Duration;

use super::KeySet;

/// How long after a fetch that brought no new key nobody fetches again, whatever key ids turn up.
pub const KEYS_COOLDOWN: Duration = Duration::from_secs(60);

/// How long keys are used before they are fetched again: a key that the provider withdrew must not live on.
pub const KEYS_LIFETIME: Duration = Duration::from_secs(3600);

/// How long keys serve beyond [`KEYS_LIFETIME`] while new ones cannot be had.
pub const KEYS_LIFETIME_WHILE_AWAY: Duration = Duration::from_secs(86_400);

/// Decides when keys are fetched; whoever performs asks it. Times are monotonic, from any origin.
///
/// A key id that is not known asks for one fetch, and so does a signature that fails under every key at hand: a
/// provider may rotate its key without an id, or under the same one (OpenID Connect Core section 10.1.1). A fetch that
/// brings no new key starts [`KEYS_COOLDOWN`], one for each of the two, so a flood of forged tokens fetches next to
/// nothing; one that does was worth it, so keys that are rotated twice in a row (or a provider that was started anew)
/// are found at once. Keys older than [`KEYS_LIFETIME`] are fetched again, and serve on when that fails, for
/// [`KEYS_LIFETIME_WHILE_AWAY`]. A set without a usable key never replaces one that has some.
///
/// ```
/// use std::time::Duration;
/// use hf_oauth_core::{KeyCache, KeyLookup, KeySet};
///
/// let mut cache = KeyCache::new();
/// let at = Duration::from_secs;
/// assert_eq!(cache.lookup(Some("k1"), at(0)), KeyLookup::Fetch);
/// assert!(!cache.fetched(KeySet::default(), at(0)), "no key of it is usable");
/// assert_eq!(cache.lookup(Some("k1"), at(0)), KeyLookup::Fetch);
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyCache {
    keys: KeySet,
    fetched_at: Option<Duration>,
    /// The last fetch that brought no new key.
    in_vain_at: Option<Duration>,
    /// The last time that a failed signature was a reason to fetch.
    signature_failed_at: Option<Duration>,
}

/// What to do about a key id or a failed signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLookup {
    /// Try the keys at hand.
    Known,
    /// Fetch the keys, then ask again.
    Fetch,
    /// The keys at hand do not help, and they were fetched a moment ago.
    CoolingDown,
}

impl KeyCache {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks a key id up.
    pub fn lookup(&self, kid: Option<&str>, now: Duration) -> KeyLookup {
        let known = !self.usable(now).is_none_or(|keys| keys.candidates(kid).is_empty());
        let fresh = self.fetched_at.is_some_and(|fetched_at| now < fetched_at + KEYS_LIFETIME);
        match (known, fresh, is_recent(self.in_vain_at, now)) {
            (true, true, _) | (true, false, true) => KeyLookup::Known,
            (false, _, true) => KeyLookup::CoolingDown,
            (_, _, false) => KeyLookup::Fetch,
        }
    }

    /// After a signature that failed under the keys `tried`, of a token that came at `since`: newer keys are at hand
    /// ([`KeyLookup::Known`]), or one fetch is due, or there was one a moment ago. Before fetching, call
    /// [`signature_failed`](Self::signature_failed).
    pub fn lookup_again(&self, tried: &KeySet, since: Duration, now: Duration) -> KeyLookup {
        if self.is_newer_than(since) || self.keys != *tried {
            KeyLookup::Known
        } else if is_recent(self.signature_failed_at, now) {
            KeyLookup::CoolingDown
        } else {
            KeyLookup::Fetch
        }
    }

    /// Starts the cooldown of failed signatures, which ends early when the fetch brings a new key.
    pub fn signature_failed(&mut self, now: Duration) {
        self.signature_failed_at = Some(now);
    }

    /// Takes what a fetch brought that was begun at `now`. False when no key of it is usable: that is a fetch that
    /// failed, and the keys at hand serve on.
    pub fn fetched(&mut self, keys: KeySet, now: Duration) -> bool {
        if keys.is_empty() {
            self.fetch_failed(now);
            return false;
        }
        if keys.has_more_than(&self.keys) {
            (self.in_vain_at, self.signature_failed_at) = (None, None);
        } else {
            self.in_vain_at = Some(now);
        }
        self.keys = keys;
        self.fetched_at = Some(now);
        true
    }

    /// A fetch brought nothing. The keys at hand serve on meanwhile; without any, the next login asks at once, so
    /// that a provider that comes back is found.
    pub fn fetch_failed(&mut self, now: Duration) {
        self.in_vain_at = self.usable(now).map(|_| now);
    }

    /// The keys at hand; none when they are too old.
    pub fn keys(&self, now: Duration) -> KeySet {
        self.usable(now).cloned().unwrap_or_default()
    }

    /// True when the keys at hand were fetched at `since` or later.
    pub fn is_newer_than(&self, since: Duration) -> bool {
        self.fetched_at.is_some_and(|fetched_at| fetched_at >= since)
    }

    fn usable(&self, now: Duration) -> Option<&KeySet> {
        let end = self.fetched_at? + KEYS_LIFETIME + KEYS_LIFETIME_WHILE_AWAY;
        (now < end).then_some(&self.keys)
    }
}

fn is_recent(last: Option<Duration>, now: Duration) -> bool {
    last.is_some_and(|last| now < last + KEYS_COOLDOWN)
}

impl fmt::Display for KeyLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "known",
            Self::Fetch => "to be fetched",
            Self::CoolingDown => "unknown, fetched a moment ago",
        })
    }
}
