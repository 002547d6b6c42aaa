//! What happens hours later: the watch is moved, the sockets are real.

use hf_oauth_core::{IdTokenError, KEYS_LIFETIME, KEYS_LIFETIME_WHILE_AWAY, KeySet};
use hf_oauth_hub::{Endpoint, Fault, LocalHub};

use super::*;
use crate::error::VerifyFailure;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const JWKS: &str = "/oauth/jwks";

struct Warm {
    local: LocalHub,
    transport: Transport,
    provider: Provider,
    hub: Arc<Hub>,
    kid: String,
}

/// A provider whose metadata and keys were fetched just now.
async fn warm() -> Warm {
    let local = LocalHub::start().await.unwrap();
    let transport = Transport::default();
    let issuer = Issuer::parse(local.issuer()).unwrap();
    let provider = Provider::new(Source::Discovered { issuer, other_origins: Vec::new() });
    let hub = provider.hub(&transport).await.unwrap();
    let jwks = reqwest::get(local.url(JWKS)).await.unwrap().text().await.unwrap();
    let jwks: serde_json::Value = serde_json::from_str(&jwks).unwrap();
    let kid = jwks["keys"][0]["kid"].as_str().unwrap().to_owned();
    provider.keys(&transport, &hub, Some(&kid)).await.unwrap();
    local.clear_journal();
    Warm { local, transport, provider, hub, kid }
}

#[tokio::test]
async fn row_060_stale_metadata_and_keys_serve_while_the_provider_is_down() {
    let Warm { local, transport, mut provider, hub, kid } = warm().await;
    local.fault(Fault::status(503).on(Endpoint::Discovery));
    local.fault(Fault::status(503).on(Endpoint::Jwks));
    provider.watch.skip(METADATA_LIFETIME + Duration::from_secs(80_000));
    for _ in 0..3 {
        assert_eq!(provider.hub(&transport).await.unwrap(), hub);
        let keys = provider.keys(&transport, &hub, Some(&kid)).await.unwrap();
        assert_eq!(keys.candidates(Some(&kid)).len(), 1);
    }
    let journal = local.journal();
    assert_eq!((journal.count(DISCOVERY), journal.count(JWKS)), (1, 1), "asked once, then a pause");
    provider.watch.skip(METADATA_COOLDOWN);
    provider.hub(&transport).await.unwrap();
    provider.keys(&transport, &hub, Some(&kid)).await.unwrap();
    let journal = local.journal();
    assert_eq!((journal.count(DISCOVERY), journal.count(JWKS)), (2, 2), "after the pause it is asked again");
}

#[tokio::test]
async fn row_048_metadata_that_turned_foreign_is_not_taken_over() {
    let Warm { local, transport, mut provider, hub, .. } = warm().await;
    let foreign = serde_json::json!({ "issuer": "https://evil.example" });
    local.fault(Fault::json(foreign).on(Endpoint::Discovery));
    provider.watch.skip(METADATA_LIFETIME);
    assert_eq!(provider.hub(&transport).await.unwrap(), hub);
    assert_eq!(local.journal().count(DISCOVERY), 1);
}

#[tokio::test]
async fn row_038_a_real_new_key_works_after_the_cooldown_over_the_wire() {
    let Warm { local, transport, mut provider, hub, kid } = warm().await;
    let known = |keys: KeySet, kid: &str| !keys.candidates(Some(kid)).is_empty();
    assert!(!known(provider.keys(&transport, &hub, Some("forged")).await.unwrap(), "forged"));
    local.rotate_keys();
    let unknown = provider.keys(&transport, &hub, Some("new")).await.unwrap();
    assert!(known(unknown, &kid), "cooling down: the keys at hand");
    assert_eq!(local.journal().count(JWKS), 1);
    provider.watch.skip(hf_oauth_core::KEYS_COOLDOWN);
    let rotated = provider.keys(&transport, &hub, Some("new")).await.unwrap();
    assert!(!known(rotated, &kid), "the old key was withdrawn");
    assert_eq!(local.journal().count(JWKS), 2);
}

#[tokio::test]
async fn row_037_a_withdrawn_key_is_forgotten_within_the_hour() {
    let Warm { local, transport, mut provider, hub, kid } = warm().await;
    local.rotate_keys();
    provider.watch.skip(hf_oauth_core::KEYS_LIFETIME);
    let keys = provider.keys(&transport, &hub, Some(&kid)).await.unwrap();
    assert!(keys.candidates(Some(&kid)).is_empty());
    assert_eq!(local.journal().count(JWKS), 1);
}

#[tokio::test]
async fn row_165_the_hourly_fetch_takes_no_useless_keys_over_and_finds_the_next_good_ones() {
    let Warm { local, transport, mut provider, hub, kid } = warm().await;
    local.fault(Fault::json(serde_json::json!({ "keys": [] })).on(Endpoint::Jwks).times(1));
    provider.watch.skip(KEYS_LIFETIME);
    for _ in 0..5 {
        let keys = provider.keys(&transport, &hub, Some(&kid)).await.unwrap();
        assert_eq!(keys.candidates(Some(&kid)).len(), 1);
    }
    assert_eq!(local.journal().count(JWKS), 1);
    local.rotate_keys();
    provider.watch.skip(hf_oauth_core::KEYS_COOLDOWN);
    let keys = provider.keys(&transport, &hub, Some(&kid)).await.unwrap();
    assert!(keys.candidates(Some(&kid)).is_empty() && keys.len() == 1, "the set that healed");
    assert_eq!(local.journal().count(JWKS), 2);
}

#[tokio::test]
async fn row_219_keys_of_a_provider_that_is_away_serve_for_a_day_and_no_longer() {
    let Warm { local, transport, mut provider, hub, kid } = warm().await;
    local.fault(Fault::status(503).on(Endpoint::Jwks));
    let day = KEYS_LIFETIME_WHILE_AWAY - Duration::from_secs(60);
    provider.watch.skip(KEYS_LIFETIME + day);
    let verify = |keys: &KeySet| if keys.is_empty() { Err(IdTokenError::Signature) } else { Ok(()) };
    provider.verify(&transport, &hub, Some(&kid), verify).await.unwrap();
    provider.watch.skip(Duration::from_secs(60));
    let failure = provider.verify(&transport, &hub, Some(&kid), verify).await.unwrap_err();
    assert!(matches!(failure, VerifyFailure::Keys(ProviderError::Backchannel(_))), "{failure:?}");
    local.clear_faults();
    provider.verify(&transport, &hub, Some(&kid), verify).await.unwrap();
}

#[tokio::test]
async fn row_213_what_is_wrong_by_fresh_keys_is_told_apart_from_what_may_be_right() {
    let Warm { local, transport, mut provider, hub, kid } = warm().await;
    let wrong = |_: &KeySet| Err::<(), _>(IdTokenError::Signature);
    let fresh = provider.verify(&transport, &hub, Some(&kid), wrong).await.unwrap_err();
    assert_eq!(fresh, VerifyFailure::Refused(IdTokenError::Signature));
    let cooling = provider.verify(&transport, &hub, Some(&kid), wrong).await.unwrap_err();
    assert_eq!(cooling, VerifyFailure::Unsettled(IdTokenError::Signature));
    // A claim that is wrong is wrong under any keys, and costs no fetch.
    let nonce = provider.verify(&transport, &hub, Some(&kid), |_| Err::<(), _>(IdTokenError::Nonce)).await;
    assert_eq!(nonce, Err(VerifyFailure::Refused(IdTokenError::Nonce)));
    assert_eq!(local.journal().count(JWKS), 1);
    provider.watch.skip(hf_oauth_core::KEYS_COOLDOWN);
    local.fault(Fault::status(503).on(Endpoint::Jwks));
    for _ in 0..2 {
        let away = provider.verify(&transport, &hub, Some(&kid), wrong).await.unwrap_err();
        assert!(matches!(away, VerifyFailure::Keys(_)), "{away:?}");
    }
    assert_eq!(local.journal().count(JWKS), 2);
}
