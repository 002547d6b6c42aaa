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
/// assert_eq!(recent.newest(&one, now + Duration::from_secs(601)), None);
/// ```
#[derive(Clone, Debug)]
pub struct RecentRefreshes<T> {
    entries: BTreeMap<TokenFingerprint, Entry<T>>,
    most: usize,
    inserted: u64,
    /// When the last of them has passed.
    last_until: Option<UnixTime>,
    /// When the first of them passes, or a moment before that.
    first_until: Option<UnixTime>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    order: u64,
    until: UnixTime,
    what: What<T>,
}

#[derive(Clone, Debug)]
enum What<T> {
    Refreshed { next: Option<TokenFingerprint>, value: T },
    Failed(Backoff),
}

/// A browser may never have got the answer with the new cookies: it was closed, the network was away.
const KEPT: Duration = Duration::from_secs(600);
/// A failure is remembered beyond its pause, so that the next pause is longer.
const FAILURE_KEPT: Duration = Duration::from_secs(600);
const MOST: usize = 4_096;
/// Far more than can happen while an entry is kept, and an end should fingerprints form a circle.
const LONGEST_CHAIN: usize = 32;

impl<T> RecentRefreshes<T> {
    /// Keeps at most 4,096 for ten minutes each.
    pub fn new() -> Self {
        Self { entries: BTreeMap::new(), most: MOST, inserted: 0, last_until: None, first_until: None }
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
        self.insert(old, now + KEPT, What::Refreshed { next, value }, now);
    }

    /// A refresh with this token failed: [`Coordinator::backoff`](super::Coordinator::backoff) says how to go on.
    pub fn failed(&mut self, token: TokenFingerprint, backoff: Backoff, now: UnixTime) {
        self.insert(token, now + FAILURE_KEPT, What::Failed(backoff), now);
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

    /// Forgets what this refresh token became.
    pub fn remove(&mut self, token: &TokenFingerprint) {
        self.entries.remove(token);
    }

    /// Forgets every new value that `keep` does not want to keep: those of a session that ended, say.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.entries.retain(|_, entry| match &entry.what {
            What::Refreshed { value, .. } => keep(value),
            What::Failed(_) => true,
        });
    }

    /// Drops what has passed, so that no token stays in memory beyond its time where nothing more happens. It costs
    /// next to nothing while there is nothing to drop.
    pub fn sweep(&mut self, now: UnixTime) {
        if self.first_until.is_some_and(|until| until <= now) {
            self.entries.retain(|_, entry| now < entry.until);
            self.first_until = self.entries.values().map(|entry| entry.until).min();
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

    /// True when nothing is remembered any more: then no token has to be looked up.
    pub fn is_over(&self, now: UnixTime) -> bool {
        self.last_until.is_none_or(|until| until <= now)
    }

    fn get(&self, token: &TokenFingerprint, now: UnixTime) -> Option<&What<T>> {
        self.entries.get(token).filter(|entry| now < entry.until).map(|entry| &entry.what)
    }

    fn insert(&mut self, token: TokenFingerprint, until: UnixTime, what: What<T>, now: UnixTime) {
        self.inserted += 1;
        self.last_until = self.last_until.max(Some(until));
        self.first_until = Some(self.first_until.map_or(until, |first| first.min(until)));
        self.entries.insert(token, Entry { order: self.inserted, until, what });
        // Now and then, so that tokens do not stay in memory beyond their time.
        if self.entries.len() > self.most || self.inserted.is_multiple_of(64) {
            self.entries.retain(|_, entry| now < entry.until);
        }
        while self.entries.len() > self.most {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.order).map(|(token, _)| *token);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::coordinator::{RefreshFailure, RefreshPolicy};

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn token(number: usize) -> TokenFingerprint {
        TokenFingerprint::of(&Secret::new(format!("refresh {number}")))
    }

    #[test]
    fn row_107_an_older_cookie_finds_the_newest_tokens_for_a_while() {
        let mut recent = RecentRefreshes::new();
        recent.refreshed(token(1), Some(token(2)), "two", NOW);
        let thirty_later = NOW + Duration::from_secs(30);
        assert_eq!(recent.newest(&token(1), thirty_later), Some(&"two"));
        recent.refreshed(token(2), Some(token(3)), "three", thirty_later);
        assert_eq!(recent.newest(&token(1), thirty_later), Some(&"three"));
        assert_eq!(recent.newest(&token(3), thirty_later), None);
    }

    #[test]
    fn it_is_over_when_the_last_has_passed() {
        let mut recent = RecentRefreshes::new();
        assert!(recent.is_over(NOW));
        recent.refreshed(token(1), Some(token(2)), "two", NOW);
        recent.failed(token(3), Backoff::none(), NOW - Duration::from_secs(60));
        for (later, over) in [(0, false), (599, false), (600, true)] {
            let later = NOW + Duration::from_secs(later);
            assert_eq!((recent.is_over(later), recent.newest(&token(1), later).is_none()), (over, over));
        }
    }

    #[test]
    fn row_218_what_has_passed_or_is_not_wanted_is_dropped() {
        let mut recent = RecentRefreshes::new();
        recent.refreshed(token(1), Some(token(2)), "one", NOW);
        recent.refreshed(token(3), Some(token(4)), "three", NOW + Duration::from_secs(60));
        recent.failed(token(5), Backoff::none(), NOW + Duration::from_secs(60));
        recent.sweep(NOW + Duration::from_secs(599));
        assert_eq!(recent.len(), 3);
        recent.sweep(NOW + Duration::from_secs(600));
        assert_eq!(recent.len(), 2, "without another refresh");
        recent.retain(|value| *value != "three");
        assert_eq!((recent.len(), recent.newest(&token(3), NOW)), (1, None));
        recent.remove(&token(5));
        assert!(recent.is_empty());
    }

    #[test]
    fn row_107_a_provider_that_does_not_rotate_is_no_circle() {
        let mut recent = RecentRefreshes::new();
        recent.refreshed(token(1), Some(token(1)), "one", NOW);
        assert_eq!(recent.newest(&token(1), NOW), Some(&"one"));
        recent.refreshed(token(2), Some(token(3)), "three", NOW);
        recent.refreshed(token(3), Some(token(2)), "two", NOW);
        assert!(recent.newest(&token(2), NOW).is_some());
    }

    #[test]
    fn row_107_the_number_is_bounded_and_the_oldest_go_first() {
        let mut recent = RecentRefreshes::new().with_most(10);
        for number in 0..1_000 {
            let at = NOW + Duration::from_secs(number as u64 / 100);
            recent.refreshed(token(number), Some(token(number + 10_000)), number, at);
            assert!(recent.len() <= 10);
        }
        assert_eq!(recent.newest(&token(999), NOW + Duration::from_secs(9)), Some(&999));
        assert_eq!(recent.newest(&token(0), NOW), None);
    }

    #[test]
    fn row_109_a_failure_is_remembered_by_its_token_and_a_success_forgets_it() {
        let mut recent = RecentRefreshes::new();
        let failure = RefreshFailure::Transient { retry_after: None };
        let backoff = Backoff::none().after_failure(&RefreshPolicy::default(), failure, NOW);
        recent.failed(token(1), backoff, NOW);
        assert_eq!(recent.backoff(&token(1), NOW), backoff);
        assert_eq!(recent.backoff(&token(2), NOW), Backoff::none());
        recent.refreshed(token(1), None, (), NOW);
        assert_eq!(recent.backoff(&token(1), NOW), Backoff::none());
    }
}
