//! The members of every answer, held against what is documented of the real Hub: a member that appears or goes is
//! seen here before a client meets it.

use hf_oauth_hub::LocalHub;
use serde_json::Value;

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
