use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hf_oauth_core::UnixTime;

use super::{LeaseHolder, SessionStore, StoreFuture, StoreKey, StoredRecord};

/// Sessions in this process's memory: they end with it, and other instances do not see them. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Rows>>);

#[derive(Debug, Default)]
struct Rows {
    records: BTreeMap<StoreKey, (StoredRecord, UnixTime)>,
    leases: BTreeMap<StoreKey, (LeaseHolder, UnixTime)>,
    /// When what has ended was last taken out.
    swept_at: Option<UnixTime>,
}

const SWEEP_EVERY: Duration = Duration::from_secs(60);

impl MemoryStore {
    /// No sessions yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many records there are, ended ones that were not swept yet included.
    pub fn len(&self) -> usize {
        self.rows().records.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A panic elsewhere leaves every row whole: each change is one insertion or removal.
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn record(&self, key: &StoreKey, now: UnixTime) -> Option<&StoredRecord> {
        self.records.get(key).filter(|(_, ends_at)| now < *ends_at).map(|(record, _)| record)
    }

    fn sweep(&mut self, now: UnixTime) {
        if self.swept_at.is_none_or(|at| at.until(now) >= SWEEP_EVERY) {
            self.swept_at = Some(now);
            self.records.retain(|_, (_, ends_at)| now < *ends_at);
            self.leases.retain(|_, (_, until)| now < *until);
        }
    }
}

fn done<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl SessionStore for MemoryStore {
    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixTime) -> StoreFuture<'a, Option<StoredRecord>> {
        done(self.rows().record(key, now).cloned())
    }

    fn insert<'a>(
        &'a self,
        key: &'a StoreKey,
        sealed: Vec<u8>,
        ends_at: UnixTime,
        now: UnixTime,
    ) -> StoreFuture<'a, ()> {
        let mut rows = self.rows();
        rows.sweep(now);
        rows.records.insert(*key, (StoredRecord::new(sealed, 1), ends_at));
        done(())
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        version: u64,
        sealed: Vec<u8>,
        ends_at: UnixTime,
        now: UnixTime,
    ) -> StoreFuture<'a, bool> {
        let mut rows = self.rows();
        let fits = rows.record(key, now).is_some_and(|record| record.version == version);
        if fits {
            rows.records.insert(*key, (StoredRecord::new(sealed, version + 1), ends_at));
        }
        done(fits)
    }

    fn delete<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, ()> {
        self.rows().records.remove(key);
        done(())
    }

    fn acquire_lease<'a>(
        &'a self,
        key: &'a StoreKey,
        holder: &'a LeaseHolder,
        lease: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, bool> {
        let mut rows = self.rows();
        let is_free = rows.leases.get(key).is_none_or(|(_, until)| now >= *until);
        if is_free {
            rows.leases.insert(*key, (*holder, now + lease));
        }
        done(is_free)
    }

    fn release_lease<'a>(&'a self, key: &'a StoreKey, holder: &'a LeaseHolder) -> StoreFuture<'a, ()> {
        let mut rows = self.rows();
        if rows.leases.get(key).is_some_and(|(of, _)| of == holder) {
            rows.leases.remove(key);
        }
        done(())
    }
}
