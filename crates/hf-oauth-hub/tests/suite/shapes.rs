//! The members of every answer, held against what is documented of the real Hub: a member that appears or goes is
//! seen here before a client meets it.

use hf_oauth_hub::LocalHub;
use serde_json::{Map, Value, json};

use crate::support::*;

fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn sorted(names: &str) -> Vec<&str> {
    let mut names: Vec<&str> = names.split_whitespace().collect();
    names.sort_unstable();
    names
}

async fn answer(hub: &LocalHub, path: &str, token: &str) -> Value {
    ok(client().get(hub.url(path)).bearer_auth(token).send().await.unwrap()).await
}

const EVERYTHING: &str = "openid profile email read-billing";

#[tokio::test]
async fn row_160_answers_have_the_documented_members_and_no_others() {
    let hub = hub().await;
    let tokens = tokens(&hub, EVERYTHING).await;
    assert_eq!(members(&tokens), sorted("access_token token_type expires_in scope id_token refresh_token"));
    let token = text(&tokens, "access_token");
    let user = answer(&hub, "/oauth/userinfo", token).await;
    let documented =
        "sub name preferred_username profile picture website email email_verified isPro canPay orgs";
    assert!(members(&user).iter().all(|member| sorted(documented).contains(member)), "{:?}", members(&user));
    let org = "sub name preferred_username picture plan isEnterprise canPay roleInOrg securityRestrictions pendingSSO missingMFA";
    for member in user["orgs"].as_array().unwrap().iter().flat_map(members) {
        assert!(sorted(org).contains(&member), "{member}");
    }
    let who = answer(&hub, "/api/whoami-v2", token).await;
    let documented = "id type name fullname email emailVerified isPro canPay avatarUrl periodEnd orgs auth";
    assert!(members(&who).iter().all(|member| sorted(documented).contains(member)), "{:?}", members(&who));
    assert!(["type", "accessToken"].iter().all(|member| members(&who["auth"]).contains(member)));
    let discovery = answer(&hub, "/.well-known/openid-configuration", token).await;
    for needed in sorted("issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri") {
        assert!(members(&discovery).contains(&needed), "{needed}");
    }
    assert!(!members(&discovery).contains(&"scopes_supported"), "the Hub has none");
}

/// What kind of value stands under each name; of a list, the kinds of all its items together.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("text"),
        Value::Array(items) => {
            let mut kinds: Vec<Value> = Vec::new();
            for kind in items.iter().map(shape) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            Value::Array(kinds)
        }
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), shape(value))).collect::<Map<_, _>>().into()
        }
    }
}

#[tokio::test]
async fn row_160_discovery_and_the_device_answer_have_this_shape() {
    let hub = hub().await;
    let discovery = get_json(&hub, "/.well-known/openid-configuration").await;
    let golden = json!({
        "issuer": "text",
        "authorization_endpoint": "text",
        "token_endpoint": "text",
        "device_authorization_endpoint": "text",
        "userinfo_endpoint": "text",
        "jwks_uri": "text",
        "response_types_supported": ["text"],
        "response_modes_supported": ["text"],
        "grant_types_supported": ["text"],
        "subject_types_supported": ["text"],
        "id_token_signing_alg_values_supported": ["text"],
        "token_endpoint_auth_methods_supported": ["text"],
        "code_challenge_methods_supported": ["text"],
        "prompt_values_supported": ["text"],
        "claims_supported": ["text"],
        "client_id_metadata_document_supported": "bool",
    });
    assert_eq!(shape(&discovery), golden);
    let request = client().post(hub.url("/oauth/device")).form(&[("client_id", "app")]);
    let golden = json!({
        "device_code": "text", "user_code": "text", "verification_uri": "text", "expires_in": "number",
    });
    assert_eq!(shape(&ok(request.send().await.unwrap()).await), golden);
}

#[tokio::test]
async fn row_160_tokens_of_every_login_and_their_id_token_have_this_shape() {
    let hub = hub().await;
    let golden = json!({
        "access_token": "text",
        "token_type": "text",
        "expires_in": "number",
        "scope": "text",
        "id_token": "text",
        "refresh_token": "text",
    });
    let mut claims = json!({
        "iss": "text", "sub": "text", "aud": "text", "exp": "number", "iat": "number", "at_hash": "text",
        "name": "text", "preferred_username": "text", "profile": "text", "picture": "text", "website": "text",
        "email": "text", "email_verified": "bool",
    });
    let by_code = tokens(&hub, EVERYTHING).await;
    assert_eq!(shape(&by_code), golden);
    assert_eq!(shape(&part(text(&by_code, "id_token"), 1)), claims);
    let refreshed = ok(refresh(&hub, text(&by_code, "refresh_token")).await).await;
    assert_eq!(shape(&refreshed), golden);
    let by_device = device_tokens(&hub).await;
    assert_eq!(shape(&by_device), golden);
    claims.as_object_mut().unwrap().retain(|name, _| !name.starts_with("email"));
    assert_eq!(shape(&part(text(&by_device, "id_token"), 1)), claims);
}

#[tokio::test]
async fn row_160_userinfo_and_whoami_have_this_shape() {
    let hub = hub().await;
    let tokens = tokens(&hub, EVERYTHING).await;
    let token = text(&tokens, "access_token");
    let golden = json!({
        "sub": "text", "name": "text", "preferred_username": "text", "profile": "text", "picture": "text",
        "website": "text", "email": "text", "email_verified": "bool", "isPro": "bool", "canPay": "bool",
        "orgs": [{
            "sub": "text", "name": "text", "preferred_username": "text", "picture": "text", "plan": "text",
            "isEnterprise": "bool", "canPay": "bool", "roleInOrg": "text",
        }],
    });
    assert_eq!(shape(&answer(&hub, "/oauth/userinfo", token).await), golden);
    let golden = json!({
        "type": "text", "id": "text", "name": "text", "fullname": "text", "email": "text",
        "emailVerified": "bool", "isPro": "bool", "canPay": "bool", "periodEnd": "null", "avatarUrl": "text",
        "orgs": [{
            "type": "text", "id": "text", "name": "text", "fullname": "text", "avatarUrl": "text",
            "roleInOrg": "text", "isEnterprise": "bool", "plan": "text",
        }],
        "auth": {
            "type": "text",
            "accessToken": { "role": "text", "createdAt": "text" },
            "expiresAt": "text",
        },
    });
    assert_eq!(shape(&answer(&hub, "/api/whoami-v2", token).await), golden);
    // One whose organisation demands what he has not done.
    let location = hub.approve(&authorize_url(&hub, &[]), "alan").await.unwrap();
    let tokens = ok(redeem(&hub, &param(&location, "code").unwrap()).await).await;
    let alan = answer(&hub, "/oauth/userinfo", text(&tokens, "access_token")).await;
    let golden = json!([{
        "sub": "text", "name": "text", "preferred_username": "text", "picture": "text", "plan": "text",
        "isEnterprise": "bool", "roleInOrg": "text", "securityRestrictions": ["text"], "pendingSSO": "bool",
    }]);
    assert_eq!(shape(&alan["orgs"]), golden);
}

#[tokio::test]
async fn row_160_errors_have_this_shape() {
    let hub = hub().await;
    let oauth = json!({ "error": "text", "error_description": "text" });
    let json_body = client().post(hub.url("/oauth/token")).json(&json!({ "resource": "ada" }));
    for (answer, status) in [
        (post_token(&hub, &[("grant_type", "authorization_code")]).await, 400),
        (post_token(&hub, &[("grant_type", "password"), ("client_id", "app")]).await, 400),
        (post_token(&hub, &[("client_id", "nobody")]).await, 401),
        (redeem(&hub, "unknown").await, 400),
        (refresh(&hub, "unknown").await, 400),
        (json_body.send().await.unwrap(), 400),
        (client().post(hub.url("/oauth/device")).form(&[("client_id", "nobody")]).send().await.unwrap(), 401),
    ] {
        let path = answer.url().path().to_owned();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(shape(&answer.json().await.unwrap()), oauth, "{path}");
    }
    for path in ["/oauth/userinfo", "/api/whoami-v2"] {
        let refused = client().get(hub.url(path)).bearer_auth("unknown").send().await.unwrap();
        assert_eq!(refused.status(), 401);
        assert_eq!(shape(&refused.json().await.unwrap()), json!({ "error": "text" }), "{path}");
    }
}
