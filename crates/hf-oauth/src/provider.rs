//! What is known of the provider: its metadata and its keys, fetched when needed and kept.

mod keys;
#[cfg(test)]
mod tests;
mod turn;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::error::ProviderError;
use crate::platform::{Stopwatch, Transport};
use hf_oauth_core::{DiscoveryDocument, Hub, Issuer, Origin};
use keys::KeptKeys;
use turn::Turns;

/// How long metadata is used before it is fetched again; what is at hand serves on when that fails.
const METADATA_LIFETIME: Duration = Duration::from_secs(3600);

/// How long after a failed attempt stale metadata serves without another.
const METADATA_COOLDOWN: Duration = Duration::from_secs(60);

/// One provider's metadata and keys. No lock is held while something is fetched but the one that makes others wait
/// for that very fetch.
#[derive(Debug)]
pub(crate) struct Provider {
    source: Source,
    watch: Stopwatch,
    metadata: RwLock<Option<Metadata>>,
    fetching_metadata: Turns,
    keys: RwLock<Arc<KeptKeys>>,
    fetching_keys: Turns,
}

#[derive(Debug, Clone)]
pub(crate) enum Source {
    Known(Arc<Hub>),
    Discovered { issuer: Issuer, other_origins: Vec<Origin> },
}

#[derive(Debug, Clone)]
struct Metadata {
    hub: Arc<Hub>,
    checked_at: Duration,
}

impl Provider {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            watch: Stopwatch::start(),
            metadata: RwLock::default(),
            fetching_metadata: Turns::default(),
            keys: RwLock::default(),
            fetching_keys: Turns::default(),
        }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        match &self.source {
            Source::Known(hub) => hub.issuer(),
            Source::Discovered { issuer, .. } => issuer,
        }
    }

    pub(crate) async fn hub(&self, transport: &Transport) -> Result<Arc<Hub>, ProviderError> {
        let (issuer, other_origins) = match &self.source {
            Source::Known(hub) => return Ok(hub.clone()),
            Source::Discovered { issuer, other_origins } => (issuer, other_origins),
        };
        if let Some(hub) = self.fresh_metadata() {
            return Ok(hub);
        }
        let turn = self.fetching_metadata.turn().await;
        if let Some(hub) = self.fresh_metadata() {
            return Ok(hub);
        }
        let turn = turn?;
        let result = match discover(transport, issuer, other_origins).await {
            Ok(hub) => {
                let hub = Arc::new(hub);
                self.keep(hub.clone(), self.watch.elapsed());
                Ok(hub)
            }
            Err(error) => self.metadata().ok_or(error).map(|stale| {
                // Serve the stale one, and do not ask again at once.
                let retry_at = self.watch.elapsed() + METADATA_COOLDOWN;
                self.keep(stale.hub.clone(), retry_at.saturating_sub(METADATA_LIFETIME));
                stale.hub
            }),
        };
        turn.end(&result);
        result
    }

    fn metadata(&self) -> Option<Metadata> {
        self.metadata.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh_metadata(&self) -> Option<Arc<Hub>> {
        let metadata = self.metadata()?;
        (self.watch.elapsed() < metadata.checked_at + METADATA_LIFETIME).then_some(metadata.hub)
    }

    fn keep(&self, hub: Arc<Hub>, checked_at: Duration) {
        let metadata = Metadata { hub, checked_at };
        *self.metadata.write().unwrap_or_else(PoisonError::into_inner) = Some(metadata);
    }
}

async fn discover(
    transport: &Transport,
    issuer: &Issuer,
    other_origins: &[Origin],
) -> Result<Hub, ProviderError> {
    let request = Hub::discovery_request(issuer);
    let response = transport.send(&request).await?;
    let document: DiscoveryDocument = request.read(response)?;
    Ok(Hub::from_discovery(issuer, document, other_origins)?)
}
