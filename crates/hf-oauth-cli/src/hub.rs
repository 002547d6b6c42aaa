//! `hf-oauth hub`: the local Hub in the foreground.

use std::error::Error;
use std::path::PathBuf;

use hf_oauth_hub::{ServeOptions, serve_command};

use crate::output;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port to listen on, on 127.0.0.1 and [::1]; 0 takes any that is free
    #[arg(long, default_value_t = 5555)]
    port: u16,
    /// The issuer's URL, when it is not http://localhost:PORT
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// A file with users, apps and lifetimes
    #[arg(long, value_name = "hub.toml")]
    config: Option<PathBuf>,
    /// Let programs on this machine script it under /_control: clock, journal, faults
    #[arg(long)]
    control: bool,
    /// A server with /v1/chat/completions, http only, that answers in place of the built-in responder
    #[arg(long, value_name = "URL")]
    inference_upstream: Option<String>,
}

pub(crate) async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let Options { port, issuer, config, control, inference_upstream } = options;
    let served =
        ServeOptions { port, issuer, config, control, inference_upstream, ..ServeOptions::default() };
    let hub = serve_command(served).await?;
    output::say(&hub.banner());
    tokio::signal::ctrl_c().await?;
    hub.shutdown().await;
    Ok(())
}
