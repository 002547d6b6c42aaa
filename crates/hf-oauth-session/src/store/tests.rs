use std::cell::Cell;
use std::sync::Arc;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use hf_oauth_core::coordinator::suite::{Backend, Scenario};
use hf_oauth_core::coordinator::{Event, Held};
use hf_oauth_core::{Hub, OAuthUserInfo, Scopes, Secret, Tokens};

use super::*;
use crate::browser::Browser;
use crate::cookie::{CookieHeaders, CookiePolicy};
use crate::keyring::Keyring;
use crate::session::Session;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const KEY: &str = "first-key-0123456789abcdefghijklmnop";

/// The memory store never waits, so its futures are ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let Poll::Ready(value) = std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a memory store waited");
    };
    value
}

fn sessions(store: &Arc<impl SessionStore + 'static>, client_id: &str, keys: &[&str]) -> StoredSessions {
    let keyring = Keyring::new(keys.iter().copied()).unwrap();
    StoredSessions::new(store.clone(), keyring, CookiePolicy::https(), client_id, Hub::huggingface().issuer())
}

fn session(subject: &str) -> Session {
    let access = Secret::new("canary-access");
    let tokens = Tokens::new(
        access,
        Some("canary-refresh".into()),
        NOW + Duration::from_secs(3_600),
        Scopes::default(),
    );
    Session::dangerously_unverified(OAuthUserInfo::new(subject), tokens, NOW)
}

fn sign_in(sessions: &StoredSessions, browser: &mut Browser, subject: &str) {
    let lines = browser.with(|cookies| ready(sessions.begin(&session(subject), cookies, NOW)).unwrap());
    browser.apply(&lines);
}

fn subject(sessions: &StoredSessions, browser: &Browser) -> Option<String> {
    let found = browser.with(|cookies| ready(sessions.read(cookies, NOW)).unwrap());
    found.session.map(|found| found.session.subject().to_owned())
}

#[test]
fn the_memory_store_passes_the_suite() {
    struct Simulated(Cell<i64>);
    impl conformance::Clock for Simulated {
        fn now(&self) -> UnixTime {
            UnixTime::from_secs(self.0.get())
        }
        async fn pass(&self, span: Duration) {
            self.0.set(self.0.get() + i64::try_from(span.as_secs()).unwrap());
        }
    }
    ready(conformance::run(&MemoryStore::new(), &Simulated(Cell::new(NOW.as_secs()))));
}

#[test]
fn ended_records_are_swept() {
    let store = MemoryStore::new();
    let key = SessionId::random().unwrap().store_key("app");
    ready(store.insert(&key, Vec::new(), NOW + Duration::from_secs(1), NOW)).unwrap();
    let other = SessionId::random().unwrap().store_key("app");
    let later = NOW + Duration::from_secs(61);
    ready(store.insert(&other, Vec::new(), later + Duration::from_secs(1), later)).unwrap();
    assert_eq!(store.len(), 1);
}

#[test]
fn row_073_signing_in_gives_a_new_id_and_the_old_one_is_dead() {
    let store = Arc::new(MemoryStore::new());
    let sessions = sessions(&store, "app", &[KEY]);
    let mut browser = Browser::default();
    sign_in(&sessions, &mut browser, "mallory");
    let planted = browser.clone();
    sign_in(&sessions, &mut browser, "ada");
    assert_ne!(planted.header(), browser.header());
    assert_eq!(subject(&sessions, &planted), None);
    assert_eq!(subject(&sessions, &browser).as_deref(), Some("ada"));
    assert_eq!(store.len(), 1);
}

#[test]
fn row_086_signing_out_deletes_the_record_and_other_sessions_survive() {
    let store = Arc::new(MemoryStore::new());
    let sessions = sessions(&store, "app", &[KEY]);
    let (mut phone, mut desk) = (Browser::default(), Browser::default());
    sign_in(&sessions, &mut phone, "ada");
    sign_in(&sessions, &mut desk, "ada");
    let copied = phone.clone();
    phone.apply(&phone.clone().with(|cookies| ready(sessions.clear(cookies)).unwrap()));
    assert_eq!(phone, Browser::default());
    assert_eq!(subject(&sessions, &copied), None, "a copied cookie is worth nothing");
    assert_eq!(subject(&sessions, &desk).as_deref(), Some("ada"));
}

#[test]
fn row_102_garbage_is_nobody_and_deleted_and_a_newer_version_is_nobody_and_kept() {
    let store = Arc::new(MemoryStore::new());
    let sessions = sessions(&store, "app", &[KEY]);
    let end = NOW + Duration::from_secs(60);
    for (format, is_kept) in
        [(None, true), (Some(crate::seal::FORMAT), false), (Some(9), false), (Some(0), false)]
    {
        let mut browser = Browser::default();
        sign_in(&sessions, &mut browser, "ada");
        let key = browser.with(|cookies| ready(sessions.read(cookies, NOW)).unwrap()).session.unwrap().key;
        let mut sealed = ready(store.load(&key, NOW)).unwrap().unwrap().sealed;
        match format {
            None => sealed = sessions.seal_as_newer(&key, end),
            Some(format) => {
                sealed[0] = format;
                sealed[40] ^= 1;
            }
        }
        ready(store.insert(&key, sealed, end, NOW)).unwrap();
        let found = browser.with(|cookies| ready(sessions.read(cookies, NOW)).unwrap());
        assert!(found.session.is_none());
        assert_eq!(found.stale.is_empty(), is_kept);
        assert_eq!(ready(store.load(&key, NOW)).unwrap().is_some(), is_kept);
    }
}

#[test]
fn row_080_a_record_of_an_older_key_opens_and_asks_to_be_resealed() {
    let store = Arc::new(MemoryStore::new());
    let mut browser = Browser::default();
    sign_in(&sessions(&store, "app", &[KEY]), &mut browser, "ada");
    let rotated = sessions(&store, "app", &["other-key-0123456789abcdefghijklmnop", KEY]);
    let read = || browser.with(|cookies| ready(rotated.read(cookies, NOW)).unwrap()).session.unwrap();
    let found = read();
    assert!(found.reseal);
    assert!(ready(rotated.replace(&found, &found.session, NOW)).unwrap());
    assert!(!read().reseal);
    assert!(!ready(rotated.replace(&found, &found.session, NOW)).unwrap(), "an old read writes nothing");
}

#[test]
fn row_173_ids_beyond_what_is_tried_are_kept() {
    let store = Arc::new(MemoryStore::new());
    let sessions = sessions(&store, "app", &[KEY]);
    let mut browser = Browser::default();
    sign_in(&sessions, &mut browser, "ada");
    for (count, is_deleted) in [(4, true), (5, false)] {
        let junk = (0..count)
            .map(|_| format!("__Host-hf_oauth={}; ", SessionId::random().unwrap().to_cookie_value()))
            .collect::<String>();
        let own = if is_deleted { String::new() } else { browser.header() };
        let junk = junk + &own;
        let found = ready(sessions.read(&CookieHeaders::new([junk.as_bytes()]), NOW)).unwrap();
        assert_eq!((found.session.is_some(), found.stale.is_empty()), (false, !is_deleted), "{count}");
    }
}

/// Counts what reaches it, and shows what it was given.
#[derive(Debug, Default)]
struct Watched {
    inner: MemoryStore,
    seen: Mutex<Vec<u8>>,
    calls: Mutex<usize>,
    is_down: bool,
}

impl Watched {
    fn see(&self, bytes: &[&[u8]]) -> Result<(), StoreError> {
        *self.calls.lock().unwrap() += 1;
        bytes.iter().for_each(|bytes| self.seen.lock().unwrap().extend_from_slice(bytes));
        if self.is_down { Err(StoreError::new("reading", "connection refused")) } else { Ok(()) }
    }
}

impl SessionStore for Watched {
    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixTime) -> StoreFuture<'a, Option<StoredRecord>> {
        match self.see(&[key.as_bytes(), key.to_string().as_bytes()]) {
            Ok(()) => self.inner.load(key, now),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
    fn insert<'a>(
        &'a self,
        key: &'a StoreKey,
        sealed: Vec<u8>,
        ends_at: UnixTime,
        now: UnixTime,
    ) -> StoreFuture<'a, ()> {
        self.see(&[key.as_bytes(), &sealed]).unwrap();
        self.inner.insert(key, sealed, ends_at, now)
    }
    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        version: u64,
        sealed: Vec<u8>,
        ends_at: UnixTime,
        now: UnixTime,
    ) -> StoreFuture<'a, bool> {
        self.see(&[key.as_bytes(), &sealed]).unwrap();
        self.inner.replace(key, version, sealed, ends_at, now)
    }
    fn delete<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, ()> {
        match self.see(&[key.as_bytes()]) {
            Ok(()) => self.inner.delete(key),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
    fn acquire_lease<'a>(
        &'a self,
        key: &'a StoreKey,
        holder: &'a LeaseHolder,
        lease: Duration,
        now: UnixTime,
    ) -> StoreFuture<'a, bool> {
        self.inner.acquire_lease(key, holder, lease, now)
    }
    fn release_lease<'a>(&'a self, key: &'a StoreKey, holder: &'a LeaseHolder) -> StoreFuture<'a, ()> {
        self.inner.release_lease(key, holder)
    }
}

#[test]
fn row_110_a_dump_of_the_store_gives_neither_a_cookie_nor_a_token() {
    let store = Arc::new(Watched::default());
    let sessions = sessions(&store, "app", &[KEY]);
    let mut browser = Browser::default();
    sign_in(&sessions, &mut browser, "canary-subject");
    assert!(subject(&sessions, &browser).is_some());
    let header = browser.header();
    let value = header.split_once('=').unwrap().1;
    let id = SessionId::parse(value).unwrap();
    let raw = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &value[1..]).unwrap();
    let seen = store.seen.lock().unwrap().clone();
    // Nothing short, and nothing that hexadecimal keys may spell by chance.
    for secret in [value.as_bytes(), &raw, b"canary"] {
        assert!(!seen.windows(secret.len()).any(|window| window == secret));
    }
    assert!(!format!("{id:?}{sessions:?}").contains(&value[1..]));
    // What the dump has, under a key of one's own choice, opens nothing.
    let key = id.store_key("app");
    let record = ready(store.inner.load(&key, NOW)).unwrap().unwrap();
    let mine = SessionId::random().unwrap();
    ready(store.inner.insert(&mine.store_key("app"), record.sealed, NOW + Duration::from_secs(60), NOW))
        .unwrap();
    let mut thief = Browser::default();
    thief.0.insert(("__Host-hf_oauth".to_owned(), false), mine.to_cookie_value());
    assert_eq!(subject(&sessions, &thief), None);
}

#[test]
fn row_111_a_hostile_id_never_reaches_the_store() {
    let store = Arc::new(Watched::default());
    let sessions = sessions(&store, "app", &[KEY]);
    let id = SessionId::random().unwrap().to_cookie_value();
    let long = "s".repeat(1 << 20);
    let not_canonical = format!("{}_", &id[..43]);
    for hostile in [
        "",
        "*",
        "s*",
        "s\0",
        "s\n",
        &id[..43],
        &id[1..],
        &format!("{id}A"),
        &format!("{id}\n"),
        &id.replacen('s', "S", 1),
        &long,
    ] {
        assert_eq!(SessionId::parse(hostile), None, "{:.60}", hostile);
        let header = format!("__Host-hf_oauth={hostile}");
        let cookies = CookieHeaders::new([header.as_bytes()]);
        let found = ready(sessions.read(&cookies, NOW)).unwrap();
        assert!(found.session.is_none());
    }
    // 43 characters hold 258 bits: of the last one, two must be zero.
    assert!(SessionId::parse(&not_canonical).is_none());
    assert_eq!(*store.calls.lock().unwrap(), 0);
    assert!(ready(sessions.read(&CookieHeaders::none(), NOW)).unwrap().session.is_none());
    assert_eq!(*store.calls.lock().unwrap(), 0, "an anonymous request asks nothing");
}

#[test]
fn row_111_another_app_in_the_same_store_has_other_keys_and_other_seals() {
    let store = Arc::new(MemoryStore::new());
    let (one, two) = (sessions(&store, "one", &[KEY]), sessions(&store, "two", &[KEY]));
    let mut browser = Browser::default();
    sign_in(&one, &mut browser, "ada");
    assert_eq!(subject(&two, &browser), None);
    assert_eq!(subject(&one, &browser).as_deref(), Some("ada"), "nor did the other app delete it");
}

#[test]
fn a_store_that_is_down_is_an_error_and_signs_nobody_out() {
    let store = Arc::new(Watched { is_down: true, ..Watched::default() });
    let sessions = sessions(&store, "app", &[KEY]);
    let header = format!("__Host-hf_oauth={}", SessionId::random().unwrap().to_cookie_value());
    let cookies = CookieHeaders::new([header.as_bytes()]);
    let error = ready(sessions.read(&cookies, NOW)).unwrap_err();
    assert!(error.to_string().contains("Nobody was signed out"), "{error}");
    assert!(ready(sessions.clear(&cookies)).is_err(), "a logout that did nothing does not look like one");
}

/// A store's session as the coordinator's suite drives it.
struct Leased {
    sessions: StoredSessions,
    key: StoreKey,
    read: Vec<(usize, StoredSession)>,
    holders: Vec<(usize, LeaseHolder)>,
    store: Arc<MemoryStore>,
    texts: Vec<(Held, String)>,
}

impl Leased {
    fn new(held: Held) -> Self {
        let store = Arc::new(MemoryStore::new());
        let sessions = sessions(&store, "app", &[KEY]);
        let mut browser = Browser::default();
        let mut leased = Self {
            sessions,
            key: SessionId::random().unwrap().store_key("app"),
            read: Vec::new(),
            holders: Vec::new(),
            store,
            texts: Vec::new(),
        };
        let first = leased.session(held);
        browser.apply(&ready(leased.sessions.begin(&first, &CookieHeaders::none(), NOW)).unwrap());
        let found = browser.with(|cookies| ready(leased.sessions.read(cookies, NOW)).unwrap());
        leased.key = found.session.unwrap().key;
        leased
    }

    /// The suite knows fingerprints alone: each stands for a text of ours.
    fn session(&mut self, held: Held) -> Session {
        let text = format!("refresh-{}", self.texts.len());
        self.texts.push((held, text.clone()));
        let tokens =
            Tokens::new("access".into(), Some(text.as_str().into()), held.expires_at, Scopes::default());
        Session::dangerously_unverified(OAuthUserInfo::new("ada"), tokens, NOW)
    }
}

impl Backend for Leased {
    fn acquire(&mut self, actor: usize, lease: Duration, now: UnixTime) -> Event {
        let holder = LeaseHolder::random().unwrap();
        self.holders.retain(|(of, _)| *of != actor);
        self.holders.push((actor, holder));
        match ready(self.sessions.acquire_lease(&self.key, &holder, lease, now)).unwrap() {
            true => Event::LeaseAcquired,
            false => Event::LeaseBusy,
        }
    }

    fn read(&mut self, actor: usize, now: UnixTime) -> Event {
        let found = ready(self.sessions.reload(self.key, now)).unwrap();
        self.read.retain(|(of, _)| *of != actor);
        Event::Current(found.map(|found| {
            let text = found.session.tokens().refresh_token.clone().unwrap();
            self.read.push((actor, found));
            self.texts.iter().find(|(_, known)| known == text.expose()).unwrap().0
        }))
    }

    fn write(&mut self, actor: usize, new: Held, now: UnixTime) -> Event {
        let session = self.session(new);
        let read = &self.read.iter().find(|(of, _)| *of == actor).unwrap().1;
        match ready(self.sessions.replace(read, &session, now)).unwrap() {
            true => Event::Written,
            false => Event::Conflict,
        }
    }

    fn release(&mut self, actor: usize, _now: UnixTime) {
        let holder = self.holders.iter().find(|(of, _)| *of == actor).unwrap().1;
        ready(self.sessions.release_lease(&self.key, &holder)).unwrap();
    }

    fn sign_out(&mut self, _now: UnixTime) {
        ready(self.store.delete(&self.key)).unwrap();
    }
}

#[test]
fn row_104_row_105_the_lease_passes_the_coordinator_suite() {
    for scenario in Scenario::all().into_iter().filter(|scenario| scenario.actors == 2) {
        let report = scenario.run(Leased::new);
        assert!(report.schedules > 100, "{report:?}");
    }
}
