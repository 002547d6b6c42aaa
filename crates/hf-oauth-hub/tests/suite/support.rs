//! A client that knows nothing of the hub but its addresses.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_hub::{AppConfig, Clock, LocalHub};
use reqwest::{Client, Response};
use serde_json::Value;
use url::Url;

pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// S256 of `VERIFIER`: RFC 7636 appendix B.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "http://localhost:7860/cb";
pub(crate) const NOW: u64 = 1_800_000_000;

/// A hub whose time stands still, with a public app and one that has a secret.
pub(crate) async fn hub() -> LocalHub {
    let hub = LocalHub::builder().clock(Clock::manual(NOW)).start().await.unwrap();
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb"));
    hub.add_app(AppConfig::confidential("server", "s3cr+t: -/é").redirect_uri("http://localhost/cb"));
    hub
}

pub(crate) fn client() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// An authorize URL; a parameter without value is left out, one of the defaults may be replaced.
pub(crate) fn authorize_url(hub: &LocalHub, changes: &[(&str, &str)]) -> String {
    let mut params = vec![
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "the-state"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        params.retain(|(other, _)| other != name);
        if !value.is_empty() {
            params.push((name, value));
        }
    }
    Url::parse_with_params(&hub.url("/oauth/authorize"), params).unwrap().into()
}

/// A parameter of a redirect.
pub(crate) fn param(location: &str, name: &str) -> Option<String> {
    let url = Url::parse(location).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A code for ada.
pub(crate) async fn code(hub: &LocalHub, changes: &[(&str, &str)]) -> String {
    let location = hub.approve(&authorize_url(hub, changes), "ada").await.unwrap();
    param(&location, "code").unwrap_or_else(|| panic!("no code in {location}"))
}

pub(crate) async fn post_token(hub: &LocalHub, form: &[(&str, &str)]) -> Response {
    client().post(hub.url("/oauth/token")).form(form).send().await.unwrap()
}

/// Redeems a code of the public app.
pub(crate) async fn redeem(hub: &LocalHub, code: &str) -> Response {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    post_token(hub, &form).await
}

/// A whole login of ada at the public app.
pub(crate) async fn tokens(hub: &LocalHub, scope: &str) -> Value {
    let code = code(hub, &[("scope", scope)]).await;
    ok(redeem(hub, &code).await).await
}

pub(crate) async fn ok(response: Response) -> Value {
    let status = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// The OAuth error of an answer, whose status is checked.
pub(crate) async fn error(response: Response, status: u16) -> String {
    let found = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(found, status, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["error_description"].is_string(), "{body}");
    body["error"].as_str().unwrap().to_owned()
}

pub(crate) async fn refresh(hub: &LocalHub, refresh_token: &str) -> Response {
    let form = [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", refresh_token)];
    post_token(hub, &form).await
}

pub(crate) async fn userinfo(hub: &LocalHub, token: &str) -> Response {
    client().get(hub.url("/oauth/userinfo")).bearer_auth(token).send().await.unwrap()
}

pub(crate) async fn get_json(hub: &LocalHub, path: &str) -> Value {
    ok(client().get(hub.url(path)).send().await.unwrap()).await
}

pub(crate) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}"))
}

/// A part of a JWS: 0 the header, 1 the claims.
pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Whether the signature holds for a key that the hub publishes now.
pub(crate) async fn signature_holds(hub: &LocalHub, token: &str) -> bool {
    let jwks = get_json(hub, "/oauth/jwks").await;
    let (input, signature) = token.rsplit_once('.').unwrap();
    let bytes = |text: &Value| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let kid = &part(token, 0)["kid"];
    jwks["keys"].as_array().unwrap().iter().filter(|key| key["kid"] == *kid).any(|key| {
        let public = PublicKeyComponents { n: bytes(&key["n"]), e: bytes(&key["e"]) };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, input.as_bytes(), &signature).is_ok()
    })
}

/// A whole device login of ada at the public app.
pub(crate) async fn device_tokens(hub: &LocalHub) -> Value {
    let form = [("client_id", "app")];
    let started = ok(client().post(hub.url("/oauth/device")).form(&form).send().await.unwrap()).await;
    hub.approve_device(text(&started, "user_code"), "ada").await.unwrap();
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    let form = [grant, ("client_id", "app"), ("device_code", text(&started, "device_code"))];
    ok(post_token(hub, &form).await).await
}
