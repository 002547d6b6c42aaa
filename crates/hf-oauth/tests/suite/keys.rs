//! Signing keys that change while people sign in, and key ids that somebody made up.

use std::sync::Arc;

use hf_oauth::{Client, DeviceProgress, LoginOptions, Scopes};
use hf_oauth_hub::{Endpoint, Fault, LocalHub};
use serde_json::{Value, json};
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

/// The Hub's own key set, its keys under this id.
async fn keys_named(hub: &LocalHub, kid: &Value) -> Value {
    let keys = reqwest::get(hub.url(JWKS)).await.unwrap().text().await.unwrap();
    let mut keys: Value = serde_json::from_str(&keys).unwrap();
    for key in keys["keys"].as_array_mut().unwrap() {
        key["kid"] = kid.clone();
    }
    keys
}

/// From now on every token and every key has this id, or none.
pub(crate) async fn name_keys(hub: &LocalHub, kid: &Value) {
    hub.clear_faults();
    let keys = keys_named(hub, kid).await;
    hub.fault(Fault::header(json!({ "kid": kid })));
    hub.fault(Fault::json(keys).on(Endpoint::Jwks));
    hub.clear_journal();
}

#[tokio::test]
async fn row_213_a_key_rotated_without_an_id_or_under_the_same_one_costs_one_fetch_and_no_login() {
    for kid in [Value::Null, json!("the-key")] {
        let hub = Arc::new(hub().await);
        let client = client(&hub);
        name_keys(&hub, &kid).await;
        login(&client, &hub).await.unwrap();
        // Twice in a row: a rotation starts no cooldown.
        for _ in 0..2 {
            hub.rotate_keys();
            name_keys(&hub, &kid).await;
            let mut logins = JoinSet::new();
            for _ in 0..20 {
                let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
                let redirect = hub.approve(&url, "ada").await.unwrap();
                let client = client.clone();
                logins.spawn(async move { client.handle_redirect(&redirect, pending).await.map(|_| ()) });
            }
            for result in logins.join_all().await {
                result.unwrap();
            }
            assert_eq!((asked(&hub, TOKEN), asked(&hub, JWKS)), (20, 1), "{kid}");
        }
    }
}

#[tokio::test]
async fn row_213_a_device_login_survives_a_rotation_too() {
    let hub = LocalHub::builder().device_interval(1).start().await.map(with_apps).unwrap();
    let client = client(&hub);
    name_keys(&hub, &json!("the-key")).await;
    login(&client, &hub).await.unwrap();
    hub.rotate_keys();
    name_keys(&hub, &json!("the-key")).await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let scopes = Scopes::default();
    let device = client.device_login(&scopes, |progress| {
        if let DeviceProgress::Code(code) = progress {
            tell.send(code.user_code.clone()).unwrap();
        }
    });
    let person = async { hub.approve_device(&told.recv().await.unwrap(), "ada").await.unwrap() };
    let (signed_in, ()) = tokio::join!(device, person);
    let identity = signed_in.unwrap().identity.unwrap();
    assert_eq!(identity.user_info().preferred_username.as_deref(), Some("ada"));
    assert_eq!(asked(&hub, JWKS), 1);
}

#[tokio::test]
async fn row_213_forged_signatures_fetch_once_and_hinder_nobody() {
    let hub = hub().await;
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    hub.clear_journal();
    for forged in 0..30 {
        hub.fault(Fault::bad_signature().times(1));
        assert_kind(&failed(&client, &hub).await, "IdToken(Signature", "forged");
        if forged % 10 == 0 {
            login(&client, &hub).await.unwrap();
        }
    }
    assert_eq!(asked(&hub, JWKS), 1, "one in the cooldown");
    // A key with a new id is found all the same.
    hub.rotate_keys();
    hub.clear_journal();
    assert_kind(&failed(&client, &hub).await, "IdToken(UnknownKey", "the fetch a moment ago was in vain");
    assert_eq!(asked(&hub, JWKS), 0);
}

#[tokio::test]
async fn row_213_a_signature_is_not_wrong_while_newer_keys_cannot_be_had() {
    let hub = hub().await;
    let client = client(&hub);
    name_keys(&hub, &Value::Null).await;
    login(&client, &hub).await.unwrap();
    hub.rotate_keys();
    name_keys(&hub, &Value::Null).await;
    hub.fault(Fault::status(503).on(Endpoint::Jwks));
    for _ in 0..3 {
        let error = failed(&client, &hub).await;
        assert_kind(&error, "Provider(Backchannel", "the key endpoint is away");
        assert!(error.is_retryable());
    }
    assert_eq!(asked(&hub, JWKS), 1, "one in the cooldown");
}

/// What a key endpoint may say that has no usable key in it.
fn useless() -> Vec<Fault> {
    let json = |body: &str| Fault::body(200, "application/json", body);
    vec![
        json(r#"{"keys":[]}"#),
        json(r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"e"},null,7]}"#),
        json("{}"),
        Fault::html(200),
        Fault::status(500),
    ]
}

#[tokio::test]
async fn row_165_useless_keys_replace_no_good_ones_and_are_warned_of_once() {
    for fault in useless() {
        let what = format!("{fault:?}");
        let hub = hub().await;
        let client = client(&hub);
        login(&client, &hub).await.unwrap();
        hub.clear_journal();
        let (log, _listening) = listen();
        hub.fault(fault.on(Endpoint::Jwks));
        for forged in 0..5 {
            hub.fault(Fault::header(json!({ "kid": format!("forged-{forged}") })).times(1));
            let error = failed(&client, &hub).await;
            assert_kind(&error, "Provider(Backchannel", &what);
            login(&client, &hub).await.unwrap();
        }
        assert_eq!(asked(&hub, JWKS), 1, "{what}: one in the cooldown");
        let log = log.text();
        let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN hf_oauth::")).collect();
        assert_eq!(warnings.len(), 1, "{what}: {log}");
        assert!(warnings[0].contains("no signing keys") && warnings[0].contains(JWKS), "{what}: {log}");
    }
}

#[tokio::test]
async fn row_165_a_first_answer_without_a_usable_key_is_named_and_the_next_login_asks_again() {
    for fault in useless() {
        let what = format!("{fault:?}");
        let hub = hub().await;
        let client: Client = client(&hub);
        hub.fault(fault.on(Endpoint::Jwks).times(1));
        let error = failed(&client, &hub).await;
        assert_kind(&error, "Provider(Backchannel", &what);
        assert!(error.to_string().starts_with("signing keys at http"), "{error}");
        login(&client, &hub).await.unwrap();
    }
}
