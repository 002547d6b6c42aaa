//! A real model behind the hub, played by a server that shows what it was sent.

use futures_util::StreamExt as _;
use hf_oauth_hub::{AppConfig, LocalHub, StartError};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::*;

const SCOPES: &str = "openid inference-api";

async fn hub_before(upstream: &str) -> (LocalHub, String) {
    let hub = LocalHub::builder().inference_upstream(upstream).start().await.unwrap();
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let token = text(&tokens(&hub, SCOPES).await, "access_token").to_owned();
    (hub, token)
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// A request as it came, to the end of its body.
async fn received(stream: &mut TcpStream) -> String {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                return text;
            }
        }
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "{text}");
        bytes.extend(&buffer[..read]);
    }
}

fn ask(hub: &LocalHub, token: &str) -> reqwest::RequestBuilder {
    let request = client().post(hub.url("/v1/chat/completions")).bearer_auth(token);
    request.header("cookie", "session=mine").json(&json!({ "model": "m", "stream": true }))
}

#[tokio::test]
async fn a_stream_passes_piece_by_piece_and_the_token_stays_here() {
    let (listener, url) = listener().await;
    let (hub, token) = hub_before(&url).await;
    let (seen, wait) = tokio::sync::oneshot::channel::<()>();
    let upstream = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = received(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nset-cookie: a=b\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(format!("{head}9\r\ndata: 1\n\n\r\n").as_bytes()).await.unwrap();
        // Only once the client has the first piece does the second exist.
        wait.await.unwrap();
        stream.write_all(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n").await.unwrap();
        request
    });
    let response = ask(&hub, &token).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    assert!(!response.headers().contains_key("set-cookie"));
    let mut pieces = response.bytes_stream();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "data: 1\n\n");
    seen.send(()).unwrap();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "data: 2\n\n");
    assert!(pieces.next().await.is_none());
    let request = upstream.await.unwrap().to_lowercase();
    assert!(request.starts_with("post /v1/chat/completions http/1.1\r\n"), "{request}");
    assert!(request.ends_with(r#"{"model":"m","stream":true}"#), "{request}");
    for secret in ["authorization", "cookie", token.to_lowercase().as_str()] {
        assert!(!request.contains(secret), "{secret} in {request}");
    }
}

#[tokio::test]
async fn what_the_upstream_refuses_is_said_as_it_said_it() {
    let (listener, url) = listener().await;
    let (hub, token) = hub_before(&format!("{url}/v1")).await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        received(&mut stream).await;
        let answer = "HTTP/1.1 429 Slow Down\r\nretry-after: 7\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nslow";
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    let response = ask(&hub, &token).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(response.text().await.unwrap(), "slow");
}

#[tokio::test]
async fn an_upstream_that_breaks_off_ends_in_an_error_and_not_in_a_whole_answer() {
    let (listener, url) = listener().await;
    let (hub, token) = hub_before(&url).await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        received(&mut stream).await;
        let cut = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n";
        stream.write_all(cut.as_bytes()).await.unwrap();
    });
    let response = ask(&hub, &token).send().await.unwrap();
    assert!(response.text().await.is_err());
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_a_502_that_names_it() {
    let (listener, url) = listener().await;
    drop(listener);
    let (hub, token) = hub_before(&url).await;
    let response = ask(&hub, &token).send().await.unwrap();
    assert_eq!(response.status(), 502);
    let body: Value = response.json().await.unwrap();
    assert!(text(&body, "error").contains(&url), "{body}");
    let chats = hub.journal();
    assert_eq!(chats.to("/v1/chat/completions").map(|entry| entry.status).collect::<Vec<_>>(), [502]);
    let without = text(&tokens(&hub, "openid").await, "access_token").to_owned();
    assert_eq!(ask(&hub, &without).send().await.unwrap().status(), 403);
    assert_eq!(ask(&hub, "guess").send().await.unwrap().status(), 401);
    assert!(hub.banner().contains(&format!("Chats:  {url}/v1/chat/completions")));
}

#[tokio::test]
async fn an_upstream_beyond_http_stops_the_start() {
    let refused = LocalHub::builder().inference_upstream("https://router.huggingface.co").start().await;
    assert!(matches!(refused, Err(StartError::Upstream { .. })), "{refused:?}");
}
