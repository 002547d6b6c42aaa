use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, MutexGuard};

use crate::error::ProviderError;

/// One fetch at a time. Whoever comes while one is under way shares its failure too: a provider that keeps silent
/// costs a hundred logins one deadline, not a hundred deadlines one after another.
#[derive(Debug, Default)]
pub(super) struct Turns {
    last_failure: Mutex<Option<ProviderError>>,
    ended: AtomicU64,
}

/// The right to fetch; who drops it without [`end`](Turn::end) leaves the fetch to the next.
pub(super) struct Turn<'a> {
    last_failure: MutexGuard<'a, Option<ProviderError>>,
    ended: &'a AtomicU64,
}

impl Turns {
    /// Waits for the fetch that is under way.
    ///
    /// # Errors
    ///
    /// Its failure.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, ProviderError> {
        let ended_before = self.ended.load(Ordering::SeqCst);
        let last_failure = self.last_failure.lock().await;
        match &*last_failure {
            Some(error) if self.ended.load(Ordering::SeqCst) != ended_before => Err(error.clone()),
            _ => Ok(Turn { last_failure, ended: &self.ended }),
        }
    }
}

impl Turn<'_> {
    /// Tells those who wait.
    pub(super) fn end<T>(mut self, result: &Result<T, ProviderError>) {
        *self.last_failure = result.as_ref().err().cloned();
        self.ended.fetch_add(1, Ordering::SeqCst);
    }
}
