use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use hf_oauth_hub::{Endpoint, Fault, LocalHub};
use serde_json::json;

use crate::support::*;

async fn discovery(hub: &LocalHub) -> reqwest::Result<reqwest::Response> {
    client().get(hub.url("/.well-known/openid-configuration")).send().await
}

fn last_fault(hub: &LocalHub) -> Option<String> {
    hub.journal().entries().last().unwrap().fault.clone()
}

#[tokio::test]
async fn row_158_statuses_pages_and_bodies_replace_the_answer_so_often() {
    let hub = hub().await;
    hub.fault(Fault::status(503).on(Endpoint::Token).times(2));
    hub.fault(Fault::html(502).on(Endpoint::Token).times(1));
    hub.fault(Fault::body(200, "application/json", "\u{feff}{}").on(Endpoint::Token).times(1));
    hub.fault(Fault::redirect(307, "https://evil.example/").on(Endpoint::Token).times(1));
    hub.fault(Fault::status(429).with_header("retry-after", "7").on(Endpoint::Token).times(1));
    let code = code(&hub, &[]).await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        let response = redeem(&hub, &code).await;
        seen.push((response.status().as_u16(), last_fault(&hub).unwrap()));
        match response.status().as_u16() {
            502 => assert!(response.text().await.unwrap().starts_with("<!doctype html>")),
            200 => assert_eq!(response.text().await.unwrap(), "\u{feff}{}"),
            307 => assert_eq!(response.headers()["location"], "https://evil.example/"),
            429 => assert_eq!(response.headers()["retry-after"], "7"),
            _ => {}
        }
    }
    let statuses: Vec<u16> = seen.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [503, 503, 502, 200, 307, 429], "{seen:?}");
    assert_eq!(seen[2].1, "html 502");
    // None of them used the code up.
    ok(redeem(&hub, &code).await).await;
    assert_eq!(last_fault(&hub), None);
    assert_eq!(hub.faults(), [""; 0]);
}

#[tokio::test]
async fn row_158_a_fault_is_at_its_endpoint_or_at_all() {
    let hub = hub().await;
    hub.fault(Fault::status(500).on(Endpoint::Jwks));
    assert_eq!(discovery(&hub).await.unwrap().status(), 200);
    for _ in 0..3 {
        assert_eq!(client().get(hub.url("/oauth/jwks")).send().await.unwrap().status(), 500);
    }
    hub.clear_faults();
    hub.fault(Fault::status(500));
    for path in [
        "/.well-known/openid-configuration",
        "/oauth/jwks",
        "/oauth/userinfo",
        "/api/whoami-v2",
        "/oauth/authorize",
    ] {
        assert_eq!(client().get(hub.url(path)).send().await.unwrap().status(), 500, "{path}");
    }
    assert_eq!(client().get(hub.url("/")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn row_158_latency_delays_and_then_answers() {
    let hub = hub().await;
    hub.fault(Fault::latency(Duration::from_millis(80)).times(1));
    let begun = Instant::now();
    assert_eq!(discovery(&hub).await.unwrap().status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));
    assert_eq!(last_fault(&hub).as_deref(), Some("latency"));
}

#[tokio::test]
async fn row_158_a_cut_body_says_its_length_and_stops_before() {
    let hub = hub().await;
    hub.fault(Fault::cut_body().times(1));
    let response = discovery(&hub).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    assert!(discovery(&hub).await.unwrap().bytes().await.is_ok());
}

#[tokio::test]
async fn row_158_a_lost_answer_comes_after_the_act() {
    let hub = hub().await;
    let first = tokens(&hub, "openid").await;
    hub.fault(Fault::lost_answer().on(Endpoint::Token).times(1));
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("refresh_token", text(&first, "refresh_token")),
    ];
    assert!(client().post(hub.url("/oauth/token")).form(&form).send().await.is_err());
    let entry = hub.journal().entries().last().unwrap().clone();
    assert_eq!((entry.status, entry.fault.as_deref()), (0, Some("lost_answer")));
    // It did rotate: the old one is spent.
    assert_eq!(error(refresh(&hub, text(&first, "refresh_token")).await, 400).await, "invalid_grant");
}

#[tokio::test]
async fn row_158_bodies_without_end_and_bodies_that_drip() {
    let hub = hub().await;
    hub.fault(Fault::endless_body().times(1));
    let mut stream = discovery(&hub).await.unwrap().bytes_stream();
    let mut received = 0;
    while received < 3 << 20 {
        received += stream.next().await.unwrap().unwrap().len();
    }
    drop(stream);
    hub.fault(Fault::slow_body(Duration::from_millis(1)).times(1));
    let mut stream = client().get(hub.url("/oauth/userinfo")).send().await.unwrap().bytes_stream();
    let mut sizes = Vec::new();
    while let Some(piece) = stream.next().await {
        sizes.push(piece.unwrap().len());
    }
    assert!(sizes.len() > 5, "{sizes:?}");
}

#[tokio::test]
async fn row_158_claims_header_and_signature_of_the_id_token() {
    let hub = hub().await;
    hub.fault(
        Fault::claims(json!({ "aud": "other", "iss": "https://evil.example", "nonce": "x", "sub": null }))
            .times(1),
    );
    hub.fault(Fault::header(json!({ "kid": "unknown", "alg": "HS256", "typ": null })).times(1));
    let wrong = tokens(&hub, "openid").await;
    assert_eq!(last_fault(&hub).as_deref(), Some("claims + header"));
    let claims = part(text(&wrong, "id_token"), 1);
    assert_eq!(
        (&claims["aud"], &claims["iss"], &claims["nonce"]),
        (&json!("other"), &json!("https://evil.example"), &json!("x"))
    );
    assert!(claims.get("sub").is_none());
    assert_eq!(part(text(&wrong, "id_token"), 0), json!({ "kid": "unknown", "alg": "HS256" }));

    hub.fault(Fault::bad_signature().times(1));
    let wrong = tokens(&hub, "openid").await;
    assert!(!signature_holds(&hub, text(&wrong, "id_token")).await);
    let right = tokens(&hub, "openid").await;
    assert!(signature_holds(&hub, text(&right, "id_token")).await);
}

#[tokio::test]
async fn row_158_members_of_any_json_answer() {
    let hub = hub().await;
    hub.fault(
        Fault::json(json!({ "issuer": "https://evil.example", "jwks_uri": null }))
            .on(Endpoint::Discovery)
            .times(1),
    );
    let document = get_json(&hub, "/.well-known/openid-configuration").await;
    assert_eq!((&document["issuer"], document.get("jwks_uri")), (&json!("https://evil.example"), None));
    hub.fault(Fault::json(json!({ "expires_in": "3600", "token_type": "mac" })).on(Endpoint::Token).times(1));
    let tokens = tokens(&hub, "openid").await;
    assert_eq!((&tokens["expires_in"], &tokens["token_type"]), (&json!("3600"), &json!("mac")));
    // It acted: the token works.
    assert_eq!(userinfo(&hub, text(&tokens, "access_token")).await.status(), 200);
}

#[tokio::test]
async fn row_158_rotated_keys_sign_and_the_old_one_is_gone_at_once() {
    let hub = hub().await;
    let before = tokens(&hub, "openid").await;
    assert!(signature_holds(&hub, text(&before, "id_token")).await);
    hub.rotate_keys();
    assert!(!signature_holds(&hub, text(&before, "id_token")).await);
    let after = tokens(&hub, "openid").await;
    assert!(signature_holds(&hub, text(&after, "id_token")).await);
    assert_eq!(get_json(&hub, "/oauth/jwks").await["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn row_158_the_journal_has_times_of_the_hubs_clock_and_no_secret() {
    let hub = hub().await;
    let tokens = tokens(&hub, "openid profile").await;
    hub.clock().advance(5);
    ok(refresh(&hub, text(&tokens, "refresh_token")).await).await;
    userinfo(&hub, text(&tokens, "access_token")).await;
    let request = client().get(hub.url("/oauth/userinfo?access_token=canary-1&unknown=canary-2"));
    request.header("cookie", "token=canary-3").send().await.unwrap();
    let journal = hub.journal();
    let times: Vec<u64> = journal.to("/oauth/token").map(|entry| entry.at).collect();
    assert_eq!(times, [NOW, NOW + 5]);
    let all = serde_json::to_string(&journal).unwrap() + &format!("{journal:?}");
    let canaries =
        [text(&tokens, "refresh_token"), text(&tokens, "access_token"), VERIFIER, "local_code_", "canary"];
    for canary in canaries {
        assert!(!all.contains(canary), "{canary} in {all}");
    }
    hub.clear_journal();
    assert!(hub.journal().entries().is_empty());
}

#[tokio::test]
async fn the_date_header_is_the_hubs_time() {
    let hub = hub().await;
    let response = discovery(&hub).await.unwrap();
    assert_eq!(response.headers()["date"], "Fri, 15 Jan 2027 08:00:00 GMT");
}
