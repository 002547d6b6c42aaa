//! The app under test, served by one adapter or the other on a port of this machine.

mod actix;
mod axum;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use hf_oauth_web::{HuggingFace, OAuthInfo, SignedIn, Visitor};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, oneshot};

/// The adapters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    Axum,
    Actix,
}

/// How sign-in is attached to the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As the documentation says.
    Attached,
    /// Forgotten: guards and extractors, and neither the middleware nor the routes.
    WithoutMiddleware,
    /// All of it, below this path.
    NestedAt(&'static str),
}

/// The handler of `/slow` says that it is there, and waits until it may go on.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) entered: Arc<Semaphore>,
    pub(crate) open: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self { entered: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) }
    }

    async fn pass(&self) {
        self.entered.add_permits(1);
        let _ = self.open.acquire().await.unwrap();
    }
}

/// A running app; it ends with its last clone.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    _stop: Arc<oneshot::Sender<()>>,
}

impl Adapter {
    /// Serves the app in a thread of its own, which logs to where this one logs.
    pub(crate) fn serve(self, auth: HuggingFace, shape: Shape, gate: Gate) -> App {
        self.serve_at(TcpListener::bind("127.0.0.1:0").unwrap(), auth, shape, gate)
    }

    /// On a port that was known before.
    pub(crate) fn serve_at(self, listener: TcpListener, auth: HuggingFace, shape: Shape, gate: Gate) -> App {
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let log = tracing::dispatcher::get_default(Clone::clone);
        thread::spawn(move || {
            let _logging = tracing::dispatcher::set_default(&log);
            match self {
                Self::Axum => axum::serve(listener, &auth, shape, &gate, stopped),
                Self::Actix => actix::serve(listener, &auth, shape, &gate, stopped),
            }
        });
        App { address, _stop: Arc::new(stop) }
    }
}

/// What `/shown/own` says of itself.
pub(crate) const OWN_POLICY: &str = "default-src 'none'; Frame-Ancestors https://own.example";

/// What `/` says.
fn greeting(visitor: &Visitor) -> String {
    match visitor {
        Visitor::Nobody => "nobody".to_owned(),
        Visitor::SignedIn(user) => user.display_name().to_owned(),
        Visitor::TokenUnavailable(user) => format!("{}, and the Hub is away", user.display_name()),
    }
}

/// What `/me` says.
fn about(user: &SignedIn) -> Value {
    json!({
        "sub": user.subject(),
        "name": user.user_info().preferred_username,
        "token": user.access_token().expose(),
        "expires_at": user.access_token_expires_at().as_secs(),
        "scope": user.scope().to_string(),
        "orgs": user.orgs().map(<[_]>::len),
        "all_orgs": user.has_all_orgs(),
        "state": user.info().state,
    })
}

/// What `/lax` says.
fn lax(info: Option<OAuthInfo>) -> Value {
    json!(
        info.map(
            |info| json!({ "name": info.user_info.preferred_username, "scope": info.scope.to_string() })
        )
    )
}
