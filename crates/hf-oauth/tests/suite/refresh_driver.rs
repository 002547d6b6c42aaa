//! The one refresh driver over a durable back end with leases: what a store is to it. Instances die, sleep and meet.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hf_oauth::coordinator::{Backoff, Held, Outcome, RefreshPolicy};
use hf_oauth::refresh::*;
use hf_oauth::{Client, IdentityMismatch, RefreshError, Tokens, UnconfirmedTokens, UnixTime};
use hf_oauth_hub::{Clock, Endpoint, Fault, LocalHub};
use serde_json::json;

use crate::support::*;

const LIFE: i64 = 28_800;

#[derive(Default)]
struct Row {
    stored: Option<Stored<Tokens>>,
    version: u64,
    fence: Fence,
    leased_until: u64,
}

/// One instance's way to the row.
#[derive(Clone)]
struct Table {
    row: Arc<Mutex<Row>>,
    clock: Clock,
    read: u64,
}

#[derive(Debug)]
struct Never;

impl Backend for Table {
    type Record = Tokens;
    type Lease = Fence;
    type Error = Never;

    async fn acquire(&mut self, span: Duration) -> Result<Acquired<Self>, BackendError<Never>> {
        let lease = {
            let mut row = self.row.lock().unwrap();
            if self.clock.now() < row.leased_until {
                return Err(BackendError::Contended);
            }
            row.leased_until = self.clock.now() + span.as_secs();
            row.fence = row.fence.next();
            row.fence
        };
        Ok(Acquired { lease, current: self.read(None).await })
    }

    async fn read(&mut self, _: Option<&Fence>) -> Result<Option<Stored<Tokens>>, Never> {
        let row = self.row.lock().unwrap();
        self.read = row.version;
        Ok(row.stored.clone())
    }

    async fn write(&mut self, lease: &Fence, change: Change<'_, Tokens>) -> Result<(), BackendError<Never>> {
        let mut row = self.row.lock().unwrap();
        if row.fence != *lease || row.version != self.read {
            return Err(BackendError::Contended);
        }
        let stored = row.stored.as_mut().ok_or(BackendError::Contended)?;
        match change {
            Change::Unconfirmed(tokens) => stored.unconfirmed = Some(tokens.clone()),
            Change::Refreshed(tokens) => *stored = Stored::new(tokens.clone()),
        }
        row.version += 1;
        self.read = row.version;
        Ok(())
    }

    async fn renew(&mut self, lease: &mut Fence, span: Duration) -> Result<(), BackendError<Never>> {
        let mut row = self.row.lock().unwrap();
        if row.fence != *lease {
            return Err(BackendError::Contended);
        }
        row.leased_until = self.clock.now() + span.as_secs();
        Ok(())
    }

    async fn failed(&mut self, lease: &Fence, _: &Tokens, failure: Failure<'_>) {
        let mut row = self.row.lock().unwrap();
        if failure.error.ends_session() && row.fence == *lease {
            row.stored = None;
            row.version += 1;
        }
    }

    async fn release(&mut self, lease: Fence) {
        let mut row = self.row.lock().unwrap();
        if row.fence == lease {
            row.leased_until = 0;
        }
    }

    async fn wait(&mut self, _: Duration) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

struct Instance {
    client: Client,
    subject: String,
}

impl Exchange for Instance {
    type Record = Tokens;

    fn held(&self, tokens: &Tokens) -> Held {
        Held::of(tokens)
    }

    async fn send(&self, tokens: &Tokens) -> Result<Sent<Tokens>, RefreshError> {
        Ok(Sent::Unconfirmed(self.client.send_refresh(&self.subject, tokens.clone()).await?))
    }

    async fn confirm(&self, _: &Tokens, unconfirmed: &UnconfirmedTokens) -> Result<Tokens, RefreshError> {
        Ok(self.client.confirm_refresh(unconfirmed).await?.tokens)
    }

    fn now(&self) -> UnixTime {
        self.client.now()
    }
}

struct World {
    hub: LocalHub,
    subject: String,
    first: Tokens,
    table: Table,
}

impl World {
    /// Somebody is signed in, and their access token has ended.
    async fn ended() -> Self {
        let hub = hub().await;
        let (subject, first) = tokens(&client(&hub), &hub).await;
        hub.clock().advance(LIFE);
        hub.clear_journal();
        let row = Row { stored: Some(Stored::new(first.clone())), ..Row::default() };
        let table = Table { row: Arc::new(Mutex::new(row)), clock: hub.clock().clone(), read: 0 };
        Self { hub, subject, first, table }
    }

    /// An instance that was started a moment ago asks for a token.
    fn ask(&self) -> impl Future<Output = Driven<Tokens, Never>> + Send + 'static {
        let instance = Instance { client: client(&self.hub), subject: self.subject.clone() };
        let (mut table, first) = (self.table.clone(), self.first.clone());
        async move {
            let policy = RefreshPolicy::default();
            drive(&mut table, &instance, policy, first, Backoff::none()).await
        }
    }

    fn stored(&self) -> Option<Stored<Tokens>> {
        self.table.row.lock().unwrap().stored.clone()
    }

    async fn until_unconfirmed(&self) {
        while self.stored().unwrap().unconfirmed.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn row_180_a_death_while_keys_or_userinfo_are_awaited_loses_nothing() {
    for awaited in [Endpoint::Jwks, Endpoint::Userinfo] {
        let world = World::ended().await;
        world.hub.fault(Fault::latency(Duration::from_secs(60)).on(awaited).times(1));
        let dies = tokio::spawn(world.ask());
        world.until_unconfirmed().await;
        dies.abort();
        assert!(dies.await.unwrap_err().is_cancelled());
        assert_eq!(world.stored().unwrap().record, world.first, "nothing that may be used came of it");
        // Its lease ends by itself.
        world.hub.clock().advance(61);
        world.hub.clear_faults();
        let next = world.ask().await;
        assert_eq!(next.outcome, Outcome::Refreshed { saved: true });
        assert_eq!(asked(&world.hub, TOKEN), 1, "the refresh token is not sent again");
        let Stored { record, unconfirmed } = world.stored().unwrap();
        assert!(unconfirmed.is_none() && record == next.record && record != world.first);
        let user = client(&world.hub).userinfo(&record.access_token).await.unwrap();
        assert_eq!(user.sub, world.subject);
    }
}

#[tokio::test]
async fn row_180_what_is_unconfirmed_is_served_to_nobody() {
    let world = World::ended().await;
    world.hub.fault(Fault::latency(Duration::from_millis(600)).on(Endpoint::Jwks).times(1));
    let first = tokio::spawn(world.ask());
    world.until_unconfirmed().await;
    let second = tokio::spawn(world.ask());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!second.is_finished(), "it waits for whoever confirms");
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!(first.outcome, Outcome::Refreshed { saved: true });
    assert_eq!((second.outcome, second.record), (Outcome::Adopt, first.record));
    assert_eq!(asked(&world.hub, TOKEN), 1);
}

#[tokio::test]
async fn row_166_an_answer_about_somebody_else_ends_the_session_and_drops_its_tokens() {
    for (fault, confirms) in [
        (Fault::claims(json!({ "sub": "somebody-else" })), false),
        (Fault::json(json!({ "sub": "somebody-else" })).on(Endpoint::Userinfo), true),
        (Fault::bad_signature(), true),
    ] {
        let world = World::ended().await;
        world.hub.fault(fault.times(1));
        let driven = world.ask().await;
        assert_eq!(driven.outcome, Outcome::SignInAgain);
        let error = driven.error.unwrap();
        assert!(error.ends_session(), "{error:?}");
        let is_mismatch = matches!(
            error,
            RefreshError::IdentityMismatch(IdentityMismatch::IdToken(_) | IdentityMismatch::Userinfo)
        );
        assert!(is_mismatch || matches!(error, RefreshError::IdToken(_)), "{error:?}");
        assert!(world.stored().is_none(), "confirms: {confirms}");
        assert_eq!(world.ask().await.outcome, Outcome::SignInAgain);
        assert_eq!(asked(&world.hub, TOKEN), 1, "nothing is retried");
    }
}

#[tokio::test]
async fn row_103_many_instances_send_one_refresh() {
    let world = World::ended().await;
    let all: Vec<_> = (0..20).map(|_| tokio::spawn(world.ask())).collect();
    for one in all {
        let one = one.await.unwrap();
        assert!(
            matches!(one.outcome, Outcome::Refreshed { saved: true } | Outcome::Adopt),
            "{:?}",
            one.outcome
        );
        assert_eq!(one.record, world.stored().unwrap().record);
    }
    assert_eq!(asked(&world.hub, TOKEN), 1);
}

#[tokio::test]
async fn row_104_a_holder_that_slept_through_its_lease_writes_over_nobody() {
    let world = World::ended().await;
    world.hub.fault(Fault::latency(Duration::from_millis(400)).on(Endpoint::Jwks).times(1));
    let sleeper = tokio::spawn(world.ask());
    world.until_unconfirmed().await;
    world.hub.clock().advance(61);
    let other = world.ask().await;
    assert_eq!(other.outcome, Outcome::Refreshed { saved: true });
    let fence = world.table.row.lock().unwrap().fence;
    // It confirmed the same tokens: what it has is good, and what is stored is the other's.
    let slept = sleeper.await.unwrap();
    assert_eq!(slept.record.access_token, other.record.access_token);
    let row = world.table.row.lock().unwrap();
    assert_eq!((row.fence, row.stored.as_ref().map(|stored| &stored.record)), (fence, Some(&other.record)));
}

#[tokio::test]
async fn a_sign_out_while_the_answer_is_confirmed_stands() {
    let world = World::ended().await;
    world.hub.fault(Fault::latency(Duration::from_millis(300)).on(Endpoint::Jwks).times(1));
    let refreshing = tokio::spawn(world.ask());
    world.until_unconfirmed().await;
    *world.table.row.lock().unwrap() = Row { version: 100, ..Row::default() };
    assert_eq!(refreshing.await.unwrap().outcome, Outcome::SignInAgain);
    assert!(world.stored().is_none());
}
