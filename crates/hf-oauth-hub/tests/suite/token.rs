use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth_hub::{AppConfig, Auth, LocalHub};
use reqwest::Response;
use url::form_urlencoded::byte_serialize;

use crate::support::*;

const SECRET: &str = "s3cr+t: -/é";
const PLAIN: [(&str, &str); 3] =
    [("client_id", "server"), ("code_challenge", ""), ("code_challenge_method", "")];

async fn basic(hub: &LocalHub, id: &str, secret: &str, form: &[(&str, &str)]) -> Response {
    let credentials = STANDARD.encode(format!("{id}:{secret}"));
    let request =
        client().post(hub.url("/oauth/token")).header("authorization", format!("Basic {credentials}"));
    request.form(form).send().await.unwrap()
}

fn exchange<'a>(code: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    [&base[..], more].concat()
}

#[tokio::test]
async fn a_code_and_its_verifier_give_all_tokens() {
    let hub = hub().await;
    let code = code(&hub, &[("nonce", "the-nonce"), ("scope", "openid profile email")]).await;
    let response = redeem(&hub, &code).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let tokens = ok(response).await;
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 28_800);
    assert_eq!(tokens["scope"], "openid profile email");
    assert!(text(&tokens, "access_token").starts_with("hf_oauth_local_"));
    assert!(text(&tokens, "access_token").len() < 100, "it must fit into other people's cookies");
    let id_token = text(&tokens, "id_token");
    assert!(signature_holds(&hub, id_token).await);
    assert_eq!(part(id_token, 0)["alg"], "RS256");
    let claims = part(id_token, 1);
    let expected = serde_json::json!({
        "iss": hub.issuer(),
        "sub": claims["sub"],
        "aud": "app",
        "iat": NOW,
        "exp": NOW + 3_600,
        "nonce": "the-nonce",
        "at_hash": claims["at_hash"],
        "name": "Ada Lovelace",
        "preferred_username": "ada",
        "profile": hub.url("/ada"),
        "picture": hub.url("/avatars/ada.svg"),
        "website": "https://example.com/ada",
        "email": "ada@example.com",
        "email_verified": true,
    });
    assert_eq!(claims, expected, "no isPro, canPay or orgs, and no lists");
    let entry = hub.journal().to("/oauth/token").next().unwrap().clone();
    assert_eq!((entry.client_id.as_deref(), entry.auth, entry.status), (Some("app"), Auth::ClientId, 200));
    assert_eq!(entry.param("code"), Some("[redacted]"));
    assert_eq!(entry.param("code_verifier"), Some("[redacted]"));
}

#[tokio::test]
async fn without_openid_there_is_no_id_token_and_without_nonce_no_nonce() {
    let hub = hub().await;
    let tokens = tokens(&hub, "profile").await;
    assert!(tokens.get("id_token").is_none());
    let tokens = crate::support::tokens(&hub, "openid").await;
    let claims = part(text(&tokens, "id_token"), 1);
    assert!(
        claims.get("nonce").is_none() && claims.get("name").is_none() && claims.get("email").is_none(),
        "{claims}"
    );
}

#[tokio::test]
async fn row_156_of_two_redemptions_at_once_one_succeeds() {
    let hub = hub().await;
    for _ in 0..10 {
        let code = code(&hub, &[]).await;
        let (one, other) = tokio::join!(redeem(&hub, &code), redeem(&hub, &code));
        let mut both = [one.status().as_u16(), other.status().as_u16()];
        both.sort_unstable();
        assert_eq!(both, [200, 400]);
    }
}

#[tokio::test]
async fn row_156_a_code_used_twice_revokes_what_came_from_it() {
    let hub = hub().await;
    let code = code(&hub, &[]).await;
    let tokens = ok(redeem(&hub, &code).await).await;
    let access = text(&tokens, "access_token");
    assert_eq!(userinfo(&hub, access).await.status(), 200);
    assert_eq!(error(redeem(&hub, &code).await, 400).await, "invalid_grant");
    assert_eq!(userinfo(&hub, access).await.status(), 401);
    assert_eq!(error(refresh(&hub, text(&tokens, "refresh_token")).await, 400).await, "invalid_grant");
}

#[tokio::test]
async fn row_156_a_code_is_bound_to_app_redirect_uri_and_verifier() {
    let hub = hub().await;
    hub.add_app(AppConfig::public("other").redirect_uri("http://localhost/cb"));
    let code = code(&hub, &[]).await;
    let right = [("client_id", "app"), ("code_verifier", VERIFIER)];
    let other_verifier = "x".repeat(43);
    let too_long = "x".repeat(129);
    let wrong: [&[(&str, &str)]; 6] = [
        &[("client_id", "other"), ("code_verifier", VERIFIER)],
        &[("client_id", "app")],
        &[("client_id", "app"), ("code_verifier", &other_verifier)],
        &[("client_id", "app"), ("code_verifier", CHALLENGE)],
        &[("client_id", "app"), ("code_verifier", "short")],
        &[("client_id", "app"), ("code_verifier", &too_long)],
    ];
    for more in wrong {
        let response = post_token(&hub, &exchange(&code, more)).await;
        assert_eq!(error(response, 400).await, "invalid_grant", "{more:?}");
    }
    for redirect_uri in ["", "http://localhost:7861/cb", "http://localhost:7860/cb/"] {
        let form = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", redirect_uri)];
        let response = post_token(&hub, &[&form[..], &right].concat()).await;
        assert_eq!(error(response, 400).await, "invalid_grant", "{redirect_uri}");
    }
    // What a stranger tried has not used it up.
    ok(post_token(&hub, &exchange(&code, &right)).await).await;
}

#[tokio::test]
async fn row_156_a_verifier_without_a_challenge_is_a_downgrade() {
    let hub = hub().await;
    let code = code(&hub, &PLAIN).await;
    let response = basic(&hub, "server", SECRET, &exchange(&code, &[("code_verifier", VERIFIER)])).await;
    assert_eq!(error(response, 400).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let hub = hub().await;
    for (age, status) in [(59, 200), (60, 400)] {
        let code = code(&hub, &[]).await;
        hub.clock().advance(age);
        assert_eq!(redeem(&hub, &code).await.status(), status, "after {age} s");
    }
}

#[tokio::test]
async fn a_secret_may_come_raw_form_encoded_or_in_the_form() {
    let hub = hub().await;
    hub.add_app(AppConfig::confidential("a-b-c", "x-y=&%zz").redirect_uri("http://localhost/cb"));
    let dashes = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    for (id, secret) in [("server", SECRET), ("a-b-c", "x-y=&%zz")] {
        let request = [&PLAIN[1..], &[("client_id", id)]].concat();
        let forms = [
            (id.to_owned(), secret.to_owned()),
            (id.to_owned(), encoded(secret)),
            (encoded(id), encoded(secret)),
            (dashes(id), dashes(secret)),
        ];
        for (sent_id, sent_secret) in forms {
            let code = code(&hub, &request).await;
            ok(basic(&hub, &sent_id, &sent_secret, &exchange(&code, &[])).await).await;
            assert_eq!(hub.journal().entries().last().unwrap().auth, Auth::Basic);
        }
        let code = code(&hub, &request).await;
        ok(post_token(&hub, &exchange(&code, &[("client_id", id), ("client_secret", secret)])).await).await;
        assert_eq!(hub.journal().entries().last().unwrap().auth, Auth::Post);
    }
    let journal = serde_json::to_string(&hub.journal()).unwrap();
    assert!(!journal.contains("s3cr") && !journal.contains("x-y"), "{journal}");
}

#[tokio::test]
async fn wrong_credentials_are_refused_and_named() {
    let hub = hub().await;
    let code = code(&hub, &[("client_id", "server")]).await;
    let form = exchange(&code, &[("code_verifier", VERIFIER)]);
    for (id, secret) in [("server", "wrong"), ("server", ""), ("nobody", SECRET), ("app", "x")] {
        let response = basic(&hub, id, secret, &form).await;
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
        assert_eq!(error(response, 401).await, "invalid_client", "{id}");
    }
    for (id, secret) in [("server", "wrong"), ("nobody", "x"), ("app", "x")] {
        let form =
            exchange(&code, &[("client_id", id), ("client_secret", secret), ("code_verifier", VERIFIER)]);
        assert_eq!(error(post_token(&hub, &form).await, 401).await, "invalid_client", "{id}");
    }
    for header in ["Basic !!!", "Basic", "Bearer x", "Basic OnNlY3JldA", "\u{7f}"] {
        let Ok(value) = reqwest::header::HeaderValue::from_str(header) else { continue };
        let request = client().post(hub.url("/oauth/token")).header("authorization", value).form(&form);
        assert_eq!(error(request.send().await.unwrap(), 401).await, "invalid_client", "{header}");
    }
    let both = [&form[..], &[("client_secret", SECRET)]].concat();
    assert_eq!(error(basic(&hub, "server", SECRET, &both).await, 400).await, "invalid_request");
    let other = [&form[..], &[("client_id", "app")]].concat();
    assert_eq!(error(basic(&hub, "server", SECRET, &other).await, 400).await, "invalid_request");
}

#[tokio::test]
async fn a_verifier_alone_is_enough_also_for_an_app_with_a_secret() {
    let hub = hub().await;
    for app in ["app", "server"] {
        let code = code(&hub, &[("client_id", app)]).await;
        ok(post_token(&hub, &exchange(&code, &[("code_verifier", VERIFIER)])).await).await;
        let entry = hub.journal().entries().last().unwrap().clone();
        assert_eq!((entry.auth, entry.client_id.as_deref()), (Auth::Pkce, Some(app)));
    }
    // Without PKCE the secret is all there is.
    for more in [&[][..], &[("client_id", "server")]] {
        let code = code(&hub, &PLAIN).await;
        assert_eq!(error(post_token(&hub, &exchange(&code, more)).await, 401).await, "invalid_client");
    }
}

#[tokio::test]
async fn requests_that_are_none_get_an_error_and_never_a_500() {
    let hub = hub().await;
    assert_eq!(error(post_token(&hub, &[]).await, 400).await, "invalid_request");
    let grant = post_token(&hub, &[("grant_type", "password"), ("client_id", "app")]).await;
    assert_eq!(error(grant, 400).await, "unsupported_grant_type");
    let twice = [("grant_type", "refresh_token"), ("client_id", "app"), ("client_id", "app")];
    assert_eq!(error(post_token(&hub, &twice).await, 400).await, "invalid_request");
    let json =
        client().post(hub.url("/oauth/token")).json(&serde_json::json!({ "grant_type": "refresh_token" }));
    assert_eq!(error(json.send().await.unwrap(), 400).await, "invalid_request");
    for body in [&b"\xff\xfe=%ff&code=%00%00"[..], b"&&&&=&=", b"grant_type=%"] {
        let request = client().post(hub.url("/oauth/token")).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.send().await.unwrap().status(), 400);
    }
    let response = client().get(hub.url("/oauth/token")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["allow"].to_str().unwrap()), (405, "POST"));
}

#[tokio::test]
async fn lifetimes_follow_the_app() {
    let hub = hub().await;
    hub.add_app(
        AppConfig::public("app").redirect_uri("http://localhost/cb").expiration_minutes(5).refresh(false),
    );
    let tokens = tokens(&hub, "openid profile").await;
    assert_eq!(tokens["expires_in"], 300);
    assert!(tokens.get("refresh_token").is_none());
    hub.clock().advance(299);
    assert_eq!(userinfo(&hub, text(&tokens, "access_token")).await.status(), 200);
    hub.clock().advance(1);
    assert_eq!(userinfo(&hub, text(&tokens, "access_token")).await.status(), 401);
}
