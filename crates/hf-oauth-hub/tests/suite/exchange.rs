//! Token exchange (RFC 8693): a CI job's identity, and an organisation's word for its member.

use hf_oauth_hub::{AppConfig, LocalHub};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const EMAIL: &str = "urn:huggingface:token-type:user-email";

/// As a job on GitHub Actions asks.
async fn id_token(hub: &LocalHub, resource: &str, audience: &str) -> String {
    let environment = hub.ci_environment(resource);
    let variable = |name: &str| &environment.iter().find(|(key, _)| *key == name).unwrap().1;
    let url = format!("{}&audience={audience}", variable("ACTIONS_ID_TOKEN_REQUEST_URL"));
    let request = client().get(url).bearer_auth(variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
    text(&ok(request.send().await.unwrap()).await, "value").to_owned()
}

async fn exchange(hub: &LocalHub, resource: &str, subject_token: &str) -> Response {
    let body = json!({
        "grant_type": GRANT, "subject_token_type": ID_TOKEN, "subject_token": subject_token, "resource": resource,
    });
    client().post(hub.url("/oauth/token")).json(&body).send().await.unwrap()
}

async fn whoami(hub: &LocalHub, tokens: &Value) -> Response {
    client().get(hub.url("/api/whoami-v2")).bearer_auth(text(tokens, "access_token")).send().await.unwrap()
}

#[tokio::test]
async fn row_063_a_job_gets_a_token_of_an_hour_for_the_owner_of_the_resource() {
    let hub = hub().await;
    for (resource, scope, owner, kind) in [
        ("ada/model", "write-repos", "ada", "user"),
        ("datasets/ada/data", "write-repos", "ada", "user"),
        ("spaces/royal-society/space", "write-repos", "royal-society", "org"),
        ("grace", "gated-repos", "grace", "user"),
    ] {
        let token = id_token(&hub, resource, hub.issuer()).await;
        assert!(signature_holds(&hub, &token).await);
        let tokens = ok(exchange(&hub, resource, &token).await).await;
        assert_eq!(
            tokens,
            json!({
                "access_token": tokens["access_token"],
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "token_type": "bearer",
                "expires_in": 3_600,
                "scope": scope,
            })
        );
        let who = ok(whoami(&hub, &tokens).await).await;
        assert_eq!((text(&who, "name"), text(&who, "type")), (owner, kind));
    }
    let entry = hub.journal().to("/oauth/token").next().cloned().unwrap();
    assert_eq!(entry.param("resource"), Some("ada/model"));
    assert_eq!(entry.param("subject_token"), Some("[redacted]"));
}

#[tokio::test]
async fn row_063_a_job_token_ends_after_its_hour_and_reaches_no_further_than_its_scope() {
    let hub = hub().await;
    let token = hub.ci_id_token("https://huggingface.co").await.unwrap();
    let tokens = ok(exchange(&hub, "ada/model", &token).await).await;
    let request = client().post(hub.url("/v1/chat/completions")).bearer_auth(text(&tokens, "access_token"));
    assert_eq!(request.send().await.unwrap().status(), 403);
    hub.clock().advance(3_599);
    assert_eq!(whoami(&hub, &tokens).await.status(), 200);
    hub.clock().advance(1);
    assert_eq!(whoami(&hub, &tokens).await.status(), 401);
}

#[tokio::test]
async fn row_063_a_word_that_is_not_for_this_hub_or_too_old_is_an_invalid_grant() {
    let hub = hub().await;
    let good = hub.ci_id_token(hub.issuer()).await.unwrap();
    let (input, _) = good.rsplit_once('.').unwrap();
    let unsigned = format!("{input}.");
    let elsewhere = hub.ci_id_token("https://github.com/local").await.unwrap();
    let other = LocalHub::start().await.unwrap();
    let foreign = other.ci_id_token("https://huggingface.co").await.unwrap();
    let login = text(&tokens(&hub, "openid").await, "id_token").to_owned();
    for word in ["a.b.c", unsigned.as_str(), &elsewhere, &foreign, &login] {
        assert_eq!(error(exchange(&hub, "ada/model", word).await, 400).await, "invalid_grant", "{word}");
    }
    for unknown in ["nobody", "nobody/model", "royal-society"] {
        assert_eq!(error(exchange(&hub, unknown, &good).await, 400).await, "invalid_grant", "{unknown}");
    }
    hub.clock().advance(300);
    assert_eq!(error(exchange(&hub, "ada/model", &good).await, 400).await, "invalid_grant");
}

#[tokio::test]
async fn row_063_what_a_job_leaves_out_or_sends_as_a_form_is_refused() {
    let hub = hub().await;
    let token = hub.ci_id_token(hub.issuer()).await.unwrap();
    let whole = json!({
        "grant_type": GRANT, "subject_token_type": ID_TOKEN, "subject_token": token, "resource": "ada/model",
    });
    for (member, value) in [
        ("grant_type", json!(null)),
        ("grant_type", json!("authorization_code")),
        ("subject_token_type", json!(EMAIL)),
        ("subject_token", json!("")),
        ("subject_token", json!([token])),
        ("resource", json!("datasets/ada")),
        ("resource", json!("ada/../grace")),
    ] {
        let mut body = whole.clone();
        body[member] = value;
        let answer = client().post(hub.url("/oauth/token")).json(&body).send().await.unwrap();
        assert_eq!(error(answer, 400).await, "invalid_request", "{member}");
    }
    let as_form = client().post(hub.url("/oauth/token")).form(&whole).send().await.unwrap();
    assert_eq!(error(as_form, 401).await, "invalid_client");
}

#[tokio::test]
async fn a_page_in_a_browser_gets_no_jobs_identity() {
    let hub = hub().await;
    let url = hub.url("/ci/id-token?audience=x");
    for token in ["", "wrong"] {
        assert_eq!(client().get(&url).bearer_auth(token).send().await.unwrap().status(), 401);
    }
    let answer = client().get(&url).bearer_auth("local-ci").send().await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let preflight = client().request(reqwest::Method::OPTIONS, &url).send().await.unwrap();
    assert_eq!(preflight.status(), 405);
}

async fn for_member(hub: &LocalHub, client_id: &str, secret: &str, fields: &[(&str, &str)]) -> Response {
    let mut form = vec![("grant_type", GRANT), ("subject_token_type", EMAIL)];
    form.extend(fields);
    let request = client().post(hub.url("/oauth/token")).basic_auth(client_id, Some(secret));
    request.form(&form).send().await.unwrap()
}

async fn with_an_organisations_app() -> LocalHub {
    let hub = hub().await;
    let app = |id: &str| AppConfig::confidential(id, "secret").redirect_uri("http://localhost/cb");
    hub.add_app(app("society").authorized_org("royal-society").scopes(["email", "inference-api"]));
    hub.add_app(app("nobodys"));
    hub
}

#[tokio::test]
async fn row_063_an_organisations_app_gets_a_token_for_a_member() {
    let hub = with_an_organisations_app().await;
    let subject = ("subject_token", "Ada@example.com");
    let tokens = ok(for_member(&hub, "society", "secret", &[subject]).await).await;
    assert_eq!(text(&tokens, "scope"), "email inference-api");
    assert!(tokens["id_token"].is_null() && tokens["refresh_token"].is_null());
    assert_eq!(text(&tokens, "issued_token_type"), "urn:ietf:params:oauth:token-type:access_token");
    let who = ok(whoami(&hub, &tokens).await).await;
    assert_eq!((text(&who, "name"), who["orgs"].as_array().unwrap().len()), ("ada", 1));
    assert_eq!(who["orgs"][0]["name"], "royal-society");
    let asked = ok(for_member(&hub, "society", "secret", &[subject, ("scope", "openid")]).await).await;
    assert_eq!(part(text(&asked, "id_token"), 1)["aud"], "society");
}

#[tokio::test]
async fn row_063_the_errors_of_an_organisations_exchange_are_the_documented_ones() {
    let hub = with_an_organisations_app().await;
    let ada = ("subject_token", "ada@example.com");
    let cases = [
        ("society", "wrong", vec![ada], 401, "invalid_client"),
        ("app", "", vec![ada], 401, "invalid_client"),
        ("nobodys", "secret", vec![ada], 401, "invalid_client"),
        ("society", "secret", vec![("subject_token", "grace@example.com")], 400, "invalid_grant"),
        ("society", "secret", vec![("subject_token", "x@example.com")], 400, "invalid_grant"),
        ("society", "secret", vec![ada, ("scope", "write-repos")], 400, "invalid_scope"),
        ("society", "secret", vec![], 400, "invalid_request"),
    ];
    for (app, secret, fields, status, expected) in cases {
        let answer = for_member(&hub, app, secret, &fields).await;
        assert_eq!(error(answer, status).await, expected, "{app} {fields:?}");
    }
}
