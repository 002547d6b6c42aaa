//! A WebSocket in the frame: it brings the frame's session, and a stranger's brings none.

use std::net::TcpListener;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{any, get};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth_axum::{HuggingFace, SignedIn};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;

use super::{BLOCKING, FRAME, SIGN_IN, page_of_a_stranger};
use crate::support::browser::Browser;
use crate::support::hub::Hub;
use crate::support::space::environment;
use crate::support::steps::APPROVE;

/// What a socket says first, to a page that asks as `script`.
const FIRST_WORD: &str = "return new Promise((done) => { \
    const socket = new WebSocket(URL); \
    socket.onmessage = (message) => done(message.data); \
    socket.onerror = () => done('refused'); \
})";

/// Tells whoever is connected who they are (RFC 6455 sections 4.2.2 and 5.2).
async fn socket(user: Option<SignedIn>, request: Request) -> Response {
    let Some(key) = request.headers().get("sec-websocket-key").cloned() else {
        return "a WebSocket".into_response();
    };
    let accept = [key.as_bytes(), b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
    let accept = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &accept);
    let upgraded = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let mut socket = TokioIo::new(upgraded.await.unwrap());
        let word = user.map_or_else(|| "nobody".to_owned(), |user| user.display_name().to_owned());
        let frame = [&[0x81, u8::try_from(word.len()).unwrap()], word.as_bytes()].concat();
        let _ = socket.write_all(&frame).await;
        let _ = socket.flush().await;
        // Open until the page goes away.
        std::future::pending::<()>().await;
    });
    Response::builder()
        .status(101)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", STANDARD.encode(accept))
        .body(Body::empty())
        .unwrap()
}

/// An app with a WebSocket, as a Space; gives its port and the Hub.
async fn app() -> (u16, Hub) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let hub = Hub::start_with("", &["--space", &format!("http://127.0.0.1:{port}")]);
    let variables = environment(&format!("{}/spaces/local/space/environment", hub.url)).await;
    let auth = HuggingFace::from_vars(|wanted| {
        variables.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
    });
    let auth = auth.start().await.unwrap();
    let button = auth.sign_in_button("/");
    let home = async move |user: Option<SignedIn>| {
        Html(user.map_or(button, |user| format!("<h1>{}</h1>", user.display_name())))
    };
    let router = auth.attach(Router::new().route("/", get(home)).route("/socket", any(socket)));
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, hub)
}

#[tokio::test]
async fn row_092_a_websocket_is_the_frames_own_and_nobodys_from_elsewhere() {
    let (port, hub) = app().await;
    let script = FIRST_WORD.replace("URL", &format!("'ws://127.0.0.1:{port}/socket'"));
    let stranger = page_of_a_stranger("<p>Win a prize");
    Browser::run_with(BLOCKING, "space-socket", async |browser| {
        browser.open(&format!("{}/spaces/local/space", hub.url)).await;
        browser.enter_frame(FRAME).await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.script(&script).await, "nobody");
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.click(APPROVE).await;
        browser.reads(&["Ada Lovelace"]).await;
        assert_eq!(browser.script(&script).await, "Ada Lovelace");
        // The page around the frame is the Hub's, and no friend of the app's sockets; its policy is a page's own matter.
        browser.open(&stranger).await;
        assert_eq!(browser.script(&script).await, "nobody");
    })
    .await;
    // Where other sites' cookies are sent along, it is the app that says no.
    Browser::run("space-socket-lenient", async |browser| {
        browser.open(&format!("http://127.0.0.1:{port}/")).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.reads(&["Ada Lovelace"]).await;
        assert_eq!(browser.script(&script).await, "Ada Lovelace");
        browser.open(&stranger).await;
        assert_eq!(browser.script(&script).await, "nobody");
    })
    .await;
}
