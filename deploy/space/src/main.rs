//! A Space that signs people in.

use std::error::Error;
use std::time::Duration;

use axum::{Router, response::Html, routing::get};
use hf_oauth_axum::{HuggingFace, SignedIn, Visitor};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How long requests that are under way may take when the Space stops: it is killed after ten seconds.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    // The first process of a container is only ended by signals that it listens to.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let in_space = std::env::var_os("SPACE_ID").is_some();
    let auth = HuggingFace::from_env().local_hub().start().await?;
    let button = auth.sign_in_button("/");
    let home = async move |visitor: Visitor| Html(greeting(&visitor, &button));
    // The Hub shows this Space in a frame, and nobody else does.
    let app = auth.attach(Router::new().route("/", get(home)).route("/me", get(me)).layer(auth.frames()));

    let port = std::env::var("PORT").unwrap_or_else(|_| "7860".to_owned());
    let host = if in_space { "0.0.0.0" } else { "127.0.0.1" };
    let listener = TcpListener::bind(format!("{host}:{port}")).await?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = axum::serve(listener, app).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let mut served = tokio::spawn(served.into_future());
    tokio::select! {
        ended = &mut served => return Ok(ended??),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let _ = stop.send(());
    // Who holds a connection open does not hold the Space.
    let _ = tokio::time::timeout(LAST_REQUESTS, served).await;
    Ok(())
}

fn greeting(visitor: &Visitor, button: &str) -> String {
    let body = match visitor.identity() {
        Some(user) => format!(
            "<p>Hello {}! <a href=\"/me\">What this Space knows of you</a></p>",
            user.display_name_html()
        ),
        None => button.to_owned(),
    };
    format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>A Space in Rust</title>{body}")
}

/// For people who are signed in; whoever is not comes back here afterwards.
async fn me(user: SignedIn) -> String {
    let email = user.user_info().email.as_deref().unwrap_or("an address that it was not told");
    format!("You are {}, of {email}.\n", user.display_name())
}
