//! One `GET`, within bounds: no redirect, no proxy, no cookie, no more bytes and seconds than a document may have.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use url::Host;

use super::Unusable;
use super::location::{Location, Permitted};

/// Section 8.7.
const LARGEST: usize = 5 * 1_024;
/// From the question for the host's address to the last byte.
const LONGEST: Duration = Duration::from_secs(5);
/// Whoever makes a browser ask for many of them waits.
const AT_ONCE: usize = 8;
const LARGEST_HEAD: usize = 16 * 1_024;
/// How long a document is used that says nothing of it, and at most, in seconds (section 5.2).
const LIFETIME: u64 = 60;
const LONGEST_LIFETIME: u64 = 3_600;

/// What fetches documents.
pub(crate) struct Fetcher {
    room: Semaphore,
    patience: Duration,
    /// Made at the first use: reading a trust store takes a while.
    tls: OnceLock<Option<Arc<ClientConfig>>>,
}

/// A document as it came.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) body: Bytes,
    /// In seconds.
    pub(super) lifetime: u64,
}

impl Default for Fetcher {
    fn default() -> Self {
        Self { room: Semaphore::new(AT_ONCE), patience: LONGEST, tls: OnceLock::new() }
    }
}

impl Fetcher {
    pub(super) async fn fetch(&self, location: &Location) -> Result<Fetched, Unusable> {
        let fetched = tokio::time::timeout(self.patience, self.fetch_at_leisure(location)).await;
        fetched.unwrap_or_else(|_| Err(failed(location, "did not come within five seconds")))
    }

    async fn fetch_at_leisure(&self, location: &Location) -> Result<Fetched, Unusable> {
        let _room = self.room.acquire().await;
        let addresses = location.permitted(&location.addresses().await?)?;
        let stream = connect(&addresses)
            .await
            .map_err(|error| failed(location, &format!("cannot be reached: {error}")))?;
        if !location.is_secure() {
            return ask(location, stream).await;
        }
        let stream = self
            .secured(location, stream)
            .await
            .map_err(|error| failed(location, &format!("cannot be reached: {error}")))?;
        ask(location, stream).await
    }

    async fn secured(&self, location: &Location, stream: TcpStream) -> io::Result<impl Stream> {
        let config = self.tls.get_or_init(|| tls().ok()).clone();
        let config = config.ok_or_else(|| io::Error::other("this machine's certificates cannot be read"))?;
        let name = match location.url().host() {
            Some(Host::Ipv4(address)) => ServerName::from(std::net::IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => ServerName::from(std::net::IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                ServerName::try_from(name.to_owned()).map_err(|_| io::Error::other("its host is no name"))?
            }
            None => return Err(io::Error::other("it has no host")),
        };
        TlsConnector::from(config).connect(name, stream).await
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

fn tls() -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(Arc::new(config))
}

async fn connect(addresses: &[Permitted]) -> io::Result<TcpStream> {
    let mut last = io::Error::other("it has no address");
    for address in addresses {
        match TcpStream::connect(address.address()).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn ask(location: &Location, stream: impl Stream) -> Result<Fetched, Unusable> {
    let fail = |reason: &str| failed(location, reason);
    let broken = |error: hyper::Error| failed(location, &format!("did not come: {error}"));
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // Ends with this function, whatever the other side does.
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let response = sender.send_request(request(location)?).await.map_err(broken)?;
    let (head, body) = response.into_parts();
    if head.status.is_redirection() {
        // Section 5: where it leads is not what the app is called.
        return Err(fail("answers with a redirect, which is not followed"));
    }
    if head.status != StatusCode::OK {
        return Err(fail(&format!("answers with status {}", head.status.as_u16())));
    }
    if head.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(fail("is compressed, which was not asked for"));
    }
    if !is_json(&head.headers) {
        return Err(fail("is not served as application/json"));
    }
    let body = read(location, body).await?;
    Ok(Fetched { body, lifetime: lifetime(&head.headers) })
}

fn request(location: &Location) -> Result<http::Request<Empty<Bytes>>, Unusable> {
    let url = location.url();
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    http::Request::get(target)
        .header(header::HOST, location.authority())
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close")
        .header(header::USER_AGENT, "hf-oauth-local-hub")
        .body(Empty::new())
        .map_err(|_| failed(location, "cannot be asked for under this URL"))
}

async fn read(location: &Location, body: Incoming) -> Result<Bytes, Unusable> {
    let read = Limited::new(body, LARGEST).collect().await;
    read.map(http_body_util::Collected::to_bytes)
        .map_err(|_| failed(location, "is cut, or larger than 5 KiB"))
}

/// `application/json`, or a more specific type of JSON (section 4).
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let media_type = only.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    let subtype = media_type.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.len() > "+json".len() && subtype.ends_with("+json")
}

/// How long a document may be used (RFC 9111 section 5.2.2), within a bound.
fn lifetime(headers: &HeaderMap) -> u64 {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    let directives: Vec<String> =
        lines.flat_map(|line| line.split(',')).map(|it| it.trim().to_ascii_lowercase()).collect();
    if directives.iter().any(|it| it.starts_with("no-store") || it.starts_with("no-cache")) {
        return 0;
    }
    let ages = directives.iter().filter_map(|it| it.strip_prefix("max-age="));
    // What is no number is stale (RFC 9111 section 4.2.1).
    ages.map(|age| age.trim_matches('"').parse().unwrap_or(0)).min().unwrap_or(LIFETIME).min(LONGEST_LIFETIME)
}

fn failed(location: &Location, reason: &str) -> Unusable {
    Unusable::new(format!(
        "The client_id is the URL of a document, and what {} has there {reason}.",
        location.authority()
    ))
}

#[cfg(test)]
mod tests;
