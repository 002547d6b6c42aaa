//! What follows from what: the coordinator's states, event by event.

use std::time::Duration;

use super::{Action, Backoff, Coordinator, Event, Held, Outcome, RefreshFailure, State, Then};
use crate::UnixTime;

const MOST_WRITES: u32 = 5;
/// What the lease must leave for writing, after the longest refresh.
const TO_WRITE: Duration = Duration::from_secs(10);

impl Coordinator {
    /// `None` for an event that does not answer the last action.
    pub(super) fn step(&mut self, event: Event, now: UnixTime) -> Option<Action> {
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
            (State::Sending, Event::Unconfirmed) => {
                self.backoff = Backoff::none();
                self.keep_unconfirmed()
            }
            // Nothing was sent.
            (State::Sending, Event::StoreFailed) => self.give_up(now),
            (State::Sending | State::Confirming, Event::Failed(failure)) => self.failed(failure, now),
            (State::KeepingUnconfirmed, Event::Written) => {
                self.asked_at = now;
                self.to(State::Renewing, Action::RenewLease { lease: self.policy.lease })
            }
            (State::KeepingUnconfirmed, Event::Conflict) => {
                self.to(State::ReadingAfterKeepConflict, Action::ReadCurrent)
            }
            (State::KeepingUnconfirmed | State::ReadingAfterKeepConflict, Event::StoreFailed) => {
                if self.writes >= MOST_WRITES {
                    self.confirm()
                } else {
                    self.to(State::WaitingToKeep, Action::Wait { span: self.policy.poll })
                }
            }
            (State::WaitingToKeep, Event::Tick) => self.keep_unconfirmed(),
            // Signed out while the refresh was under way: that stands.
            (State::ReadingAfterKeepConflict, Event::Current(None)) => self.finish(Outcome::SignInAgain),
            (State::ReadingAfterKeepConflict, Event::Current(Some(current))) => {
                if self.learn(current) && !self.policy.is_due(&self.known, now) {
                    self.serve()
                } else if self.writes >= MOST_WRITES {
                    self.confirm()
                } else {
                    self.keep_unconfirmed()
                }
            }
            (State::Renewing, Event::LeaseAcquired) => {
                self.lease_until = Some(self.asked_at + self.policy.lease);
                self.confirm()
            }
            // What is kept is kept: whoever has the lease now confirms it.
            (State::Renewing, Event::LeaseBusy) => {
                self.lease_until = None;
                self.wait(false, now)
            }
            (State::Renewing, Event::LeaseUnavailable) => self.confirm(),
            (State::Confirming, Event::Refreshed(new)) => self.write(new),
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
        // Confirming twice does no harm: it needs no lease that lasts.
        if self.known.has_unconfirmed {
            return self.confirm();
        }
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
        if failure == RefreshFailure::Untrusted {
            return self.finish(Outcome::SignInAgain);
        }
        if failure == RefreshFailure::Ended {
            return self.to(State::ReadingAfterEnd, Action::ReadCurrent);
        }
        self.backoff = self.backoff.after_failure(&self.policy, failure, now);
        self.give_up(now)
    }

    pub(super) fn acquire(&mut self, now: UnixTime) -> Action {
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

    fn keep_unconfirmed(&mut self) -> Action {
        self.writes += 1;
        self.to(State::KeepingUnconfirmed, Action::KeepUnconfirmed)
    }

    fn confirm(&mut self) -> Action {
        self.writes = 0;
        self.to(State::Confirming, Action::Confirm)
    }

    fn write(&mut self, new: Held) -> Action {
        self.writes += 1;
        self.to(State::Writing { new }, Action::Write)
    }

    /// No refresh now: the tokens at hand while they are valid, and never after.
    pub(super) fn give_up(&mut self, now: UnixTime) -> Action {
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

    pub(super) fn finish(&mut self, outcome: Outcome) -> Action {
        if self.lease_until.is_some() {
            return self.to(State::Releasing(Then::Finish(outcome)), Action::Release);
        }
        self.to(State::Done, Action::Done(outcome))
    }

    /// Takes what the back end holds; true when that is something else than what was known.
    fn learn(&mut self, current: Held) -> bool {
        let other = current.fingerprint != self.known.fingerprint
            || current.expires_at > self.known.expires_at
            || current.has_unconfirmed != self.known.has_unconfirmed;
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
