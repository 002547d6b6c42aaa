//! How addresses are written: the issuer's own, and those that people are sent back to.

use hf_oauth_hub::{AppConfig, Clock, LocalHub};

use crate::support::*;

#[tokio::test]
async fn row_181_a_redirect_uri_without_a_path_gets_its_slash() {
    let hub = hub().await;
    hub.add_app(AppConfig::public("bare").redirect_uri("http://localhost:3000"));
    hub.add_app(AppConfig::public("query").redirect_uri("http://localhost?_target_url=%2F%3f"));
    for (app, sent, before) in [
        ("bare", "http://localhost:3000", "http://localhost:3000/?code=local_code_"),
        (
            "query",
            "http://localhost:3000?_target_url=%2F%3f",
            "http://localhost:3000/?_target_url=%2F%3f&code=local_code_",
        ),
    ] {
        let url = authorize_url(&hub, &[("client_id", app), ("redirect_uri", sent)]);
        let location = hub.approve(&url, "ada").await.unwrap();
        assert!(location.starts_with(before), "{location}");
        // The token request says what the authorization request said (RFC 6749 section 4.1.3).
        let code = param(&location, "code").unwrap();
        let form = |redirect_uri| {
            [
                ("grant_type", "authorization_code"),
                ("client_id", app),
                ("code", code.as_str()),
                ("redirect_uri", redirect_uri),
                ("code_verifier", VERIFIER),
            ]
        };
        ok(post_token(&hub, &form(sent)).await).await;
        let url = format!("{url}&prompt=consent");
        let denied = hub.deny(&url, "ada").await.unwrap();
        assert!(denied.starts_with(&before.replace("code=local_code_", "error=access_denied&")), "{denied}");
    }
}

async fn with_issuer(issuer: &str) -> LocalHub {
    let builder = LocalHub::builder().issuer(issuer).clock(Clock::manual(NOW)).send_iss(true);
    let hub = builder.start().await.unwrap();
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb"));
    hub
}

#[tokio::test]
async fn row_181_an_issuer_is_kept_as_it_was_given() {
    for (given, kept, base) in [
        ("http://localhost:1234/", "http://localhost:1234/", ""),
        ("http://localhost:1234", "http://localhost:1234", ""),
        ("http://localhost:1234/a/", "http://localhost:1234/a/", "/a"),
        ("http://localhost:1234/a", "http://localhost:1234/a", "/a"),
    ] {
        let hub = with_issuer(given).await;
        assert_eq!(hub.issuer(), kept);
        assert!(hub.banner().contains(&format!("OPENID_PROVIDER_URL={kept}\n")), "{}", hub.banner());
        let here = |path: &str| format!("http://localhost:{}{base}{path}", hub.port());
        let client = client();
        let discovery = ok(client.get(here("/.well-known/openid-configuration")).send().await.unwrap()).await;
        assert_eq!(discovery["issuer"], kept);
        assert_eq!(discovery["token_endpoint"], format!("http://localhost:1234{base}/oauth/token"));
        let location = hub.approve(&authorize_url(&hub, &[]), "ada").await.unwrap();
        assert_eq!(param(&location, "iss").as_deref(), Some(kept));
        let code = param(&location, "code").unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "app"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let tokens = ok(client.post(here("/oauth/token")).form(&form).send().await.unwrap()).await;
        assert_eq!(part(text(&tokens, "id_token"), 1)["iss"], kept);
    }
}
