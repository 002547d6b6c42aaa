use super::suite::{MemoryBackend, Scenario};
use super::*;
use crate::Secret;

mod unconfirmed;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn token(text: &str) -> TokenFingerprint {
    TokenFingerprint::of(&Secret::new(text))
}

/// Tokens with this much life left, of eight hours.
fn held(text: &str, left: u64) -> Held {
    Held::new(Some(token(text)), NOW + secs(left)).obtained_at(NOW + secs(left) - secs(28_800))
}

fn begin(held: Held) -> (Coordinator, Action) {
    Coordinator::new(RefreshPolicy::default(), held, Backoff::none(), NOW)
}

/// Feeds events one after another and gives the last action.
fn feed(held: Held, events: &[Event]) -> (Coordinator, Action) {
    let (mut it, mut action) = begin(held);
    for event in events {
        action = it.on(*event, NOW);
    }
    (it, action)
}

/// What the holder of the lease is told when the provider answers with this failure.
fn after_failure(held: Held, failure: RefreshFailure) -> (Coordinator, Action) {
    feed(held, &[Event::LeaseAcquired, Event::Current(Some(held)), Event::Failed(failure)])
}

const TRANSIENT: RefreshFailure = RefreshFailure::Transient { retry_after: None };

#[test]
fn a_fresh_token_needs_nothing() {
    assert_eq!(begin(held("a", 301)).1, Action::Done(Outcome::UseHeld));
    assert!(matches!(begin(held("a", 300)).1, Action::AcquireLease { .. }));
}

#[test]
fn row_045_a_token_whose_life_is_shorter_than_the_margin_is_not_refreshed_on_every_call() {
    let life = |left| Held::new(Some(token("a")), NOW + secs(left)).obtained_at(NOW + secs(left) - secs(60));
    assert_eq!(begin(life(60)).1, Action::Done(Outcome::UseHeld));
    assert_eq!(begin(life(31)).1, Action::Done(Outcome::UseHeld));
    assert!(matches!(begin(life(30)).1, Action::AcquireLease { .. }));
}

#[test]
fn row_052_failures_pause_longer_and_longer_and_retry_after_is_honoured_up_to_a_cap() {
    let policy = RefreshPolicy::default();
    let mut backoff = Backoff::none();
    let mut pauses = Vec::new();
    for _ in 0..12 {
        backoff = backoff.after_failure(&policy, TRANSIENT, NOW);
        pauses.push(backoff.remaining(NOW).as_secs());
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
    let asked = |retry_after| {
        let failure = RefreshFailure::Transient { retry_after: Some(secs(retry_after)) };
        Backoff::none().after_failure(&policy, failure, NOW).remaining(NOW).as_secs()
    };
    assert_eq!([asked(0), asked(30), asked(1_000_000_000)], [2, 30, 300]);
}

#[test]
fn row_052_an_outage_keeps_the_session_whether_the_token_is_valid_or_not() {
    let valid = held("a", 60);
    let (mut it, action) = after_failure(valid, TRANSIENT);
    assert_eq!(action, Action::Release);
    assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::UseHeld));

    let ended = held("a", 0);
    let (mut it, _) = after_failure(ended, TRANSIENT);
    let outcome = it.on(Event::Released, NOW);
    assert_eq!(outcome, Action::Done(Outcome::Unavailable { retry_after: secs(2) }));
}

#[test]
fn row_054_an_ended_refresh_token_ends_the_session_after_one_more_look() {
    let old = held("a", 0);
    let (mut it, action) = after_failure(old, RefreshFailure::Ended);
    assert_eq!(action, Action::ReadCurrent);
    assert_eq!(it.on(Event::Current(Some(old)), NOW), Action::Release);
    assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::SignInAgain));
}

#[test]
fn row_131_after_invalid_grant_what_a_peer_wrote_is_adopted() {
    let (mut it, _) = after_failure(held("a", 0), RefreshFailure::Ended);
    assert_eq!(it.on(Event::Current(Some(held("b", 28_800))), NOW), Action::Release);
    assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::Adopt));
}

#[test]
fn row_131_an_unreadable_store_after_invalid_grant_signs_nobody_out() {
    let (mut it, _) = after_failure(held("a", 0), RefreshFailure::Ended);
    let _ = it.on(Event::StoreFailed, NOW);
    let outcome = it.on(Event::Released, NOW);
    assert!(matches!(outcome, Action::Done(Outcome::Unavailable { .. })), "{outcome:?}");
}

#[test]
fn row_055_a_refused_app_burns_no_user_token_and_asks_no_more_than_the_backoff_allows() {
    let old = held("a", 0);
    let (mut it, _) = after_failure(old, RefreshFailure::Misconfigured);
    assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::Misconfigured));
    let again = |now| Coordinator::new(RefreshPolicy::default(), old, it.backoff(), now).1;
    assert_eq!(again(NOW + secs(1)), Action::Done(Outcome::Misconfigured));
    assert!(matches!(again(NOW + secs(2)), Action::AcquireLease { .. }));
}

#[test]
fn row_109_one_attempt_a_window_and_an_ended_token_is_never_served() {
    let old = held("a", 60);
    let (it, _) = after_failure(old, TRANSIENT);
    let at = |seconds| Coordinator::new(RefreshPolicy::default(), old, it.backoff(), NOW + secs(seconds)).1;
    assert_eq!(at(1), Action::Done(Outcome::UseHeld));
    assert!(matches!(at(2), Action::AcquireLease { .. }));

    let (it, _) = after_failure(held("a", 1), TRANSIENT);
    let ended = Coordinator::new(RefreshPolicy::default(), held("a", 1), it.backoff(), NOW + secs(1)).1;
    assert_eq!(ended, Action::Done(Outcome::Unavailable { retry_after: secs(1) }));
}

#[test]
fn row_109_without_a_refresh_token_the_end_of_the_access_token_is_the_end() {
    let at = |left| begin(Held::new(None, NOW + secs(left))).1;
    assert_eq!(at(1), Action::Done(Outcome::UseHeld));
    assert_eq!(at(0), Action::Done(Outcome::SignInAgain));
}

#[test]
fn row_103_losers_wait_and_adopt() {
    let events = [Event::LeaseBusy, Event::Tick, Event::Current(Some(held("b", 28_800)))];
    assert_eq!(feed(held("a", 0), &events).1, Action::Done(Outcome::Adopt));
    assert_eq!(feed(held("a", 31), &events[..1]).1, Action::Done(Outcome::UseHeld), "no need to wait");
}

#[test]
fn row_105_waiters_are_bounded_by_the_clock_and_by_what_they_slept() {
    for (busy, longest) in [(Event::LeaseBusy, 30), (Event::LeaseUnavailable, 5)] {
        let (mut it, _) = begin(held("a", 0));
        let mut slept = Duration::ZERO;
        let mut action = it.on(busy, NOW);
        // The clock stands still: the sum of the waits is what counts.
        while let Action::Wait { span } = action {
            slept += span;
            action = it.on(Event::Tick, NOW);
            if action == Action::ReadCurrent {
                action = it.on(Event::Current(Some(held("a", 0))), NOW);
            }
            assert!(matches!(action, Action::AcquireLease { .. }), "{action:?}");
            action = it.on(busy, NOW);
        }
        assert_eq!(slept, secs(longest));
        assert!(matches!(action, Action::Done(Outcome::Unavailable { .. })), "{action:?}");
    }
    // The clock jumps ahead: that ends it too.
    let (mut it, _) = begin(held("a", 0));
    let _ = it.on(Event::LeaseBusy, NOW);
    let _ = it.on(Event::Tick, NOW + secs(31));
    let _ = it.on(Event::Current(Some(held("a", 0))), NOW + secs(31));
    assert!(matches!(it.on(Event::LeaseBusy, NOW + secs(31)), Action::Done(Outcome::Unavailable { .. })));
}

#[test]
fn row_105_with_the_lease_back_end_down_a_valid_token_is_served_at_once() {
    assert_eq!(feed(held("a", 31), &[Event::LeaseUnavailable]).1, Action::Done(Outcome::UseHeld));
}

#[test]
fn row_104_a_holder_that_slept_through_its_lease_sends_nothing() {
    let old = held("a", 0);
    let (mut it, _) = begin(old);
    let _ = it.on(Event::LeaseAcquired, NOW);
    assert_eq!(it.on(Event::Current(Some(old)), NOW + secs(21)), Action::Release);
    assert!(matches!(it.on(Event::Released, NOW + secs(21)), Action::AcquireLease { .. }));
}

#[test]
fn row_108_tokens_that_cannot_be_written_are_used_and_reported() {
    let (mut it, mut action) = feed(
        held("a", 0),
        &[Event::LeaseAcquired, Event::Current(Some(held("a", 0))), Event::Refreshed(held("b", 28_800))],
    );
    let mut writes = 0;
    while action == Action::Write {
        writes += 1;
        action = it.on(Event::StoreFailed, NOW);
        if matches!(action, Action::Wait { .. }) {
            action = it.on(Event::Tick, NOW);
        }
    }
    assert_eq!((writes, action), (5, Action::Release));
    assert_eq!(it.on(Event::Released, NOW), Action::Done(Outcome::Refreshed { saved: false }));
}

#[test]
fn a_logout_during_the_refresh_stands() {
    let refreshed = [
        Event::LeaseAcquired,
        Event::Current(Some(held("a", 0))),
        Event::Refreshed(held("b", 28_800)),
        Event::Conflict,
        Event::Current(None),
        Event::Released,
    ];
    assert_eq!(feed(held("a", 0), &refreshed).1, Action::Done(Outcome::SignInAgain));
}

#[test]
fn an_event_that_answers_nothing_changes_nothing() {
    let (mut it, action) = begin(held("a", 0));
    let before = it.clone();
    for event in [Event::Tick, Event::Written, Event::Current(None), Event::Failed(RefreshFailure::Ended)] {
        assert_eq!(it.on(event, NOW), action);
        assert_eq!(it, before);
    }
}

#[test]
fn row_103_row_104_every_schedule_ends_with_one_refresh_and_nobody_signed_out() {
    for scenario in Scenario::all() {
        let report = scenario.run(MemoryBackend::new);
        println!("{report:?} {scenario:?}");
        assert!(report.schedules > 10, "{scenario:?}: {report:?}");
        if scenario.one_lost_answer {
            assert!(report.sign_ins > 0, "the fault was not reached: {scenario:?}");
        }
    }
}

/// The suite must see what is wrong with a back end: a lease that excludes nobody, a write that compares nothing.
mod broken {
    use super::*;
    use crate::coordinator::suite::Backend;

    struct Broken {
        inner: MemoryBackend,
        no_lease: bool,
        no_compare: bool,
    }

    impl Backend for Broken {
        fn acquire(&mut self, actor: usize, lease: Duration, now: UnixTime) -> Event {
            if self.no_lease {
                return Event::LeaseAcquired;
            }
            self.inner.acquire(actor, lease, now)
        }
        fn read(&mut self, actor: usize, now: UnixTime) -> Event {
            self.inner.read(actor, now)
        }
        fn write(&mut self, actor: usize, new: Held, now: UnixTime) -> Event {
            if self.no_compare {
                self.inner = MemoryBackend::new(new);
                return Event::Written;
            }
            self.inner.write(actor, new, now)
        }
        fn release(&mut self, actor: usize, now: UnixTime) {
            self.inner.release(actor, now);
        }
        fn sign_out(&mut self, now: UnixTime) {
            self.inner.sign_out(now);
        }
    }

    fn is_caught(no_lease: bool, no_compare: bool) -> bool {
        std::panic::catch_unwind(|| {
            for scenario in Scenario::all() {
                scenario.run(|held| Broken { inner: MemoryBackend::new(held), no_lease, no_compare });
            }
        })
        .is_err()
    }

    #[test]
    fn the_suite_catches_a_lease_that_excludes_nobody() {
        assert!(is_caught(true, false));
    }

    #[test]
    fn the_suite_catches_a_write_that_undoes_a_logout() {
        assert!(is_caught(false, true));
    }
}
