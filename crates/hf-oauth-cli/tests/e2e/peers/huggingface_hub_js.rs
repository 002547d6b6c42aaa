//! Unpatched `@huggingface/hub`, under Node, signs in at the local Hub.

use serde_json::{Value, json};

use crate::support::environment;
use crate::support::hub::Hub;
use crate::support::program::{Program, bare};

const HUB: &str = r#"
    [[users]]
    username = "mary"
    name = "Mary Somerville"
    pro = true
    session = "mary-is-here"
    orgs = [{ username = "royal-society", role = "admin", plan = "team", security_restrictions = ["mfa"] }]

    [[apps]]
    client_id = "public-app"
    redirect_uris = ["http://localhost:3000/"]
    consent = "granted"

    [[apps]]
    client_id = "app-with-secret"
    client_secret = "not-a-secret"
    redirect_uris = ["http://localhost:3000/"]
    consent = "granted"
"#;

/// What the script prints, and the Hub that saw it.
async fn sign_in(client_id: &str, method: &str) -> Option<(Value, Hub)> {
    let folder = environment::node()?;
    let hub = Hub::start(HUB);
    let order = json!({
        "hubUrl": hub.url, "clientId": client_id, "redirectUrl": "http://localhost:3000/", "session": "mary-is-here",
        "scopes": "openid profile inference-api", "state": "where I was", "method": method,
    });
    let mut command = bare("node");
    command.arg(folder.join("hf-js-login.mjs")).arg(order.to_string());
    let (status, out, err) = Program::start(command).end();
    assert!(status.success(), "{out}{err}");
    Some((serde_json::from_str(&out).unwrap(), hub))
}

async fn is_signed_in(seen: &Value, hub: &Hub, client_id: &str) {
    assert_eq!(seen["authorizeStatus"], 303);
    let result = &seen["result"];
    assert_eq!(result["userInfo"]["preferred_username"], "mary");
    assert_eq!(result["userInfo"]["isPro"], true, "it asks userinfo, which says more than the ID token");
    assert_eq!(result["userInfo"]["orgs"][0]["preferred_username"], "royal-society");
    assert_eq!(result["userInfo"]["orgs"][0]["roleInOrg"], "admin");
    assert_eq!(result["userInfo"]["orgs"][0]["missingMFA"], true);
    assert_eq!(result["state"], "where I was");
    assert_eq!(result["scope"], "openid profile inference-api");

    let asked = &hub.requests_to("/oauth/authorize").await[0];
    assert_eq!(asked.param("code_challenge_method"), Some("S256"));
    assert_eq!(asked.param("nonce"), None, "its nonce is inside of its state");
    let [exchange] = &hub.requests_to("/oauth/token").await[..] else { panic!("one token request") };
    assert_eq!(exchange.outcome(), (200, "pkce"), "the verifier alone");
    assert_eq!(exchange.param("client_id"), None);
    assert_eq!(exchange.param("code_verifier"), Some("[redacted]"));
    assert_eq!(exchange.0["client_id"], client_id, "found by the code");
    let [userinfo] = &hub.requests_to("/oauth/userinfo").await[..] else { panic!("one userinfo request") };
    assert_eq!(userinfo.outcome(), (200, "bearer"));
}

#[tokio::test]
async fn huggingface_js_signs_in_at_the_local_hub() {
    let Some((seen, hub)) = sign_in("public-app", "GET").await else { return };
    is_signed_in(&seen, &hub, "public-app").await;
}

/// As its own test does it: the authorize URL by POST, and an app that has a secret.
#[tokio::test]
async fn huggingface_js_signs_in_by_post_at_an_app_with_a_secret() {
    let Some((seen, hub)) = sign_in("app-with-secret", "POST").await else { return };
    is_signed_in(&seen, &hub, "app-with-secret").await;
    assert_eq!(hub.requests_to("/oauth/authorize").await[0].0["method"], "POST");
}
