//! The signed-in user's token handed to the crate `hf-hub`: the app acts on the Hub as that user.
//!
//! `cargo run --manifest-path examples/hf-hub/Cargo.toml --bin hf_hub_app`, then open <http://localhost:7860/me>.

use axum::{Router, http::StatusCode, routing::get};
use hf_hub::{HFClient, HFError};
use hf_oauth_axum::{HuggingFace, SignedIn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = HuggingFace::from_env().local_hub().start().await?;
    let endpoint = auth.client().issuer().as_str().to_owned();
    let me = async move |user: SignedIn| {
        // The layer has refreshed the token where that was due; it lives in memory for this request alone.
        let client = HFClient::builder().endpoint(endpoint).token(user.access_token().expose());
        // No cache: what one user may read is not for the next.
        let client = client.cache_enabled(false).build().map_err(bad_gateway)?;
        Ok::<_, StatusCode>(client.whoami().send().await.map_err(bad_gateway)?.username)
    };
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:7860".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, auth.attach(Router::new().route("/me", get(me)))).await?;
    Ok(())
}

fn bad_gateway(_: HFError) -> StatusCode {
    StatusCode::BAD_GATEWAY
}
