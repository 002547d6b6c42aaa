//! The handle on a running hub.

use std::sync::{Arc, PoisonError};

use tokio::task::JoinHandle;

use crate::approve::{ApproveError, Decision, decide, decide_device};
use crate::banner::banner;
use crate::clock::Clock;
use crate::config::{AppConfig, UserConfig};
use crate::fault::{Endpoint, Fault};
use crate::journal::Journal;
use crate::space::Space;
use crate::state::{Hub, RefreshMode};

/// A running local Hub; it ends when this is dropped.
///
/// Any number run side by side, each on its own port with its own people, apps, clock, journal and faults.
///
/// ```
/// use hf_oauth_hub::{AppConfig, LocalHub};
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// let hub = LocalHub::start().await?;
/// hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
///
/// // What the app would send a browser to; the challenge is that of RFC 7636 appendix B.
/// let login_url = hub.url(
///     "/oauth/authorize?response_type=code&client_id=my-app&redirect_uri=http://localhost:7860/callback\
///      &state=af0ifjsldkj&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
/// );
/// let back = hub.approve(&login_url, "ada").await?;
/// assert!(back.starts_with("http://localhost:7860/callback?code=local_code_"));
/// assert!(back.ends_with("&state=af0ifjsldkj"));
/// assert_eq!(hub.journal().count("/oauth/authorize"), 1);
/// assert_eq!(hub.journal().count("/oauth/token"), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LocalHub {
    hub: Arc<Hub>,
    server: JoinHandle<()>,
}

impl LocalHub {
    /// The issuer as it was given; `http://localhost:PORT` unless it was.
    pub fn issuer(&self) -> &str {
        &self.hub.issuer.text
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.hub.port
    }

    /// The address of `path` below the issuer.
    pub fn url(&self, path: &str) -> String {
        self.hub.issuer.at(path)
    }

    /// The hub's time.
    pub fn clock(&self) -> &Clock {
        &self.hub.clock
    }

    /// Registers an app, or replaces the one with its id. It is taken as it is; only a `hub.toml` is checked.
    pub fn add_app(&self, app: AppConfig) {
        self.hub.state().put_app(app);
    }

    /// Adds a person, or replaces the one with their name. They are taken as they are; only a `hub.toml` is checked.
    pub fn add_user(&self, user: UserConfig) {
        self.hub.state().put_user(user);
    }

    /// Every request so far, without secrets; the oldest go beyond 10,000.
    pub fn journal(&self) -> Journal {
        self.hub.journal.snapshot()
    }

    /// Forgets the requests so far.
    pub fn clear_journal(&self) {
        self.hub.journal.clear();
    }

    /// Scripts a fault.
    pub fn fault(&self, fault: Fault) {
        self.hub.faults.add(fault);
    }

    /// The faults that still have something to do, in words.
    pub fn faults(&self) -> Vec<String> {
        self.hub.faults.list()
    }

    /// Behaves again.
    pub fn clear_faults(&self) {
        self.hub.faults.clear();
    }

    /// Sends these endpoints' answers without `Access-Control-Allow-Origin` from now on, and all others' with it.
    ///
    /// ```
    /// use hf_oauth_hub::{Endpoint, LocalHub};
    /// # let runtime = tokio::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// let hub = LocalHub::start().await?;
    /// hub.withhold_cors([Endpoint::Jwks]);
    /// # Ok::<(), hf_oauth_hub::StartError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn withhold_cors(&self, endpoints: impl IntoIterator<Item = Endpoint>) {
        self.hub.withhold_cors(endpoints.into_iter().collect());
    }

    /// Signs with a new key from now on; the old one leaves the JWKS at once.
    pub fn rotate_keys(&self) {
        self.hub.rotate_keys();
    }

    /// Changes what becomes of a refresh token that is used.
    pub fn set_refresh_mode(&self, mode: RefreshMode) {
        *self.hub.refresh_mode.write().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Does what a person in a browser would: signs in as `username`, consents to everything, and gives the URL that
    /// leads back to the app. What goes back may also be an OAuth error.
    ///
    /// # Errors
    /// When nobody is sent back: an unknown person, a URL that is not this hub's, a page instead of a redirect.
    pub async fn approve(&self, authorize_url: &str, username: &str) -> Result<String, ApproveError> {
        decide(&self.hub, authorize_url, username, Decision::Approve).await
    }

    /// As [`approve`](Self::approve), but the person ticks only these of their organisations, by name or id.
    ///
    /// Where consent stands from before nobody is asked, and what was granted then is granted again.
    ///
    /// # Errors
    /// As `approve`, and [`ApproveError::UnknownOrg`] for an organisation of which the person is no member.
    pub async fn approve_with_orgs(
        &self,
        authorize_url: &str,
        username: &str,
        orgs: &[&str],
    ) -> Result<String, ApproveError> {
        decide(&self.hub, authorize_url, username, Decision::ApproveFor(orgs)).await
    }

    /// As [`approve`](Self::approve), but the person clicks Deny.
    ///
    /// # Errors
    /// As `approve`, and [`ApproveError::NotAsked`] when consent stands from before.
    pub async fn deny(&self, authorize_url: &str, username: &str) -> Result<String, ApproveError> {
        decide(&self.hub, authorize_url, username, Decision::Deny).await
    }

    /// Does what a person with a device's code would: types it, signs in as `username`, consents to everything.
    ///
    /// # Errors
    /// An unknown person, a code under which no device waits, an app that is not open to the person.
    pub async fn approve_device(&self, user_code: &str, username: &str) -> Result<(), ApproveError> {
        decide_device(&self.hub, user_code, username, Decision::Approve).await
    }

    /// As [`approve_device`](Self::approve_device), but the person clicks Deny.
    ///
    /// # Errors
    /// An unknown person, a code under which no device waits.
    pub async fn deny_device(&self, user_code: &str, username: &str) -> Result<(), ApproveError> {
        decide_device(&self.hub, user_code, username, Decision::Deny).await
    }

    /// The person takes back what they granted to an app, which ends all its tokens for them.
    pub fn disconnect(&self, username: &str, client_id: &str) {
        self.hub.state().disconnect(username, client_id);
    }

    /// The Spaces that it shows in frames, in the order in which they were given.
    pub fn spaces(&self) -> &[Space] {
        &self.hub.spaces
    }

    /// The variables of a GitHub Actions job that publishes to `resource` at this hub: a repository (`ada/model`,
    /// `datasets/ada/data`, ...) or a person's name. The hub is the CI as well.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// let hub = hf_oauth_hub::LocalHub::start().await?;
    /// let environment = hub.ci_environment("datasets/ada/engine");
    /// assert!(environment.contains(&("GITHUB_ACTIONS", "true".to_owned())));
    /// assert!(environment.contains(&("HF_ENDPOINT", hub.issuer().to_owned())));
    /// # Ok::<(), hf_oauth_hub::StartError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ci_environment(&self, resource: &str) -> Vec<(&'static str, String)> {
        crate::ci::environment(&self.hub, resource)
    }

    /// The ID token that a job gets for `audience`, for `HF_OIDC_ID_TOKEN`; none where this machine cannot make a key.
    pub async fn ci_id_token(&self, audience: &str) -> Option<String> {
        crate::ci::mint(&self.hub, audience).await
    }

    /// What to print when the hub has started: its issuer, how to point an app at it, and who is there.
    pub fn banner(&self) -> String {
        banner(&self.hub)
    }

    /// Stops; when it returns the port is free, and open connections are being closed.
    pub async fn shutdown(mut self) {
        self.server.abort();
        // An aborted task ends with an error that says so.
        let _ = (&mut self.server).await;
    }

    pub(crate) fn running(hub: Arc<Hub>, server: JoinHandle<()>) -> Self {
        Self { hub, server }
    }
}

impl Drop for LocalHub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl std::fmt::Debug for LocalHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalHub").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}
