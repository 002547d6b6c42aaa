use hf_oauth_hub::{Auth, Config, LocalHub};
use serde_json::json;

use crate::support::*;

async fn info(hub: &LocalHub, username: &str, scope: &str) -> serde_json::Value {
    let location = hub.approve(&authorize_url(hub, &[("scope", scope)]), username).await.unwrap();
    let tokens = ok(redeem(hub, &param(&location, "code").unwrap()).await).await;
    ok(userinfo(hub, text(&tokens, "access_token")).await).await
}

#[tokio::test]
async fn userinfo_says_what_the_scopes_allow() {
    let hub = hub().await;
    assert_eq!(
        info(&hub, "grace", "openid").await,
        json!({ "sub": info(&hub, "grace", "openid").await["sub"], "orgs": [] })
    );
    let ada = info(&hub, "ada", "openid profile").await;
    assert_eq!((&ada["isPro"], &ada["name"]), (&json!(true), &json!("Ada Lovelace")));
    assert!(ada.get("email").is_none() && ada.get("canPay").is_none(), "{ada}");
    let ada = info(&hub, "ada", "openid profile email read-billing").await;
    assert_eq!(
        (&ada["email"], &ada["email_verified"], &ada["canPay"]),
        (&json!("ada@example.com"), &json!(true), &json!(true))
    );
    let org = &ada["orgs"][0];
    assert_eq!(
        (&org["preferred_username"], &org["roleInOrg"], &org["plan"]),
        (&json!("analytical-engine"), &json!("admin"), &json!("team"))
    );
    assert_eq!((&org["isEnterprise"], &ada["orgs"][1]["isEnterprise"]), (&json!(false), &json!(true)));
    assert_eq!(org["canPay"], json!(true));
}

#[tokio::test]
async fn the_personas_cover_the_cases() {
    let hub = hub().await;
    assert_eq!(info(&hub, "grace", "openid profile").await["orgs"], json!([]));
    let linus = info(&hub, "linus", "openid profile").await;
    let orgs = linus["orgs"].as_array().unwrap();
    assert_eq!(orgs.len(), 200);
    let subs: std::collections::HashSet<&str> = orgs.iter().map(|org| org["sub"].as_str().unwrap()).collect();
    assert_eq!(subs.len(), 200);
    assert!(subs.iter().all(|sub| sub.len() == 24 && sub.bytes().all(|byte| byte.is_ascii_hexdigit())));
    let alan = info(&hub, "alan", "openid profile").await;
    assert_eq!(alan["orgs"][0]["securityRestrictions"], json!(["sso"]));
    assert_eq!(alan["orgs"][0]["pendingSSO"], json!(true));
    // The same people at every hub.
    let other = crate::support::hub().await;
    assert_eq!(info(&other, "linus", "openid profile").await["sub"], linus["sub"]);
}

#[tokio::test]
async fn whoami_knows_oauth_tokens() {
    let hub = hub().await;
    let tokens = tokens(&hub, "openid profile email").await;
    let request = client().get(hub.url("/api/whoami-v2")).bearer_auth(text(&tokens, "access_token"));
    let body = ok(request.send().await.unwrap()).await;
    assert_eq!(
        (&body["type"], &body["name"], &body["fullname"]),
        (&json!("user"), &json!("ada"), &json!("Ada Lovelace"))
    );
    assert_eq!((&body["email"], &body["isPro"]), (&json!("ada@example.com"), &json!(true)));
    assert_eq!(body["orgs"][0]["name"], "analytical-engine");
    assert!(body["auth"]["accessToken"].get("displayName").is_none());
    assert_eq!(body["auth"]["expiresAt"], "2027-01-15T16:00:00.000Z");
    let entry = hub.journal().entries().last().unwrap().clone();
    assert_eq!(
        (entry.auth, entry.client_id.as_deref(), entry.username.as_deref()),
        (Auth::Bearer, Some("app"), Some("ada"))
    );
}

#[tokio::test]
async fn bad_tokens_are_refused_as_the_hub_does() {
    let hub = hub().await;
    for path in ["/oauth/userinfo", "/api/whoami-v2"] {
        for authorization in ["", "Bearer hf_oauth_local_x", "Basic x", "Bearer", "Bearer \t"] {
            let mut request = client().get(hub.url(path));
            if !authorization.is_empty() {
                request = request.header("authorization", authorization);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{path} {authorization}");
            assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
            assert!(response.json::<serde_json::Value>().await.unwrap()["error"].is_string());
        }
    }
}

#[tokio::test]
async fn browsers_on_other_origins_may_ask() {
    let hub = hub().await;
    for path in ["/oauth/userinfo", "/api/whoami-v2", "/oauth/token", "/v1/chat/completions"] {
        let request = client().request(reqwest::Method::OPTIONS, hub.url(path));
        let request =
            request.header("origin", "https://app.example").header("access-control-request-method", "POST");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        let headers = response.headers()["access-control-allow-headers"].to_str().unwrap();
        assert!(headers.contains("authorization") && headers.contains("content-type"));
    }
    for path in ["/.well-known/openid-configuration", "/oauth/jwks", "/oauth/userinfo", "/api/whoami-v2"] {
        let response = client().get(hub.url(path)).send().await.unwrap();
        assert_eq!(response.headers()["access-control-allow-origin"], "*", "{path}");
    }
    let home = client().get(hub.url("/")).send().await.unwrap();
    assert!(home.headers().get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn discovery_says_where_everything_is() {
    let hub = hub().await;
    let document = get_json(&hub, "/.well-known/openid-configuration").await;
    assert_eq!(document["issuer"], hub.issuer());
    for (key, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("jwks_uri", "/oauth/jwks"),
    ] {
        assert_eq!(document[key], hub.url(path));
    }
    assert!(document.get("scopes_supported").is_none());
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test]
async fn an_issuer_may_have_a_path() {
    let hub = LocalHub::builder().issuer("http://127.0.0.1:1/realms/hf/").start().await.unwrap();
    assert_eq!(hub.issuer(), "http://127.0.0.1:1/realms/hf/");
    let at = |path: &str| format!("http://127.0.0.1:{}{path}", hub.port());
    let document =
        ok(client().get(at("/realms/hf/.well-known/openid-configuration")).send().await.unwrap()).await;
    assert_eq!(document["token_endpoint"], "http://127.0.0.1:1/realms/hf/oauth/token");
    for outside in ["/.well-known/openid-configuration", "/realms/hfx/oauth/jwks", "/realms"] {
        assert_eq!(client().get(at(outside)).send().await.unwrap().status(), 404, "{outside}");
    }
    let page = client().get(at("/realms/hf")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("href=\"/realms/hf/assets/hub.css\""), "{page}");
    hub.add_app(hf_oauth_hub::AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let location = hub.approve(&authorize_url(&hub, &[("prompt", "login")]), "ada").await.unwrap();
    assert!(param(&location, "code").is_some());
    assert!(hub.journal().count("/oauth/authorize") > 0);
}

#[tokio::test]
async fn configured_people_are_as_configured() {
    let text = r#"
        [[users]]
        username = "mary"
        sub = "5f0c746c516fa614d7fb5c4b"
        email = "mary@example.com"
        email_verified = false
        picture = "/pictures/mary.png"
        orgs = [{ username = "royal", sub = "aaaaaaaaaaaaaaaaaaaaaaaa", role = "write", security_restrictions = ["mfa", "ip"] }]
    "#;
    let config = Config::from_toml_str(text, "hub.toml").unwrap();
    let hub = LocalHub::builder().config(config).start().await.unwrap();
    hub.add_app(hf_oauth_hub::AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let mary = info(&hub, "mary", "openid profile email").await;
    assert_eq!(mary["sub"], "5f0c746c516fa614d7fb5c4b");
    assert_eq!((&mary["name"], &mary["email_verified"]), (&json!("mary"), &json!(false)));
    assert_eq!(mary["picture"], hub.url("/pictures/mary.png"));
    assert_eq!(mary["orgs"][0]["securityRestrictions"], json!(["mfa", "ip"]));
    assert_eq!(mary["orgs"][0]["sub"], "aaaaaaaaaaaaaaaaaaaaaaaa");
    assert_eq!((&mary["orgs"][0]["missingMFA"], mary["orgs"][0].get("pendingSSO")), (&json!(true), None));
}
