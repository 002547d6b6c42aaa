use std::collections::BTreeMap;
use std::time::Duration;

use super::policy::{Backoff, TokenFingerprint};
use crate::UnixTime;

/// What became of refresh tokens a moment ago, by fingerprint: the new tokens, or until when not to try again.
///
/// Without a shared store, requests that were under way with an older cookie find the new tokens here instead of
/// sending a used refresh token. Bounded in time and in number; the oldest go first. `T` is whatever replaces the
/// old value: tokens, a session.
///
/// ```
/// use std::time::Duration;
/// use hf_oauth_core::{Secret, UnixTime};
/// use hf_oauth_core::coordinator::{RecentRefreshes, TokenFingerprint};
///
/// let now = UnixTime::from_secs(1_800_000_000);
/// let [one, two, three] = ["1", "2", "3"].map(|token| TokenFingerprint::of(&Secret::new(token)));
/// let mut recent = RecentRefreshes::new();
/// recent.refreshed(one, Some(two), "second tokens", now);
/// recent.refreshed(two, Some(three), "third tokens", now);
/// assert_eq!(recent.newest(&one, now), Some(&"third tokens"), "the whole chain is followed");
/// assert_eq!(recent.newest(&one, now + Duration::from_secs(61)), None);
/// ```
#[derive(Clone, Debug)]
pub struct RecentRefreshes<T> {
    entries: BTreeMap<TokenFingerprint, Entry<T>>,
    most: usize,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    at: UnixTime,
    until: UnixTime,
    what: What<T>,
}

#[derive(Clone, Debug)]
enum What<T> {
    Refreshed { next: Option<TokenFingerprint>, value: T },
    Failed(Backoff),
}

/// Twice what a refresh may take.
const KEPT: Duration = Duration::from_secs(60);
/// A failure is remembered beyond its pause, so that the next pause is longer.
const FAILURE_KEPT: Duration = Duration::from_secs(600);
const MOST: usize = 4_096;
/// Far more than can happen while an entry is kept, and an end should fingerprints form a circle.
const LONGEST_CHAIN: usize = 32;

impl<T> RecentRefreshes<T> {
    /// Keeps at most 4,096 for 60 s each.
    pub fn new() -> Self {
        Self { entries: BTreeMap::new(), most: MOST }
    }

    /// Keeps at most `most`.
    #[must_use]
    pub fn with_most(mut self, most: usize) -> Self {
        self.most = most.max(1);
        self
    }

    /// The refresh token `old` became `value`, whose refresh token is `next`.
    pub fn refreshed(
        &mut self,
        old: TokenFingerprint,
        next: Option<TokenFingerprint>,
        value: T,
        now: UnixTime,
    ) {
        // A provider that does not rotate gives the same token again: the chain ends here.
        let next = next.filter(|next| *next != old);
        self.insert(old, Entry { at: now, until: now + KEPT, what: What::Refreshed { next, value } }, now);
    }

    /// A refresh with this token failed: [`Coordinator::backoff`](super::Coordinator::backoff) says how to go on.
    pub fn failed(&mut self, token: TokenFingerprint, backoff: Backoff, now: UnixTime) {
        self.insert(token, Entry { at: now, until: now + FAILURE_KEPT, what: What::Failed(backoff) }, now);
    }

    /// What this refresh token became at last, if that was a moment ago.
    pub fn newest(&self, token: &TokenFingerprint, now: UnixTime) -> Option<&T> {
        let mut newest = None;
        let mut token = *token;
        for _ in 0..LONGEST_CHAIN {
            let Some(What::Refreshed { next, value }) = self.get(&token, now) else { break };
            newest = Some(value);
            match next {
                Some(next) => token = *next,
                None => break,
            }
        }
        newest
    }

    /// How earlier attempts with this refresh token went.
    pub fn backoff(&self, token: &TokenFingerprint, now: UnixTime) -> Backoff {
        match self.get(token, now) {
            Some(What::Failed(backoff)) => *backoff,
            _ => Backoff::none(),
        }
    }

    /// Forgets a token, and what it became: after a logout.
    pub fn forget(&mut self, token: &TokenFingerprint) {
        let mut next = Some(*token);
        while let Some(token) = next {
            next = match self.entries.remove(&token) {
                Some(Entry { what: What::Refreshed { next, .. }, .. }) => next,
                _ => None,
            };
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn get(&self, token: &TokenFingerprint, now: UnixTime) -> Option<&What<T>> {
        self.entries.get(token).filter(|entry| now < entry.until).map(|entry| &entry.what)
    }

    fn insert(&mut self, token: TokenFingerprint, entry: Entry<T>, now: UnixTime) {
        self.entries.insert(token, entry);
        if self.entries.len() > self.most {
            self.entries.retain(|_, entry| now < entry.until);
        }
        while self.entries.len() > self.most {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.at).map(|(token, _)| *token);
            match oldest {
                Some(oldest) => self.entries.remove(&oldest),
                None => break,
            };
        }
    }
}

impl<T> Default for RecentRefreshes<T> {
    fn default() -> Self {
        Self::new()
    }
}
