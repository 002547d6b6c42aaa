use hf_oauth::coordinator::{
    Action, Backoff, Coordinator, Event, Held, Outcome, RefreshFailure, TokenFingerprint,
};
use hf_oauth::{Client, RefreshError, Scopes, Secret, Tokens, UnixTime};

use super::marks::Mark;
use super::{RECHECK, TokenError, now, policy};
use crate::error::Warning;
use crate::lock::Lock;
use crate::store::TokenFile;
use crate::tables::{TOKEN, expires_at, read_table, read_token, refresh_token, renewal, token};
use crate::token::{NewLogin, Renewal, ResolvedToken};
use crate::{StoreError, TokenStore};

/// As long as the Hub's tokens become.
const USUAL_LENGTH: usize = 4096;

/// One attempt at having a fresh token.
pub(super) struct Attempt<'s> {
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
    pub(super) fn new(store: &'s TokenStore, client: Client, name: String, resolved: ResolvedToken) -> Self {
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

    pub(super) async fn drive(mut self) -> Result<ResolvedToken, TokenError> {
        let held = match self.read() {
            Ok(Some(held)) => held,
            // Gone, or changed, since it was resolved a moment ago.
            Ok(None) => return Ok(self.resolved),
            Err(error) => return Err(TokenError::Store(error)),
        };
        let mut last = held;
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
                    Ok(Some(current)) => {
                        last = current;
                        match self.rehearse(current) {
                            Ok(()) => Event::Current(Some(current)),
                            Err(error) => {
                                self.unkept = Some(error);
                                Event::StoreFailed
                            }
                        }
                    }
                    // Python empties the file and then fills it: gone, or broken, is what is so under the lock.
                    Ok(None) | Err(_) if self.lock.is_none() => Event::Current(Some(last)),
                    Ok(None) => Event::Current(None),
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

    /// Whether what a refresh brings could be kept: asked before it spends the refresh token.
    fn rehearse(&self, current: Held) -> Result<(), StoreError> {
        let asked = self.renewed.is_some() || self.failure.is_some();
        let due = current.fingerprint.is_some() && policy().is_due(&current, now());
        let Some(lock) = self.lock.as_ref().filter(|_| due && !asked) else { return Ok(()) };
        let longer = |secret: &Secret| Secret::new("x".repeat(secret.expose().len().max(USUAL_LENGTH)));
        let old = &self.resolved.token;
        let login = self.login(longer(old), self.refresh_token.as_ref().map(longer), current.expires_at);
        let active = self.active();
        self.store.rehearse(lock, &login, Some(old), follows(active.as_ref()))
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
                let retry_after = match failure {
                    RefreshFailure::Transient { retry_after } => retry_after,
                    _ => None,
                };
                if let Some(lock) = &self.lock {
                    let mark = Mark::failed(now(), retry_after);
                    self.store.set_mark(lock, &self.name, &self.resolved.token, end, mark);
                }
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
        let login = self.login(tokens.access_token.clone(), tokens.refresh_token.clone(), tokens.expires_at);
        let active = self.active();
        self.store.sweep(lock);
        match self.store.write(lock, &login, Some(&self.resolved.token), follows(active.as_ref())) {
            Ok(()) => {
                let mark = Mark::obtained(now());
                self.store.set_mark(lock, &self.name, &tokens.access_token, tokens.expires_at, mark);
                Event::Written
            }
            Err(error) => {
                self.unkept = Some(error);
                Event::StoreFailed
            }
        }
    }

    fn login(&self, token: Secret, refresh_token: Option<Secret>, end: UnixTime) -> NewLogin {
        let mut login = NewLogin::new(self.name.clone(), token);
        login.refresh_token = refresh_token;
        login.expires_at = Some(end);
        if let Renewal::Own { client_id, issuer } = &self.resolved.renewal {
            login.client = Some((client_id.clone(), issuer.clone()));
        }
        login
    }

    /// The token file's token, where it is the old one: another process may have switched meanwhile.
    fn active(&self) -> Option<Secret> {
        let active = read_token(&self.store.places.token).map_or(None, |(token, _)| token);
        active.filter(|active| *active == self.resolved.token)
    }

    fn finish(mut self, outcome: Outcome) -> Result<ResolvedToken, TokenError> {
        let now = now();
        let known = &self.store.known;
        let failure = self.failure.take().map(Box::new);
        let why = failure.as_ref().map(ToString::to_string);
        let why = why.or_else(|| self.unkept.as_ref().map(ToString::to_string));
        let valid = self.resolved.expires_at.is_none_or(|end| now < end);
        // Somebody else refreshed it, be it just before this attempt began.
        let by_another = outcome == Outcome::Adopt || self.resolved.token != self.first;
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
            Outcome::Adopt | Outcome::UseHeld if by_another => {
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

fn follows(active: Option<&Secret>) -> TokenFile<'_> {
    active.map_or(TokenFile::Stays, |old| TokenFile::Follows { old })
}
