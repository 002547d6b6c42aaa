use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hf_oauth_core::{CallbackParams, Secret};
use http::header::{self, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::listen::Listeners;

/// How long one connection may take, its one request and answer together.
const CONNECTION_DEADLINE: Duration = Duration::from_secs(5);

/// A browser opens a few; who opens more waits, and nobody longer than the deadline of those before.
const MOST_CONNECTIONS: usize = 256;

const LONGEST_HEAD: usize = 16 * 1024;

const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in</title>\
    <h1>You can close this page</h1><p>Go back to the program that opened it: it says how the sign-in ended.</p></html>";

/// What a request must have to be this login's.
#[derive(Debug)]
pub(super) struct Gate {
    authority: String,
    path: String,
    state: Secret,
}

impl Gate {
    pub(super) fn new(authority: String, path_and_query: &str, state: Secret) -> Self {
        let path = path_and_query.split('?').next().filter(|path| !path.is_empty()).unwrap_or("/");
        Self { authority, path: path.to_owned(), state }
    }

    /// The redirect, if this is one of this login; otherwise what to answer.
    fn look<B>(&self, request: &Request<B>) -> Result<CallbackParams, StatusCode> {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        // Another name is a page elsewhere that had its own name point here (DNS rebinding).
        let ours = |host: &HeaderValue| host.as_bytes().eq_ignore_ascii_case(self.authority.as_bytes());
        if !hosts.next().is_some_and(ours) || hosts.next().is_some() || request.uri().authority().is_some() {
            return Err(StatusCode::BAD_REQUEST);
        }
        if request.uri().path() != self.path {
            return Err(StatusCode::NOT_FOUND);
        }
        if request.method() != Method::GET {
            return Err(StatusCode::BAD_REQUEST);
        }
        let params = CallbackParams::from_query(request.uri().query().unwrap_or_default())
            .map_err(|_| StatusCode::BAD_REQUEST)?;
        if params.state().map(Secret::new).as_ref() == Some(&self.state) {
            Ok(params)
        } else {
            Err(StatusCode::BAD_REQUEST)
        }
    }
}

/// Serves until this login's redirect has come and its page was sent.
pub(super) async fn wait(listeners: Listeners, gate: Gate) -> CallbackParams {
    let gate = Arc::new(gate);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            stream = listeners.accept(), if connections.len() < MOST_CONNECTIONS => {
                connections.spawn(serve(stream, gate.clone()));
            }
            Some(ended) = connections.join_next() => {
                if let Ok(Some(params)) = ended {
                    return params;
                }
            }
        }
    }
}

async fn serve(stream: TcpStream, gate: Arc<Gate>) -> Option<CallbackParams> {
    let found = Mutex::new(None);
    let service = service_fn(|request| {
        let status = match gate.look(&request) {
            Ok(params) => {
                *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(params);
                StatusCode::OK
            }
            Err(status) => status,
        };
        async move { Ok::<_, Infallible>(answer(status)) }
    });
    let served = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // What was found counts, also when the browser did not wait for its page.
    let _ = tokio::time::timeout(CONNECTION_DEADLINE, served).await;
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn answer(status: StatusCode) -> Response<String> {
    let page = if status == StatusCode::OK { PAGE } else { "Not the sign-in that is waited for here.\n" };
    let kind =
        if status == StatusCode::OK { "text/html; charset=utf-8" } else { "text/plain; charset=utf-8" };
    let mut response = Response::new(page.to_owned());
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
