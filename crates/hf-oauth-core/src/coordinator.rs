//! Refreshing once, whoever asks: a state machine without IO that a store's lease, a file lock or a browser's lock
//! drives.
//!
//! Refresh tokens are single-use where the provider rotates them, so two refreshes with one token sign the person
//! out. Whoever wants a fresh token makes a [`Coordinator`], performs the [`Action`] that it returns, and tells it
//! what came of it, until it is [`Action::Done`]:
//!
//! ```text
//! fresh ─▶ Done(UseHeld)
//! due   ─▶ AcquireLease ─▶ ReadCurrent ─▶ newer: Release ─▶ Done(Adopt)
//!                │                  └───▶ same: SendRefresh ─▶ Write ─▶ Release ─▶ Done(Refreshed)
//!                └ busy ─▶ Wait ─▶ ReadCurrent ─▶ newer: Done(Adopt), same: AcquireLease
//! ```
//!
//! It sees fingerprints and times, never a token. Once [`Action::SendRefresh`] is returned, the rest must run to its
//! end whatever happens to the caller: the answer may be the only copy of the new token.

mod policy;
mod recent;
mod steps;
#[cfg(any(test, feature = "test-suite"))]
pub mod suite;

use std::time::Duration;

pub use policy::{Backoff, Held, RefreshFailure, RefreshPolicy, TokenFingerprint};
pub use recent::RecentRefreshes;
pub use steps::{Action, Event, Outcome};

use crate::UnixTime;

/// One attempt at having a good token.
///
/// ```
/// use std::time::Duration;
/// use hf_oauth_core::{Secret, UnixTime};
/// use hf_oauth_core::coordinator::{Action, Backoff, Coordinator, Event, Held, Outcome, RefreshPolicy, TokenFingerprint};
///
/// let now = UnixTime::from_secs(1_800_000_000);
/// let old = Held::new(Some(TokenFingerprint::of(&Secret::new("refresh-1"))), now);
/// let new = Held::new(Some(TokenFingerprint::of(&Secret::new("refresh-2"))), now + Duration::from_secs(28_800));
///
/// let (mut it, action) = Coordinator::new(RefreshPolicy::default(), old, Backoff::none(), now);
/// assert!(matches!(action, Action::AcquireLease { .. }));
/// assert_eq!(it.on(Event::LeaseAcquired, now), Action::ReadCurrent);
/// assert!(matches!(it.on(Event::Current(Some(old)), now), Action::SendRefresh { .. }));
/// assert_eq!(it.on(Event::Refreshed(new), now), Action::Write);
/// assert_eq!(it.on(Event::Written, now), Action::Release);
/// assert_eq!(it.on(Event::Released, now), Action::Done(Outcome::Refreshed { saved: true }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinator {
    policy: RefreshPolicy,
    /// The newest tokens known that somebody else or the caller brought.
    known: Held,
    /// Whether `known` was read from the back end instead of given by the caller.
    adopted: bool,
    backoff: Backoff,
    failure: Option<RefreshFailure>,
    begun_at: UnixTime,
    waited: Duration,
    waited_for_store: Duration,
    /// When the lease at hand ends by itself, counted from before it was asked for.
    lease_until: Option<UnixTime>,
    asked_at: UnixTime,
    writes: u32,
    state: State,
    action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Acquiring,
    Waiting { store_down: bool },
    Peeking,
    ReadingUnderLease,
    Sending,
    ReadingAfterEnd,
    Writing { new: Held },
    WaitingToWrite { new: Held },
    ReadingAfterConflict { new: Held },
    Releasing(Then),
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Acquire,
    Finish(Outcome),
}

const MOST_WRITES: u32 = 5;
/// What the lease must leave for writing, after the longest refresh.
const TO_WRITE: Duration = Duration::from_secs(10);

impl Coordinator {
    /// Begins with the tokens at hand, and with how earlier attempts with the same refresh token went
    /// ([`RecentRefreshes`] remembers that).
    pub fn new(policy: RefreshPolicy, held: Held, backoff: Backoff, now: UnixTime) -> (Self, Action) {
        let mut it = Self {
            policy,
            known: held,
            adopted: false,
            backoff,
            failure: None,
            begun_at: now,
            waited: Duration::ZERO,
            waited_for_store: Duration::ZERO,
            lease_until: None,
            asked_at: now,
            writes: 0,
            state: State::Done,
            action: Action::Done(Outcome::UseHeld),
        };
        let first = it.begin(now);
        it.action = first;
        (it, first)
    }

    /// Takes what came of the last action. An event that does not answer it changes nothing: the action is repeated.
    pub fn on(&mut self, event: Event, now: UnixTime) -> Action {
        if let Some(next) = self.step(event, now) {
            self.action = next;
        }
        self.action
    }

    /// How later attempts with the same refresh token should go: keep it, by fingerprint.
    pub fn backoff(&self) -> Backoff {
        self.backoff
    }

    /// What the provider's refusal was, for the log, where there was one.
    pub fn failure(&self) -> Option<RefreshFailure> {
        self.failure
    }

    fn begin(&mut self, now: UnixTime) -> Action {
        if !self.policy.is_due(&self.known, now) {
            return self.finish(Outcome::UseHeld);
        }
        if self.known.fingerprint.is_none() {
            let valid = self.known.is_valid(now);
            return self.finish(if valid { Outcome::UseHeld } else { Outcome::SignInAgain });
        }
        if self.backoff.remaining(now) > Duration::ZERO {
            return self.give_up(now);
        }
        self.acquire(now)
    }

    /// `None` for an event that does not answer the last action.
    fn step(&mut self, event: Event, now: UnixTime) -> Option<Action> {
        Some(match (self.state, event) {
            (State::Acquiring, Event::LeaseAcquired) => {
                self.lease_until = Some(self.asked_at + self.policy.lease);
                self.to(State::ReadingUnderLease, Action::ReadCurrent)
            }
            (State::Acquiring, Event::LeaseBusy) => self.wait(false, now),
            (State::Acquiring, Event::LeaseUnavailable) | (State::Peeking, Event::StoreFailed) => {
                self.wait(true, now)
            }
            (State::Waiting { store_down: true }, Event::Tick) => self.acquire(now),
            (State::Waiting { store_down: false }, Event::Tick) => {
                self.to(State::Peeking, Action::ReadCurrent)
            }
            (State::Peeking, Event::Current(None)) => self.finish(Outcome::SignInAgain),
            (State::Peeking, Event::Current(Some(current))) => {
                self.learn(current);
                if self.policy.is_due(&self.known, now) { self.acquire(now) } else { self.serve() }
            }
            (State::ReadingUnderLease, Event::Current(None)) => self.finish(Outcome::SignInAgain),
            (State::ReadingUnderLease, Event::StoreFailed) => self.give_up(now),
            (State::ReadingUnderLease, Event::Current(Some(current))) => {
                self.learn(current);
                self.send_or_serve(now)
            }
            (State::Sending, Event::Refreshed(new)) => {
                self.backoff = Backoff::none();
                self.write(new)
            }
            (State::Sending, Event::Failed(failure)) => self.failed(failure, now),
            (State::ReadingAfterEnd, Event::Current(Some(current))) if self.learn(current) => {
                // A peer was faster: its tokens are good, or at least not known to be bad.
                if self.known.is_valid(now) { self.serve() } else { self.send_or_serve(now) }
            }
            (State::ReadingAfterEnd, Event::Current(_)) => self.finish(Outcome::SignInAgain),
            // The provider said that it has ended; nobody said that a peer has anything newer.
            (State::ReadingAfterEnd, Event::StoreFailed) => self.give_up(now),
            (State::Writing { .. }, Event::Written) => self.finish(Outcome::Refreshed { saved: true }),
            (State::Writing { new }, Event::Conflict) => {
                self.to(State::ReadingAfterConflict { new }, Action::ReadCurrent)
            }
            (State::Writing { new } | State::ReadingAfterConflict { new }, Event::StoreFailed) => {
                if self.writes >= MOST_WRITES {
                    self.finish(Outcome::Refreshed { saved: false })
                } else {
                    self.to(State::WaitingToWrite { new }, Action::Wait { span: self.policy.poll })
                }
            }
            (State::WaitingToWrite { new }, Event::Tick) => self.write(new),
            // Signed out while the refresh was under way: that stands.
            (State::ReadingAfterConflict { .. }, Event::Current(None)) => self.finish(Outcome::SignInAgain),
            (State::ReadingAfterConflict { new }, Event::Current(Some(current))) => {
                if self.learn(current) && !self.policy.is_due(&self.known, now) {
                    self.serve()
                } else if self.writes >= MOST_WRITES {
                    self.finish(Outcome::Refreshed { saved: false })
                } else {
                    self.write(new)
                }
            }
            (State::Releasing(then), Event::Released) => {
                self.lease_until = None;
                match then {
                    Then::Acquire => self.acquire(now),
                    Then::Finish(outcome) => self.finish(outcome),
                }
            }
            _ => return None,
        })
    }

    fn send_or_serve(&mut self, now: UnixTime) -> Action {
        if !self.policy.is_due(&self.known, now) {
            return self.serve();
        }
        let Some(fingerprint) = self.known.fingerprint else {
            return match self.known.is_valid(now) {
                true => self.serve(),
                false => self.finish(Outcome::SignInAgain),
            };
        };
        // A lease that ends before the answer is written protects nothing: this process slept too long.
        let safe =
            self.lease_until.is_some_and(|end| now + crate::Step::Refresh.deadline() + TO_WRITE <= end);
        if safe {
            self.to(State::Sending, Action::SendRefresh { fingerprint })
        } else {
            self.to(State::Releasing(Then::Acquire), Action::Release)
        }
    }

    fn failed(&mut self, failure: RefreshFailure, now: UnixTime) -> Action {
        self.failure = Some(failure);
        if failure == RefreshFailure::Ended {
            return self.to(State::ReadingAfterEnd, Action::ReadCurrent);
        }
        self.backoff = self.backoff.after_failure(&self.policy, failure, now);
        self.give_up(now)
    }

    fn acquire(&mut self, now: UnixTime) -> Action {
        self.asked_at = now;
        self.to(State::Acquiring, Action::AcquireLease { lease: self.policy.lease })
    }

    /// Waits for whoever has the lease, bounded twice: by the clock, and by what was slept, should the clock jump.
    fn wait(&mut self, store_down: bool, now: UnixTime) -> Action {
        let policy = &self.policy;
        let spent = self.waited.max(self.begun_at.until(now));
        let over = spent >= policy.patience
            || (store_down && self.waited_for_store >= policy.patience_without_store);
        // While a peer refreshes, a token with some life left is as good as the next one.
        if over || now.until(self.known.expires_at) >= policy.serve_while_waiting {
            return self.give_up(now);
        }
        let span = policy.poll;
        self.waited += span;
        if store_down {
            self.waited_for_store += span;
        }
        self.to(State::Waiting { store_down }, Action::Wait { span })
    }

    fn write(&mut self, new: Held) -> Action {
        self.writes += 1;
        self.to(State::Writing { new }, Action::Write)
    }

    /// No refresh now: the tokens at hand while they are valid, and never after.
    fn give_up(&mut self, now: UnixTime) -> Action {
        if self.known.is_valid(now) {
            return self.serve();
        }
        let misconfigured =
            self.failure == Some(RefreshFailure::Misconfigured) || self.backoff.is_misconfigured();
        self.finish(if misconfigured {
            Outcome::Misconfigured
        } else {
            Outcome::Unavailable { retry_after: self.backoff.remaining(now).max(Duration::from_secs(1)) }
        })
    }

    fn serve(&mut self) -> Action {
        self.finish(if self.adopted { Outcome::Adopt } else { Outcome::UseHeld })
    }

    fn finish(&mut self, outcome: Outcome) -> Action {
        if self.lease_until.is_some() {
            return self.to(State::Releasing(Then::Finish(outcome)), Action::Release);
        }
        self.to(State::Done, Action::Done(outcome))
    }

    /// Takes what the back end holds; true when that is something else than what was known.
    fn learn(&mut self, current: Held) -> bool {
        let other =
            current.fingerprint != self.known.fingerprint || current.expires_at > self.known.expires_at;
        if other {
            if current.fingerprint != self.known.fingerprint {
                self.backoff = Backoff::none();
            }
            (self.known, self.adopted) = (current, true);
        }
        other
    }

    fn to(&mut self, state: State, action: Action) -> Action {
        self.state = state;
        action
    }
}

#[cfg(test)]
mod tests;
