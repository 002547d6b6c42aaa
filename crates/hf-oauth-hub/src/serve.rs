//! The command: a hub in the foreground.

use std::net::IpAddr;
use std::path::PathBuf;

use url::Url;

use crate::config::{Config, FramedBy, SameSite, SpaceConfig, read_space_url};
use crate::hub::LocalHub;
use crate::start::StartError;

/// What `hf-oauth hub` can be told.
///
/// ```
/// let options = hf_oauth_hub::ServeOptions::default();
/// assert_eq!(options.port, 5555);
/// assert!(!options.control);
/// ```
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The port: 5555; 0 takes any that is free.
    pub port: u16,
    /// The issuer; `http://localhost:PORT` unless given.
    pub issuer: Option<String>,
    /// A `hub.toml`.
    pub config: Option<PathBuf>,
    /// Whether `/_control` is open to programs on this machine.
    pub control: bool,
    /// Whether pages say `Cross-Origin-Opener-Policy: same-origin`; as the configuration says unless given.
    pub opener_policy: Option<bool>,
    /// Who may show the pages in a frame; as the configuration says unless given.
    pub framed_by: Option<FramedBy>,
    /// `SameSite` of the session cookie; as the configuration says unless given.
    pub same_site: Option<SameSite>,
    /// Addresses of apps that are shown as Spaces, beside the configuration's; one that stands there is not shown twice.
    pub spaces: Vec<String>,
    /// Who answers `/v1/chat/completions`, as in [`Builder::inference_upstream`](crate::Builder::inference_upstream).
    pub inference_upstream: Option<String>,
    /// Listens here instead of on the loopback addresses, which lets everybody who reaches it sign in as anybody.
    pub dangerously_bind: Option<IpAddr>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            port: 5555,
            issuer: None,
            config: None,
            control: false,
            opener_policy: None,
            framed_by: None,
            same_site: None,
            spaces: Vec::new(),
            inference_upstream: None,
            dangerously_bind: None,
        }
    }
}

/// Starts a hub as the command does. Print its [`banner`](LocalHub::banner), then keep it until the person has enough.
///
/// ```
/// use hf_oauth_hub::{ServeOptions, serve_command};
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// let hub = serve_command(ServeOptions { port: 0, ..ServeOptions::default() }).await?;
/// assert!(hub.banner().contains(&format!("OPENID_PROVIDER_URL={}", hub.issuer())));
/// hub.shutdown().await;
/// # Ok::<(), hf_oauth_hub::StartError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Builder::start`](crate::Builder::start), and when the configuration file cannot be read.
pub async fn serve_command(options: ServeOptions) -> Result<LocalHub, StartError> {
    let mut builder = LocalHub::builder().port(options.port).control(options.control);
    let mut known = Vec::new();
    if let Some(path) = options.config {
        let config = Config::from_file(path).map_err(StartError::Config)?;
        known.extend(config.spaces.iter().filter_map(|space| Url::parse(&space.url).ok()));
        builder = builder.config(config);
    }
    for space in options.spaces {
        let url = read_space_url(&space)
            .map_err(|reason| StartError::Space { url: space.clone(), reason: reason.to_owned() })?;
        if !known.contains(&url) {
            builder = builder.space(SpaceConfig::new(space));
            known.push(url);
        }
    }
    if let Some(issuer) = options.issuer {
        builder = builder.issuer(issuer);
    }
    if let Some(opener_policy) = options.opener_policy {
        builder = builder.opener_policy(opener_policy);
    }
    if let Some(framed_by) = options.framed_by {
        builder = builder.framed_by(framed_by);
    }
    if let Some(same_site) = options.same_site {
        builder = builder.same_site(same_site);
    }
    if let Some(url) = options.inference_upstream {
        builder = builder.inference_upstream(url);
    }
    if let Some(address) = options.dangerously_bind {
        builder = builder.dangerously_bind(address);
    }
    builder.start().await
}
