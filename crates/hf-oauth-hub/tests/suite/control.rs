use hf_oauth_hub::{AppConfig, Clock, LocalHub};
use serde_json::{Value, json};

use crate::support::*;

async fn controlled() -> LocalHub {
    let hub = LocalHub::builder().clock(Clock::manual(NOW)).control(true).start().await.unwrap();
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb"));
    hub
}

async fn post(hub: &LocalHub, path: &str, body: Value) -> reqwest::Response {
    client().post(hub.url(path)).json(&body).send().await.unwrap()
}

async fn delete(hub: &LocalHub, path: &str) {
    assert_eq!(client().delete(hub.url(path)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn it_is_there_only_when_asked_for() {
    let hub = hub().await;
    assert_eq!(client().get(hub.url("/_control/journal")).send().await.unwrap().status(), 404);
    assert_eq!(post(&hub, "/_control/clock", json!({ "advance": 60 })).await.status(), 404);
    assert_eq!(hub.clock().now(), NOW);
}

#[tokio::test]
async fn a_browser_on_any_site_cannot_use_it() {
    let hub = controlled().await;
    let url = hub.url("/_control/clock");
    let body = r#"{"advance": 60}"#;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", hub.issuer()),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
    ] {
        let request =
            client().post(&url).header("content-type", "application/json").header(name, value).body(body);
        assert_eq!(request.send().await.unwrap().status(), 403, "{name}: {value}");
    }
    // What a form could send.
    let plain = client().post(&url).header("content-type", "text/plain").body(body);
    assert_eq!(plain.send().await.unwrap().status(), 403);
    let preflight = client().request(reqwest::Method::OPTIONS, &url).header("origin", "https://evil.example");
    assert!(preflight.send().await.unwrap().headers().get("access-control-allow-origin").is_none());
    assert_eq!(hub.clock().now(), NOW);
}

#[tokio::test]
async fn it_scripts_what_the_handle_scripts() {
    let hub = controlled().await;
    assert_eq!(
        ok(post(&hub, "/_control/clock", json!({ "advance": 60 })).await).await,
        json!({ "now": NOW + 60 })
    );
    assert_eq!(ok(post(&hub, "/_control/clock", json!({ "set": NOW })).await).await, json!({ "now": NOW }));

    ok(post(&hub, "/_control/users", json!({ "username": "mary", "pro": true })).await).await;
    ok(post(&hub, "/_control/apps", json!({ "client_id": "js", "redirect_uris": ["http://localhost/cb"] }))
        .await)
    .await;
    let url = authorize_url(&hub, &[("client_id", "js")]);
    let denied = ok(post(&hub, "/_control/deny", json!({ "url": url, "username": "mary" })).await).await;
    assert_eq!(param(text(&denied, "location"), "error").as_deref(), Some("access_denied"));
    let approved = ok(post(&hub, "/_control/approve", json!({ "url": url, "username": "mary" })).await).await;
    let code = param(text(&approved, "location"), "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "js"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];

    ok(post(
        &hub,
        "/_control/faults",
        json!({ "status": 503, "endpoint": "token", "times": 1, "headers": { "retry-after": "1" } }),
    )
    .await)
    .await;
    assert_eq!(get_json(&hub, "/_control/faults").await["faults"], json!(["status 503 at Token, 1 more"]));
    let response = post_token(&hub, &form).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    ok(post(&hub, "/_control/faults", json!({ "claims": { "aud": "other" } })).await).await;
    let tokens = ok(post_token(&hub, &form).await).await;
    assert_eq!(part(text(&tokens, "id_token"), 1)["aud"], "other");
    delete(&hub, "/_control/faults").await;
    assert!(hub.faults().is_empty());

    let kid = |jwks: Value| jwks["keys"][0]["kid"].clone();
    let before = kid(get_json(&hub, "/oauth/jwks").await);
    assert_eq!(client().post(hub.url("/_control/keys/rotate")).send().await.unwrap().status(), 200);
    assert_ne!(kid(get_json(&hub, "/oauth/jwks").await), before);

    let journal = get_json(&hub, "/_control/journal").await;
    let entries = journal["entries"].as_array().unwrap();
    let token: Vec<&Value> = entries.iter().filter(|entry| entry["path"] == "/oauth/token").collect();
    assert_eq!(
        (token.len(), &token[0]["fault"], &token[1]["client_id"], &token[1]["auth"]),
        (2, &json!("status 503"), &json!("js"), &json!("client_id"))
    );
    assert!(!journal.to_string().contains(&code));
    delete(&hub, "/_control/journal").await;
    assert_eq!(hub.journal().count("/oauth/token"), 0);
}

#[tokio::test]
async fn every_kind_of_fault_can_be_written_as_json() {
    let hub = controlled().await;
    let kinds = [
        (json!({ "html": 502 }), "html 502"),
        (json!({ "body": { "status": 200, "content_type": "text/plain", "text": "x" } }), "body 200"),
        (json!({ "redirect": { "status": 307, "url": "http://x/" } }), "redirect 307"),
        (json!({ "latency_ms": 1 }), "latency"),
        (json!({ "slow_body_ms": 1 }), "slow_body"),
        (json!({ "cut_body": true }), "cut_body"),
        (json!({ "lost_answer": true }), "lost_answer"),
        (json!({ "endless_body": true }), "endless_body"),
        (json!({ "bad_signature": true }), "bad_signature"),
        (json!({ "json": {} }), "json"),
        (json!({ "header": {} }), "header"),
    ];
    for (body, name) in kinds {
        ok(post(&hub, "/_control/faults", body).await).await;
        assert_eq!(hub.faults(), [format!("{name} anywhere, always")]);
        hub.clear_faults();
    }
}

#[tokio::test]
async fn orders_that_are_none_are_refused_with_a_reason() {
    let hub = controlled().await;
    let wrong = [
        ("/_control/clock", json!({})),
        ("/_control/clock", json!({ "advance": 1, "set": 2 })),
        ("/_control/clock", json!({ "rewind": 2 })),
        ("/_control/faults", json!({})),
        ("/_control/faults", json!({ "status": 503, "html": 502 })),
        ("/_control/faults", json!({ "status": 503, "endpoint": "nowhere" })),
        ("/_control/faults", json!({ "statsu": 503 })),
        ("/_control/apps", json!({ "client_id": "x" })),
        ("/_control/apps", json!({ "client_id": "x", "redirect_uris": ["nonsense"] })),
        ("/_control/users", json!({ "username": "a b" })),
        ("/_control/users", json!({ "username": "a", "prro": true })),
        ("/_control/approve", json!({ "url": "http://evil.example/", "username": "ada" })),
        ("/_control/approve", json!({ "url": hub.url("/oauth/authorize"), "username": "nobody" })),
    ];
    for (path, body) in wrong {
        let response = post(&hub, path, body.clone()).await;
        assert_eq!(response.status(), 400, "{path} {body}");
        assert!(response.json::<Value>().await.unwrap()["error"].is_string());
    }
    assert_eq!(post(&hub, "/_control/nonsense", json!({})).await.status(), 404);
}

#[tokio::test]
async fn people_share_no_id_and_no_session_and_organisations_have_one_id() {
    let hub = controlled().await;
    let org = |name: &str, sub: &str| json!([{ "username": name, "sub": sub }]);
    let mary =
        json!({ "username": "mary", "sub": "1", "session": "here", "orgs": org("royal-society-2", "o") });
    ok(post(&hub, "/_control/users", mary.clone()).await).await;
    // Whoever has the name is replaced, so nothing is doubled.
    ok(post(&hub, "/_control/users", mary).await).await;
    for (user, reason) in [
        (json!({ "username": "anne", "sub": "1" }), "sub: another user has this id"),
        (json!({ "username": "anne", "session": "here" }), "session: another user has this session"),
        (
            json!({ "username": "anne", "orgs": org("royal-society-2", "p") }),
            "orgs[0].sub: for another user this organisation has another id: give every member's the same",
        ),
        (
            json!({ "username": "anne", "orgs": org("other", "o") }),
            "orgs[0].sub: another organisation has this id",
        ),
    ] {
        let response = post(&hub, "/_control/users", user.clone()).await;
        assert_eq!(response.status(), 400, "{user}");
        assert_eq!(response.json::<Value>().await.unwrap()["error"], reason);
    }
    ok(post(&hub, "/_control/users", json!({ "username": "anne", "orgs": org("royal-society-2", "o") }))
        .await)
    .await;
}

#[tokio::test]
async fn organisations_that_the_person_is_not_in_are_refused_by_name() {
    let hub = controlled().await;
    hub.add_app(hf_oauth_hub::AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let order = |orgs: Value| json!({ "url": authorize_url(&hub, &[]), "username": "ada", "orgs": orgs });
    let response = post(&hub, "/_control/approve", order(json!(["royal-society", "royal-sociey"]))).await;
    assert_eq!(response.status(), 400);
    let error = response.json::<Value>().await.unwrap()["error"].clone();
    assert_eq!(error, "the local Hub's user \"ada\" is no member of \"royal-sociey\"");
    let error =
        hub.approve_with_orgs(&authorize_url(&hub, &[]), "ada", &["laboratory-001"]).await.unwrap_err();
    assert!(matches!(error, hf_oauth_hub::ApproveError::UnknownOrg { .. }), "{error}");
    ok(post(&hub, "/_control/approve", order(json!(["royal-society"]))).await).await;
}
