//! Single flight: work that must happen once, whose outcome everybody who asks gets, for a while.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hf_oauth::UnixTime;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

/// What names a call: a hash, so that no secret lies in a map.
pub(crate) type CallKey = [u8; 32];

/// The most outcomes that are kept.
const MOST: usize = 10_000;

/// Work under way and its outcomes, by key.
pub(crate) struct SingleFlight<T> {
    calls: Arc<Mutex<HashMap<CallKey, Call<T>>>>,
}

struct Call<T> {
    outcome: watch::Receiver<Option<T>>,
    /// When the outcome may be forgotten; unknown while it is under way.
    until: Option<UnixTime>,
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    pub(crate) fn new() -> Self {
        Self { calls: Arc::default() }
    }

    /// Joins the call under way with this key, or starts it in a task of its own, which runs to its end whether anybody waits
    /// or not. `keep` tells how long an outcome stands for further callers, from when it came.
    ///
    /// `None` when the work panicked.
    pub(crate) async fn run<F>(
        &self,
        key: CallKey,
        clock: impl Fn() -> UnixTime + Send + 'static,
        work: impl FnOnce() -> F,
        keep: fn(&T) -> Duration,
    ) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut outcome = self.start_or_join(key, clock, work, keep);
        let arrived = outcome.wait_for(Option::is_some).await;
        arrived.ok().and_then(|outcome| outcome.clone())
    }

    fn start_or_join<F>(
        &self,
        key: CallKey,
        clock: impl Fn() -> UnixTime + Send + 'static,
        work: impl FnOnce() -> F,
        keep: fn(&T) -> Duration,
    ) -> watch::Receiver<Option<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock();
        calls.retain(|_, call| call.stands(now));
        if let Some(call) = calls.get(&key) {
            return call.outcome.clone();
        }
        if calls.len() >= MOST {
            // Outcomes are a convenience; the memory is not for an attacker to fill.
            calls.retain(|_, call| call.until.is_none());
        }
        let (sender, receiver) = watch::channel(None);
        calls.insert(key, Call { outcome: receiver.clone(), until: None });
        let (work, all, this) = (work(), Arc::clone(&self.calls), receiver.clone());
        tokio::spawn(async move {
            let outcome = work.await;
            let kept = keep(&outcome);
            if let Some(call) = all.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&key) {
                call.until = Some(clock() + kept);
            }
            let _ = sender.send(Some(outcome));
            // An outcome may hold tokens: it goes though nobody calls again.
            tokio::time::sleep(kept).await;
            let mut calls = all.lock().unwrap_or_else(PoisonError::into_inner);
            if calls.get(&key).is_some_and(|call| call.outcome.same_channel(&this)) {
                calls.remove(&key);
            }
        });
        receiver
    }

    /// Forgets the outcomes that are not wanted any more.
    pub(crate) fn forget(&self, is_unwanted: impl Fn(&T) -> bool) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.retain(|_, call| !call.outcome.borrow().as_ref().is_some_and(&is_unwanted));
    }
}

impl<T> Call<T> {
    fn stands(&self, now: UnixTime) -> bool {
        match self.until {
            Some(until) => now < until,
            // The sender is gone without an outcome: the work panicked.
            None => self.outcome.has_changed().is_ok(),
        }
    }
}

impl<T> fmt::Debug for SingleFlight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleFlight")
    }
}

/// The key of `secret` for one purpose.
pub(crate) fn call_key(purpose: &str, secret: &str) -> CallKey {
    Sha256::new().chain_update(purpose).chain_update([0]).chain_update(secret).finalize().into()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const MINUTE: fn(&usize) -> Duration = |_| Duration::from_secs(60);

    #[tokio::test]
    async fn a_hundred_callers_share_one_call_and_its_outcome_stands_for_a_while() {
        let (calls, started) = (SingleFlight::new(), Arc::new(AtomicUsize::new(0)));
        let now = UnixTime::from_secs(0);
        let run = |now| {
            let started = Arc::clone(&started);
            calls.run(
                [0; 32],
                move || now,
                move || async move {
                    tokio::task::yield_now().await;
                    started.fetch_add(1, Ordering::SeqCst) + 1
                },
                MINUTE,
            )
        };
        let all = futures_util::future::join_all((0..100).map(|_| run(now))).await;
        assert_eq!(all, vec![Some(1); 100]);
        assert_eq!(run(now + Duration::from_secs(59)).await, Some(1));
        assert_eq!(run(now + Duration::from_secs(60)).await, Some(2));
    }

    #[tokio::test]
    async fn a_call_runs_to_its_end_though_its_first_caller_left() {
        let (calls, now) = (SingleFlight::new(), UnixTime::from_secs(0));
        let (open, gate) = tokio::sync::oneshot::channel::<()>();
        let work = || async move {
            let _ = gate.await;
            7
        };
        let first = calls.run([0; 32], move || now, work, MINUTE);
        assert!(futures_util::FutureExt::now_or_never(first).is_none(), "dropped while it waits");
        open.send(()).unwrap();
        assert_eq!(calls.run([0; 32], move || now, || async { 8 }, MINUTE).await, Some(7));
    }

    #[tokio::test]
    async fn the_outcome_of_slow_work_stands_from_when_it_came() {
        let (calls, seconds) = (SingleFlight::new(), Arc::new(AtomicUsize::new(0)));
        let clock = || {
            let seconds = Arc::clone(&seconds);
            move || UnixTime::from_secs(seconds.load(Ordering::SeqCst) as i64)
        };
        let slow = {
            let seconds = Arc::clone(&seconds);
            || async move {
                seconds.store(70, Ordering::SeqCst);
                1
            }
        };
        assert_eq!(calls.run([0; 32], clock(), slow, MINUTE).await, Some(1));
        assert_eq!(calls.run([0; 32], clock(), || async { 2 }, MINUTE).await, Some(1), "not done twice");
        seconds.store(130, Ordering::SeqCst);
        assert_eq!(calls.run([0; 32], clock(), || async { 2 }, MINUTE).await, Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn row_218_an_outcome_goes_when_it_is_not_wanted_and_when_its_time_has_passed() {
        let (calls, now) = (SingleFlight::new(), UnixTime::from_secs(0));
        for key in 0..3 {
            calls.run([key; 32], move || now, || async move { usize::from(key) }, MINUTE).await;
        }
        let kept = || calls.calls.lock().unwrap().len();
        calls.forget(|outcome| *outcome == 1);
        assert_eq!(kept(), 2);
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(kept(), 0, "nobody called again");
    }

    #[tokio::test]
    async fn after_a_panic_the_next_caller_starts_anew() {
        let (calls, now) = (SingleFlight::<usize>::new(), UnixTime::from_secs(0));
        let lost = calls.run([0; 32], move || now, || async { panic!("on purpose") }, MINUTE).await;
        assert_eq!(lost, None);
        assert_eq!(calls.run([0; 32], move || now, || async { 2 }, MINUTE).await, Some(2));
    }
}
