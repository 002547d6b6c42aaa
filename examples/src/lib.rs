//! What the programs in `src/bin` share: where they listen.

use std::io;

use tokio::net::TcpListener;

/// A listener on `ADDRESS`, by default `127.0.0.1:7860`.
///
/// # Errors
///
/// When the address is none, or taken.
pub async fn listener() -> io::Result<TcpListener> {
    TcpListener::bind(std::env::var("ADDRESS").as_deref().unwrap_or("127.0.0.1:7860")).await
}
