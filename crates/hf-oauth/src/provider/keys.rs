//! The keys at hand, and the one fetch that many who verify at once share.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use hf_oauth_core::{BackchannelFault, Hub, IdTokenError, Jwks, KeyCache, KeyLookup, KeySet};

use super::Provider;
use crate::error::{ProviderError, VerifyFailure};
use crate::platform::Transport;

/// How often the log says that keys cannot be had, while they cannot.
const WARNING_INTERVAL: Duration = Duration::from_secs(3600);

/// The keys at hand, and how the last fetch failed, if it did.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptKeys {
    cache: KeyCache,
    failure: Option<ProviderError>,
    warned_at: Option<Duration>,
}

impl Provider {
    /// Verifies a token of `kid`, with fresh keys where those at hand do not do.
    ///
    /// `attempt` is called once; and once more after a signature that failed under keys older than the token, with
    /// the keys of one fetch that everybody shares. It decides: nothing is verified here.
    ///
    /// # Errors
    ///
    /// [`VerifyFailure`], which tells a token that is wrong from keys that could not be had.
    pub(crate) async fn verify<T>(
        &self,
        transport: &Transport,
        hub: &Hub,
        kid: Option<&str>,
        mut attempt: impl FnMut(&KeySet) -> Result<T, IdTokenError>,
    ) -> Result<T, VerifyFailure> {
        let since = self.watch.elapsed();
        let tried = self.keys(transport, hub, kid).await.map_err(VerifyFailure::Keys)?;
        let error = match attempt(&tried) {
            Err(error @ (IdTokenError::UnknownKey { .. } | IdTokenError::Signature)) => error,
            result => return result.map_err(VerifyFailure::Refused),
        };
        let kept = if error == IdTokenError::Signature {
            let again = |cache: &KeyCache, now| cache.lookup_again(&tried, since, now);
            self.kept_or_fetched(transport, hub, again, KeyCache::signature_failed)
                .await
                .map_err(VerifyFailure::Keys)?
        } else {
            self.kept_keys()
        };
        let keys = kept.cache.keys(self.watch.elapsed());
        let result = if keys == tried { Err(error) } else { attempt(&keys) };
        result.map_err(|error| match error {
            _ if kept.cache.is_newer_than(since) => VerifyFailure::Refused(error),
            IdTokenError::UnknownKey { .. } | IdTokenError::Signature => match &kept.failure {
                Some(failure) => VerifyFailure::Keys(failure.clone()),
                None => VerifyFailure::Unsettled(error),
            },
            _ => VerifyFailure::Refused(error),
        })
    }

    /// The keys to verify a token of `kid` with: those at hand, or new ones when `kid` is not among them.
    pub(crate) async fn keys(
        &self,
        transport: &Transport,
        hub: &Hub,
        kid: Option<&str>,
    ) -> Result<KeySet, ProviderError> {
        let lookup = |cache: &KeyCache, now| cache.lookup(kid, now);
        let kept = self.kept_or_fetched(transport, hub, lookup, |_, _| {}).await?;
        let keys = kept.cache.keys(self.watch.elapsed());
        match &kept.failure {
            // Keys that are merely old serve on.
            Some(failure) if keys.candidates(kid).is_empty() => Err(failure.clone()),
            _ => Ok(keys),
        }
    }

    /// What is at hand, after one fetch where `lookup` asks for it; `begun` is told that it begins.
    ///
    /// # Errors
    ///
    /// The failure of a fetch that somebody else had begun, where it left nothing to go on with.
    async fn kept_or_fetched(
        &self,
        transport: &Transport,
        hub: &Hub,
        lookup: impl Fn(&KeyCache, Duration) -> KeyLookup,
        begun: impl Fn(&mut KeyCache, Duration),
    ) -> Result<Arc<KeptKeys>, ProviderError> {
        let due = |kept: &KeptKeys| lookup(&kept.cache, self.watch.elapsed()) == KeyLookup::Fetch;
        let kept = self.kept_keys();
        if !due(&kept) {
            return Ok(kept);
        }
        let turn = self.fetching_keys.turn().await;
        let kept = self.kept_keys();
        if !due(&kept) {
            return Ok(kept);
        }
        let turn = turn?;
        // When it began: keys that were published while it ran may not be in it.
        let now = self.watch.elapsed();
        let mut kept = KeptKeys::clone(&kept);
        begun(&mut kept.cache, now);
        let result = fetch(transport, hub).await;
        kept.take(&result, hub, now);
        let kept = Arc::new(kept);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = kept.clone();
        turn.end(&result);
        Ok(kept)
    }

    fn kept_keys(&self) -> Arc<KeptKeys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl KeptKeys {
    /// Takes over what the fetch brought that was begun at `now`; says once an hour that it brought nothing.
    fn take(&mut self, result: &Result<KeySet, ProviderError>, hub: &Hub, now: Duration) {
        match result {
            Ok(keys) => {
                self.cache.fetched(keys.clone(), now);
                (self.failure, self.warned_at) = (None, None);
            }
            Err(error) => {
                self.cache.fetch_failed(now);
                self.failure = Some(error.clone());
                let due = self.warned_at.is_none_or(|warned_at| now >= warned_at + WARNING_INTERVAL);
                if due && !self.cache.keys(now).is_empty() {
                    self.warned_at = Some(now);
                    tracing::warn!(
                        issuer = %hub.issuer(),
                        %error,
                        "no signing keys can be had from the provider; the last ones serve on, for a day at most"
                    );
                }
            }
        }
    }
}

/// A set without a usable key is no answer: it must not replace keys that are.
async fn fetch(transport: &Transport, hub: &Hub) -> Result<KeySet, ProviderError> {
    let request = hub.keys_request();
    let response = transport.send(&request).await?;
    let status = response.status;
    let keys = KeySet::from_jwks(request.read::<Jwks>(response)?);
    if keys.is_empty() {
        let detail = "no key for RS256 signatures in it".to_owned();
        return Err(request.error(BackchannelFault::Malformed { detail }).with_status(status).into());
    }
    Ok(keys)
}
