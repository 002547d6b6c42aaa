//! The token files as the back end of the one refresh driver: the lease is the lock that Python takes.

use std::time::Duration;

use hf_oauth::coordinator::{Held, RefreshFailure, TokenFingerprint};
use hf_oauth::refresh::{Acquired, Backend, BackendError, Change, Exchange, Failure, Sent, Stored};
use hf_oauth::{Client, RefreshError, Scopes, Secret, Tokens, UnconfirmedTokens, UnixTime};

use super::marks::Mark;
use super::policy::now;
use crate::error::StoreError;
use crate::lock::Lock;
use crate::store::{TokenFile, TokenStore};
use crate::tables::{TOKEN, expires_at, read_table, read_token, refresh_token, renewal, token};
use crate::token::{NewLogin, Renewal};

/// As long as the Hub's tokens become.
const USUAL_LENGTH: usize = 4096;

/// What the files hold under a name.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) token: Secret,
    pub(super) refresh_token: Option<Secret>,
    /// Without an end it is good until somebody says otherwise.
    pub(super) expires_at: Option<UnixTime>,
    pub(super) renewal: Renewal,
    /// When it was obtained, where somebody did so just now.
    obtained_at: Option<UnixTime>,
}

/// One name in the files.
pub(super) struct Files<'s> {
    store: &'s TokenStore,
    name: &'s str,
    /// The name's token when the attempt began: another was got by somebody else just now.
    first: &'s Secret,
    /// As it was read last.
    last: Option<Entry>,
}

impl<'s> Files<'s> {
    pub(super) fn new(store: &'s TokenStore, name: &'s str, first: &'s Secret) -> Self {
        Self { store, name, first, last: None }
    }

    pub(super) fn read(&mut self) -> Result<Option<Entry>, StoreError> {
        let stored = read_table(&self.store.places.stored_tokens)?.ini;
        let own = read_table(&self.store.places.own_tokens)?.ini;
        let (section, own) = (stored.section(self.name), own.section(self.name));
        let Some((section, token)) = section.and_then(|section| Some((section, token(section)?))) else {
            return Ok(None);
        };
        let renewal = renewal(section, own);
        let refresh_token = match &renewal {
            Renewal::None => None,
            Renewal::Shared => refresh_token(section),
            Renewal::Own { .. } => own.and_then(refresh_token),
        };
        let obtained_at = (token != *self.first).then(now);
        let expires_at = expires_at(section);
        let entry = Entry { token, refresh_token, expires_at, renewal, obtained_at };
        self.last = Some(entry.clone());
        Ok(Some(entry))
    }

    fn login(&self, entry: &Entry) -> NewLogin {
        let mut login = NewLogin::new(self.name, entry.token.clone());
        login.refresh_token = entry.refresh_token.clone();
        login.expires_at = entry.expires_at;
        if let Renewal::Own { client_id, issuer } = &entry.renewal {
            login.client = Some((client_id.clone(), issuer.clone()));
        }
        login
    }

    /// The token file's token, where it is this one: another process may have switched meanwhile.
    fn active(&self, token: &Secret) -> Option<Secret> {
        let active = read_token(&self.store.places.token).map_or(None, |(token, _)| token);
        active.filter(|active| active == token)
    }

    fn replace(&mut self, lock: &Lock, new: &Entry) -> Result<(), BackendError<StoreError>> {
        let old = self.last.as_ref().ok_or(BackendError::Contended)?.token.clone();
        let table = read_table(&self.store.places.stored_tokens)?;
        let stored = table.ini.section(self.name).and_then(|section| section.get(TOKEN).map(Secret::new));
        if stored.as_ref() != Some(&old) {
            return Err(BackendError::Contended);
        }
        let active = self.active(&old);
        self.store.sweep(lock);
        self.store.write(lock, &self.login(new), Some(&old), follows(active.as_ref()))?;
        let end = new.expires_at.unwrap_or_else(now);
        self.store.set_mark(lock, self.name, &new.token, end, Mark::obtained(now()));
        Ok(())
    }
}

impl Backend for Files<'_> {
    type Record = Entry;
    type Lease = Lock;
    type Error = StoreError;

    async fn acquire(&mut self, _span: Duration) -> Result<Acquired<Self>, BackendError<StoreError>> {
        let lock = Lock::attempt(&self.store.places)?.ok_or(BackendError::Contended)?;
        Ok(Acquired { lease: lock, current: self.read().map(|entry| entry.map(Stored::new)) })
    }

    async fn read(&mut self, lease: Option<&Lock>) -> Result<Option<Stored<Entry>>, StoreError> {
        let last = self.last.clone();
        let entry = match Files::read(self) {
            // Python empties the file and then fills it: gone, or broken, is what is so under the lock.
            Ok(None) | Err(_) if lease.is_none() => last,
            read => read?,
        };
        Ok(entry.map(Stored::new))
    }

    async fn prepare(&mut self, lock: &Lock, entry: &Entry) -> Result<(), StoreError> {
        let longer = |secret: &Secret| Secret::new("x".repeat(secret.expose().len().max(USUAL_LENGTH)));
        let mut new = entry.clone();
        new.token = longer(&entry.token);
        new.refresh_token = entry.refresh_token.as_ref().map(longer);
        let active = self.active(&entry.token);
        self.store.rehearse(lock, &self.login(&new), Some(&entry.token), follows(active.as_ref()))
    }

    async fn write(
        &mut self,
        lock: &Lock,
        change: Change<'_, Entry>,
    ) -> Result<(), BackendError<StoreError>> {
        match change {
            Change::Refreshed(new) => self.replace(lock, new),
            // Python's files have no place for it, and `ClientExchange` never asks for one.
            Change::Unconfirmed(_) => Err(BackendError::Contended),
        }
    }

    async fn renew(&mut self, _lock: &mut Lock, _span: Duration) -> Result<(), BackendError<StoreError>> {
        // It lasts until it is dropped.
        Ok(())
    }

    async fn failed(&mut self, lock: &Lock, entry: &Entry, failure: Failure<'_>) {
        let retry_after = match failure.kind {
            RefreshFailure::Transient { retry_after } => retry_after,
            _ => None,
        };
        let end = entry.expires_at.unwrap_or_else(now);
        self.store.set_mark(lock, self.name, &entry.token, end, Mark::failed(now(), retry_after));
    }

    async fn release(&mut self, lock: Lock) {
        drop(lock);
    }

    async fn wait(&mut self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

/// Nobody's identity is kept beside the tokens, as in Python: what comes is what the token endpoint gave to whoever had
/// the refresh token, there is nothing to hold it against, and so it needs no confirmation.
pub(super) struct ClientExchange(pub(super) Client);

impl Exchange for ClientExchange {
    type Record = Entry;

    fn held(&self, entry: &Entry) -> Held {
        let fingerprint = entry.refresh_token.as_ref().map(TokenFingerprint::of);
        let held = Held::new(fingerprint, entry.expires_at.unwrap_or(UnixTime::from_secs(i64::MAX)));
        entry.obtained_at.map_or(held, |at| held.obtained_at(at))
    }

    async fn send(&self, entry: &Entry) -> Result<Sent<Entry>, RefreshError> {
        let end = entry.expires_at.unwrap_or_else(now);
        let old = Tokens::new(entry.token.clone(), entry.refresh_token.clone(), end, Scopes::default());
        let new = self.0.refresh_tokens(old).await?;
        Ok(Sent::Refreshed(Entry {
            token: new.access_token,
            refresh_token: new.refresh_token,
            expires_at: Some(new.expires_at),
            renewal: entry.renewal.clone(),
            obtained_at: Some(now()),
        }))
    }

    async fn confirm(&self, _: &Entry, _: &UnconfirmedTokens) -> Result<Entry, RefreshError> {
        // Nothing is ever unconfirmed here.
        Err(RefreshError::NoRefreshToken)
    }

    fn now(&self) -> UnixTime {
        now()
    }
}

fn follows(active: Option<&Secret>) -> TokenFile<'_> {
    active.map_or(TokenFile::Stays, |old| TokenFile::Follows { old })
}
