//! What the tests stand on: the programs, the browser, the environment.

pub(crate) mod browser;
pub(crate) mod demo;
pub(crate) mod environment;
pub(crate) mod folder;
pub(crate) mod front;
pub(crate) mod golden;
pub(crate) mod http;
pub(crate) mod hub;
pub(crate) mod others;
pub(crate) mod program;
pub(crate) mod screenshot;
pub(crate) mod space;
pub(crate) mod steps;
#[cfg(unix)]
pub(crate) mod terminal;
pub(crate) mod tls;

use std::net::TcpListener;
use std::time::{Duration, Instant};

/// How long a condition may take to come true: far more than it needs, because the machine may be slow and shared.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at a condition.
pub(crate) const POLL: Duration = Duration::from_millis(25);

/// Asks until `ask` gives something; `what` is named when it never does.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, ask).await
}

/// The same with a patience of its own.
pub(crate) async fn within<T>(patience: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(start.elapsed() < patience, "not within {patience:?}: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// A port on which nobody listens now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
