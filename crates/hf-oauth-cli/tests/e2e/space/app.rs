//! An app of the tests' own, as the documentation says to write one: without a security policy beyond the frames', so that what
//! others plant in its pages loads, and with a WebSocket.

use std::net::TcpListener;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth_axum::{HuggingFace, SignedIn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::support::hub::Hub;
use crate::support::space::environment;

/// An app as the only Space of a Hub. It ends with the test.
pub(super) struct OwnApp {
    pub(super) origin: String,
    /// The Hub's page that shows it.
    pub(super) page: String,
    pub(super) hub: Hub,
}

impl OwnApp {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let hub = Hub::start_with("", &["--space", &origin]);
        let page = format!("{}/spaces/local/space", hub.url);
        let variables = environment(&format!("{page}/environment")).await;
        let auth = HuggingFace::from_vars(|wanted| {
            variables.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        });
        let auth = auth.start().await.unwrap();
        let button = auth.sign_in_button("/");
        let home = async move |user: Option<SignedIn>| {
            Html(user.map_or(button, |user| format!("<h1>{}</h1>", user.display_name())))
        };
        let pages = Router::new()
            .route("/", get(home))
            .route("/api/me", get(me))
            .route("/socket", any(socket))
            .layer(auth.frames());
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(axum::serve(listener, auth.attach(pages)).into_future());
        Self { origin, page, hub }
    }
}

async fn me(user: Option<SignedIn>) -> Response {
    match user {
        None => StatusCode::UNAUTHORIZED.into_response(),
        Some(user) => Json(json!({ "user": user.user_info() })).into_response(),
    }
}

/// Tells whoever is connected who they are (RFC 6455 sections 4.2.2 and 5.2).
async fn socket(user: Option<SignedIn>, request: Request) -> Response {
    let Some(key) = request.headers().get("sec-websocket-key").cloned() else {
        return StatusCode::UPGRADE_REQUIRED.into_response();
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
        // Open until the test ends.
        std::future::pending::<()>().await;
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", STANDARD.encode(accept))
        .body(Body::empty())
        .unwrap()
}
