//! Connections that take long over what they have to say.

use std::time::Duration;

use futures_util::future::join_all;
use hf_oauth_hub::LocalHub;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client;

/// Short for a test; whoever is honest needs a fraction of it.
const LIMIT: Duration = Duration::from_secs(2);
/// No bound on the Hub, only on the test.
const PATIENCE: Duration = Duration::from_secs(60);

async fn hub() -> LocalHub {
    LocalHub::builder().head_timeout(LIMIT).start().await.unwrap()
}

/// Both ends of a thousand connections are in this process.
#[cfg(unix)]
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(limit.maximum.map_or(4_096, |maximum| maximum.min(4_096)));
    setrlimit(Resource::Nofile, limit).unwrap();
}

#[cfg(not(unix))]
fn allow_many_files() {}

async fn saying(hub: &LocalHub, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", hub.port())).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// What comes until the other side closes.
async fn until_closed(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await.expect("it stays open");
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn row_174_a_thousand_half_sent_heads_are_closed_and_others_are_served_meanwhile() {
    allow_many_files();
    let hub = hub().await;
    let half = format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\nx-ha", hub.port());
    let mut open = Vec::new();
    for number in 0..1_000 {
        // One says nothing at all.
        open.push(saying(&hub, if number == 0 { "" } else { &half }).await);
    }
    assert_eq!(client().get(hub.url("/oauth/jwks")).send().await.unwrap().status(), 200);
    let answers = join_all(open.into_iter().map(until_closed)).await;
    assert!(answers.iter().all(|answer| !answer.starts_with("HTTP/1.1 2")), "{answers:?}");
    assert_eq!(client().get(hub.url("/oauth/jwks")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn row_174_a_head_that_drips_is_closed_at_the_limit() {
    let hub = hub().await;
    let mut stream = saying(&hub, "GET / HTTP/1.1\r\n").await;
    let drip = async {
        while stream.write_all(b"x: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, drip).await.expect("every piece lengthens its time");
}

#[tokio::test]
async fn row_174_an_idle_connection_is_closed_at_the_limit() {
    let hub = hub().await;
    let whole = format!("GET /oauth/jwks HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", hub.port());
    let answer = until_closed(saying(&hub, &whole).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}
