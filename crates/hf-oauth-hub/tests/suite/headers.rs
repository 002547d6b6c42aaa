//! The headers of every page and redirect, by name, held against what is known of the real Hub.

use hf_oauth_hub::{Builder, FramedBy, LocalHub, SameSite, UserConfig};
use reqwest::Response;
use reqwest::header::HeaderMap;

use crate::support::*;

/// Name and value of every header, sorted; values that are new each time are cut out. What is for scripts elsewhere
/// stands at the endpoints that they ask, and is tried there.
fn listed(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<String> = headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "content-length"))
        .filter(|(name, _)| !name.as_str().starts_with("access-control-"))
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            let value = match (name.as_str(), value.split_once(';')) {
                ("set-cookie", Some((_, attributes))) => format!("local_hub_PORT=ID;{attributes}"),
                ("location", _) => "WHERE".to_owned(),
                _ => value.to_owned(),
            };
            format!("{name}: {value}")
        })
        .collect();
    lines.sort_unstable();
    lines
}

const POLICY: &str = "content-security-policy: default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                      frame-ancestors 'self'";
const COOKIE: &str = "set-cookie: local_hub_PORT=ID; Path=/; Secure; HttpOnly; SameSite=None";

fn page(cookie: bool) -> Vec<&'static str> {
    let mut lines = vec![
        "cache-control: no-store",
        POLICY,
        "content-type: text/html; charset=utf-8",
        "cross-origin-opener-policy: same-origin",
        "referrer-policy: same-origin",
        "server: hf-oauth-local-hub",
    ];
    lines.extend(cookie.then_some(COOKIE));
    lines.extend(["x-content-type-options: nosniff", "x-frame-options: SAMEORIGIN"]);
    lines
}

async fn get(url: &str, cookie: &str) -> Response {
    client().get(url).header("cookie", cookie).send().await.unwrap()
}

async fn built(builder: Builder) -> LocalHub {
    builder.user(UserConfig::new("mary").session("here")).start().await.unwrap()
}

/// An authorize URL of the default app.
fn login(hub: &LocalHub) -> String {
    let callback = "http://localhost:7860/oauth/huggingface/callback";
    authorize_url(hub, &[("client_id", "local-app"), ("redirect_uri", callback)])
}

#[tokio::test]
async fn row_181_every_page_has_the_headers_of_the_original() {
    let hub = built(LocalHub::builder()).await;
    for (path, cookie) in [
        ("/", true),
        ("/login", true),
        ("/settings/connected-applications", true),
        ("/oauth/device", false),
        ("/oauth/device?user_code=none", false),
        ("/mary", false),
        ("/oauth/authorize?client_id=nobody", false),
    ] {
        assert_eq!(listed(get(&hub.url(path), "").await.headers()), page(cookie), "{path}");
    }
    assert_eq!(listed(get(&login(&hub), "").await.headers()), page(true), "choosing a person");
    assert_eq!(listed(get(&login(&hub), "token=here").await.headers()), page(false), "consent");
    let forged = client().post(hub.url("/login")).form(&[("username", "mary")]).send().await.unwrap();
    assert_eq!(forged.status(), 403);
    assert_eq!(listed(forged.headers()), page(false));
}

#[tokio::test]
async fn row_181_redirects_have_the_headers_of_the_original() {
    let hub = built(LocalHub::builder()).await;
    hub.approve(&login(&hub), "mary").await.unwrap();
    let back = get(&login(&hub), "token=here").await;
    let golden = [
        "cache-control: no-store",
        "cross-origin-opener-policy: same-origin",
        "location: WHERE",
        "referrer-policy: no-referrer",
        "server: hf-oauth-local-hub",
        "x-content-type-options: nosniff",
    ];
    assert_eq!((back.status().as_u16(), listed(back.headers())), (303, golden.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn row_181_what_is_no_page_has_no_opener_policy_and_every_answer_has_nosniff() {
    let hub = built(LocalHub::builder()).await;
    for path in [
        "/.well-known/openid-configuration",
        "/oauth/jwks",
        "/oauth/userinfo",
        "/assets/hub.css",
        "/assets/icon.svg",
        "/favicon.ico",
        "/avatars/mary.svg",
        "/nothing",
        "/api/nothing",
        "/oauth/token",
    ] {
        let answer = get(&hub.url(path), "").await;
        assert!(!answer.headers().contains_key("cross-origin-opener-policy"), "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
    }
    let icon = get(&hub.url("/favicon.ico"), "").await;
    assert_eq!(
        (icon.status().as_u16(), &icon.headers()["content-type"]),
        (200, &"image/svg+xml".parse().unwrap())
    );
}

#[tokio::test]
async fn row_181_what_the_original_may_do_otherwise_is_switched() {
    let builder =
        LocalHub::builder().opener_policy(false).framed_by(FramedBy::Nobody).same_site(SameSite::Lax);
    let hub = built(builder).await;
    let answer = get(&login(&hub), "").await;
    let headers = answer.headers();
    assert!(!headers.contains_key("cross-origin-opener-policy"));
    assert!(headers["content-security-policy"].to_str().unwrap().ends_with("frame-ancestors 'none'"));
    assert_eq!(headers["x-frame-options"], "DENY");
    let cookie = headers["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    hub.approve(&login(&hub), "mary").await.unwrap();
    let back = get(&login(&hub), "token=here").await;
    assert_eq!(back.status(), 303);
    assert!(!back.headers().contains_key("cross-origin-opener-policy"));
}

/// A browser keeps no `Secure` cookie from `http` elsewhere, and without a cookie nobody signs in.
#[tokio::test]
async fn row_181_a_hub_that_others_reach_by_http_sets_a_cookie_that_browsers_keep() {
    let everywhere = std::net::IpAddr::from([0, 0, 0, 0]);
    // Only asked here, under the names that others would use.
    for (issuer, host, attributes) in [
        (None, "192.0.2.1:PORT", "; Path=/; HttpOnly; SameSite=Lax"),
        (None, "localhost:PORT", "; Path=/; Secure; HttpOnly; SameSite=None"),
        (None, "127.0.0.1:PORT", "; Path=/; Secure; HttpOnly; SameSite=None"),
        (Some("https://hub.example"), "hub.example", "; Path=/; Secure; HttpOnly; SameSite=None"),
        (Some("http://hub.example"), "hub.example", "; Path=/; HttpOnly; SameSite=Lax"),
    ] {
        let mut builder = LocalHub::builder().dangerously_bind(everywhere);
        if let Some(issuer) = issuer {
            builder = builder.issuer(issuer);
        }
        let hub = builder.start().await.unwrap();
        let host = host.replace("PORT", &hub.port().to_string());
        let url = format!("http://127.0.0.1:{}/login", hub.port());
        let answer = client().get(url).header("host", &host).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with(attributes), "{host}: {cookie}");
    }
}
