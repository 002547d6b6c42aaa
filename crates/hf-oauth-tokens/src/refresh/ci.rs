//! A CI job's token: exchanged, and kept by this process until it is due for another.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hf_oauth::coordinator::TokenFingerprint;
use hf_oauth::{App, Client, Secret, UnixTime};

use super::error::TokenError;
use super::github::Job;
use super::policy::now;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::source::TokenSource;
use crate::store::TokenStore;
use crate::token::{Renewal, ResolvedToken};

/// As in Python: a token whose ID token can be made again is replaced so long before its end.
const MARGIN: Duration = Duration::from_secs(300);

/// What this process got, for whichever store asks next.
static EXCHANGED: Mutex<BTreeMap<Key, Kept>> = Mutex::new(BTreeMap::new());

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    endpoint: Endpoint,
    resource: String,
    subject: Vec<u8>,
}

struct Kept {
    token: Secret,
    expires_at: UnixTime,
    margin: Duration,
}

impl Kept {
    fn is_due(&self, now: UnixTime) -> bool {
        now + self.margin >= self.expires_at
    }
}

/// Whose word the Hub is given.
enum Subject {
    /// `HF_OIDC_ID_TOKEN`, which cannot be made again.
    Given(Secret),
    Job(Job),
}

impl Subject {
    fn of(environment: &Environment, audience: &str) -> Result<Self, TokenError> {
        let given = environment.get("HF_OIDC_ID_TOKEN").and_then(|token| token.to_str());
        if let Some(token) = given.filter(|token| !token.is_empty()) {
            return Ok(Self::Given(token.into()));
        }
        let job = Job::of(environment, audience).map_err(|error| TokenError::CiExchange(Box::new(error)))?;
        job.map(Self::Job).ok_or(TokenError::NoCiToken)
    }

    fn secret(&self) -> &Secret {
        match self {
            Self::Given(token) => token,
            Self::Job(job) => job.secret(),
        }
    }
}

impl TokenStore {
    /// No falling back: who sets `HF_OIDC_RESOURCE` wants this token and no other.
    pub(super) async fn exchange_ci(&self, resource: &str) -> Result<ResolvedToken, TokenError> {
        let endpoint = &self.places.endpoint;
        let subject = Subject::of(&self.environment, endpoint.as_str())?;
        let key = Key {
            endpoint: endpoint.clone(),
            resource: resource.to_owned(),
            subject: TokenFingerprint::of(subject.secret()).as_bytes().to_vec(),
        };
        if let Some(kept) = kept().get(&key)
            && !kept.is_due(now())
        {
            return Ok(exchanged(kept.token.clone(), Some(kept.expires_at)));
        }
        let issuer = endpoint.issuer().map_err(|_| TokenError::BadEndpoint { endpoint: endpoint.clone() })?;
        let client = Client::new(App::new(App::HUB_CLI_CLIENT_ID)).with_issuer(issuer);
        let (id_token, margin) = match subject {
            Subject::Given(token) => (token, Duration::ZERO),
            Subject::Job(job) => {
                let made = job.id_token(&client).await;
                (made.map_err(|error| TokenError::CiExchange(Box::new(error)))?, MARGIN)
            }
        };
        let brought = client.exchange_ci_token(resource, &id_token).await;
        let brought = brought.map_err(|error| TokenError::CiExchange(Box::new(error)))?;
        let (token, expires_at) = (brought.access_token, brought.expires_at);
        let mut all = kept();
        let now = now();
        all.retain(|_, kept| !kept.is_due(now));
        all.insert(key, Kept { token: token.clone(), expires_at, margin });
        Ok(exchanged(token, Some(expires_at)))
    }
}

fn kept() -> std::sync::MutexGuard<'static, BTreeMap<Key, Kept>> {
    EXCHANGED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn exchanged(token: Secret, expires_at: Option<UnixTime>) -> ResolvedToken {
    let source = TokenSource::CiExchange;
    ResolvedToken { token, source, name: None, expires_at, renewal: Renewal::None, warnings: Vec::new() }
}
