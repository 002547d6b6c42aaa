//! What pages of other origins can read.

use hf_oauth_hub::{Endpoint, LocalHub};
use reqwest::{Method, Response};
use serde_json::json;

use crate::support::*;

const READ_BY_PAGES: [&str; 6] = [
    "/.well-known/openid-configuration",
    "/oauth/token",
    "/oauth/jwks",
    "/oauth/userinfo",
    "/api/whoami-v2",
    "/v1/chat/completions",
];

async fn asked(hub: &LocalHub, method: &str, path: &str) -> Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client().request(method, hub.url(path)).header("origin", "https://page.example");
    request.header("access-control-request-method", "POST").send().await.unwrap()
}

fn is_readable(answer: &Response) -> bool {
    answer.headers().contains_key("access-control-allow-origin")
}

#[tokio::test]
async fn pages_read_all_that_they_need_unless_it_is_withheld() {
    let hub = hub().await;
    for path in READ_BY_PAGES {
        for method in ["GET", "POST", "OPTIONS"] {
            assert!(is_readable(&asked(&hub, method, path).await), "{method} {path}");
        }
        assert_eq!(asked(&hub, "OPTIONS", path).await.status(), 204, "{path}");
    }
    hub.withhold_cors([Endpoint::Jwks, Endpoint::ChatCompletions]);
    for path in READ_BY_PAGES {
        let withheld = path.ends_with("jwks") || path.ends_with("completions");
        for method in ["GET", "POST", "OPTIONS"] {
            assert_eq!(is_readable(&asked(&hub, method, path).await), !withheld, "{method} {path}");
        }
    }
    assert_eq!(asked(&hub, "OPTIONS", "/v1/chat/completions").await.status(), 405);
    assert_eq!(asked(&hub, "GET", "/oauth/jwks").await.status(), 200, "programs read it all the same");
    hub.withhold_cors([]);
    assert!(is_readable(&asked(&hub, "GET", "/oauth/jwks").await));
}

#[tokio::test]
async fn a_preflight_uses_up_no_fault() {
    let hub = hub().await;
    hub.fault(hf_oauth_hub::Fault::status(503).on(Endpoint::Userinfo).times(1));
    assert_eq!(asked(&hub, "OPTIONS", "/oauth/userinfo").await.status(), 204);
    assert_eq!(asked(&hub, "GET", "/oauth/userinfo").await.status(), 503);
}

#[tokio::test]
async fn withholding_is_set_by_file_by_builder_and_by_program() {
    let config =
        hf_oauth_hub::Config::from_toml_str("[cors]\nwithheld = [\"userinfo\"]", "hub.toml").unwrap();
    let hub = LocalHub::builder().config(config).control(true).start().await.unwrap();
    assert!(!is_readable(&asked(&hub, "GET", "/oauth/userinfo").await));
    assert_eq!(get_json(&hub, "/_control/cors").await, json!({ "withheld": ["userinfo"] }));

    let order = |body: serde_json::Value| client().post(hub.url("/_control/cors")).json(&body).send();
    assert_eq!(order(json!({ "withheld": ["token", "jwks"] })).await.unwrap().status(), 200);
    assert!(is_readable(&asked(&hub, "GET", "/oauth/userinfo").await));
    assert!(!is_readable(&asked(&hub, "POST", "/oauth/token").await));
    assert_eq!(
        order(json!({ "withheld": ["tokens"] })).await.unwrap().status(),
        400,
        "there is no such endpoint"
    );
    assert_eq!(get_json(&hub, "/_control/cors").await, json!({ "withheld": ["token", "jwks"] }));

    let hub = LocalHub::builder().withhold_cors([Endpoint::Discovery]).start().await.unwrap();
    assert!(!is_readable(&asked(&hub, "GET", "/.well-known/openid-configuration").await));
}

#[tokio::test]
async fn a_stream_is_slowed_down_event_by_event() {
    let hub = hub().await;
    let tokens = tokens(&hub, "openid inference-api").await;
    hub.fault(
        hf_oauth_hub::Fault::slow_body(std::time::Duration::from_millis(2)).on(Endpoint::ChatCompletions),
    );
    let body = json!({ "model": "m", "stream": true, "messages": [{ "role": "user", "content": "x" }] });
    let asked = client().post(hub.url("/v1/chat/completions")).bearer_auth(text(&tokens, "access_token"));
    let answer = asked.json(&body).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), is_readable(&answer)), (200, true));
    assert!(answer.text().await.unwrap().ends_with("data: [DONE]\n\n"), "whole all the same");
}
