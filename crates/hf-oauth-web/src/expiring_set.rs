//! A set whose entries pass by themselves, bounded in all and for each owner.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use hf_oauth::UnixTime;

/// The most entries in all. When there are more, the oldest goes.
const MOST: usize = 16_384;
/// The most entries of one owner: nobody pushes out what is kept of others. When there are more, that owner's oldest
/// goes.
const MOST_OF_ONE: usize = 32;

/// What happened a moment ago, each for the same span. What happens again counts from then on and takes no more room.
///
/// An entry has an owner (a person): whoever makes thousands of entries pushes out their own.
pub(crate) struct ExpiringSet<K> {
    span: Duration,
    most: usize,
    entries: BTreeMap<K, Entry>,
    /// The keys from the oldest to the newest.
    order: BTreeMap<u64, K>,
    owners: BTreeMap<Owner, BTreeSet<u64>>,
    added: u64,
    /// Keyed, so that nobody chooses owners that are taken for one another.
    hasher: RandomState,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Owner(u64);

struct Entry {
    until: UnixTime,
    order: u64,
    owner: Owner,
}

impl<K: Ord + Copy> ExpiringSet<K> {
    /// An empty set whose entries pass after `span`.
    pub(crate) fn new(span: Duration) -> Self {
        Self {
            span,
            most: MOST,
            entries: BTreeMap::new(),
            order: BTreeMap::new(),
            owners: BTreeMap::new(),
            added: 0,
            hasher: RandomState::new(),
        }
    }

    /// Whether the key was added within the span.
    pub(crate) fn contains(&self, key: &K, now: UnixTime) -> bool {
        self.entries.get(key).is_some_and(|entry| now < entry.until)
    }

    /// Adds a key of this owner, from now on.
    pub(crate) fn add(&mut self, key: K, owner: &str, now: UnixTime) {
        self.remove(&key);
        self.drop_passed(now);
        let owner = Owner(self.hasher.hash_one(owner));
        if let Some(orders) = self.owners.get(&owner).filter(|orders| orders.len() >= MOST_OF_ONE) {
            self.drop_oldest_of(orders.first().copied());
        }
        while self.entries.len() >= self.most {
            self.drop_oldest_of(self.order.keys().next().copied());
        }
        let order = self.added;
        self.added += 1;
        self.entries.insert(key, Entry { until: now + self.span, order, owner });
        self.order.insert(order, key);
        self.owners.entry(owner).or_default().insert(order);
    }

    fn drop_passed(&mut self, now: UnixTime) {
        while let Some((order, key)) = self.order.first_key_value() {
            if self.entries.get(key).is_some_and(|entry| now < entry.until) {
                break;
            }
            self.drop_oldest_of(Some(*order));
        }
    }

    fn drop_oldest_of(&mut self, order: Option<u64>) {
        if let Some(key) = order.and_then(|order| self.order.get(&order).copied()) {
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &K) {
        let Some(Entry { order, owner, .. }) = self.entries.remove(key) else { return };
        self.order.remove(&order);
        if let Some(orders) = self.owners.get_mut(&owner) {
            orders.remove(&order);
            if orders.is_empty() {
                self.owners.remove(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_000);

    fn minute() -> ExpiringSet<usize> {
        ExpiringSet::new(Duration::from_secs(60))
    }

    /// Entries of as many owners as there are entries; larger keys are older, so no order of keys is that of time.
    fn filled(count: usize) -> ExpiringSet<usize> {
        let mut set = minute();
        (0..count).rev().for_each(|key| set.add(key, &key.to_string(), NOW));
        set
    }

    fn sizes(set: &ExpiringSet<usize>) -> [usize; 3] {
        [set.entries.len(), set.order.len(), set.owners.values().map(BTreeSet::len).sum()]
    }

    #[test]
    fn row_107_of_too_many_sign_outs_the_oldest_is_forgotten_even_within_one_second() {
        let mut set = filled(MOST);
        assert!(set.contains(&(MOST - 1), NOW) && set.contains(&0, NOW));
        set.add(MOST, "one more", NOW);
        assert!(!set.contains(&(MOST - 1), NOW), "the first that came");
        assert!([0, MOST - 2, MOST].iter().all(|key| set.contains(key, NOW)));
        assert_eq!(sizes(&set), [MOST; 3]);
    }

    #[test]
    fn row_168_thousands_of_sign_outs_of_one_session_push_out_nobody() {
        let mut set = minute();
        set.add(1, "ada", NOW);
        (0..20_000).for_each(|_| set.add(2, "mallory", NOW));
        assert!(set.contains(&1, NOW) && set.contains(&2, NOW));
        assert_eq!(sizes(&set), [2; 3], "one session is one entry");
    }

    #[test]
    fn row_168_thousands_of_sign_ins_and_outs_of_one_person_push_out_nobody() {
        let mut set = minute();
        set.add(0, "ada", NOW);
        (1..=20_000).for_each(|key| set.add(key, "mallory", NOW));
        assert!(set.contains(&0, NOW));
        assert!(set.contains(&20_000, NOW) && !set.contains(&1, NOW), "mallory's own oldest went");
        assert_eq!(sizes(&set), [MOST_OF_ONE + 1; 3]);
    }

    #[test]
    fn what_happened_again_counts_from_then_on() {
        let mut set = filled(2);
        let later = NOW + Duration::from_secs(30);
        set.add(1, "1", later);
        let after = NOW + Duration::from_secs(60);
        assert!(!set.contains(&0, after) && set.contains(&1, after));
        set.add(7, "7", after);
        assert_eq!(sizes(&set), [2; 3], "what has passed takes no room");
        assert!(!set.contains(&1, later + Duration::from_secs(60)));
    }
}
