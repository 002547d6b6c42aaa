//! From settings to a running hub.

mod error;
mod issuer;
mod listen;
mod spaces;

pub use error::StartError;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::client_metadata::Fetcher;
use crate::clock::Clock;
use crate::config::{
    AppConfig, COMMAND_LINE, Config, FramedBy, LOCAL_APP, SameSite, SpaceConfig, UserConfig, command_line,
    local_app, personas,
};
use crate::fault::Endpoint;
use crate::hub::LocalHub;
use crate::keys::KeyCell;
use crate::random::Random;
use crate::server::serve;
use crate::state::{Hub, RefreshMode, Setup};
use crate::upstream::Upstream;

use issuer::read_issuer;
use listen::listen;

const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

impl LocalHub {
    /// Starts a hub on a free loopback port, with the default personas and the app `local-app`.
    ///
    /// # Errors
    /// When no port can be had, or the operating system gives no randomness.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// For everything that [`start`](Self::start) decides by itself.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

/// Settings of a [`LocalHub`].
///
/// ```
/// use hf_oauth_hub::{Clock, Config, LocalHub, UserConfig};
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// let clock = Clock::manual(1_800_000_000);
/// let config = Config::from_toml_str("[lifetimes]\ncode = 30", "hub.toml")?;
/// let hub = LocalHub::builder().config(config).clock(clock).user(UserConfig::new("mary")).start().await?;
/// assert_eq!(hub.issuer(), format!("http://localhost:{}", hub.port()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    port: u16,
    issuer: Option<String>,
    config: Config,
    clock: Clock,
    control: bool,
    send_iss: bool,
    refresh_mode: RefreshMode,
    inference_upstream: Option<String>,
    head_timeout: Duration,
    bind: Option<IpAddr>,
}

impl Builder {
    fn new() -> Self {
        Self {
            port: 0,
            issuer: None,
            config: Config::default(),
            clock: Clock::system(),
            control: false,
            send_iss: false,
            refresh_mode: RefreshMode::Rotate,
            inference_upstream: None,
            head_timeout: HEAD_TIMEOUT,
            bind: None,
        }
    }

    /// Listens on this port; 0, the default, takes any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Calls itself this; `http://localhost:PORT` unless set. A path is kept: all addresses are then below it. So is a
    /// slash at the end, in discovery, ID tokens and `iss`.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Takes people, apps and lifetimes from here; what was given by [`user`](Self::user) and [`app`](Self::app) before is replaced.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// One more person; the default personas are there only if nobody is given.
    pub fn user(mut self, user: UserConfig) -> Self {
        self.config.users.push(user);
        self
    }

    /// One more app.
    pub fn app(mut self, app: AppConfig) -> Self {
        self.config.apps.push(app);
        self
    }

    /// Shows one more app as huggingface.co shows a Space: in a frame of another site. The hub then calls itself by a
    /// loopback name that no Space is on, unless it is given an [`issuer`](Self::issuer).
    pub fn space(mut self, space: SpaceConfig) -> Self {
        self.config.spaces.push(space);
        self
    }

    /// Reads the time here; the machine's unless set.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Opens `/_control` to programs on this machine.
    pub fn control(mut self, control: bool) -> Self {
        self.control = control;
        self
    }

    /// Sends `iss` with every authorization response and says so in discovery (RFC 9207). The Hub is not known to.
    pub fn send_iss(mut self, send_iss: bool) -> Self {
        self.send_iss = send_iss;
        self
    }

    /// Names this interval, in seconds, to devices that poll, and holds them to it; unless set none is named, as on
    /// the Hub, and 5 counts (RFC 8628 section 3.5).
    pub fn device_interval(mut self, seconds: u64) -> Self {
        self.config.device.interval = Some(seconds);
        self
    }

    /// Gives devices a `verification_uri_complete` (RFC 8628 section 3.3.1), which the Hub does not.
    pub fn verification_uri_complete(mut self, complete: bool) -> Self {
        self.config.device.verification_uri_complete = complete;
        self
    }

    /// Whether pages say `Cross-Origin-Opener-Policy: same-origin`, as huggingface.co's do; true unless set.
    pub fn opener_policy(mut self, opener_policy: bool) -> Self {
        self.config.pages.opener_policy = opener_policy;
        self
    }

    /// Who may show the pages in a frame; the hub's own pages unless set.
    pub fn framed_by(mut self, framed_by: FramedBy) -> Self {
        self.config.pages.framed_by = framed_by;
        self
    }

    /// `SameSite` of the session cookie; `None; Secure` unless set.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.config.pages.same_site = same_site;
        self
    }

    /// Whether a `client_id` that is a URL is fetched, for apps that nobody registered; true unless set. See
    /// [`ClientMetadataConfig`](crate::ClientMetadataConfig).
    pub fn fetch_client_metadata(mut self, fetch: bool) -> Self {
        self.config.client_metadata.fetch = fetch;
        self
    }

    /// Sends these endpoints' answers without `Access-Control-Allow-Origin`, so that no page of another origin reads them;
    /// none unless set.
    pub fn withhold_cors(mut self, endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        self.config.cors.withheld = endpoints.into_iter().collect();
        self
    }

    /// Closes connections whose request's head takes longer, or that are idle for so long; 10 seconds unless set.
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// What becomes of a refresh token that is used.
    pub fn refresh_mode(mut self, mode: RefreshMode) -> Self {
        self.refresh_mode = mode;
        self
    }

    /// Passes `/v1/chat/completions` on to a server of that API, `http` only, for tokens with `inference-api`:
    /// `http://localhost:8080`, with or without `/v1`. The tokens of this hub stay here.
    pub fn inference_upstream(mut self, url: impl Into<String>) -> Self {
        self.inference_upstream = Some(url.into());
        self
    }

    /// Listens on this address instead of the loopback ones, and allows an issuer that others reach.
    ///
    /// Everybody who reaches it can sign in as anybody: never where that matters.
    pub fn dangerously_bind(mut self, address: IpAddr) -> Self {
        self.bind = Some(address);
        self
    }

    /// Starts; must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Mistakes in the configuration or the issuer, a port that is taken, no randomness.
    pub async fn start(self) -> Result<LocalHub, StartError> {
        // As early as possible: the key is the slowest part.
        let _ = KeyCell::of_the_process();
        self.config.check().map_err(StartError::Config)?;
        let bound_elsewhere = self.bind.is_some();
        let spaces = spaces::read(&self.config.spaces)?;
        let given = self.issuer.as_deref().map(|issuer| read_issuer(issuer, bound_elsewhere)).transpose()?;
        let upstream = self.inference_upstream.as_deref().map(read_upstream).transpose()?;
        let random = Random::seeded().map_err(StartError::Randomness)?;
        let local = |error| StartError::Bind { port: self.port, source: error };
        let listeners = listen(self.bind, self.port).await.map_err(local)?;
        let port = listeners.first().map(TcpListener::local_addr).transpose().map_err(local)?;
        let port = port.map_or(self.port, |address| address.port());
        let issuer = match given {
            Some(issuer) => issuer,
            None => {
                let has_ipv6 = listeners.iter().any(|it| it.local_addr().is_ok_and(|at| at.is_ipv6()));
                spaces::issuer(&spaces, port, has_ipv6)?
            }
        };
        let (spaces, of_spaces) = spaces::register(&self.config.spaces, &spaces, &issuer, &random)?;
        let Config { mut users, apps, spaces: _, lifetimes, device, pages, client_metadata, cors } =
            self.config;
        if users.is_empty() {
            users = personas();
        }
        let mut all = apps;
        if !all.iter().any(|app| app.client_id == LOCAL_APP) {
            all.insert(0, local_app());
        }
        if !all.iter().any(|app| app.client_id == COMMAND_LINE) {
            all.push(command_line());
        }
        all.extend(of_spaces);
        let hub = Arc::new(Hub::new(Setup {
            issuer,
            port,
            clock: self.clock,
            random,
            lifetimes,
            device,
            pages,
            cors,
            spaces,
            head_timeout: self.head_timeout,
            refresh_mode: self.refresh_mode,
            send_iss: self.send_iss,
            control: self.control,
            bound_dangerously: self.bind.is_some_and(|address| !address.is_loopback()),
            upstream,
            client_metadata: client_metadata.fetch.then(Fetcher::default),
            users,
            apps: all,
        }));
        let server = tokio::spawn(serve(Arc::clone(&hub), listeners));
        Ok(LocalHub::running(hub, server))
    }
}

fn read_upstream(url: &str) -> Result<Upstream, StartError> {
    Upstream::parse(url).map_err(|reason| StartError::Upstream { url: url.to_owned(), reason })
}
