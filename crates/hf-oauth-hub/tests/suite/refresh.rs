use hf_oauth_hub::{LocalHub, RefreshMode};

use crate::support::*;

#[tokio::test]
async fn row_157_a_refresh_token_rotates_and_using_it_again_ends_the_login() {
    let hub = hub().await;
    let first = tokens(&hub, "openid profile").await;
    let second = ok(refresh(&hub, text(&first, "refresh_token")).await).await;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    let (old, new) = (part(text(&first, "id_token"), 1), part(text(&second, "id_token"), 1));
    assert_eq!(old["sub"], new["sub"]);
    assert!(new.get("nonce").is_none());

    assert_eq!(error(refresh(&hub, text(&first, "refresh_token")).await, 400).await, "invalid_grant");
    for tokens in [&first, &second] {
        assert_eq!(userinfo(&hub, text(tokens, "access_token")).await.status(), 401);
    }
    assert_eq!(error(refresh(&hub, text(&second, "refresh_token")).await, 400).await, "invalid_grant");
}

#[tokio::test]
async fn row_157_with_grace_the_old_token_works_for_a_while() {
    let hub = hub().await;
    hub.set_refresh_mode(RefreshMode::RotateWithGrace(30));
    let first = tokens(&hub, "openid").await;
    ok(refresh(&hub, text(&first, "refresh_token")).await).await;
    hub.clock().advance(29);
    ok(refresh(&hub, text(&first, "refresh_token")).await).await;
    hub.clock().advance(1);
    assert_eq!(error(refresh(&hub, text(&first, "refresh_token")).await, 400).await, "invalid_grant");
}

#[tokio::test]
async fn row_157_without_rotation_no_new_one_comes_back() {
    let hub = LocalHub::builder().refresh_mode(RefreshMode::Keep).start().await.unwrap();
    hub.add_app(hf_oauth_hub::AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let first = tokens(&hub, "openid").await;
    for _ in 0..3 {
        let next = ok(refresh(&hub, text(&first, "refresh_token")).await).await;
        assert!(next.get("refresh_token").is_none(), "{next}");
    }
}

#[tokio::test]
async fn row_157_scopes_never_grow() {
    let hub = hub().await;
    let first = tokens(&hub, "openid profile email").await;
    let ask = async |token: &str, scope: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "app"),
            ("refresh_token", token),
            ("scope", scope),
        ];
        post_token(&hub, &form).await
    };
    let wider = ask(text(&first, "refresh_token"), "openid profile email write-repos").await;
    assert_eq!(error(wider, 400).await, "invalid_scope");
    let narrow = ok(ask(text(&first, "refresh_token"), "openid").await).await;
    assert_eq!(narrow["scope"], "openid");
    let info = ok(userinfo(&hub, text(&narrow, "access_token")).await).await;
    assert!(info.get("name").is_none() && info.get("email").is_none(), "{info}");
    // The refresh token itself still stands for what was granted (RFC 6749 section 6).
    let again = ok(refresh(&hub, text(&narrow, "refresh_token")).await).await;
    assert_eq!(again["scope"], "openid profile email");
}

#[tokio::test]
async fn a_refresh_token_belongs_to_its_app_and_expires() {
    let hub = hub().await;
    let first = tokens(&hub, "openid").await;
    let token = text(&first, "refresh_token");
    for client_id in ["", "local-app", "nobody"] {
        let form = [("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", token)];
        let expected =
            if client_id == "local-app" { (400, "invalid_grant") } else { (401, "invalid_client") };
        assert_eq!(error(post_token(&hub, &form).await, expected.0).await, expected.1);
    }
    hub.clock().advance(90 * 86_400);
    assert_eq!(error(refresh(&hub, token).await, 400).await, "invalid_grant");
}

#[tokio::test]
async fn an_app_with_a_secret_must_show_it_to_refresh() {
    let hub = hub().await;
    let code = code(&hub, &[("client_id", "server")]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let first = ok(post_token(&hub, &form).await).await;
    let bare = [
        ("grant_type", "refresh_token"),
        ("client_id", "server"),
        ("refresh_token", text(&first, "refresh_token")),
    ];
    assert_eq!(error(post_token(&hub, &bare).await, 401).await, "invalid_client");
    ok(post_token(&hub, &[&bare[..], &[("client_secret", "s3cr+t: -/é")]].concat()).await).await;
}
