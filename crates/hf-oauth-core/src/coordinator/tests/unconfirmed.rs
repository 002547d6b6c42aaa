//! Tokens that are kept before they are confirmed.

use super::*;
use crate::coordinator::suite::Backend;

#[test]
fn row_180_every_schedule_with_a_death_between_the_answer_and_its_confirmation_loses_nothing() {
    for scenario in Scenario::confirmed() {
        let report = scenario.run(MemoryBackend::new);
        println!("{report:?} {scenario:?}");
        assert!(report.schedules > 10, "{scenario:?}: {report:?}");
    }
}

/// The lease is taken, the record read, the refresh sent and answered.
fn unconfirmed(old: Held) -> (Coordinator, Action) {
    feed(old, &[Event::LeaseAcquired, Event::Current(Some(old)), Event::Unconfirmed])
}

#[test]
fn row_180_new_tokens_are_kept_before_anything_else_is_asked() {
    let (mut it, action) = unconfirmed(held("a", 0));
    assert_eq!(action, Action::KeepUnconfirmed);
    assert!(matches!(it.on(Event::Written, NOW), Action::RenewLease { .. }));
    assert_eq!(it.on(Event::LeaseAcquired, NOW), Action::Confirm);
    assert_eq!(it.on(Event::Refreshed(held("b", 28_800)), NOW), Action::Write);
    assert_eq!(it.on(Event::Written, NOW), Action::Release);
    assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::Refreshed { saved: true }));
}

#[test]
fn row_180_whoever_finds_unconfirmed_tokens_confirms_them_and_sends_nothing() {
    for left in [0, 10, 28_800] {
        let found = held("a", left).with_unconfirmed(true);
        let events = [Event::LeaseAcquired, Event::Current(Some(found))];
        assert_eq!(feed(held("a", 0), &events).1, Action::Confirm, "{left}");
        assert_eq!(feed(found, &events).1, Action::Confirm, "whatever the caller knew");
        let paused = Backoff::none().after_failure(&RefreshPolicy::default(), TRANSIENT, NOW);
        let (_, action) = Coordinator::new(RefreshPolicy::default(), found, paused, NOW);
        assert!(matches!(action, Action::AcquireLease { .. }), "{action:?}");
    }
}

#[test]
fn row_180_waiters_are_not_served_what_is_not_confirmed() {
    let found = held("a", 0).with_unconfirmed(true);
    let events = [Event::LeaseBusy, Event::Tick, Event::Current(Some(found)), Event::LeaseBusy];
    let (mut it, action) = feed(held("a", 0), &events);
    assert!(matches!(action, Action::Wait { .. }), "{action:?}");
    let _ = it.on(Event::Tick, NOW);
    let action = it.on(Event::Current(Some(held("b", 28_800))), NOW);
    assert_eq!(action, Action::Done(Outcome::Adopt));
}

#[test]
fn row_180_a_lease_that_was_lost_leaves_the_confirmation_to_its_new_holder() {
    let (mut it, _) = unconfirmed(held("a", 0));
    let _ = it.on(Event::Written, NOW);
    assert!(matches!(it.on(Event::LeaseBusy, NOW), Action::Wait { .. }));
    assert_eq!(it.on(Event::Tick, NOW), Action::ReadCurrent);
    let action = it.on(Event::Current(Some(held("b", 28_800))), NOW);
    assert_eq!(action, Action::Done(Outcome::Adopt), "nothing is to be released");
    // Where the back end is down nobody else confirms either.
    let (mut it, _) = unconfirmed(held("a", 0));
    let _ = it.on(Event::Written, NOW);
    assert_eq!(it.on(Event::LeaseUnavailable, NOW), Action::Confirm);
}

#[test]
fn row_166_an_answer_about_somebody_else_ends_the_session_and_nothing_is_asked_again() {
    for left in [0, 60] {
        let (mut it, action) = after_failure(held("a", left), RefreshFailure::Untrusted);
        assert_eq!(action, Action::Release);
        assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::SignInAgain), "{left}");
        let (mut it, _) = unconfirmed(held("a", left));
        let _ = it.on(Event::Written, NOW);
        let _ = it.on(Event::LeaseAcquired, NOW);
        assert_eq!(it.on(Event::Failed(RefreshFailure::Untrusted), NOW), Action::Release);
        assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::SignInAgain), "{left}");
        assert_eq!(it.failure(), Some(RefreshFailure::Untrusted));
    }
}

#[test]
fn row_180_tokens_that_cannot_be_kept_are_confirmed_all_the_same() {
    let (mut it, mut action) = unconfirmed(held("a", 0));
    let mut tries = 0;
    while action == Action::KeepUnconfirmed {
        tries += 1;
        action = it.on(Event::StoreFailed, NOW);
        if matches!(action, Action::Wait { .. }) {
            action = it.on(Event::Tick, NOW);
        }
    }
    assert_eq!((tries, action), (5, Action::Confirm));
    assert_eq!(it.on(Event::Refreshed(held("b", 28_800)), NOW), Action::Write);
}

#[test]
fn a_logout_while_the_answer_is_being_kept_stands() {
    let (mut it, _) = unconfirmed(held("a", 0));
    assert_eq!(it.on(Event::Conflict, NOW), Action::ReadCurrent);
    assert_eq!(it.on(Event::Current(None), NOW), Action::Release);
    assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::SignInAgain));
}

#[test]
fn what_could_not_be_kept_is_not_sent() {
    let (mut it, action) =
        feed(held("a", 0), &[Event::LeaseAcquired, Event::Current(Some(held("a", 0))), Event::StoreFailed]);
    assert_eq!(action, Action::Release);
    assert!(matches!(it.on(Event::Released, NOW), Action::Done(Outcome::Unavailable { .. })));
}

/// A back end that says it kept what it did not keep.
struct Forgetful(MemoryBackend);

impl Backend for Forgetful {
    fn acquire(&mut self, actor: usize, lease: Duration, now: UnixTime) -> Event {
        self.0.acquire(actor, lease, now)
    }
    fn read(&mut self, actor: usize, now: UnixTime) -> Event {
        self.0.read(actor, now)
    }
    fn write(&mut self, actor: usize, new: Held, now: UnixTime) -> Event {
        self.0.write(actor, new, now)
    }
    fn keep_unconfirmed(&mut self, _: usize, _: Held, _: UnixTime) -> Event {
        Event::Written
    }
    fn release(&mut self, actor: usize, now: UnixTime) {
        self.0.release(actor, now);
    }
    fn sign_out(&mut self, now: UnixTime) {
        self.0.sign_out(now);
    }
}

#[test]
fn row_180_the_suite_catches_a_back_end_that_keeps_nothing() {
    let run = |scenario: Scenario| {
        std::panic::catch_unwind(|| scenario.run(|held| Forgetful(MemoryBackend::new(held)))).is_err()
    };
    assert!(Scenario::confirmed().into_iter().any(run));
}
