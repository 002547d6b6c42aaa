//! A login that comes back to a port of this machine: for programs on a desktop (RFC 8252 sections 7.3 and 8.3).
//!
//! ```text
//! Client ─ loopback_login ─▶ LoopbackLogin { url } ─ finish ─▶ VerifiedLogin
//! ```
//!
//! The listener stands on loopback alone, at a port that the system chooses, under the host and the path that are
//! registered. Only a `GET` there with this login's `state` ends the wait; whatever else knocks gets 404 or 400.
//! Dropping the future closes the port.

mod listen;
mod serve;

use std::fmt;
use std::io;

use hf_oauth_core::{LoginOptions, PENDING_LOGIN_LIFETIME, PendingLogin, RedirectUri, VerifiedLogin};

use crate::client::Client;
use crate::error::LoginError;
use listen::Listeners;
use serve::Gate;

/// A login that waits for the browser.
#[derive(Debug)]
pub struct LoopbackLogin {
    client: Client,
    url: String,
    pending: PendingLogin,
    gate: Gate,
    listeners: Listeners,
}

/// Why a login on loopback did not begin or did not end.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoopbackError {
    /// The app has no redirect URI that is `http` on loopback.
    NotLoopback {
        /// Its redirect URI, if it has one.
        redirect_uri: Option<String>,
    },
    /// No port could be had.
    Listen {
        /// The host that the redirect URI names.
        host: String,
        /// Why not.
        source: io::Error,
    },
    /// The browser did not come back within ten minutes.
    TimedOut,
    /// The login itself failed.
    Login(LoginError),
}

impl Client {
    /// Begins a login that comes back to a port of this machine. The app's redirect URI says host and path, and any port:
    /// the Hub lets `http` on loopback have any.
    ///
    /// # Errors
    ///
    /// [`LoopbackError`].
    ///
    /// ```
    /// # use hf_oauth_hub::{AppConfig, LocalHub};
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// # let hub = LocalHub::start().await?;
    /// # hub.add_app(AppConfig::public("my-app").redirect_uri("http://127.0.0.1/callback"));
    /// use hf_oauth::{App, Client, Issuer, LoginOptions, RedirectUri};
    ///
    /// let app = App::new("my-app").with_redirect_uri(RedirectUri::parse("http://127.0.0.1/callback")?);
    /// let client = Client::new(app); // huggingface.co
    /// # let client = client.with_issuer(Issuer::parse(hub.issuer())?); // or the local Hub, as here
    /// let login = client.loopback_login(&LoginOptions::new()).await?;
    /// // Open `login.url()` in the browser.
    /// # let redirect = hub.approve(login.url(), "ada").await?;
    /// # let browser = async {
    /// #     use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    /// #     let (authority, path) = redirect.strip_prefix("http://").unwrap().split_once('/').unwrap();
    /// #     let mut stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    /// #     let request = format!("GET /{path} HTTP/1.1\r\nhost: {authority}\r\n\r\n");
    /// #     stream.write_all(request.as_bytes()).await.unwrap();
    /// #     stream.read_to_end(&mut Vec::new()).await.unwrap();
    /// # };
    /// # let (login, ()) = tokio::join!(login.finish(), browser);
    /// # let login = login?;
    /// # /*
    /// let login = login.finish().await?;
    /// # */
    /// assert_eq!(login.identity.user_info().preferred_username.as_deref(), Some("ada"));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn loopback_login(&self, options: &LoginOptions) -> Result<LoopbackLogin, LoopbackError> {
        let not_loopback = || LoopbackError::NotLoopback {
            redirect_uri: self.app().redirect_uri.as_ref().map(ToString::to_string),
        };
        let registered = self.app().redirect_uri.as_ref().ok_or_else(not_loopback)?;
        let origin = registered.origin();
        if origin.is_secure() || !origin.is_loopback() {
            return Err(not_loopback());
        }
        let host = origin.host();
        let listeners = Listeners::bind(host)
            .await
            .map_err(|source| LoopbackError::Listen { host: host.to_owned(), source })?;
        let authority = format!("{host}:{}", listeners.port());
        let path_and_query = after_authority(registered.as_str());
        let redirect_uri =
            RedirectUri::parse(&format!("http://{authority}{path_and_query}")).map_err(|_| not_loopback())?;
        let client = self.clone().with_redirect_uri(redirect_uri);
        let (url, pending) = client.login_url(options).await?;
        let gate = Gate::new(authority, path_and_query, pending.state().clone());
        Ok(LoopbackLogin { client, url, pending, gate, listeners })
    }
}

impl LoopbackLogin {
    /// Where to send the browser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for the browser, at most ten minutes, and finishes the login as
    /// [`Client::handle_redirect`] does. The browser's page says only that it can be closed.
    ///
    /// # Errors
    ///
    /// [`LoopbackError`].
    pub async fn finish(self) -> Result<VerifiedLogin, LoopbackError> {
        let came = serve::wait(self.listeners, self.gate);
        let params =
            tokio::time::timeout(PENDING_LOGIN_LIFETIME, came).await.map_err(|_| LoopbackError::TimedOut)?;
        Ok(self.client.finish(params, self.pending).await?)
    }
}

fn after_authority(url: &str) -> &str {
    let begin = "http://".len();
    let end = url[begin..].find(['/', '?']).map_or(url.len(), |at| begin + at);
    &url[end..]
}

impl From<LoginError> for LoopbackError {
    fn from(error: LoginError) -> Self {
        Self::Login(error)
    }
}

impl fmt::Display for LoopbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback { redirect_uri } => write!(
                f,
                "loopback login: the app's redirect URI ({}) is not http on 127.0.0.1, [::1] or localhost: register one, \
                 or sign in with a code",
                redirect_uri.as_deref().unwrap_or("none")
            ),
            Self::Listen { host, .. } => {
                write!(f, "loopback login: cannot listen on {host}: sign in with a code instead")
            }
            Self::TimedOut => {
                f.write_str("loopback login: the browser did not come back within ten minutes: begin again")
            }
            Self::Login(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoopbackError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } => Some(source),
            Self::Login(error) => error.source(),
            _ => None,
        }
    }
}
