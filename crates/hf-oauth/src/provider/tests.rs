//! What happens hours later: the watch is moved, the sockets are real.

use hf_oauth_hub::{Endpoint, Fault, LocalHub};

use super::*;

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
    provider.watch.skip(METADATA_LIFETIME + Duration::from_secs(86_400));
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
