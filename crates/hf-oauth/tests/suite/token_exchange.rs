//! Token exchange over the wire.

use hf_oauth::*;
use serde_json::json;

use crate::raw::*;
use crate::support::*;

const CI_TOKEN: &str = "canary.ci.token";
const EMAIL: &str = "canary@example.org";

/// Repeats what it was asked with.
fn refusing(subject: &str) -> Say {
    let body = json!({ "error": "invalid_grant", "error_description": format!("not {subject}") }).to_string();
    let head = "HTTP/1.1 400 Bad Request\r\nx-request-id: Root=1-abc\r\ncontent-type: application/json";
    Say::Bytes(
        format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes(),
    )
}

#[tokio::test]
async fn row_063_a_refusal_is_asked_once_and_names_the_hubs_request_id() {
    let raw = Raw::start(|_, _| refusing(CI_TOKEN)).await;
    for app in [app(), server_app()] {
        let client = Client::new(app).with_hub(known_hub(&raw.issuer()));
        let error = client.exchange_ci_token("me/app", &CI_TOKEN.into()).await.unwrap_err();
        no_secret_in(&error, &[CI_TOKEN.to_owned()]);
        assert!(matches!(error, TokenExchangeError::InvalidGrant(_)), "{error:?}");
        assert_eq!(error.backchannel().unwrap().request_id.as_deref(), Some("Root=1-abc"));
        assert!(error.to_string().contains("Root=1-abc"));
    }
    assert_eq!(raw.requests(), ["POST /oauth/token HTTP/1.1"; 2], "once each, nothing in the query");

    let raw = Raw::start(|_, _| refusing(EMAIL)).await;
    let client = Client::new(server_app()).with_hub(known_hub(&raw.issuer()));
    let error = client.exchange_for_member(EMAIL, &Scopes::none()).await.unwrap_err();
    no_secret_in(&error, &[EMAIL.to_owned()]);
    assert_eq!(raw.requests(), ["POST /oauth/token HTTP/1.1"]);
}

#[tokio::test]
async fn what_cannot_be_exchanged_costs_no_request() {
    let raw = Raw::start(|_, _| Say::Silence).await;
    let client = Client::new(app()).with_issuer(Issuer::parse(&raw.issuer()).unwrap());
    let error = client.exchange_ci_token("a/b/c/d", &CI_TOKEN.into()).await.unwrap_err();
    assert!(matches!(error, TokenExchangeError::InvalidResource { .. }));
    let error = client.exchange_for_member("a@b.c", &Scopes::none()).await.unwrap_err();
    assert_eq!(error, TokenExchangeError::MissingClientSecret);
    assert_eq!(raw.requests(), [""; 0]);
}

#[tokio::test]
async fn a_ci_token_is_exchanged_at_the_local_hub() {
    let hub = hub().await;
    let id_token = hub.ci_id_token(hub.issuer()).await.unwrap();
    let client = client(&hub);
    let token = client.exchange_ci_token("ada/model", &Secret::new(id_token.clone())).await.unwrap();
    assert_eq!(token.expires_at, client.now() + std::time::Duration::from_secs(3600));
    let elsewhere = hub.ci_id_token("https://elsewhere.example").await.unwrap();
    let error = client.exchange_ci_token("ada/model", &Secret::new(elsewhere.clone())).await.unwrap_err();
    no_secret_in(&error, &[elsewhere, id_token]);
    assert!(matches!(error, TokenExchangeError::InvalidGrant(_)), "{error:?}");
}
