//! A login that comes back to a port of this machine.

use std::time::Duration;

use hf_oauth::*;
use hf_oauth_hub::{AppConfig, LocalHub};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::*;

type Ended = tokio::task::JoinHandle<Result<VerifiedLogin, LoopbackError>>;

/// A login that waits, and where.
struct Waiting {
    hub: LocalHub,
    url: String,
    authority: String,
    ended: Ended,
}

async fn waiting(registered: &str) -> Waiting {
    let hub = hub().await;
    hub.add_app(AppConfig::public("desktop").redirect_uri(registered));
    let app = App::new("desktop").with_redirect_uri(RedirectUri::parse(registered).unwrap());
    let login = client_of(app, &hub).loopback_login(&LoginOptions::new()).await.unwrap();
    let url = login.url().to_owned();
    let redirect_uri = param(&url, "redirect_uri").unwrap();
    let authority = redirect_uri["http://".len()..].split(['/', '?']).next().unwrap().to_owned();
    Waiting { hub, url, authority, ended: tokio::spawn(login.finish()) }
}

/// One request, and the whole answer.
async fn ask(authority: &str, method: &str, target: &str, host: &str) -> String {
    let request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\n\r\n");
    send(authority, &request).await
}

async fn send(authority: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn target(redirect: &str) -> &str {
    &redirect[redirect["http://".len()..].find('/').unwrap() + "http://".len()..]
}

impl Waiting {
    fn state(&self) -> String {
        param(&self.url, "state").unwrap()
    }

    async fn comes_back(self) -> Result<VerifiedLogin, LoopbackError> {
        let redirect = self.hub.approve(&self.url, "ada").await.unwrap();
        let page = ask(&self.authority, "GET", target(&redirect), &self.authority).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("cache-control: no-store"), "{page}");
        let code = param(&redirect, "code").unwrap();
        assert!(!page.contains(&code) && !page.contains(&self.state()), "the page is static: {page}");
        self.ended.await.unwrap()
    }
}

#[tokio::test]
async fn row_119_probes_get_404_or_400_and_the_login_waits_on() {
    let waiting = waiting("http://127.0.0.1/callback").await;
    let (at, state) = (waiting.authority.clone(), waiting.state());
    let ours = format!("/callback?code=x&state={state}");
    for (method, target, host, status) in [
        ("GET", "/favicon.ico", at.as_str(), 404),
        ("GET", "/", &at, 404),
        ("GET", &format!("/callback/?code=x&state={state}"), &at, 404),
        ("GET", "/callback", &at, 400),
        ("GET", "/callback?code=x", &at, 400),
        ("GET", "/callback?code=x&state=guessed", &at, 400),
        ("GET", "/callback?error=access_denied&state=guessed", &at, 400),
        ("GET", "/callback?error=access_denied", &at, 400),
        ("GET", &format!("{ours}&state={state}"), &at, 400),
        ("GET", &format!("{ours}&access_token=x"), &at, 400),
        ("POST", &ours, &at, 400),
        ("HEAD", &ours, &at, 400),
        ("GET", &ours, "evil.example", 400),
        ("GET", &ours, "localhost", 400),
        ("GET", &ours, &at.replace("127.0.0.1", "localhost"), 400),
        ("GET", &format!("http://{at}{ours}"), &at, 400),
    ] {
        let answer = ask(&at, method, target, host).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{method} {target} {host}: {answer}");
        assert!(answer.contains("cache-control: no-store") && !answer.contains(&state), "{answer}");
    }
    for raw in [
        format!("GET {ours} HTTP/1.1\r\n\r\n"),
        format!("GET {ours} HTTP/1.1\r\nhost: {at}\r\nhost: {at}\r\n\r\n"),
        "\x16\x03\x01\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nhost: {at}\r\n\r\n", "a".repeat(100_000)),
    ] {
        assert!(!send(&at, &raw).await.contains("HTTP/1.1 200"));
    }
    assert!(!waiting.ended.is_finished());
    assert_eq!(asked(&waiting.hub, TOKEN), 0);
    waiting.comes_back().await.unwrap();
}

#[tokio::test]
async fn row_119_ten_thousand_requests_and_slow_ones_do_not_keep_the_real_one_out() {
    let waiting = waiting("http://127.0.0.1/callback").await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(&waiting.authority).await.unwrap();
        stream.write_all(b"GET /callback?").await.unwrap();
        slow.push(stream);
    }
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let at = waiting.authority.clone();
        all.spawn(async move {
            for _ in 0..1_250 {
                assert!(
                    ask(&at, "GET", "/callback?code=x&state=guessed", &at).await.starts_with("HTTP/1.1 400")
                );
            }
        });
    }
    all.join_all().await;
    waiting.comes_back().await.unwrap();
    drop(slow);
}

#[tokio::test]
async fn row_119_a_refusal_with_our_state_ends_it() {
    let waiting = waiting("http://127.0.0.1/callback").await;
    let redirect = waiting.hub.deny(&waiting.url, "ada").await.unwrap();
    ask(&waiting.authority, "GET", target(&redirect), &waiting.authority).await;
    let error = waiting.ended.await.unwrap().unwrap_err();
    no_secret_in(&error, &[]);
    assert!(matches!(error, LoopbackError::Login(LoginError::Callback(CallbackError::Declined(_), _))));
    assert!(TcpStream::connect(&waiting.authority).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn row_119_dropping_the_login_closes_the_port() {
    let waiting = waiting("http://127.0.0.1/callback").await;
    waiting.ended.abort();
    assert!(waiting.ended.await.unwrap_err().is_cancelled());
    assert!(TcpStream::connect(&waiting.authority).await.is_err());
}

#[tokio::test]
async fn row_120_the_redirect_uri_is_the_same_in_both_requests_and_keeps_the_registered_host() {
    for (registered, begins, ends) in [
        ("http://127.0.0.1/callback", "http://127.0.0.1:", "/callback"),
        ("http://localhost:7860/login?from=%2F", "http://localhost:", "/login?from=%2F"),
    ] {
        let waiting = waiting(registered).await;
        let sent = param(&waiting.url, "redirect_uri").unwrap();
        assert!(sent.starts_with(begins) && sent.ends_with(ends) && !sent.contains(":7860"), "{sent}");
        let port: u16 = waiting.authority.rsplit(':').next().unwrap().parse().unwrap();
        if registered.contains("localhost") {
            let v4 = ask(&format!("127.0.0.1:{port}"), "GET", "/", &waiting.authority).await;
            assert!(v4.starts_with("HTTP/1.1 404"), "{v4}");
            if std::net::TcpListener::bind("[::1]:0").is_ok() {
                let v6 = ask(&format!("[::1]:{port}"), "GET", "/", &waiting.authority).await;
                assert!(v6.starts_with("HTTP/1.1 404"), "{v6}");
            }
        } else {
            assert!(TcpStream::connect(("::1", port)).await.is_err(), "one address alone");
        }
        let redirect = waiting.hub.approve(&waiting.url, "ada").await.unwrap();
        let page = ask(&waiting.authority, "GET", target(&redirect), &waiting.authority).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        waiting.ended.await.unwrap().unwrap();
        let journal = waiting.hub.journal();
        let exchanged = journal.to(TOKEN).next().unwrap();
        assert_eq!(exchanged.param("redirect_uri"), Some(sent.as_str()));
    }
}

#[tokio::test]
async fn row_120_an_app_that_is_registered_elsewhere_is_told_so() {
    for registered in [None, Some("https://app.example/cb"), Some("https://localhost/cb")] {
        let mut app = App::new("app");
        app.redirect_uri = registered.map(|uri| RedirectUri::parse(uri).unwrap());
        let error = Client::new(app).loopback_login(&LoginOptions::new()).await.unwrap_err();
        assert!(matches!(error, LoopbackError::NotLoopback { .. }));
        assert!(error.to_string().contains(registered.unwrap_or("none")), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_never_comes_back_is_not_waited_for_for_ever() {
    let app = App::new("app").with_redirect_uri(RedirectUri::parse("http://127.0.0.1/cb").unwrap());
    let begun = tokio::time::Instant::now();
    let login = Client::new(app).loopback_login(&LoginOptions::new()).await.unwrap();
    assert!(matches!(login.finish().await, Err(LoopbackError::TimedOut)));
    assert_eq!(begun.elapsed().as_secs(), Duration::from_secs(600).as_secs());
}
