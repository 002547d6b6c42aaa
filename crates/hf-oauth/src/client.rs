use std::sync::Arc;

use hf_oauth_core::{
    App, BackchannelError, Hub, IdTokenPolicy, Issuer, OAuthUserInfo, Origin, Request, Secret, TokenResponse,
    UnixTime, UserinfoError, WhoAmI, userinfo_request, whoami_request,
};

use crate::error::ProviderError;
use crate::platform::{self, Transport};
use crate::provider::{Provider, Source};

/// One app at one provider: performs logins, refreshes and questions. Cheap to clone; clones share connections,
/// metadata and keys.
///
/// ```
/// use hf_oauth::{App, Client};
///
/// let client = Client::new(App::new("my-client-id"));
/// assert_eq!(client.issuer().as_str(), "https://huggingface.co");
/// ```
#[derive(Clone)]
pub struct Client {
    app: Arc<App>,
    provider: Arc<Provider>,
    pub(crate) transport: Transport,
    clock: Arc<dyn Fn() -> UnixTime + Send + Sync>,
    pub(crate) policy: IdTokenPolicy,
}

impl Client {
    /// An app at huggingface.co, whose endpoints are built in.
    pub fn new(app: App) -> Self {
        Self {
            app: Arc::new(app),
            provider: Arc::new(Provider::new(Source::Known(Arc::new(Hub::huggingface())))),
            transport: Transport::default(),
            clock: Arc::new(platform::now),
            policy: IdTokenPolicy::default(),
        }
    }

    /// At another provider, whose metadata is fetched when it is first needed; huggingface.co stays built in.
    ///
    /// ```
    /// use hf_oauth::{App, Client, Issuer};
    ///
    /// let issuer = Issuer::parse("http://localhost:5555")?; // the local Hub
    /// let client = Client::new(App::new("local-app")).with_issuer(issuer);
    /// assert_eq!(client.issuer().as_str(), "http://localhost:5555");
    /// # Ok::<(), hf_oauth::InvalidUrl>(())
    /// ```
    #[must_use]
    pub fn with_issuer(self, issuer: Issuer) -> Self {
        if issuer.as_str() == Issuer::HUGGING_FACE {
            return self.with_hub(Hub::huggingface());
        }
        self.with_source(Source::Discovered { issuer, other_origins: Vec::new() })
    }

    /// At a provider whose endpoints are known already.
    #[must_use]
    pub fn with_hub(self, hub: Hub) -> Self {
        self.with_source(Source::Known(Arc::new(hub)))
    }

    /// Lets the provider's metadata name endpoints on these origins too. Tokens and the app's secret go there.
    #[must_use]
    pub fn with_other_origins(self, origins: impl IntoIterator<Item = Origin>) -> Self {
        match self.provider.source().clone() {
            Source::Known(_) => self,
            Source::Discovered { issuer, .. } => {
                self.with_source(Source::Discovered { issuer, other_origins: origins.into_iter().collect() })
            }
        }
    }

    /// With another clock, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// With other bounds for the times in ID tokens.
    #[must_use]
    pub fn with_id_token_policy(mut self, policy: IdTokenPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The app's configuration.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The provider's name.
    pub fn issuer(&self) -> &Issuer {
        self.provider.issuer()
    }

    /// The time by this client's clock.
    pub fn now(&self) -> UnixTime {
        (self.clock)()
    }

    /// The provider's endpoints, fetched if need be and kept for an hour; the last known ones serve on when the
    /// provider is away.
    ///
    /// # Errors
    ///
    /// [`ProviderError`].
    pub async fn hub(&self) -> Result<Arc<Hub>, ProviderError> {
        self.provider.hub(&self.transport).await
    }

    /// Asks userinfo whose token this is.
    ///
    /// # Errors
    ///
    /// [`UserinfoError::Backchannel`] when the token has ended (401) or the request failed.
    ///
    /// ```
    /// # use hf_oauth_hub::{AppConfig, LocalHub};
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// # let hub = LocalHub::start().await?;
    /// # hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
    /// # use hf_oauth::{App, Client, Issuer, LoginOptions};
    /// # let client = Client::new(App::new("my-app")).with_issuer(Issuer::parse(hub.issuer())?);
    /// # let (url, pending) = client.login_url(&LoginOptions::new()).await?;
    /// # let login = client.handle_redirect(&hub.approve(&url, "ada").await?, pending).await?;
    /// let user = client.userinfo(&login.tokens.access_token).await?;
    /// assert_eq!(user.preferred_username.as_deref(), Some("ada"));
    /// assert!(client.userinfo(&"made-up".into()).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn userinfo(&self, access_token: &Secret) -> Result<OAuthUserInfo, UserinfoError> {
        let hub = self.hub().await.map_err(|error| match error {
            ProviderError::Backchannel(error) => UserinfoError::Backchannel(error),
            ProviderError::Discovery(error) => UserinfoError::Provider(error),
        })?;
        let request = userinfo_request(&hub, access_token).ok_or(UserinfoError::Unsupported)?;
        let response = self.transport.send(&request).await.map_err(UserinfoError::Backchannel)?;
        let user: OAuthUserInfo = request.read(response).map_err(UserinfoError::Backchannel)?;
        if user.sub.is_empty() { Err(UserinfoError::SubjectMissing) } else { Ok(user) }
    }

    /// Asks the Hub's `whoami-v2` whose token this is; works for every kind of token.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] when the token has ended (401) or the request failed.
    ///
    /// ```
    /// # use hf_oauth_hub::{AppConfig, LocalHub};
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// # let hub = LocalHub::start().await?;
    /// # hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
    /// # use hf_oauth::{App, Client, Issuer, LoginOptions};
    /// # let client = Client::new(App::new("my-app")).with_issuer(Issuer::parse(hub.issuer())?);
    /// # let (url, pending) = client.login_url(&LoginOptions::new()).await?;
    /// # let login = client.handle_redirect(&hub.approve(&url, "ada").await?, pending).await?;
    /// let who = client.whoami(&login.tokens.access_token).await?;
    /// assert_eq!((who.name.as_str(), who.kind.as_deref()), ("ada", Some("user")));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn whoami(&self, access_token: &Secret) -> Result<WhoAmI, ProviderError> {
        let hub = self.hub().await?;
        let request = whoami_request(&hub, access_token);
        let response = self.transport.send(&request).await?;
        Ok(request.read(response)?)
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Sends a token request; the answer's date tells whose clock is wrong.
    pub(crate) async fn token_request(
        &self,
        request: &Request,
    ) -> (Option<UnixTime>, Result<TokenResponse, BackchannelError>) {
        match self.transport.send(request).await {
            Ok(response) => (response.date, request.read(response)),
            Err(error) => (None, Err(error)),
        }
    }

    /// The same client, at the same provider, for the app as it comes back elsewhere.
    #[cfg(feature = "loopback")]
    pub(crate) fn with_redirect_uri(mut self, redirect_uri: hf_oauth_core::RedirectUri) -> Self {
        self.app = Arc::new(App::clone(&self.app).with_redirect_uri(redirect_uri));
        self
    }

    fn with_source(mut self, source: Source) -> Self {
        self.provider = Arc::new(Provider::new(source));
        self
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("app", &self.app)
            .field("issuer", self.issuer())
            .finish_non_exhaustive()
    }
}
