//! Opened sessions by place, in one row of slots with open addressing: so the slot that is asked for is known before
//! anything is read, and its memory can be fetched ahead. A map of the standard library does not tell.

use crate::platform::fetch;
use crate::session::{Kept, Session};

/// Where a session is looked for: any number that is as good as random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) u64);

/// At most so many entries and bytes. Whatever is not asked for between two visits of the hand goes first.
pub(super) struct Table {
    /// None before the first entry; then a power of two, at least half of them vacant.
    slots: Vec<Option<Entry>>,
    hand: usize,
    entries: usize,
    bytes: usize,
    most_entries: usize,
    most_bytes: usize,
}

struct Entry {
    place: Place,
    session: Session,
}

/// What an entry takes beside its session: two to four slots.
const ENTRY: usize = 4 * size_of::<Option<Entry>>();

impl Table {
    pub(super) fn new(most_entries: usize, most_bytes: usize) -> Self {
        let most_entries = most_entries.min(most_bytes / (ENTRY + Session::LEAST_MEMORY));
        Self { slots: Vec::new(), hand: 0, entries: 0, bytes: 0, most_entries, most_bytes }
    }

    /// Has the memory of a place's slot fetched, without waiting for it.
    pub(super) fn fetch(&self, place: Place) {
        if let Some(slot) = self.slots.get(self.home(place)) {
            fetch(slot);
        }
    }

    pub(super) fn get(&self, place: Place) -> Option<&Session> {
        self.slots.get(self.find(place)?)?.as_ref().map(|entry| &entry.session)
    }

    /// What a session takes in here.
    pub(super) fn bytes(session: &Session) -> usize {
        ENTRY + session.memory()
    }

    /// Keeps a session, unless its place is taken or it is larger than everything may be.
    pub(super) fn keep(&mut self, place: Place, mut session: Session, kept: Kept) -> Session {
        let bytes = kept.bytes;
        if bytes > self.most_bytes || self.most_entries == 0 || self.get(place).is_some() {
            return session;
        }
        while self.entries >= self.most_entries || self.bytes + bytes > self.most_bytes {
            self.evict();
        }
        if self.slots.is_empty() {
            self.slots.resize_with((2 * self.most_entries).next_power_of_two(), || None);
        }
        session.keep_as(kept);
        let mut at = self.home(place);
        while self.slots[at].is_some() {
            at = self.after(at);
        }
        self.slots[at] = Some(Entry { place, session: session.clone() });
        (self.entries, self.bytes) = (self.entries + 1, self.bytes + bytes);
        session
    }

    pub(super) fn remove(&mut self, place: Place) {
        if let Some(at) = self.find(place) {
            self.remove_at(at);
        }
    }

    fn find(&self, place: Place) -> Option<usize> {
        let mut at = self.home(place);
        while self.slots.get(at)?.as_ref()?.place != place {
            at = self.after(at);
        }
        Some(at)
    }

    /// Moves the hand to an entry that bears no mark of use, and takes the marks on the way: two rounds at most.
    fn evict(&mut self) {
        while self.entries > 0 {
            self.hand = self.after(self.hand);
            if self.slots[self.hand].as_ref().is_some_and(|entry| !entry.session.kept().take_mark()) {
                return self.remove_at(self.hand);
            }
        }
    }

    /// Closes the gap: whatever a search would now miss moves up.
    fn remove_at(&mut self, mut gap: usize) {
        if let Some(entry) = self.slots[gap].take() {
            (self.entries, self.bytes) = (self.entries - 1, self.bytes - entry.session.kept().bytes);
        }
        let mut at = self.after(gap);
        while let Some(entry) = &self.slots[at] {
            if self.distance(self.home(entry.place), at) >= self.distance(gap, at) {
                self.slots.swap(gap, at);
                gap = at;
            }
            at = self.after(at);
        }
    }

    fn home(&self, place: Place) -> usize {
        place.0 as usize & self.slots.len().wrapping_sub(1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.slots.len() - 1)
    }

    /// Entries and bytes.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        let kept = || self.slots.iter().flatten().map(|entry| entry.session.kept().bytes);
        assert_eq!((self.entries, self.bytes), (kept().count(), kept().sum()));
        (self.entries, self.bytes)
    }
}

#[cfg(test)]
mod tests;
