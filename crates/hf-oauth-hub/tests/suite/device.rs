//! The device flow as a terminal and a person's browser meet it.

use hf_oauth_hub::{AppConfig, Clock, Endpoint, Fault, LocalHub};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const COMMAND_LINE: &str = "26be6b09-91c5-47da-9861-d2d2bb7a7e36";

async fn post(hub: &LocalHub, path: &str, form: &[(&str, &str)]) -> Response {
    client().post(hub.url(path)).form(form).send().await.unwrap()
}

async fn begin(hub: &LocalHub) -> Value {
    ok(post(hub, "/oauth/device", &[("client_id", "app"), ("scope", "openid profile")]).await).await
}

async fn poll(hub: &LocalHub, client_id: &str, started: &Value) -> Response {
    let code = text(started, "device_code");
    post_token(hub, &[("grant_type", GRANT), ("client_id", client_id), ("device_code", code)]).await
}

#[tokio::test]
async fn row_160_the_answer_has_the_members_of_the_hubs_and_no_others() {
    let hub = hub().await;
    let started = begin(&hub).await;
    let mut members: Vec<&String> = started.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["device_code", "expires_in", "user_code", "verification_uri"]);
    assert_eq!(started["expires_in"], 300);
    assert_eq!(text(&started, "verification_uri"), hub.url("/oauth/device"));
    let user_code = text(&started, "user_code");
    assert_eq!((user_code.len(), user_code.find('-')), (9, Some(4)), "{user_code}");
    let discovery = get_json(&hub, "/.well-known/openid-configuration").await;
    assert_eq!(text(&discovery, "device_authorization_endpoint"), hub.url("/oauth/device"));
}

#[tokio::test]
async fn interval_and_the_complete_address_come_only_when_asked_for() {
    let hub = LocalHub::builder().device_interval(7).verification_uri_complete(true).start().await.unwrap();
    let started = ok(post(&hub, "/oauth/device/code", &[("client_id", "local-app")]).await).await;
    assert_eq!(started["interval"], 7);
    let complete = text(&started, "verification_uri_complete");
    assert_eq!(complete, format!("{}?user_code={}", hub.url("/oauth/device"), text(&started, "user_code")));
    let page = client().get(complete).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Continue as Ada Lovelace"));
}

#[tokio::test]
async fn the_command_line_asks_for_nothing_and_gets_its_scopes_for_thirty_days() {
    let hub = hub().await;
    let started = ok(post(&hub, "/oauth/device", &[("client_id", COMMAND_LINE)]).await).await;
    assert_eq!(error(poll(&hub, COMMAND_LINE, &started).await, 400).await, "authorization_pending");
    hub.approve_device(&text(&started, "user_code").to_lowercase(), "ada").await.unwrap();
    let tokens = ok(poll(&hub, COMMAND_LINE, &started).await).await;
    assert_eq!(tokens["expires_in"], 30 * 86_400);
    assert!(text(&tokens, "scope").split(' ').any(|scope| scope == "write-repos"));
    assert!(part(text(&tokens, "id_token"), 1)["nonce"].is_null());
    let whoami = client()
        .get(hub.url("/api/whoami-v2"))
        .bearer_auth(text(&tokens, "access_token"))
        .send()
        .await
        .unwrap();
    let who = ok(whoami).await;
    assert_eq!(text(&who, "name"), "ada");
    assert!(who["auth"]["accessToken"]["displayName"].is_null());
    let expires = text(&who["auth"], "expiresAt");
    // 30 days after 2027-01-15T08:00:00Z.
    assert!(expires.starts_with("2027-02-14T08:00:00"), "{expires}");
    let first = text(&tokens, "refresh_token");
    let form = [("grant_type", "refresh_token"), ("client_id", COMMAND_LINE), ("refresh_token", first)];
    let next = ok(post_token(&hub, &form).await).await;
    assert_ne!(text(&next, "refresh_token"), first);
}

#[tokio::test]
async fn row_065_an_early_poll_is_told_to_slow_down_and_the_journal_shows_it() {
    let hub = hub().await;
    let started = begin(&hub).await;
    // The first may come at once; then 5 seconds, then 10, then 15.
    let steps = [
        (0, "authorization_pending"),
        (4, "slow_down"),
        (9, "slow_down"),
        (14, "slow_down"),
        (20, "authorization_pending"),
        (19, "slow_down"),
    ];
    for (wait, expected) in steps {
        hub.clock().advance(wait);
        assert_eq!(error(poll(&hub, "app", &started).await, 400).await, expected, "after {wait} s");
    }
    let journal = hub.journal();
    let early = journal.to("/oauth/token").filter(|entry| entry.error.as_deref() == Some("slow_down"));
    assert_eq!(early.count(), 4);
}

#[tokio::test]
async fn row_066_denial_and_expiry_have_errors_of_their_own() {
    let hub = hub().await;
    let denied = begin(&hub).await;
    hub.deny_device(text(&denied, "user_code"), "ada").await.unwrap();
    let answer: Value = poll(&hub, "app", &denied).await.json().await.unwrap();
    assert_eq!(answer, json!({ "error": "access_denied", "error_description": "Device code denied" }));
    let expired = begin(&hub).await;
    hub.clock().advance(299);
    assert_eq!(error(poll(&hub, "app", &expired).await, 400).await, "authorization_pending");
    hub.clock().advance(1);
    assert_eq!(error(poll(&hub, "app", &expired).await, 400).await, "expired_token");
    assert!(hub.approve_device(text(&expired, "user_code"), "ada").await.is_err());
}

#[tokio::test]
async fn row_067_faults_apply_to_the_request_and_to_polling() {
    let hub = hub().await;
    hub.fault(Fault::status(503).on(Endpoint::Device).times(1));
    assert_eq!(post(&hub, "/oauth/device", &[("client_id", "app")]).await.status(), 503);
    let started = begin(&hub).await;
    hub.fault(Fault::html(502).on(Endpoint::Token).times(1));
    assert_eq!(poll(&hub, "app", &started).await.status(), 502);
    assert_eq!(error(poll(&hub, "app", &started).await, 400).await, "authorization_pending");
}

#[tokio::test]
async fn row_156_of_two_polls_at_once_one_gets_the_tokens_and_no_other_app_does() {
    let hub = hub().await;
    let started = begin(&hub).await;
    hub.approve_device(text(&started, "user_code"), "ada").await.unwrap();
    assert_eq!(error(poll(&hub, "local-app", &started).await, 400).await, "invalid_grant");
    let (one, other) = tokio::join!(poll(&hub, "app", &started), poll(&hub, "app", &started));
    let mut statuses = [one.status().as_u16(), other.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    assert!(hub.approve_device(text(&started, "user_code"), "ada").await.is_err(), "decided already");
}

#[tokio::test]
async fn an_app_with_a_secret_shows_it_on_both_requests() {
    let hub = LocalHub::builder().clock(Clock::manual(NOW)).start().await.unwrap();
    hub.add_app(AppConfig::confidential("server", "secret").redirect_uri("http://localhost/cb"));
    let bare = [("client_id", "server")];
    assert_eq!(error(post(&hub, "/oauth/device", &bare).await, 401).await, "invalid_client");
    let request = client().post(hub.url("/oauth/device")).basic_auth("server", Some("secret"));
    let started = ok(request.form(&bare).send().await.unwrap()).await;
    assert_eq!(error(poll(&hub, "server", &started).await, 401).await, "invalid_client");
    hub.approve_device(text(&started, "user_code"), "grace").await.unwrap();
    let form = [("grant_type", GRANT), ("device_code", text(&started, "device_code"))];
    let request = client().post(hub.url("/oauth/device/token")).basic_auth("server", Some("secret"));
    assert_eq!(text(&ok(request.form(&form).send().await.unwrap()).await, "scope"), "openid profile");
}

#[tokio::test]
async fn a_person_is_asked_every_time_and_a_foreign_form_decides_nothing() {
    let hub = hub().await;
    for _ in 0..2 {
        let started = begin(&hub).await;
        assert_eq!(error(poll(&hub, "app", &started).await, 400).await, "authorization_pending");
        let forged = [("request", "user_code=x"), ("token", "guess"), ("decision", "approve")];
        assert_eq!(post(&hub, "/oauth/device/consent", &forged).await.status(), 403);
        hub.approve_device(text(&started, "user_code"), "ada").await.unwrap();
        ok(poll(&hub, "app", &started).await).await;
    }
    let typed = hub.url("/oauth/device?user_code=AAAA-AAAA");
    let page = client().get(typed).send().await.unwrap();
    assert_eq!(page.status(), 400);
    assert!(page.text().await.unwrap().contains("No device waits under"));
}

#[tokio::test]
async fn a_test_in_another_language_decides_by_control() {
    let hub = LocalHub::builder().control(true).start().await.unwrap();
    let form = [("client_id", "local-app")];
    let started = ok(post(&hub, "/oauth/device", &form).await).await;
    let order = json!({ "user_code": started["user_code"], "username": "ada", "decision": "deny" });
    let done = client().post(hub.url("/_control/device")).json(&order).send().await.unwrap();
    assert_eq!(ok(done).await, json!({ "ok": true }));
    assert_eq!(error(poll(&hub, "local-app", &started).await, 400).await, "access_denied");
}
