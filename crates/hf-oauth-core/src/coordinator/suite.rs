//! The suite that every back end of the [`Coordinator`](super::Coordinator) passes: a provider that rotates strictly, a clock that jumps
//! to whoever waits, and every order in which actors can take their steps.
//!
//! A back end is driven through [`Backend`], one call a step; one that works asynchronously blocks inside. Its
//! leases follow the `now` that they are given, or are told of it by [`Backend::passed`].
//!
//! ```
//! use hf_oauth_core::coordinator::suite::{MemoryBackend, Scenario};
//!
//! let report = Scenario::two_actors().run(MemoryBackend::new);
//! assert_eq!(report.most_requests, 1);
//! ```

mod explore;
mod memory;

use std::time::Duration;

use super::{Event, Held, RefreshPolicy};
use crate::UnixTime;

pub use explore::Report;
pub use memory::MemoryBackend;

/// One session in a back end, as several actors see it.
pub trait Backend {
    /// Tries to take the lease: [`Event::LeaseAcquired`], [`Event::LeaseBusy`] or [`Event::LeaseUnavailable`].
    fn acquire(&mut self, actor: usize, lease: Duration, now: UnixTime) -> Event;
    /// Reads the tokens: [`Event::Current`] or [`Event::StoreFailed`].
    fn read(&mut self, actor: usize, now: UnixTime) -> Event;
    /// Writes `new` unless somebody wrote since this actor read: [`Event::Written`], [`Event::Conflict`] or
    /// [`Event::StoreFailed`].
    fn write(&mut self, actor: usize, new: Held, now: UnixTime) -> Event;
    /// Keeps `new` beside the tokens, unconfirmed, under the same conditions: [`Event::Written`], [`Event::Conflict`] or
    /// [`Event::StoreFailed`]. From then on [`read`](Self::read) gives the tokens
    /// [with an unconfirmed refresh](Held::has_unconfirmed), until [`write`](Self::write) replaces them.
    ///
    /// Only [`Scenario::confirmed`] calls it; without it nothing can be kept.
    fn keep_unconfirmed(&mut self, _actor: usize, _new: Held, _now: UnixTime) -> Event {
        Event::StoreFailed
    }
    /// Makes the lease last longer: [`Event::LeaseAcquired`], [`Event::LeaseBusy`] when another actor has it by now,
    /// or [`Event::LeaseUnavailable`].
    fn renew(&mut self, _actor: usize, _lease: Duration, _now: UnixTime) -> Event {
        Event::LeaseUnavailable
    }
    /// Gives the lease back, if this actor still has it.
    fn release(&mut self, actor: usize, now: UnixTime);
    /// Takes the session away, as a logout does.
    fn sign_out(&mut self, now: UnixTime);
    /// Time passed; for back ends with a clock of their own to set.
    fn passed(&mut self, _now: UnixTime) {}
}

/// What may happen, and how many take part.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// How many ask for a token at the same moment.
    pub actors: usize,
    /// Whether one of them may die, at any point.
    pub one_crash: bool,
    /// Whether one request to the provider may fail before it acts.
    pub one_outage: bool,
    /// Whether one answer of the provider may be lost after it acted.
    pub one_lost_answer: bool,
    /// Whether somebody signs out, at any point.
    pub one_sign_out: bool,
    /// Whether the access token has ended already; otherwise it is due only.
    pub expired: bool,
    /// Whether new tokens must be confirmed before they are used.
    pub confirms: bool,
    /// The most schedules to run; the suite fails when there are more.
    pub most_schedules: usize,
}

impl Scenario {
    /// Two actors, an ended access token, nothing goes wrong.
    pub fn two_actors() -> Self {
        Self {
            actors: 2,
            one_crash: false,
            one_outage: false,
            one_lost_answer: false,
            one_sign_out: false,
            expired: true,
            confirms: false,
            most_schedules: 1_000_000,
        }
    }

    /// What every back end must pass; each is to be [`run`](Self::run) with a fresh back end a schedule.
    pub fn all() -> Vec<Self> {
        let two = Self::two_actors();
        vec![
            two,
            Self { expired: false, ..two },
            Self { one_crash: true, ..two },
            Self { one_crash: true, expired: false, ..two },
            Self { one_outage: true, ..two },
            Self { one_lost_answer: true, ..two },
            Self { one_sign_out: true, ..two },
            Self { actors: 3, ..two },
        ]
    }

    /// What every back end must pass that keeps sessions: their new tokens are confirmed before they are used, and a
    /// death between the two loses nothing.
    pub fn confirmed() -> Vec<Self> {
        let two = Self { confirms: true, ..Self::two_actors() };
        vec![
            two,
            Self { expired: false, ..two },
            Self { one_crash: true, ..two },
            Self { one_outage: true, ..two },
            Self { one_lost_answer: true, ..two },
            Self { one_sign_out: true, ..two },
        ]
    }

    /// Runs every schedule, each with a back end of `make`, which holds the tokens that it is given.
    ///
    /// # Panics
    ///
    /// When a rule is broken, with the schedule that breaks it.
    pub fn run<B: Backend>(self, make: impl FnMut(Held) -> B) -> Report {
        explore::run(self, make)
    }
}

/// The defaults with few, long waits, so that the schedules can be counted.
fn policy(actors: usize) -> RefreshPolicy {
    RefreshPolicy {
        poll: Duration::from_secs(if actors > 2 { 30 } else { 10 }),
        patience: Duration::from_secs(90),
        patience_without_store: Duration::from_secs(30),
        ..RefreshPolicy::default()
    }
}
