use std::sync::Arc;
use std::time::Duration;

use hf_oauth_core::{Issuer, UnixTime};

use super::{LeaseHolder, SessionId, SessionStore, StoreError, StoreKey};
use crate::cookie::{CookieHeaders, CookiePolicy, SetCookie};
use crate::error::NoEntropy;
use crate::keyring::Keyring;
use crate::seal::{Binding, Opened};
use crate::session::{Detail, Session, decode, encode};

/// Reads and writes sessions in a [`SessionStore`]; the cookie holds an id and nothing else. Clone it, share it.
///
/// ```
/// # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Waker}, time::Duration};
/// # fn ready<T>(future: impl Future<Output = T>) -> T {
/// #     let Poll::Ready(value) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
/// #     value
/// # }
/// # ready(async {
/// # use hf_oauth_core::{Hub, OAuthUserInfo, Scopes, Tokens, UnixTime};
/// use hf_oauth_session::{CookieHeaders, CookiePolicy, Keyring, MemoryStore, Session, StoredSessions};
///
/// # let now = UnixTime::from_secs(1_800_000_000);
/// # let tokens = Tokens::new("access".into(), None, now + Duration::from_secs(3600), Scopes::default());
/// # let session = Session::dangerously_unverified(OAuthUserInfo::new("ada"), tokens, now);
/// let store = Arc::new(MemoryStore::new());
/// let sessions =
///     StoredSessions::new(store, Keyring::random()?, CookiePolicy::https(), "my-app", Hub::huggingface().issuer());
/// let set_cookies = sessions.begin(&session, &CookieHeaders::none(), now).await?;
///
/// let sent_back = set_cookies[0].as_cookie();
/// assert!(sent_back.len() < 200);
/// let cookies = CookieHeaders::new([sent_back.as_bytes()]);
/// assert_eq!(sessions.read(&cookies, now).await?.session.unwrap().session, session);
///
/// sessions.clear(&cookies).await?;
/// assert!(sessions.read(&cookies, now).await?.session.is_none(), "a copied cookie is worth nothing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct StoredSessions {
    store: Arc<dyn SessionStore>,
    keyring: Keyring,
    policy: CookiePolicy,
    client_id: String,
    issuer: String,
}

/// A session and where it came from, to write it back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredSession {
    /// The session.
    pub session: Session,
    /// Its record's key: name of the lease, too.
    pub key: StoreKey,
    /// Its record's version when it was read.
    pub version: u64,
    /// True when an older key sealed it: [`StoredSessions::replace`] it as it is.
    pub reseal: bool,
}

/// What the cookies of a request, and the store, say.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct StoredRead {
    /// The session, unless there is none, it has ended, or it cannot be opened.
    pub session: Option<StoredSession>,
    /// Deletes cookies under the session's names that are of no use any more.
    pub stale: Vec<SetCookie>,
}

enum Loaded {
    Session(Box<StoredSession>),
    Newer,
    Nothing,
}

impl StoredSessions {
    /// Sessions of one app with one provider; records of another app or provider do not open.
    pub fn new(
        store: Arc<dyn SessionStore>,
        keyring: Keyring,
        policy: CookiePolicy,
        client_id: &str,
        issuer: &Issuer,
    ) -> Self {
        let (client_id, issuer) = (client_id.to_owned(), issuer.as_str().to_owned());
        Self { store, keyring, policy, client_id, issuer }
    }

    /// The same under other names and attributes, such as those of another port.
    #[must_use]
    pub fn with_policy(&self, policy: CookiePolicy) -> Self {
        Self { policy, ..self.clone() }
    }

    /// Reads the session. Without a cookie that can be an id, the store is not asked.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: whether somebody is signed in is not known; keep the cookie.
    pub async fn read(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> Result<StoredRead, StoreError> {
        let mut newer = false;
        for key in self.keys(cookies) {
            match self.load(key, now).await? {
                Loaded::Session(session) => {
                    return Ok(StoredRead { session: Some(*session), stale: Vec::new() });
                }
                Loaded::Newer => newer = true,
                Loaded::Nothing => {}
            }
        }
        // A deletion would take what was not tried as well.
        let is_all =
            cookies.values(&self.policy.session_name()).filter_map(SessionId::parse).count() <= MOST_TWINS;
        let stale = if newer || !is_all { Vec::new() } else { self.deletions(cookies) };
        Ok(StoredRead { session: None, stale })
    }

    /// Reads a session again, by its key.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn reload(&self, key: StoreKey, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        match self.load(key, now).await? {
            Loaded::Session(session) => Ok(Some(*session)),
            Loaded::Newer | Loaded::Nothing => Ok(None),
        }
    }

    /// Keeps a new session under a new id, and deletes the one that `cookies` had: an id from before the sign-in is
    /// worth nothing after it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: nobody is signed in.
    pub async fn begin(
        &self,
        session: &Session,
        cookies: &CookieHeaders<'_>,
        now: UnixTime,
    ) -> Result<Vec<SetCookie>, StoreError> {
        let id = SessionId::random().map_err(|error| StoreError::new("making an id", error))?;
        let key = id.store_key(&self.client_id);
        let sealed = self.seal(&key, session)?;
        self.store.insert(&key, sealed, session.ends_at(), now).await?;
        for old in self.keys(cookies) {
            self.store.delete(&old).await?;
        }
        let name = self.policy.session_name();
        let other_names = self.policy.session_names_in(cookies).into_iter().filter(|found| *found != name);
        let mut set_cookies: Vec<_> = other_names.flat_map(|name| self.delete_cookie(&name)).collect();
        set_cookies.push(self.policy.set(name, id.to_cookie_value(), now.until(session.ends_at())));
        Ok(set_cookies)
    }

    /// Writes a session back, unless somebody wrote or deleted it since it was read: then false.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn replace(
        &self,
        read: &StoredSession,
        session: &Session,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let sealed = self.seal(&read.key, session)?;
        self.store.replace(&read.key, read.version, sealed, session.ends_at(), now).await
    }

    /// Signs out: deletes the record, then the cookies.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the person is still signed in, and must be told.
    pub async fn clear(&self, cookies: &CookieHeaders<'_>) -> Result<Vec<SetCookie>, StoreError> {
        for key in self.keys(cookies) {
            self.store.delete(&key).await?;
        }
        Ok(self.deletions(cookies))
    }

    /// Takes the lease for refreshing this session; see [`hf_oauth_core::coordinator`].
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn acquire_lease(
        &self,
        key: &StoreKey,
        holder: &LeaseHolder,
        lease: Duration,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        self.store.acquire_lease(key, holder, lease, now).await
    }

    /// Gives the lease back.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the lease ends by itself then.
    pub async fn release_lease(&self, key: &StoreKey, holder: &LeaseHolder) -> Result<(), StoreError> {
        self.store.release_lease(key, holder).await
    }

    async fn load(&self, key: StoreKey, now: UnixTime) -> Result<Loaded, StoreError> {
        let Some(record) = self.store.load(&key, now).await? else { return Ok(Loaded::Nothing) };
        match self.keyring.open(&self.binding(&key), &record.sealed, now) {
            Opened::Newer => return Ok(Loaded::Newer),
            Opened::Payload { payload, old_key, .. } => {
                if let Some(session) = decode(&payload) {
                    let version = record.version;
                    return Ok(Loaded::Session(Box::new(StoredSession {
                        session,
                        key,
                        version,
                        reseal: old_key,
                    })));
                }
            }
            Opened::Ended | Opened::Unreadable => {}
        }
        self.store.delete(&key).await?;
        Ok(Loaded::Nothing)
    }

    fn seal(&self, key: &StoreKey, session: &Session) -> Result<Vec<u8>, StoreError> {
        let payload = encode(session, Detail::All, usize::MAX);
        self.keyring
            .seal(&self.binding(key), session.ends_at(), &payload)
            .map_err(|error: NoEntropy| StoreError::new("sealing", error))
    }

    #[cfg(test)]
    pub(super) fn seal_as_newer(&self, key: &StoreKey, end: UnixTime) -> Vec<u8> {
        self.keyring.seal_as_newer(&self.binding(key), end, b"future")
    }

    fn binding(&self, key: &StoreKey) -> Binding {
        let parts: [&[u8]; 3] = [key.as_bytes(), self.client_id.as_bytes(), self.issuer.as_bytes()];
        Binding::new("stored session", &parts)
    }

    fn keys(&self, cookies: &CookieHeaders<'_>) -> Vec<StoreKey> {
        let ids = cookies
            .values(&self.policy.session_name())
            .filter_map(SessionId::parse)
            .take(MOST_TWINS)
            .collect::<Vec<_>>();
        ids.iter().map(|id| id.store_key(&self.client_id)).collect()
    }

    fn deletions(&self, cookies: &CookieHeaders<'_>) -> Vec<SetCookie> {
        self.policy.session_names_in(cookies).iter().flat_map(|name| self.delete_cookie(name)).collect()
    }

    fn delete_cookie(&self, name: &str) -> Vec<SetCookie> {
        self.policy.delete(name).collect()
    }
}

/// As with sealed cookies: a browser has one a partition and path.
const MOST_TWINS: usize = 4;
