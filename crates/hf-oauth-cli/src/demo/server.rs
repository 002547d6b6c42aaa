//! The demo's connections: what `axum::serve` does, and a time limit for a request's head, which that does not have.

use std::time::Duration;

use axum::Router;
use futures_util::future::join_all;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

/// How long what may take.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// A request's head; an idle connection stays as long.
    pub(crate) head: Duration,
    /// Answers that are under way at the end.
    pub(crate) finish: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), finish: Duration::from_secs(2) }
    }
}

/// Serves until `stop`; then the ports are free at once, and answers under way have a moment to finish.
pub(crate) async fn serve(
    listeners: Vec<TcpListener>,
    app: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let each = listeners.into_iter().map(|listener| accept(listener, &app, limits.head, &connections));
    // The listeners go with the branch that is dropped.
    tokio::select! {
        _ = join_all(each) => {}
        () = stop => {}
    }
    if tokio::time::timeout(limits.finish, connections.shutdown()).await.is_err() {
        tracing::info!("answers were under way when the demo ended");
    }
}

async fn accept(listener: TcpListener, app: &Router, head: Duration, connections: &GracefulShutdown) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => serve_connection(stream, app.clone(), head, connections.watcher()),
            // Out of descriptors or the like: others may go away.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn serve_connection(stream: TcpStream, app: Router, head: Duration, connections: Watcher) {
    // Only slower without.
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let served = connections.watch(served);
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    /// Short for a test; whoever is honest needs a fraction of it.
    const HEAD: Duration = Duration::from_secs(2);
    /// No bound on the server, only on the test.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// A server that says "here", and "late" after half a second; what stops it, and its task.
    async fn server() -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let late = async || {
            tokio::time::sleep(Duration::from_millis(500)).await;
            "late"
        };
        let app = Router::new().route("/", get(async || "here")).route("/late", get(late));
        let (stop, stopped) = oneshot::channel();
        let limits = Limits { head: HEAD, finish: Duration::from_secs(30) };
        let task = tokio::spawn(serve(vec![listener], app, limits, async {
            let _ = stopped.await;
        }));
        (address, stop, task)
    }

    async fn saying(address: SocketAddr, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
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

    async fn body(address: SocketAddr, path: &str) -> String {
        reqwest::get(format!("http://{address}{path}")).await.unwrap().text().await.unwrap()
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

    #[tokio::test]
    async fn row_174_the_demo_closes_a_thousand_half_sent_heads_and_serves_others_meanwhile() {
        allow_many_files();
        let (address, _stop, _task) = server().await;
        let mut open = Vec::new();
        for number in 0..1_000 {
            // One says nothing at all.
            let said = if number == 0 { "" } else { "GET / HTTP/1.1\r\nHost: localhost\r\nx-ha" };
            open.push(saying(address, said).await);
        }
        assert_eq!(body(address, "/").await, "here");
        let answers = join_all(open.into_iter().map(until_closed)).await;
        assert!(answers.iter().all(|answer| !answer.starts_with("HTTP/1.1 2")), "{answers:?}");
        assert_eq!(body(address, "/").await, "here");
    }

    #[tokio::test]
    async fn row_174_the_demo_closes_idle_connections() {
        let (address, _stop, _task) = server().await;
        let answer = until_closed(saying(address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("here"), "{answer}");
    }

    #[tokio::test]
    async fn at_the_end_answers_under_way_finish_and_idle_connections_close() {
        let (address, stop, task) = server().await;
        let idle = saying(address, "").await;
        let late = tokio::spawn(until_closed(
            saying(address, "GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n").await,
        ));
        // Until the request has arrived.
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).unwrap();
        assert!(late.await.unwrap().ends_with("late"));
        until_closed(idle).await;
        tokio::time::timeout(PATIENCE, task).await.expect("it goes on").unwrap();
        TcpListener::bind(address).await.expect("the port is free");
    }
}
