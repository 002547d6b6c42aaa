use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use futures_util::future::join_all;
use hf_oauth_hub::{LocalHub, ServeOptions, StartError, serve_command};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::*;

/// Sends bytes as they are and gives the status line.
async fn raw(hub: &LocalHub, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", hub.port())).await.unwrap();
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

async fn with_host(hub: &LocalHub, host: &str) -> String {
    let path = "/.well-known/openid-configuration";
    raw(hub, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await
}

#[tokio::test]
async fn row_159_a_name_that_was_rebound_gets_nothing() {
    let hub = hub().await;
    let port = hub.port();
    for host in [
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        format!("LOCALHOST:{port}"),
    ] {
        assert_eq!(with_host(&hub, &host).await, "HTTP/1.1 200 OK", "{host}");
    }
    let bad = [
        format!("evil.example:{port}"),
        "localhost".to_owned(),
        "localhost:1".to_owned(),
        format!("localhost.evil.example:{port}"),
        format!("x@localhost:{port}"),
        format!("192.0.2.1:{port}"),
        String::new(),
        "\u{1}".to_owned(),
    ];
    for host in bad {
        let status = with_host(&hub, &host).await;
        assert!(status.starts_with("HTTP/1.1 4"), "{host:?}: {status}");
    }
    let twice =
        format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil\r\nConnection: close\r\n\r\n");
    assert_eq!(raw(&hub, twice.as_bytes()).await, "HTTP/1.1 421 Misdirected Request");
    let absolute =
        format!("GET http://evil.example/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    assert_eq!(raw(&hub, absolute.as_bytes()).await, "HTTP/1.1 421 Misdirected Request");
}

#[tokio::test]
async fn row_159_a_refused_host_is_told_in_json_and_browsers_in_words() {
    let hub = hub().await;
    let asked = |accept: &'static str| {
        let request = client().get(hub.url("/.well-known/openid-configuration"));
        request.header("host", "evil.example").header("accept", accept).send()
    };
    for accept in ["*/*", "application/json"] {
        let refused = asked(accept).await.unwrap();
        assert_eq!(refused.status(), 421);
        assert_eq!(refused.headers()["x-content-type-options"], "nosniff");
        let body: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(body["error"], "misdirected_request");
        assert!(text(&body, "error_description").contains(hub.issuer()), "{body}");
    }
    let page = asked("text/html,application/xhtml+xml,*/*;q=0.8").await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/plain; charset=utf-8");
    assert!(page.text().await.unwrap().contains("not under this host name"));
}

#[tokio::test]
async fn row_159_an_issuer_beyond_this_machine_needs_the_dangerous_word() {
    for issuer in [
        "https://huggingface.co",
        "http://192.0.2.1:5555",
        "http://localhost.evil.example",
        "ftp://localhost",
        "nonsense",
        "http://a@localhost",
        "http://localhost/?x",
    ] {
        let refused = LocalHub::builder().issuer(issuer).start().await;
        assert!(matches!(refused, Err(StartError::Issuer { .. })), "{issuer}");
    }
    for issuer in ["http://127.0.0.1:5555", "http://[::1]:5555/x", "http://hub.localhost:9"] {
        LocalHub::builder().issuer(issuer).start().await.unwrap();
    }
    let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    // Bound to the loopback address here, so that the test opens nothing to anybody.
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let builder = LocalHub::builder().issuer("https://hub.example").dangerously_bind(loopback);
    let hub = builder.start().await.unwrap();
    assert_eq!(with_host(&hub, "hub.example").await, "HTTP/1.1 200 OK");
    assert_eq!(with_host(&hub, "evil.example").await, "HTTP/1.1 421 Misdirected Request");
    assert_eq!(ServeOptions { dangerously_bind: Some(everywhere), ..ServeOptions::default() }.port, 5555);
}

#[tokio::test]
async fn row_159_it_listens_on_loopback_addresses_only() {
    let hub = hub().await;
    // The addresses of this machine as others see them; a UDP socket "connected" to a documentation address sends nothing.
    let socket = tokio::net::UdpSocket::bind(("0.0.0.0", 0)).await.unwrap();
    if socket.connect(("192.0.2.1", 9)).await.is_ok() {
        let own = socket.local_addr().unwrap().ip();
        if !own.is_loopback() {
            assert!(TcpStream::connect((own, hub.port())).await.is_err(), "{own}");
        }
    }
    assert!(TcpStream::connect(("127.0.0.1", hub.port())).await.is_ok());
}

#[tokio::test]
async fn row_159_tokens_look_local() {
    let hub = hub().await;
    let tokens = tokens(&hub, "openid").await;
    assert!(text(&tokens, "access_token").starts_with("hf_oauth_local_"));
    assert!(text(&tokens, "refresh_token").starts_with("hf_oauth_local_refresh_"));
}

#[tokio::test]
async fn foreign_bytes_get_a_4xx_or_nothing() {
    let hub = hub().await;
    let host = format!("Host: localhost:{}\r\nConnection: close\r\n", hub.port());
    let long = "x".repeat(100_000);
    let requests = [
        "\u{0}\u{1}\r\n\r\n".to_owned(),
        format!("GET /oauth/authorize?client_id=%ff%00&redirect_uri=%zz HTTP/1.1\r\n{host}\r\n"),
        format!("GET /{long} HTTP/1.1\r\n{host}\r\n"),
        format!("GET / HTTP/1.1\r\n{host}x: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}{}\r\n", "a: b\r\n".repeat(500)),
        format!("POST /oauth/token HTTP/1.1\r\n{host}Content-Length: 99999999\r\n\r\n"),
        format!("POST /oauth/token HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        format!("GET /avatars/%2e%2e%2f.svg HTTP/1.1\r\n{host}\r\n"),
        format!("DELETE / HTTP/1.1\r\n{host}\r\n"),
        format!("GET //oauth//token HTTP/1.1\r\n{host}\r\n"),
        format!("GET /oauth/userinfo HTTP/1.1\r\n{host}Authorization: Bearer \u{e9}\r\n\r\n"),
    ];
    for request in requests {
        let status = raw(&hub, request.as_bytes()).await;
        let start: String = request.chars().take(60).collect();
        assert!(status.is_empty() || status.starts_with("HTTP/1.1 4"), "{start:?}: {status}");
    }
    assert_eq!(client().get(hub.url("/oauth/jwks")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_hundred_hubs_side_by_side_know_nothing_of_each_other() {
    let hubs: Vec<LocalHub> = join_all((0..100).map(async |_| hub().await)).await;
    let ports: BTreeSet<u16> = hubs.iter().map(LocalHub::port).collect();
    assert_eq!(ports.len(), 100);
    // In turn a browser and a device sign in, all at the same time.
    let logins = hubs.iter().enumerate().map(async |(number, hub)| match number % 2 {
        0 => tokens(hub, "openid").await,
        _ => device_tokens(hub).await,
    });
    let all = join_all(logins).await;
    for (number, hub) in hubs.iter().enumerate() {
        let (own, next) = (&all[number], &all[(number + 1) % 100]);
        assert_eq!(userinfo(hub, text(own, "access_token")).await.status(), 200);
        assert_eq!(userinfo(hub, text(next, "access_token")).await.status(), 401);
        assert_eq!(hub.journal().count("/oauth/token"), 1);
        assert_eq!(hub.journal().count("/oauth/device"), (number % 2) * 2, "begun and looked at");
    }
}

#[tokio::test]
async fn it_answers_on_both_loopback_addresses_and_stops() {
    let hub = LocalHub::start().await.unwrap();
    let port = hub.port();
    if tokio::net::TcpListener::bind(("::1", 0)).await.is_ok() {
        assert!(TcpStream::connect(("::1", port)).await.is_ok());
    }
    let mut open = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    hub.shutdown().await;
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    let mut byte = [0];
    assert!(matches!(open.read(&mut byte).await, Ok(0) | Err(_)), "open connections end too");
}

#[tokio::test]
async fn the_command_says_what_it_is_and_why_it_cannot_start() {
    let hub =
        serve_command(ServeOptions { port: 0, control: true, ..ServeOptions::default() }).await.unwrap();
    let banner = hub.banner();
    for words in [
        "OPENID_PROVIDER_URL=http://localhost:",
        "local-app",
        "ada, grace, linus, alan",
        "/_control",
        "Not huggingface.co",
    ] {
        assert!(banner.contains(words), "{banner}");
    }
    let taken =
        serve_command(ServeOptions { port: hub.port(), ..ServeOptions::default() }).await.unwrap_err();
    assert!(matches!(taken, StartError::Bind { .. }));
    assert!(taken.to_string().contains(&hub.port().to_string()));
    let missing =
        ServeOptions { port: 0, config: Some("/nonexistent/hub.toml".into()), ..ServeOptions::default() };
    assert!(matches!(serve_command(missing).await, Err(StartError::Config(_))));
}
