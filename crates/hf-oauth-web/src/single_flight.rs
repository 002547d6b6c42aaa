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
    /// or not. `keep` tells how long an outcome stands for further callers.
    ///
    /// `None` when the work panicked.
    pub(crate) async fn run<F>(
        &self,
        key: CallKey,
        now: UnixTime,
        work: impl FnOnce() -> F,
        keep: fn(&T) -> Duration,
    ) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut outcome = self.start_or_join(key, now, work, keep);
        let arrived = outcome.wait_for(Option::is_some).await;
        arrived.ok().and_then(|outcome| outcome.clone())
    }

    fn start_or_join<F>(
        &self,
        key: CallKey,
        now: UnixTime,
        work: impl FnOnce() -> F,
        keep: fn(&T) -> Duration,
    ) -> watch::Receiver<Option<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
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
        let (work, all) = (work(), Arc::clone(&self.calls));
        tokio::spawn(async move {
            let outcome = work.await;
            let mut calls = all.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(call) = calls.get_mut(&key) {
                call.until = Some(now + keep(&outcome));
            }
            let _ = sender.send(Some(outcome));
        });
        receiver
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
                now,
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
        let first = calls.run([0; 32], now, work, MINUTE);
        assert!(futures_util::FutureExt::now_or_never(first).is_none(), "dropped while it waits");
        open.send(()).unwrap();
        assert_eq!(calls.run([0; 32], now, || async { 8 }, MINUTE).await, Some(7));
    }

    #[tokio::test]
    async fn after_a_panic_the_next_caller_starts_anew() {
        let (calls, now) = (SingleFlight::<usize>::new(), UnixTime::from_secs(0));
        let lost = calls.run([0; 32], now, || async { panic!("on purpose") }, MINUTE).await;
        assert_eq!(lost, None);
        assert_eq!(calls.run([0; 32], now, || async { 2 }, MINUTE).await, Some(2));
    }
}
