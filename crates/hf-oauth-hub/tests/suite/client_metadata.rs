//! An app that nobody registered: it serves a document about itself, whose URL is its client id.

use std::sync::{Arc, Mutex};

use hf_oauth_hub::{AppConfig, Clock, LocalHub};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::*;

/// A website on this machine, and what it was asked.
struct Website {
    client_id: String,
    answer: Arc<Mutex<String>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Website {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let client_id = format!("http://127.0.0.1:{port}/.well-known/oauth-cimd");
        let site = Self { client_id, answer: Arc::default(), asked: Arc::default() };
        site.serves(&site.document(), "");
        let (answer, asked) = (Arc::clone(&site.answer), Arc::clone(&site.asked));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buffer = [0; 4_096];
                let read = stream.read(&mut buffer).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
                asked.lock().unwrap().push(request.lines().next().unwrap_or_default().to_owned());
                let answer = answer.lock().unwrap().clone();
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        site
    }

    fn document(&self) -> Value {
        json!({
            "client_id": self.client_id, "client_name": "Nobody's <app>", "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "none",
        })
    }

    fn serves(&self, document: &Value, headers: &str) {
        let body = document.to_string();
        *self.answer.lock().unwrap() = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
    }

    fn is_gone(&self) {
        *self.answer.lock().unwrap() = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned();
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn authorize_url(&self, hub: &LocalHub) -> String {
        authorize_url(hub, &[("client_id", &self.client_id)])
    }

    async fn redeem(&self, hub: &LocalHub, code: &str) -> reqwest::Response {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client_id.as_str()),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        post_token(hub, &form).await
    }
}

async fn page(url: &str) -> (u16, String) {
    let answer = client().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn an_app_that_nobody_registered_signs_in_and_refreshes() {
    let (hub, site) = (hub().await, Website::start().await);
    let back = hub.approve(&site.authorize_url(&hub), "ada").await.unwrap();
    let tokens = ok(site.redeem(&hub, &param(&back, "code").unwrap()).await).await;
    let claims = part(text(&tokens, "id_token"), 1);
    assert_eq!((text(&claims, "aud"), text(&claims, "preferred_username")), (site.client_id.as_str(), "ada"));
    // What was granted stands when the website is away, and an hour later.
    site.is_gone();
    hub.clock().advance(7_000);
    let refreshed = [
        ("grant_type", "refresh_token"),
        ("client_id", site.client_id.as_str()),
        ("refresh_token", text(&tokens, "refresh_token")),
    ];
    ok(post_token(&hub, &refreshed).await).await;
    assert_eq!(site.asked.lock().unwrap().as_slice(), ["GET /.well-known/oauth-cimd HTTP/1.1"]);
    let discovery = get_json(&hub, "/.well-known/openid-configuration").await;
    assert_eq!(discovery["client_id_metadata_document_supported"], true);
}

#[tokio::test]
async fn the_consent_page_names_the_app_and_the_host_it_is_from() {
    let (hub, site) = (hub().await, Website::start().await);
    let (status, html) = page(&site.authorize_url(&hub)).await;
    let host = site.client_id.split('/').nth(2).unwrap();
    assert_eq!(status, 200);
    assert!(html.contains(host) && html.contains("Nobody") && !html.contains("<app>"), "{html}");
}

#[tokio::test]
async fn a_document_is_asked_for_again_when_its_time_is_over() {
    let (hub, site) = (hub().await, Website::start().await);
    site.serves(&site.document(), "cache-control: max-age=100\r\n");
    for _ in 0..3 {
        assert_eq!(page(&site.authorize_url(&hub)).await.0, 200);
    }
    assert_eq!(site.asked(), 1);
    hub.clock().advance(100);
    let mut changed = site.document();
    changed["redirect_uris"] = json!(["http://localhost/elsewhere"]);
    site.serves(&changed, "");
    let (status, html) = page(&site.authorize_url(&hub)).await;
    assert_eq!((status, site.asked()), (400, 2));
    assert!(html.contains("not registered") && html.contains("http://localhost/elsewhere"), "{html}");
    // An error is not kept (section 5.1): the next request finds the document that was put right.
    hub.clock().advance(100);
    site.is_gone();
    assert_eq!(page(&site.authorize_url(&hub)).await.0, 400);
    site.serves(&site.document(), "");
    assert_eq!(page(&site.authorize_url(&hub)).await.0, 200);
}

#[tokio::test]
async fn a_document_that_cannot_be_used_is_a_page_that_says_why() {
    let (hub, site) = (hub().await, Website::start().await);
    let with = |name: &str, value: Value| {
        let mut document = site.document();
        document[name] = value;
        document
    };
    for (document, why) in [
        (with("client_id", json!("https://huggingface.co/.well-known/oauth-cimd")), "another client_id"),
        (with("redirect_uris", json!([CALLBACK, "javascript:alert(1)"])), "javascript:alert(1)"),
        (with("redirect_uris", json!([CALLBACK, "https://evil.example/cb"])), "https://evil.example/cb"),
        (with("client_name", json!("x".repeat(6_000))), "larger than 5 KiB"),
    ] {
        site.serves(&document, "");
        let (status, html) = page(&site.authorize_url(&hub)).await;
        assert_eq!(status, 400);
        assert!(html.contains(why) && html.contains(&site.client_id), "{html}");
        let refused = site.redeem(&hub, "x").await;
        assert_eq!(error(refused, 401).await, "invalid_client");
    }
    for (client_id, why) in [
        ("https://10.0.0.1/.well-known/oauth-cimd", "private network"),
        ("https://169.254.169.254/latest/meta-data", "private network"),
        ("https://[fd00:ec2::254]/x", "private network"),
        ("http://app.example/.well-known/oauth-cimd", "neither https"),
        ("http://localhost:1/admin", "nowhere else"),
        ("https://app.example/../x", "as browsers write it"),
    ] {
        let (status, html) = page(&authorize_url(&hub, &[("client_id", client_id)])).await;
        assert_eq!(status, 400, "{client_id}");
        assert!(html.contains(why), "{client_id}: {html}");
    }
    let asked = site.asked();
    site.is_gone();
    let form = [("client_id", site.client_id.as_str())];
    let device = client().post(hub.url("/oauth/device")).form(&form).send().await.unwrap();
    assert_eq!(error(device, 401).await, "invalid_client");
    assert_eq!(site.asked(), asked + 1);
}

#[tokio::test]
async fn redirect_uris_match_exactly_and_pkce_is_demanded() {
    let (hub, site) = (hub().await, Website::start().await);
    let url = |changes: &[(&str, &str)]| {
        let mut all = vec![("client_id", site.client_id.as_str())];
        all.extend(changes);
        authorize_url(&hub, &all)
    };
    for other in ["http://localhost:7860/cb/", "http://localhost:7860/cb?x=1", "http://127.0.0.1:7860/cb"] {
        assert_eq!(page(&url(&[("redirect_uri", other)])).await.0, 400, "{other}");
    }
    // The port of a loopback address is free (RFC 8252 section 7.3).
    assert_eq!(page(&url(&[("redirect_uri", "http://localhost:9/cb")])).await.0, 200);
    let bare =
        client().get(url(&[("code_challenge", ""), ("code_challenge_method", "")])).send().await.unwrap();
    let location = bare.headers()["location"].to_str().unwrap();
    assert_eq!(param(location, "error").as_deref(), Some("invalid_request"), "{location}");
}

#[tokio::test]
async fn a_registered_app_is_not_asked_for_and_fetching_can_be_switched_off() {
    let (hub, site) = (hub().await, Website::start().await);
    hub.add_app(AppConfig::public(&site.client_id).redirect_uri(CALLBACK));
    assert_eq!(page(&site.authorize_url(&hub)).await.0, 200);
    let off =
        LocalHub::builder().clock(Clock::manual(NOW)).fetch_client_metadata(false).start().await.unwrap();
    let (status, html) = page(&site.authorize_url(&off)).await;
    assert_eq!(status, 400);
    assert!(html.contains("client_metadata"), "{html}");
    assert_eq!(site.asked(), 0);
    let discovery = get_json(&off, "/.well-known/openid-configuration").await;
    assert!(discovery.get("client_id_metadata_document_supported").is_none());
}

/// Every origin may read these answers: a page could find out by them what listens on this machine.
#[tokio::test]
async fn no_script_of_another_origin_has_the_hub_look_around() {
    let (hub, site) = (hub().await, Website::start().await);
    let form = [("grant_type", "authorization_code"), ("client_id", site.client_id.as_str()), ("code", "c")];
    let paths = ["/oauth/token", "/oauth/device"];
    let requests = || {
        let mut all: Vec<_> = paths.iter().map(|path| client().post(hub.url(path)).form(&form)).collect();
        all.push(client().get(site.authorize_url(&hub)));
        all
    };
    for origin in ["https://evil.example", "http://127.0.0.1:1", "null"] {
        for request in requests() {
            let answer =
                request.header("origin", origin).header("sec-fetch-mode", "cors").send().await.unwrap();
            assert_eq!(answer.headers()["access-control-allow-origin"], "*", "it may be read");
            assert!(answer.status().is_client_error(), "{origin}");
            let text = answer.text().await.unwrap();
            assert!(text.contains("a script of another origin"), "{origin}: {text}");
        }
    }
    assert_eq!(site.asked(), 0, "nothing was asked");
    // The app's own script, and a form of anybody's that leads the whole tab.
    let own = site.client_id.trim_end_matches("/.well-known/oauth-cimd");
    for (origin, mode) in [(own, "cors"), ("https://portal.example", "navigate")] {
        let before = site.asked();
        let asked =
            client().get(site.authorize_url(&hub)).header("origin", origin).header("sec-fetch-mode", mode);
        assert_eq!(asked.send().await.unwrap().status(), 200, "{origin}");
        hub.clock().advance(3_700);
        assert_eq!(site.asked(), before + 1, "{origin}");
    }
}
