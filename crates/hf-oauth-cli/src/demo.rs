//! `hf-oauth demo`: an app one would show to others.
//!
//! ```text
//! environment ─ provider ─▶ Provider { HuggingFace, inference address, local Hub? } ─ app ─▶ Router
//!   GET /            who you are, or the sign-in button
//!   POST /ask        a prompt; the answer streams as text          (inference)
//!   GET /inference   asks for the scope that inference needs, then back
//!   GET /api/me      the same as JSON, without tokens
//! ```

mod app;
mod ask;
mod inference;
mod pages;
mod provider;
mod server;
mod static_page;

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use axum::Router;
use tokio::net::TcpListener;

use crate::interrupt::Interrupts;
use crate::output;

/// What the environment can say.
const ENVIRONMENT: &str = "\
Environment:
  OAUTH_CLIENT_ID        The app to sign in with, at huggingface.co unless OPENID_PROVIDER_URL says otherwise
  OAUTH_CLIENT_SECRET    Its secret, if it has one
  OPENID_PROVIDER_URL    Another provider
  OAUTH_SESSION_KEYS     Keys for the session cookies, separated by commas, the first seals
  HF_INFERENCE_MODEL     The model to ask [default: google/gemma-2-2b-it]
  HF_INFERENCE_ENDPOINT  Where prompts go, for a provider that is neither huggingface.co nor a local Hub
  RUST_LOG               What to log, such as debug";

#[derive(clap::Args)]
#[command(after_help = ENVIRONMENT)]
pub(crate) struct Options {
    /// The port that the app listens on; 0 takes any that is free
    #[arg(long, default_value_t = 7860)]
    port: u16,
    /// The port of the local Hub; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    hub_port: u16,
    /// The local Hub's users, apps and lifetimes
    #[arg(long, value_name = "hub.toml")]
    hub_config: Option<PathBuf>,
    /// Serve a page without a server of its own: plain files, signed in and asked for by the browser alone
    #[arg(long = "static", conflicts_with = "space")]
    static_page: bool,
    /// As a Space: in the frame of the local Hub's page, with a Space's environment in place of this process's
    #[arg(long)]
    space: bool,
}

pub(crate) async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let mut interrupts = Interrupts::listen()?;
    let (listeners, app) = tokio::select! {
        started = start(options) => started?,
        _ = interrupts.next() => return Ok(()),
    };
    let stop = async {
        interrupts.next().await;
    };
    server::serve(listeners, app, server::Limits::default(), stop).await;
    Ok(())
}

/// Everything up to the first request.
async fn start(options: Options) -> Result<(Vec<TcpListener>, Router), Box<dyn Error>> {
    let listeners = listen(options.port, !options.space && is_in_a_container()).await?;
    let port =
        listeners.first().map_or(Ok(options.port), |listener| listener.local_addr().map(|it| it.port()))?;
    if options.static_page {
        let page = static_page::StaticPage::start(options.hub_port, options.hub_config).await?;
        output::say(&page.banner(port));
        return Ok((listeners, page.router()));
    }
    let hub = provider::OwnHub { port: options.hub_port, config: options.hub_config };
    let provider = match options.space {
        true => provider::Provider::in_a_frame(hub, port).await?,
        false => provider::Provider::start(hub).await?,
    };
    output::say(&provider.banner(port));
    Ok((listeners, app::router(provider)))
}

/// Whether this is a Space on huggingface.co, and not one that is played on somebody's own machine.
fn is_in_a_container() -> bool {
    let host = std::env::var("SPACE_HOST").unwrap_or_default();
    let origin = format!("https://{}", host.split(',').next().unwrap_or_default().trim());
    let is_played = origin.parse().is_ok_and(|origin: hf_oauth::Origin| origin.is_loopback());
    std::env::var_os("SPACE_ID").is_some() && !is_played
}

/// Loopback, both families where there are two; in a Space, the container's own network.
async fn listen(port: u16, in_container: bool) -> Result<Vec<TcpListener>, PortError> {
    let fail = |source| PortError { port, source };
    if in_container {
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        return Ok(vec![TcpListener::bind(address).await.map_err(fail)?]);
    }
    let first = TcpListener::bind((IpAddr::from(Ipv4Addr::LOCALHOST), port)).await.map_err(fail)?;
    let port = first.local_addr().map_err(fail)?.port();
    match TcpListener::bind((IpAddr::from(Ipv6Addr::LOCALHOST), port)).await {
        Ok(second) => Ok(vec![first, second]),
        // `localhost` may mean [::1] to a browser: another program there would get our visitors.
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(fail(error)),
        Err(_) => Ok(vec![first]),
    }
}

#[derive(Debug)]
struct PortError {
    port: u16,
    source: io::Error,
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the demo cannot listen on port {}: choose another with --port", self.port)
    }
}

impl Error for PortError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
