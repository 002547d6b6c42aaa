//! Fetching, against servers on this machine that misbehave.

use std::net::SocketAddr;

use futures_util::FutureExt as _;
use http::HeaderValue;
use rustls::RootCertStore;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// What a server does with each of its connections.
#[derive(Clone)]
enum Says {
    /// This, and closes.
    Text(String),
    /// This, and then nothing for ever.
    ThenNothing(&'static str),
    /// A body without an end.
    Endless,
}

/// Starts a server; what it was asked comes out of the other end.
async fn server(says: Says) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, all) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream, says.clone(), asked.clone()));
        }
    });
    (address, all)
}

async fn answer(mut stream: impl Stream, says: Says, asked: tokio::sync::mpsc::UnboundedSender<String>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut buffer = [0; 1_024];
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        request.extend(&buffer[..read]);
    }
    let _ = asked.send(String::from_utf8(request).unwrap());
    match says {
        Says::Text(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Says::ThenNothing(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            std::future::pending::<()>().await;
        }
        Says::Endless => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(&[b' '; 1_024]).await.is_ok() {}
        }
    }
}

fn location(address: SocketAddr) -> Location {
    let id = format!("http://127.0.0.1:{}/.well-known/oauth-cimd", address.port());
    Location::parse(&id, true).unwrap()
}

fn ok(headers: &str, body: &str) -> Says {
    Says::Text(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len()))
}

async fn fetched(says: Says) -> Result<Fetched, String> {
    let (address, _asked) = server(says).await;
    Fetcher::default().fetch(&location(address)).await.map_err(|Unusable(reason)| reason)
}

#[tokio::test]
async fn a_document_comes_with_the_time_for_which_it_may_be_used() {
    let (address, mut asked) = server(ok(
        "content-type: Application/JSON; charset=utf-8\r\ncache-control: public, max-age=300\r\n",
        "{}",
    ))
    .await;
    let fetched = Fetcher::default().fetch(&location(address)).await.unwrap();
    assert_eq!((&fetched.body[..], fetched.lifetime), (&b"{}"[..], 300));
    let request = asked.recv().await.unwrap().to_ascii_lowercase();
    assert!(request.starts_with("get /.well-known/oauth-cimd http/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: 127.0.0.1:{}\r\n", address.port())), "{request}");
    for nothing in ["cookie", "authorization", "referer", "accept-encoding"] {
        assert!(!request.contains(nothing), "{request}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_not_even_to_itself() {
    let (target, mut reached) = server(ok("content-type: application/json\r\n", "{}")).await;
    for status in ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"] {
        let to = format!("http://127.0.0.1:{}/.well-known/oauth-cimd", target.port());
        let says = Says::Text(format!("HTTP/1.1 {status}\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"));
        let reason = fetched(says).await.unwrap_err();
        assert!(reason.contains("redirect, which is not followed"), "{reason}");
    }
    assert!(reached.try_recv().is_err(), "nobody asked where the redirect leads");
}

#[tokio::test]
async fn only_a_json_answer_of_status_200_is_read() {
    for (says, why) in [
        (ok("content-type: text/html\r\n", "{}"), "not served as application/json"),
        (ok("", "{}"), "not served as application/json"),
        (ok("content-type: application/json\r\ncontent-type: text/html\r\n", "{}"), "not served as"),
        (ok("content-type: application/+json\r\n", "{}"), "not served as"),
        (ok("content-type: application/json\r\ncontent-encoding: gzip\r\n", "{}"), "compressed"),
        (Says::Text("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned()), "status 404"),
        (Says::Text("HTTP/1.1 206 Part\r\ncontent-length: 0\r\n\r\n".to_owned()), "status 206"),
        (Says::Text("SSH-2.0-OpenSSH_9.9\r\n".to_owned()), "did not come"),
        (Says::Text(String::new()), "did not come"),
    ] {
        let reason = fetched(says).await.unwrap_err();
        assert!(reason.contains(why), "{reason}");
    }
    assert!(fetched(ok("content-type: application/app+json\r\n", "{}")).await.is_ok());
}

#[tokio::test]
async fn a_huge_body_is_given_up() {
    let largest = "x".repeat(LARGEST);
    assert_eq!(
        fetched(ok("content-type: application/json\r\n", &largest)).await.unwrap().body.len(),
        LARGEST
    );
    let reason = fetched(ok("content-type: application/json\r\n", &format!("{largest}x"))).await.unwrap_err();
    assert!(reason.contains("larger than 5 KiB"), "{reason}");
    let reason = fetched(Says::Endless).await.unwrap_err();
    assert!(reason.contains("larger than 5 KiB"), "{reason}");
    let head = Says::Text(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(4 * LARGEST_HEAD)));
    let reason = fetched(head).await.unwrap_err();
    assert!(reason.contains("did not come"), "{reason}");
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    for head in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-type: appl",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let (address, _asked) = server(Says::ThenNothing(head)).await;
        let fetcher = Fetcher { patience: Duration::from_millis(100), ..Fetcher::default() };
        let Unusable(reason) = fetcher.fetch(&location(address)).await.unwrap_err();
        assert!(reason.contains("did not come within five seconds"), "{reason}");
        // And everything that was taken for it is free again.
        assert_eq!(fetcher.room.available_permits(), AT_ONCE);
    }
}

#[tokio::test]
async fn a_private_address_is_never_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Whatever a name means is looked at, and nothing is looked up a second time.
    let public = Location::parse("https://app.example/x", true).unwrap();
    assert!(public.permitted(&[address]).is_err());
    for host in [
        "[::ffff:7f00:1]",
        "localhost.",
        "10.0.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:a00:1]",
        "0.0.0.0",
    ] {
        let location = Location::parse(&format!("https://{host}:{}/x", address.port()), true).unwrap();
        let Unusable(reason) = Fetcher::default().fetch(&location).await.unwrap_err();
        // Not every resolver knows a name with a dot at its end.
        assert!(
            reason.contains("private network") || host == "localhost." && reason.contains("found"),
            "{reason}"
        );
    }
    assert!(listener.accept().now_or_never().is_none(), "nobody came");
}

#[tokio::test]
async fn over_tls_the_certificate_must_be_the_hosts() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = || Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let accepting = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, _all) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(accepting));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(answer(stream, ok("content-type: application/json\r\n", "{}"), asked.clone()));
            }
        }
    });
    let trusting = || {
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
        let config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
        Fetcher { tls: OnceLock::from(Some(Arc::new(config))), ..Fetcher::default() }
    };
    let at =
        |host: &str| Location::parse(&format!("https://{host}:{port}/.well-known/oauth-cimd"), true).unwrap();
    assert_eq!(trusting().fetch(&at("localhost")).await.unwrap().body, "{}");
    let Unusable(reason) = trusting().fetch(&at("127.0.0.1")).await.unwrap_err();
    assert!(reason.contains("cannot be reached") && reason.contains("certificate"), "{reason}");
    // This machine's own trust store does not know it.
    let Unusable(reason) = Fetcher::default().fetch(&at("localhost")).await.unwrap_err();
    assert!(reason.contains("cannot be reached"), "{reason}");
}

#[test]
fn lifetimes_are_the_headers_within_a_bound() {
    let of = |lines: &[&str]| {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::CACHE_CONTROL, HeaderValue::from_str(line).unwrap());
        }
        lifetime(&headers)
    };
    assert_eq!(of(&[]), LIFETIME);
    assert_eq!(of(&["public"]), LIFETIME);
    assert_eq!(of(&["public, Max-Age=90"]), 90);
    assert_eq!(of(&["max-age=\"7\""]), 7);
    assert_eq!(of(&["max-age=999999999"]), LONGEST_LIFETIME);
    for none in ["no-store", "no-cache, max-age=90", "max-age=0", "max-age=-1", "max-age=soon"] {
        assert_eq!(of(&[none]), 0, "{none}");
    }
    assert_eq!(of(&["max-age=90", "no-store"]), 0);
}
