//! One refresh, whoever asks: the core's coordinator, driven by the lock that Python takes.

mod ci;
mod error;
mod github;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hf_oauth::coordinator::{
    Action, Backoff, Coordinator, Event, Held, Outcome, RefreshFailure, RefreshPolicy, TokenFingerprint,
};
use hf_oauth::{App, Client, Issuer, RefreshError, Scopes, Secret, Tokens, UnixTime};

pub use error::TokenError;
pub use github::CiError;

use crate::error::Warning;
use crate::lock::{Lock, PATIENCE};
use crate::tables::{TOKEN, expires_at, read_table, read_token, refresh_token, renewal, token};
use crate::token::{NewLogin, Renewal, ResolvedToken, TokenSource, Winner};
use crate::{StoreError, TokenStore};

/// As in Python: a token with less than a day left is refreshed.
const MARGIN: Duration = Duration::from_secs(24 * 3600);
/// As in Python: for so long a refresh, or its failure, is not looked into again in this process.
const RECHECK: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(50);

/// What was learnt in this process.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// A token that is not to be refreshed before then: its life is shorter than the margin, or it could not be.
    settled: Mutex<Option<(TokenFingerprint, UnixTime, Option<Warning>)>>,
}

impl Known {
    fn settled(&self, token: &Secret, now: UnixTime) -> Option<Option<Warning>> {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        let (fingerprint, until, warning) = settled.as_ref()?;
        (*fingerprint == TokenFingerprint::of(token) && now < *until).then(|| warning.clone())
    }

    fn settle(&self, token: &Secret, until: UnixTime, warning: Option<Warning>) {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        *settled = Some((TokenFingerprint::of(token), until, warning));
    }
}

impl TokenStore {
    /// The token to use now: resolved, refreshed once where it has less than a day left, exchanged in CI.
    ///
    /// Nothing is ever deleted. What could not be refreshed and has not ended is used as it is, with a warning. Let it
    /// run to its end: a refresh that was sent is the only copy of the new token until it is kept.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub async fn fresh_token(&self) -> Result<ResolvedToken, TokenError> {
        let resolution = self.resolve().map_err(TokenError::Store)?;
        let mut resolved = match resolution.winner {
            Winner::Nothing => return Err(TokenError::NotSignedIn),
            Winner::CiExchange { resource } => return self.exchange_ci(&resource).await,
            Winner::Token(token) => token,
        };
        resolved.warnings.extend(resolution.warnings);
        let now = now();
        let (Some(end), Some(name)) = (resolved.expires_at, resolved.name.clone()) else {
            return Ok(resolved);
        };
        if resolved.renewal == Renewal::None && end <= now {
            return Err(TokenError::Ended { name, source: None });
        }
        if resolved.renewal == Renewal::None || now + MARGIN < end {
            return Ok(resolved);
        }
        if now < end
            && let Some(warning) = self.known.settled(&resolved.token, now)
        {
            resolved.warnings.extend(warning);
            return Ok(resolved);
        }
        let client = self.client(&resolved.renewal)?;
        Attempt::new(self, client, name, resolved).drive().await
    }

    fn client(&self, renewal: &Renewal) -> Result<Client, TokenError> {
        let text = |name| self.environment.get(name).and_then(|value| value.to_str());
        let (client_id, issuer) = match renewal {
            Renewal::Own { client_id, issuer } => (client_id.as_str(), issuer.as_str()),
            _ => (
                text("HF_DEVICE_CODE_OAUTH_CLIENT_ID").unwrap_or(App::HUB_CLI_CLIENT_ID),
                self.places.endpoint.as_str(),
            ),
        };
        let issuer =
            Issuer::parse(issuer).map_err(|_| TokenError::BadEndpoint { endpoint: issuer.to_owned() })?;
        Ok(Client::new(App::new(client_id)).with_issuer(issuer))
    }
}

/// One attempt at having a fresh token.
struct Attempt<'s> {
    store: &'s TokenStore,
    client: Client,
    name: String,
    /// The token file's token when it began.
    first: Secret,
    resolved: ResolvedToken,
    refresh_token: Option<Secret>,
    lock: Option<Lock>,
    renewed: Option<Tokens>,
    unkept: Option<StoreError>,
    failure: Option<RefreshError>,
}

impl<'s> Attempt<'s> {
    fn new(store: &'s TokenStore, client: Client, name: String, resolved: ResolvedToken) -> Self {
        let first = resolved.token.clone();
        Self {
            store,
            client,
            name,
            first,
            resolved,
            refresh_token: None,
            lock: None,
            renewed: None,
            unkept: None,
            failure: None,
        }
    }

    async fn drive(mut self) -> Result<ResolvedToken, TokenError> {
        let held = match self.read() {
            Ok(Some(held)) => held,
            // Gone, or changed, since it was resolved a moment ago.
            Ok(None) => return Ok(self.resolved),
            Err(error) => return Err(TokenError::Store(error)),
        };
        let (mut it, mut action) = Coordinator::new(policy(), held, Backoff::none(), now());
        let outcome = loop {
            let event = match action {
                Action::AcquireLease { .. } => match Lock::attempt(&self.store.places.lock) {
                    Ok(Some(lock)) => {
                        self.lock = Some(lock);
                        Event::LeaseAcquired
                    }
                    Ok(None) => Event::LeaseBusy,
                    Err(error) => {
                        self.unkept = Some(error);
                        Event::LeaseUnavailable
                    }
                },
                Action::Wait { span } => {
                    tokio::time::sleep(span).await;
                    Event::Tick
                }
                Action::ReadCurrent => match self.read() {
                    Ok(current) => Event::Current(current),
                    Err(error) => {
                        self.unkept = Some(error);
                        Event::StoreFailed
                    }
                },
                Action::SendRefresh { .. } => self.send().await,
                Action::Write => self.write(),
                Action::Release => {
                    self.lock = None;
                    Event::Released
                }
                Action::Done(outcome) => break outcome,
                _ => break Outcome::UseHeld,
            };
            action = it.on(event, now());
        };
        self.lock = None;
        self.finish(outcome)
    }

    /// What the files hold under the name; a token other than the first was got by somebody else just now.
    fn read(&mut self) -> Result<Option<Held>, StoreError> {
        let stored = read_table(&self.store.places.stored_tokens)?.ini;
        let own = read_table(&self.store.places.own_tokens)?.ini;
        let (section, own) = (stored.section(&self.name), own.section(&self.name));
        let Some((section, token)) = section.and_then(|section| Some((section, token(section)?))) else {
            return Ok(None);
        };
        let renewal = renewal(section, own);
        self.refresh_token = match &renewal {
            Renewal::None => None,
            Renewal::Shared => refresh_token(section),
            Renewal::Own { .. } => own.and_then(refresh_token),
        };
        let end = expires_at(section);
        let other = token != self.first;
        self.resolved.token = token;
        self.resolved.expires_at = end;
        self.resolved.renewal = renewal;
        let fingerprint = self.refresh_token.as_ref().map(TokenFingerprint::of);
        // Without an end it is good until somebody says otherwise.
        let held = Held::new(fingerprint, end.unwrap_or(UnixTime::from_secs(i64::MAX)));
        Ok(Some(if other { held.obtained_at(now()) } else { held }))
    }

    async fn send(&mut self) -> Event {
        let end = self.resolved.expires_at.unwrap_or_else(now);
        let token = self.resolved.token.clone();
        let tokens = Tokens::new(token, self.refresh_token.clone(), end, Scopes::default());
        match self.client.refresh_tokens(tokens).await {
            Ok(tokens) => {
                let fingerprint = tokens.refresh_token.as_ref().map(TokenFingerprint::of);
                let held = Held::new(fingerprint, tokens.expires_at).obtained_at(now());
                self.renewed = Some(tokens);
                Event::Refreshed(held)
            }
            Err(error) => {
                let failure = RefreshFailure::from(&error);
                self.failure = Some(error);
                Event::Failed(failure)
            }
        }
    }

    fn write(&mut self) -> Event {
        let (Some(tokens), Some(lock)) = (&self.renewed, &self.lock) else { return Event::StoreFailed };
        let now_stored = read_table(&self.store.places.stored_tokens).map(|table| {
            table.ini.section(&self.name).and_then(|section| section.get(TOKEN).map(Secret::new))
        });
        match now_stored {
            Ok(Some(token)) if token == self.resolved.token => {}
            Ok(_) => return Event::Conflict,
            Err(error) => {
                self.unkept = Some(error);
                return Event::StoreFailed;
            }
        }
        let mut login = NewLogin::new(self.name.clone(), tokens.access_token.clone());
        login.refresh_token.clone_from(&tokens.refresh_token);
        login.expires_at = Some(tokens.expires_at);
        if let Renewal::Own { client_id, issuer } = &self.resolved.renewal {
            login.client = Some((client_id.clone(), issuer.clone()));
        }
        let old = &self.resolved.token;
        // Another process may have switched meanwhile: only the old token is replaced.
        let active = read_token(&self.store.places.token).map_or(None, |(token, _)| token);
        let active = active.filter(|active| active == old);
        match self.store.write(lock, &login, Some(old), active.as_ref().map(Some)) {
            Ok(()) => Event::Written,
            Err(error) => {
                self.unkept = Some(error);
                Event::StoreFailed
            }
        }
    }

    fn finish(mut self, outcome: Outcome) -> Result<ResolvedToken, TokenError> {
        let now = now();
        let known = &self.store.known;
        let failure = self.failure.take().map(Box::new);
        let why = failure.as_ref().map(ToString::to_string);
        let why = why.or_else(|| self.unkept.as_ref().map(ToString::to_string));
        let valid = self.resolved.expires_at.is_none_or(|end| now < end);
        match outcome {
            Outcome::Refreshed { saved } => {
                let Some(tokens) = self.renewed else { return Ok(self.resolved) };
                self.resolved.token = tokens.access_token;
                self.resolved.expires_at = Some(tokens.expires_at);
                let warning = (!saved).then(|| Warning::NotKept { why: why.unwrap_or_default() });
                self.resolved.warnings.extend(warning.clone());
                known.settle(&self.resolved.token, now + RECHECK, warning);
                Ok(self.resolved)
            }
            Outcome::Adopt => {
                known.settle(&self.resolved.token, now + RECHECK, None);
                Ok(self.resolved)
            }
            Outcome::UseHeld
            | Outcome::SignInAgain
            | Outcome::Unavailable { .. }
            | Outcome::Misconfigured
                if valid =>
            {
                let why = why.unwrap_or_else(|| "another process is at it".to_owned());
                let warning = Warning::NotRefreshed { why };
                known.settle(&self.resolved.token, now + RECHECK, Some(warning.clone()));
                self.resolved.warnings.push(warning);
                Ok(self.resolved)
            }
            Outcome::SignInAgain => Err(TokenError::Ended { name: self.name, source: failure }),
            Outcome::Misconfigured => Err(TokenError::Refused { source: failure }),
            _ => Err(TokenError::Unavailable { refresh: failure, store: self.unkept }),
        }
    }
}

fn policy() -> RefreshPolicy {
    let mut policy = RefreshPolicy::default().with_margin(MARGIN);
    // As Python, everyone waits for whoever refreshes: then all go on with the same token.
    policy.serve_while_waiting = Duration::from_secs(u64::from(u32::MAX));
    policy.poll = POLL;
    policy.patience = PATIENCE;
    policy
}

fn now() -> UnixTime {
    std::time::SystemTime::now().into()
}

pub(crate) fn exchanged(token: Secret, expires_at: Option<UnixTime>) -> ResolvedToken {
    let source = TokenSource::CiExchange;
    ResolvedToken { token, source, name: None, expires_at, renewal: Renewal::None, warnings: Vec::new() }
}
