//! The suite that every [`SessionStore`] passes. It needs no runtime: run its futures in the store's own.
//!
//! ```
//! # use std::{future::Future, pin::pin, sync::atomic::{AtomicI64, Ordering}, task::{Context, Poll, Waker}, time::Duration};
//! use hf_oauth_core::UnixTime;
//! use hf_oauth_session::conformance::{self, Clock};
//! use hf_oauth_session::MemoryStore;
//!
//! struct Simulated(AtomicI64);
//!
//! impl Clock for Simulated {
//!     fn now(&self) -> UnixTime {
//!         UnixTime::from_secs(self.0.load(Ordering::Relaxed))
//!     }
//!     async fn pass(&self, span: Duration) {
//!         self.0.fetch_add(span.as_secs() as i64, Ordering::Relaxed);
//!     }
//! }
//!
//! # fn block_on<T>(future: impl Future<Output = T>) -> T {
//! #     let Poll::Ready(value) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
//! #     value
//! # }
//! block_on(conformance::run(&MemoryStore::new(), &Simulated(AtomicI64::new(1_800_000_000))));
//! ```

use std::future::Future;
use std::time::Duration;

use hf_oauth_core::UnixTime;

use super::{LeaseHolder, SessionId, SessionStore, StoreError, StoreKey};

/// The time that the store goes by: simulated, or the real one, asleep.
pub trait Clock {
    /// What is handed to the store as `now`.
    fn now(&self) -> UnixTime;
    /// Lets so much time pass, whole seconds.
    fn pass(&self, span: Duration) -> impl Future<Output = ()>;
}

/// Runs every rule; takes about ten seconds of the store's time. Records of other keys are left alone.
///
/// # Panics
///
/// When a rule is broken, with its name.
pub async fn run(store: &dyn SessionStore, clock: &impl Clock) {
    let rules = async {
        what_is_inserted_is_loaded(store, clock).await?;
        keys_are_apart(store, clock).await?;
        a_record_ends(store, clock).await?;
        a_write_compares(store, clock).await?;
        a_deleted_record_is_not_made_anew(store, clock).await?;
        any_bytes_are_kept(store, clock).await?;
        a_lease_excludes_and_ends(store, clock).await?;
        only_the_holder_gives_a_lease_back(store, clock).await?;
        a_lease_needs_no_record_and_leaves_it_alone(store, clock).await
    };
    let outcome: Result<(), StoreError> = rules.await;
    if let Err(error) = outcome {
        panic!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string));
    }
}

async fn what_is_inserted_is_loaded(store: &dyn SessionStore, clock: &impl Clock) -> Result<(), StoreError> {
    let key = key();
    assert_eq!(store.load(&key, clock.now()).await?, None, "nothing is there before");
    store.insert(&key, b"sealed".to_vec(), in_an_hour(clock), clock.now()).await?;
    for _ in 0..2 {
        let found = store.load(&key, clock.now()).await?;
        assert_eq!(
            found.map(|record| (record.sealed, record.version)),
            Some((b"sealed".to_vec(), 1)),
            "loading changes nothing"
        );
    }
    Ok(())
}

async fn keys_are_apart(store: &dyn SessionStore, clock: &impl Clock) -> Result<(), StoreError> {
    let (one, two) = (key(), key());
    store.insert(&one, b"one".to_vec(), in_an_hour(clock), clock.now()).await?;
    store.insert(&two, b"two".to_vec(), in_an_hour(clock), clock.now()).await?;
    store.delete(&one).await?;
    store.delete(&one).await?;
    assert_eq!(store.load(&one, clock.now()).await?, None, "deleted");
    assert!(store.load(&two, clock.now()).await?.is_some(), "the other session survives");
    Ok(())
}

async fn a_record_ends(store: &dyn SessionStore, clock: &impl Clock) -> Result<(), StoreError> {
    let (short, longer) = (key(), key());
    let end = clock.now() + Duration::from_secs(2);
    store.insert(&short, b"short".to_vec(), end, clock.now()).await?;
    store.insert(&longer, b"longer".to_vec(), end, clock.now()).await?;
    assert!(store.replace(&longer, 1, b"longer".to_vec(), in_an_hour(clock), clock.now()).await?);
    clock.pass(Duration::from_secs(3)).await;
    assert_eq!(store.load(&short, clock.now()).await?, None, "it has ended");
    let again = store.replace(&short, 1, b"again".to_vec(), in_an_hour(clock), clock.now()).await?;
    assert!(!again, "what has ended is not prolonged");
    assert!(store.load(&longer, clock.now()).await?.is_some(), "a write sets the end anew");
    Ok(())
}

async fn a_write_compares(store: &dyn SessionStore, clock: &impl Clock) -> Result<(), StoreError> {
    let key = key();
    let (end, now) = (in_an_hour(clock), clock.now());
    store.insert(&key, b"1".to_vec(), end, now).await?;
    assert!(store.replace(&key, 1, b"2".to_vec(), end, now).await?, "the first writer wins");
    assert!(!store.replace(&key, 1, b"x".to_vec(), end, now).await?, "the second one lost");
    assert!(!store.replace(&key, 3, b"x".to_vec(), end, now).await?, "nor may it guess ahead");
    let record = store.load(&key, now).await?;
    let Some(record) = record else { panic!("the record is gone after a lost write") };
    assert_eq!(record.sealed, b"2", "a lost write changes nothing");
    assert!(record.version > 1, "every write counts");
    assert!(store.replace(&key, record.version, b"3".to_vec(), end, now).await?);
    Ok(())
}

async fn a_deleted_record_is_not_made_anew(
    store: &dyn SessionStore,
    clock: &impl Clock,
) -> Result<(), StoreError> {
    let key = key();
    let (end, now) = (in_an_hour(clock), clock.now());
    store.insert(&key, b"1".to_vec(), end, now).await?;
    store.delete(&key).await?;
    assert!(!store.replace(&key, 1, b"2".to_vec(), end, now).await?, "a refresh must not undo a logout");
    assert_eq!(store.load(&key, now).await?, None);
    Ok(())
}

async fn any_bytes_are_kept(store: &dyn SessionStore, clock: &impl Clock) -> Result<(), StoreError> {
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for bytes in [Vec::new(), vec![0], all] {
        let key = key();
        store.insert(&key, bytes.clone(), in_an_hour(clock), clock.now()).await?;
        let found = store.load(&key, clock.now()).await?;
        assert_eq!(found.map(|record| record.sealed), Some(bytes), "bytes come back as they were");
    }
    Ok(())
}

async fn a_lease_excludes_and_ends(store: &dyn SessionStore, clock: &impl Clock) -> Result<(), StoreError> {
    let (key, other_key) = (key(), key());
    let (one, two) = (holder(), holder());
    let lease = Duration::from_secs(2);
    assert!(store.acquire_lease(&key, &one, lease, clock.now()).await?);
    assert!(!store.acquire_lease(&key, &two, lease, clock.now()).await?, "it is taken");
    assert!(!store.acquire_lease(&key, &one, lease, clock.now()).await?, "by its holder too");
    assert!(store.acquire_lease(&other_key, &two, lease, clock.now()).await?, "another session is free");
    clock.pass(Duration::from_secs(3)).await;
    assert!(store.acquire_lease(&key, &two, lease, clock.now()).await?, "its holder died, it has ended");
    store.release_lease(&key, &two).await?;
    Ok(())
}

async fn only_the_holder_gives_a_lease_back(
    store: &dyn SessionStore,
    clock: &impl Clock,
) -> Result<(), StoreError> {
    let key = key();
    let (one, two) = (holder(), holder());
    let lease = Duration::from_secs(2);
    store.release_lease(&key, &one).await?;
    assert!(store.acquire_lease(&key, &one, lease, clock.now()).await?);
    store.release_lease(&key, &two).await?;
    assert!(!store.acquire_lease(&key, &two, lease, clock.now()).await?, "a stranger gave it back");
    clock.pass(Duration::from_secs(3)).await;
    assert!(store.acquire_lease(&key, &two, lease, clock.now()).await?);
    store.release_lease(&key, &one).await?;
    assert!(!store.acquire_lease(&key, &one, lease, clock.now()).await?, "a late holder gave back another's");
    store.release_lease(&key, &two).await?;
    assert!(store.acquire_lease(&key, &one, lease, clock.now()).await?, "given back is free");
    store.release_lease(&key, &one).await?;
    Ok(())
}

async fn a_lease_needs_no_record_and_leaves_it_alone(
    store: &dyn SessionStore,
    clock: &impl Clock,
) -> Result<(), StoreError> {
    let key = key();
    let one = holder();
    store.insert(&key, b"1".to_vec(), in_an_hour(clock), clock.now()).await?;
    assert!(store.acquire_lease(&key, &one, Duration::from_secs(2), clock.now()).await?);
    assert!(store.replace(&key, 1, b"2".to_vec(), in_an_hour(clock), clock.now()).await?);
    store.release_lease(&key, &one).await?;
    let found = store.load(&key, clock.now()).await?;
    assert_eq!(found.map(|record| record.sealed), Some(b"2".to_vec()));
    store.delete(&key).await?;
    Ok(())
}

fn in_an_hour(clock: &impl Clock) -> UnixTime {
    clock.now() + Duration::from_secs(3_600)
}

fn key() -> StoreKey {
    match SessionId::random() {
        Ok(id) => id.store_key("conformance"),
        Err(error) => panic!("{error}"),
    }
}

fn holder() -> LeaseHolder {
    match LeaseHolder::random() {
        Ok(holder) => holder,
        Err(error) => panic!("{error}"),
    }
}
