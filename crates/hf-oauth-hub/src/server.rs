//! The wire: connections, bounds, and the `Host` header.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use futures_util::{Stream, StreamExt as _, stream};
use http::header::{self, HeaderValue};
use http::uri::Authority;
use http::{HeaderMap, Method, StatusCode, Uri, Version};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::answer::{Answer, Body};
use crate::control::respond;
use crate::journal::Entry;
use crate::request::{Request, is_loopback};
use crate::routes::{Delivery, Outcome};
use crate::state::Hub;

const LARGEST_BODY: usize = 1 << 20;
const LARGEST_HEAD: usize = 32 * 1_024;
const BODY_TIMEOUT: Duration = Duration::from_secs(15);
const ENDLESS: [u8; 16 * 1_024] = [b' '; 16 * 1_024];

type Wire = http::Response<UnsyncBoxBody<Bytes, io::Error>>;

/// Accepts until it is dropped; the listeners go at once, the connections end with it.
pub(crate) async fn serve(hub: Arc<Hub>, listeners: Vec<TcpListener>) {
    join_all(listeners.into_iter().map(|listener| accept(Arc::clone(&hub), listener))).await;
}

async fn accept(hub: Arc<Hub>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                connections.spawn(connection(Arc::clone(&hub), stream, peer));
            }
            // Out of descriptors or the like: others may go away.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(hub: Arc<Hub>, stream: TcpStream, peer: SocketAddr) {
    let _ = stream.set_nodelay(true);
    let head_timeout = hub.head_timeout;
    let service = service_fn(move |request| {
        let hub = Arc::clone(&hub);
        async move { handle(&hub, request, peer.ip()).await }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(LARGEST_HEAD)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// An error closes the connection without an answer.
async fn handle(hub: &Arc<Hub>, request: http::Request<Incoming>, peer: IpAddr) -> Result<Wire, io::Error> {
    if !host_is_ours(hub, &request) {
        let answer = wrong_host(hub, request.headers());
        return Ok(turned_away(hub, request.method(), request.uri(), answer));
    }
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let request = match read(hub, request, peer).await {
        Ok(request) => request,
        Err(answer) => return Ok(turned_away(hub, &method, &uri, answer)),
    };
    let Outcome { answer, delivery } = respond(hub, request).await;
    if delivery == Delivery::Lost {
        return Err(io::Error::other("scripted fault: the answer is lost"));
    }
    Ok(wire(hub, answer, delivery))
}

/// In words for a browser, in JSON for a client.
fn wrong_host(hub: &Hub, headers: &HeaderMap) -> Answer {
    let status = StatusCode::MISDIRECTED_REQUEST;
    let text = format!("This is the local Hub {}, but not under this host name.", hub.issuer.text);
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    if accepted.into_iter().any(|accept| accept.contains("text/html")) {
        return Answer::text(status, text + "\n");
    }
    Answer::json(status, json!({ "error": "misdirected_request", "error_description": text }))
}

/// A request that never becomes one is in the journal all the same.
fn turned_away(hub: &Hub, method: &Method, uri: &Uri, answer: Answer) -> Wire {
    let id = hub.journal.begin(Entry::new(hub.now(), method.as_str(), uri.path(), None));
    hub.journal.complete(id, |entry| entry.status = answer.status.as_u16());
    wire(hub, answer, Delivery::Whole)
}

/// Against DNS rebinding: a page elsewhere may have its own name point here.
fn host_is_ours(hub: &Hub, request: &http::Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()),
        (None, _) if request.version() == Version::HTTP_10 => return true,
        _ => None,
    };
    let Some(host) = host.filter(|host| !host.as_str().contains('@')) else { return false };
    // Absolute-form targets name a host too (RFC 9112 section 3.2.2).
    if request.uri().authority().is_some_and(|authority| *authority != host) {
        return false;
    }
    let (name, port) = (host.host(), host.port_u16());
    let issuer = &hub.issuer.url;
    if issuer.host_str().is_some_and(|own| own.eq_ignore_ascii_case(name)) && port == issuer.port() {
        return true;
    }
    let ip = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    // Names can be rebound, addresses cannot.
    (is_loopback(name) || hub.bound_dangerously && ip.is_ok()) && port.unwrap_or(80) == hub.port
}

async fn read(hub: &Hub, request: http::Request<Incoming>, peer: IpAddr) -> Result<Request, Answer> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let base = hub.issuer.base_path();
    let below = path.strip_prefix(base).filter(|below| below.starts_with('/') || below.is_empty());
    let Some(below) = below else {
        let text = format!("The local Hub stands at {}.\n", hub.issuer.text);
        return Err(Answer::text(StatusCode::NOT_FOUND, text));
    };
    let too_large = || Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "The body is cut or over 1 MiB.\n");
    if hyper::body::Body::size_hint(&body).lower() > LARGEST_BODY as u64 {
        return Err(too_large());
    }
    let path = if below.is_empty() { "/" } else { below }.to_owned();
    let body = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, LARGEST_BODY).collect()).await;
    let body = match body {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Err(too_large()),
        Err(_) => return Err(Answer::text(StatusCode::REQUEST_TIMEOUT, "The body took too long.\n")),
    };
    let query = head.uri.query().unwrap_or_default().to_owned();
    let from_loopback = peer.to_canonical().is_loopback();
    Ok(Request { method: head.method, path, query, headers: head.headers, body, from_loopback })
}

fn wire(hub: &Hub, answer: Answer, delivery: Delivery) -> Wire {
    let mut response = http::Response::new(body(answer.body, delivery));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    // How a program tells this Hub from another provider on loopback.
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("hf-oauth-local-hub"));
    // The hub's own time, which clients compare with theirs.
    let now = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(hub.now().min(250_000_000_000)));
    if let Some(now) = now
        && let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(now))
    {
        response.headers_mut().entry(header::DATE).or_insert(date);
    }
    response
}

fn body(body: Body, delivery: Delivery) -> UnsyncBoxBody<Bytes, io::Error> {
    let bytes = match body {
        Body::Stream(stream) if delivery == Delivery::Cut => return boxed(stream.take(1).chain(cut())),
        Body::Stream(stream) => {
            let Delivery::Slow(pause) = delivery else { return boxed(stream) };
            return boxed(stream.then(move |piece| async move {
                tokio::time::sleep(pause).await;
                piece
            }));
        }
        Body::Bytes(bytes) => bytes,
        Body::Json(value) => Bytes::from(value.to_string()),
    };
    match delivery {
        Delivery::Whole | Delivery::Lost => {
            Full::new(bytes).map_err(|never: Infallible| match never {}).boxed_unsync()
        }
        Delivery::Cut => {
            let half = bytes.slice(..bytes.len() / 2);
            boxed(stream::iter([Ok(half)]).chain(cut()))
        }
        Delivery::Endless => boxed(stream::repeat_with(|| Ok(Bytes::from_static(&ENDLESS)))),
        Delivery::Slow(pause) => boxed(stream::iter(bytes).then(move |byte| async move {
            tokio::time::sleep(pause).await;
            Ok(Bytes::copy_from_slice(&[byte]))
        })),
    }
}

fn cut() -> impl Stream<Item = io::Result<Bytes>> {
    stream::once(async {
        // So that the half is on its way before the connection closes.
        tokio::time::sleep(Duration::from_millis(10)).await;
        Err(io::Error::other("scripted fault: the body is cut"))
    })
}

fn boxed(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> UnsyncBoxBody<Bytes, io::Error> {
    StreamBody::new(stream.map(|chunk| chunk.map(Frame::data))).boxed_unsync()
}
