//! What is remembered for a while, and never too much of it: the oldest goes first.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use hf_oauth::UnixTime;

/// The most that is kept.
const MOST: usize = 4_096;

/// Things that happened, each for the same span.
pub(crate) struct Remembered<K> {
    span: Duration,
    until: BTreeMap<K, UnixTime>,
    /// As it happened; what happened again stands here twice, and the later one counts.
    order: VecDeque<(UnixTime, K)>,
}

impl<K: Ord + Copy> Remembered<K> {
    pub(crate) const fn for_a(span: Duration) -> Self {
        Self { span, until: BTreeMap::new(), order: VecDeque::new() }
    }

    pub(crate) fn has(&self, key: &K, now: UnixTime) -> bool {
        self.until.get(key).is_some_and(|until| now < *until)
    }

    pub(crate) fn add(&mut self, key: K, now: UnixTime) {
        while self.order.len() >= MOST || self.order.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_oldest();
        }
        let until = now + self.span;
        self.until.insert(key, until);
        self.order.push_back((until, key));
    }

    fn forget_oldest(&mut self) {
        let Some((until, key)) = self.order.pop_front() else { return };
        let happened_again =
            self.until.get(&key) != Some(&until) || self.order.iter().any(|(_, later)| *later == key);
        if !happened_again {
            self.until.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_000);

    fn filled(count: usize) -> Remembered<usize> {
        let mut remembered = Remembered::for_a(Duration::from_secs(60));
        // Larger keys are older: no order of keys is the order of time.
        (0..count).rev().for_each(|key| remembered.add(key, NOW));
        remembered
    }

    #[test]
    fn row_107_of_too_many_sign_outs_the_oldest_is_forgotten_even_within_one_second() {
        let mut remembered = filled(MOST);
        assert!(remembered.has(&(MOST - 1), NOW) && remembered.has(&0, NOW));
        remembered.add(MOST, NOW);
        assert!(!remembered.has(&(MOST - 1), NOW), "the first that came");
        assert!([0, MOST - 2, MOST].iter().all(|key| remembered.has(key, NOW)));
        assert_eq!((remembered.until.len(), remembered.order.len()), (MOST, MOST));
    }

    #[test]
    fn what_happened_again_is_remembered_from_then_on() {
        let mut remembered = filled(2);
        let later = NOW + Duration::from_secs(30);
        remembered.add(1, later);
        let after = NOW + Duration::from_secs(60);
        remembered.add(7, after);
        assert!(!remembered.has(&0, after) && remembered.has(&1, after));
        assert!(!remembered.has(&1, later + Duration::from_secs(60)));
        let mut same_second = filled(1);
        (0..MOST).for_each(|_| same_second.add(0, NOW));
        assert!(same_second.has(&0, NOW));
        assert_eq!((same_second.until.len(), same_second.order.len()), (1, MOST));
    }
}
