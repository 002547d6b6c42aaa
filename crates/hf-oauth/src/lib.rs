//! Sign in with Hugging Face: the steps of [`hf_oauth_core`] performed over the network.
//!
//! ```
//! # use hf_oauth_hub::{AppConfig, LocalHub};
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
//! # let hub = LocalHub::start().await?;
//! # hub.add_app(AppConfig::public("my-client-id").redirect_uri("http://localhost:3000/callback"));
//! use hf_oauth::{App, Client, Issuer, LoginOptions, RedirectUri};
//!
//! let app = App::new("my-client-id").with_redirect_uri(RedirectUri::parse("http://localhost:3000/callback")?);
//! let client = Client::new(app); // huggingface.co
//! # let client = client.with_issuer(Issuer::parse(hub.issuer())?); // or the local Hub, as here
//!
//! // 1. Send the browser to `url`, keep `pending` where only this browser brings it back.
//! let (url, pending) = client.login_url(&LoginOptions::new()).await?;
//!
//! // 2. It comes back.
//! # let redirect = hub.approve(&url, "ada").await?;
//! let login = client.handle_redirect(&redirect, pending).await?;
//! assert_eq!(login.identity.user_info().preferred_username.as_deref(), Some("ada"));
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! On a server the transport is rustls with the platform's trust store; `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and
//! `REQUESTS_CA_BUNDLE` are honoured. In the browser (`wasm32-unknown-unknown`) it is `fetch`. No redirect is followed, every exchange has
//! one deadline ([`Step::deadline`]), and no answer may be longer than [`LONGEST_BODY`].
//!
//! # Where to go next
//!
//! - An axum app: the crate `hf-oauth-axum` does all of the above, and remembers who signed in.
//! - A terminal: [`Client::device_login`] shows a code; the crate `hf-oauth-tokens` keeps what came of it.
//! - In a Space: [`app_from_space_env`]. In CI: [`Client::exchange_ci_token`].
//! - Later: [`Client::refresh`], [`Client::userinfo`], [`Client::whoami`].
//! - The same without a network of ours: the crate `hf-oauth-core`, all of which stands here too.

mod ci_job;
mod client;
mod device;
mod error;
mod headers;
mod login;
#[cfg(feature = "loopback")]
mod loopback;
mod platform;
mod provider;
pub mod refresh;
mod space;
mod token_exchange;

pub use hf_oauth_core::*;

pub use client::Client;
pub use device::DeviceProgress;
pub use error::{LoginError, ProviderError};
pub use login::{RedirectParams, new_seed};
#[cfg(feature = "loopback")]
pub use loopback::{LoopbackError, LoopbackLogin};
pub use space::app_from_space_env;
