use std::time::Duration;

use super::Backend;
use crate::UnixTime;
use crate::coordinator::{Event, Held};

/// The back end that the suite itself is tested with.
#[derive(Clone, Debug)]
pub struct MemoryBackend {
    tokens: Option<Held>,
    version: u64,
    lease: Option<(usize, UnixTime)>,
    read: Vec<(usize, u64)>,
}

impl MemoryBackend {
    /// A session with these tokens.
    pub fn new(tokens: Held) -> Self {
        Self { tokens: Some(tokens), version: 1, lease: None, read: Vec::new() }
    }
}

impl Backend for MemoryBackend {
    fn acquire(&mut self, actor: usize, lease: Duration, now: UnixTime) -> Event {
        if self.lease.is_some_and(|(_, until)| now < until) {
            return Event::LeaseBusy;
        }
        self.lease = Some((actor, now + lease));
        Event::LeaseAcquired
    }

    fn read(&mut self, actor: usize, _now: UnixTime) -> Event {
        self.read.retain(|(reader, _)| *reader != actor);
        self.read.push((actor, self.version));
        Event::Current(self.tokens)
    }

    fn write(&mut self, actor: usize, new: Held, _now: UnixTime) -> Event {
        if self.tokens.is_none() || !self.read.contains(&(actor, self.version)) {
            return Event::Conflict;
        }
        self.tokens = Some(new);
        self.version += 1;
        Event::Written
    }

    fn keep_unconfirmed(&mut self, actor: usize, _new: Held, now: UnixTime) -> Event {
        // The suite knows what was kept; what counts here is that everybody sees it.
        let Some(tokens) = self.tokens else { return Event::Conflict };
        let event = self.write(actor, tokens.with_unconfirmed(true), now);
        // Whoever wrote knows what is there.
        self.read(actor, now);
        event
    }

    fn renew(&mut self, actor: usize, lease: Duration, now: UnixTime) -> Event {
        if self.lease.is_some_and(|(holder, until)| holder != actor && now < until) {
            return Event::LeaseBusy;
        }
        self.lease = Some((actor, now + lease));
        Event::LeaseAcquired
    }

    fn release(&mut self, actor: usize, _now: UnixTime) {
        if self.lease.is_some_and(|(holder, _)| holder == actor) {
            self.lease = None;
        }
    }

    fn sign_out(&mut self, _now: UnixTime) {
        self.tokens = None;
        self.version += 1;
    }
}
