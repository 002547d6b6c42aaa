//! Signing keys that change while people sign in, and key ids that somebody made up.

use std::sync::Arc;

use hf_oauth_hub::{Endpoint, Fault};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::*;

#[tokio::test]
async fn row_037_keys_rotated_between_logins_cost_one_fetch_each() {
    let hub = hub().await;
    let client = client(&hub);
    for rotations in 1..=5 {
        login(&client, &hub).await.unwrap();
        login(&client, &hub).await.unwrap();
        assert_eq!(asked(&hub, JWKS), rotations);
        hub.rotate_keys();
    }
}

#[tokio::test]
async fn row_037_keys_rotated_right_before_signing_a_hundred_logins_cost_one_fetch() {
    let hub = Arc::new(hub().await);
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    let mut begun = Vec::new();
    for _ in 0..100 {
        let (url, pending) = client.login_url(&hf_oauth::LoginOptions::new()).await.unwrap();
        begun.push((hub.approve(&url, "ada").await.unwrap(), pending));
    }
    hub.rotate_keys();
    hub.clear_journal();
    let mut logins = JoinSet::new();
    for (redirect, pending) in begun {
        let client = client.clone();
        logins.spawn(async move { client.handle_redirect(&redirect, pending).await.map(|_| ()) });
    }
    for result in logins.join_all().await {
        result.unwrap();
    }
    assert_eq!((asked(&hub, TOKEN), asked(&hub, JWKS)), (100, 1));
}

#[tokio::test]
async fn row_038_made_up_key_ids_cost_one_fetch_and_hinder_nobody() {
    let hub = hub().await;
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    hub.clear_journal();
    for forged in 0..100 {
        hub.fault(Fault::header(json!({ "kid": format!("forged-{forged}") })).times(1));
        assert_kind(&failed(&client, &hub).await, "IdToken(UnknownKey", "a made-up key id");
        if forged % 10 == 0 {
            login(&client, &hub).await.unwrap();
        }
    }
    assert_eq!(asked(&hub, JWKS), 1, "one in the cooldown");
}

#[tokio::test]
async fn row_037_a_rotation_that_is_not_published_yet_ends_by_itself() {
    let hub = hub().await;
    let client = client(&hub);
    // A Hub behind a cache: the first answer has no keys at all, or none at all comes.
    hub.fault(Fault::status(503).on(Endpoint::Jwks).times(1));
    let error = failed(&client, &hub).await;
    assert_kind(&error, "Provider(Backchannel", "no keys");
    assert!(error.is_retryable());
    login(&client, &hub).await.unwrap();
    assert_eq!(asked(&hub, JWKS), 2);
}

#[tokio::test]
async fn row_060_keys_at_hand_serve_on_when_new_ones_cannot_be_had() {
    let hub = hub().await;
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    hub.fault(Fault::status(503).on(Endpoint::Jwks));
    hub.fault(Fault::header(json!({ "kid": "forged" })).times(2));
    for _ in 0..2 {
        failed(&client, &hub).await;
    }
    login(&client, &hub).await.unwrap();
    assert_eq!(asked(&hub, JWKS), 2, "one that worked, one that failed, then the cooldown");
}
