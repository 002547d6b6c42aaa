//! Metadata that must not be used.

use hf_oauth::*;
use hf_oauth_hub::{Endpoint, Fault, LocalHub};
use serde_json::{Value, json};

use crate::raw::{Raw, Say, metadata};
use crate::support::*;

/// The error for metadata that were changed; no endpoint of such a document is asked.
async fn refused(change: Value) -> DiscoveryError {
    let hub = hub().await;
    let client = client(&hub);
    hub.fault(Fault::json(change.clone()).on(Endpoint::Discovery));
    let error = client.login_url(&LoginOptions::new()).await.unwrap_err();
    no_secret_in(&error, &[]);
    assert!(!error.is_retryable(), "{change}");
    assert_eq!(hub.journal().entries().len(), 1, "{change}");
    // It is not remembered: the operator repairs it, and the app goes on.
    hub.clear_faults();
    login(&client, &hub).await.unwrap();
    match error {
        LoginError::Provider(ProviderError::Discovery(error)) => error,
        other => panic!("{change}: {other:?}"),
    }
}

#[tokio::test]
async fn row_048_metadata_of_another_issuer() {
    for issuer in ["https://evil.example", "https://huggingface.co", "", "http://localhost"] {
        let error = refused(json!({ "issuer": issuer })).await;
        assert!(matches!(error, DiscoveryError::IssuerMismatch { .. }), "{issuer}: {error:?}");
    }
    let hub = hub().await;
    let slash = format!("{}/", hub.issuer());
    hub.fault(Fault::json(json!({ "issuer": slash })).on(Endpoint::Discovery));
    let error = client(&hub).hub().await.unwrap_err();
    assert!(matches!(error, ProviderError::Discovery(DiscoveryError::IssuerMismatch { .. })), "{error:?}");
}

#[tokio::test]
async fn row_049_endpoints_that_may_not_be_called() {
    let endpoints = [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "device_authorization_endpoint",
    ];
    for name in endpoints {
        for url in [
            "http://example.com/x",
            "javascript:alert(1)",
            "http://169.254.169.254/",
            "https://u:canary@h.example/",
        ] {
            let error = refused(json!({ name: url })).await;
            assert!(
                matches!(error, DiscoveryError::InsecureEndpoint { name: found, .. } if found == name),
                "{name} {url}: {error:?}"
            );
        }
        let error = refused(json!({ name: "https://evil.example/x" })).await;
        assert!(
            matches!(error, DiscoveryError::ForeignEndpoint { name: found, .. } if found == name),
            "{name}: {error:?}"
        );
    }
}

#[tokio::test]
async fn row_049_endpoints_on_other_origins_only_where_the_app_listed_them() {
    let hub = hub().await;
    let issuer = hub.issuer().to_owned();
    let numeric = issuer.replace("localhost", "127.0.0.1");
    let change = json!({ "userinfo_endpoint": format!("{numeric}{USERINFO}"), "jwks_uri": format!("{numeric}{JWKS}") });
    hub.fault(Fault::json(change).on(Endpoint::Discovery));
    let strict = client(&hub);
    let error = strict.hub().await.unwrap_err();
    assert!(matches!(error, ProviderError::Discovery(DiscoveryError::ForeignEndpoint { .. })), "{error:?}");
    let other_port: Origin = "http://127.0.0.1:1".parse().unwrap();
    assert!(strict.clone().with_other_origins([other_port]).hub().await.is_err());
    let listed = strict.with_other_origins([numeric.parse::<Origin>().unwrap()]);
    login(&listed, &hub).await.unwrap();
}

#[tokio::test]
async fn row_012_a_provider_that_lists_pkce_without_s256() {
    for methods in [json!(["plain"]), json!([]), json!(["s256"])] {
        let error = refused(json!({ "code_challenge_methods_supported": methods })).await;
        assert_eq!(error, DiscoveryError::PkceUnsupported);
    }
}

#[tokio::test]
async fn row_012_a_provider_that_does_not_list_pkce_gets_it_all_the_same() {
    let hub = hub().await;
    hub.fault(Fault::json(json!({ "code_challenge_methods_supported": null })).on(Endpoint::Discovery));
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    let asked_for = hub.journal().to("/oauth/authorize").next().unwrap().clone();
    assert_eq!(asked_for.param("code_challenge_method"), Some("S256"));
    assert!(asked_for.param("nonce").is_some() && asked_for.param("state").is_some());
    hub.fault(Fault::claims(json!({ "nonce": null })));
    assert_kind(&failed(&client, &hub).await, "IdToken(Nonce", "the nonce is demanded all the same");
}

#[tokio::test]
async fn row_023_a_provider_that_lists_other_algorithms_only() {
    for algorithms in [json!(["none", "HS256"]), json!(["ES256"]), json!([])] {
        let error = refused(json!({ "id_token_signing_alg_values_supported": algorithms })).await;
        assert_eq!(error, DiscoveryError::UnsupportedAlg);
    }
}

#[tokio::test]
async fn row_023_the_first_that_is_listed_is_not_the_one_that_is_taken() {
    let hub = hub().await;
    let listed = json!({ "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"] });
    hub.fault(Fault::json(listed).on(Endpoint::Discovery));
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    for alg in ["none", "HS256"] {
        hub.fault(Fault::header(json!({ "alg": alg })).times(1));
        assert_kind(&failed(&client, &hub).await, "IdToken(Algorithm", alg);
    }
}

#[tokio::test]
async fn metadata_of_another_shape_are_an_error_and_new_members_are_not() {
    for body in ["[]", "{}", "null", "\"x\"", r#"{"issuer":5}"#] {
        let hub = hub().await;
        hub.fault(Fault::body(200, "application/json", body).on(Endpoint::Discovery));
        let error = client(&hub).hub().await.unwrap_err();
        assert!(matches!(error, ProviderError::Backchannel(_)), "{body}: {error:?}");
    }
    let raw = Raw::start(|_, port| {
        let mut document = metadata(&format!("http://127.0.0.1:{port}"));
        document["scopes_supported"] = json!({ "new": ["shape"] });
        Say::json(&document)
    })
    .await;
    let client = Client::new(app()).with_issuer(Issuer::parse(&raw.issuer()).unwrap());
    client.hub().await.unwrap();
}

#[tokio::test]
async fn row_060_a_provider_that_comes_up_later_is_found_by_the_same_client() {
    let reserved = LocalHub::start().await.unwrap();
    let (port, issuer) = (reserved.port(), reserved.issuer().to_owned());
    reserved.shutdown().await;
    let client = Client::new(app()).with_issuer(Issuer::parse(&issuer).unwrap());
    for _ in 0..3 {
        let error = client.login_url(&LoginOptions::new()).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert_eq!(error.backchannel().unwrap().fault, BackchannelFault::Connect);
        assert!(error.to_string().contains(&issuer), "{error}");
    }
    let hub = with_apps(LocalHub::builder().port(port).start().await.unwrap());
    login(&client, &hub).await.unwrap();
}

#[tokio::test]
async fn row_060_a_host_that_does_not_exist_is_no_connection() {
    let issuer = Issuer::parse("https://hub.invalid").unwrap();
    let error = Client::new(app()).with_issuer(issuer).hub().await.unwrap_err();
    let ProviderError::Backchannel(error) = error else { panic!("{error:?}") };
    assert_eq!((error.fault.clone(), error.is_retryable()), (BackchannelFault::Connect, true));
}

#[tokio::test]
async fn row_060_what_was_learnt_serves_on_while_metadata_and_keys_are_away() {
    let hub = hub().await;
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    hub.fault(Fault::status(503).on(Endpoint::Discovery));
    hub.fault(Fault::html(502).on(Endpoint::Jwks));
    hub.clear_journal();
    login(&client, &hub).await.unwrap();
    assert_eq!((asked(&hub, DISCOVERY), asked(&hub, JWKS)), (0, 0));
}

#[tokio::test]
async fn row_220_a_flag_that_is_no_boolean_is_refused_by_name() {
    let flag = "authorization_response_iss_parameter_supported";
    for value in [json!("true"), json!("false"), json!(1), json!([true]), json!({})] {
        let hub = hub().await;
        hub.fault(Fault::json(json!({ flag: value })).on(Endpoint::Discovery));
        let error = failed(&client(&hub), &hub).await;
        assert_kind(&error, "Provider(Backchannel", &value.to_string());
        assert!(error.to_string().contains(flag) && !error.is_retryable(), "{error}");
        assert_eq!(asked(&hub, TOKEN), 0);
    }
}
