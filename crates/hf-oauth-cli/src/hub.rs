//! `hf-oauth hub`: the local Hub in the foreground.

use std::error::Error;
use std::path::PathBuf;

use hf_oauth_hub::{FramedBy, SameSite, ServeOptions, serve_command};

use crate::interrupt::Interrupts;
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
    /// Show the app at this address as a Space, in a frame of another site; may be given several times
    #[arg(long, value_name = "URL")]
    space: Vec<String>,
    /// Let programs on this machine script it under /_control: clock, journal, faults
    #[arg(long)]
    control: bool,
    /// Leave `Cross-Origin-Opener-Policy` out, so that pages keep the window that opened them
    #[arg(long)]
    no_opener_policy: bool,
    /// Let no page show the Hub's pages in a frame, not even the Hub's own
    #[arg(long)]
    no_frames: bool,
    /// Set the Hub's own cookie `SameSite=Lax`, so that it is not known inside of another site's frame
    #[arg(long)]
    lax_cookie: bool,
    /// A server with /v1/chat/completions, http only, that answers in place of the built-in responder
    #[arg(long, value_name = "URL")]
    inference_upstream: Option<String>,
}

pub(crate) async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let Options { port, issuer, config, space, control, .. } = options;
    let served = ServeOptions {
        port,
        issuer,
        config,
        control,
        opener_policy: options.no_opener_policy.then_some(false),
        framed_by: options.no_frames.then_some(FramedBy::Nobody),
        same_site: options.lax_cookie.then_some(SameSite::Lax),
        spaces: space,
        inference_upstream: options.inference_upstream,
        ..ServeOptions::default()
    };
    let mut interrupts = Interrupts::listen()?;
    let hub = serve_command(served).await?;
    output::say(&hub.banner());
    interrupts.next().await;
    hub.shutdown().await;
    Ok(())
}
