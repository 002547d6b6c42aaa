//! What the programs in `src/bin` share: where they listen.

use std::io;

use tokio::net::TcpListener;

/// `ADDRESS`, by default `127.0.0.1:7860`.
pub fn address() -> String {
    std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:7860".to_owned())
}

/// A listener on [`address`].
///
/// # Errors
///
/// When the address is none, or taken.
pub async fn listener() -> io::Result<TcpListener> {
    TcpListener::bind(address()).await
}

/// The code of the guides, compiled and, where it ends by itself, run.
#[cfg(doctest)]
mod documents {
    macro_rules! documents {
        ($($name:ident: $path:literal,)*) => {
            $(
                #[doc = include_str!(concat!("../../", $path))]
                struct $name;
            )*
        };
    }
    documents! {
        Actix: "docs/actix.md",
        Architecture: "ARCHITECTURE.md",
        Axum: "docs/axum.md",
        Contributing: "CONTRIBUTING.md",
        Design: "DESIGN.md",
        Moving: "docs/moving.md",
        Readme: "README.md",
        Releasing: "docs/releasing.md",
        Security: "SECURITY.md",
        Space: "docs/space.md",
        Terminal: "docs/terminal.md",
        Testing: "docs/testing.md",
    }
}
