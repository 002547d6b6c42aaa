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
//!                │                  ├───▶ unconfirmed: Confirm ─▶ Write ─▶ Release ─▶ Done(Refreshed)
//!                │                  └───▶ same: SendRefresh ─▶ KeepUnconfirmed ─▶ RenewLease ─▶ Confirm ─▶ Write ─▶ …
//!                │                                      └ needs no confirmation: Write ─▶ Release ─▶ Done(Refreshed)
//!                └ busy ─▶ Wait ─▶ ReadCurrent ─▶ newer: Done(Adopt), same: AcquireLease
//! ```
//!
//! New tokens are kept before anybody is asked whether their ID token is the provider's, and given out afterwards:
//! whoever dies between the two has lost nothing, and whoever comes next confirms what is kept.
//!
//! It sees fingerprints and times, never a token. Once [`Action::SendRefresh`] is returned, the rest must run to its
//! end whatever happens to the caller: the answer may be the only copy of the new token.

mod policy;
mod recent;
mod steps;
#[cfg(any(test, feature = "test-suite"))]
pub mod suite;
mod transitions;

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
    KeepingUnconfirmed,
    WaitingToKeep,
    ReadingAfterKeepConflict,
    Renewing,
    Confirming,
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
        // What awaits its confirmation is not asked of the token endpoint, which a failure would speak of.
        if self.backoff.remaining(now) > Duration::ZERO && !self.known.has_unconfirmed {
            return self.give_up(now);
        }
        self.acquire(now)
    }
}

#[cfg(test)]
mod tests;
