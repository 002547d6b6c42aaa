use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use hf_oauth::{App, Issuer, OAuthUserInfo, Origin, Scopes, SpaceVarsError, Tokens, UnixTime};
use hf_oauth_session::{Keyring, KeyringError, SESSION_CACHE_LIMIT};

use crate::auth::HuggingFace;
use crate::start::{StartError, start};

/// What is asked when somebody signed in.
pub(crate) type OnSignIn = Arc<
    dyn Fn(OAuthUserInfo, Tokens) -> Pin<Box<dyn Future<Output = Result<(), SignInRefused>> + Send>>
        + Send
        + Sync,
>;

/// Sign-in as it is to be; [`start`](Self::start) checks it all.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use hf_oauth_axum::{App, HuggingFace, Scopes};
///
/// let auth = HuggingFace::new(App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c"))
///     .with_public_url("https://app.example.com")
///     .with_scopes(Scopes::from("openid profile inference-api"))
///     .start()
///     .await?;
/// assert_eq!(auth.redirect_uri().as_str(), "https://app.example.com/oauth/huggingface/callback");
/// # Ok::<(), hf_oauth_axum::StartError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "settings do nothing until they are started"]
pub struct Settings {
    pub(crate) app: Result<App, AppFault>,
    pub(crate) issuer: Option<Issuer>,
    pub(crate) in_space: bool,
    pub(crate) public_url: Option<String>,
    pub(crate) prefix: String,
    pub(crate) callback_path: Option<String>,
    pub(crate) cookie_name: String,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) keys: Option<Result<Keyring, KeyringError>>,
    pub(crate) on_sign_in: Option<OnSignIn>,
    pub(crate) clock: Option<Arc<dyn Fn() -> UnixTime + Send + Sync>>,
    pub(crate) other_origins: Vec<Origin>,
    pub(crate) opened_limit: usize,
    #[cfg(feature = "local-hub")]
    pub(crate) local_hub: bool,
}

/// Why the environment gives no app.
#[derive(Clone, Debug)]
pub(crate) enum AppFault {
    /// Nothing is configured at all.
    Missing,
    /// The environment is that of a Space, and something is missing or wrong.
    Space(SpaceVarsError),
}

impl HuggingFace {
    /// The app of the environment: in a Space the one that `hf_oauth: true` made, elsewhere that of `OAUTH_CLIENT_ID`,
    /// with `OAUTH_CLIENT_SECRET`, `OAUTH_SCOPES`, `OPENID_PROVIDER_URL` and `OAUTH_SESSION_KEYS` (separated by
    /// commas, the first seals) where they are set.
    pub fn from_env() -> Settings {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// As [`from_env`](Self::from_env), of other variables than the process's.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use hf_oauth_axum::{HuggingFace, StartError};
    ///
    /// let error = HuggingFace::from_vars(|_| None).start().await.unwrap_err();
    /// assert!(matches!(error, StartError::NotConfigured { .. }));
    /// assert!(error.to_string().contains("hf_oauth: true") && error.to_string().contains(".local_hub()"));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Settings {
        let var =
            |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let in_space = var("SPACE_ID").is_some() || var("SPACE_HOST").is_some();
        let mut settings = if in_space {
            match App::from_space_vars(&lookup) {
                Ok(space) => Settings::new(Ok(space.app)).with_issuer(space.issuer),
                Err(error) => Settings::new(Err(AppFault::Space(error))),
            }
        } else if let Some(client_id) = var("OAUTH_CLIENT_ID") {
            let scopes = Scopes::from(var("OAUTH_SCOPES").unwrap_or_default().as_str());
            let mut app = App::new(client_id)
                .with_scopes(Scopes::default().iter().chain(&scopes).cloned().collect::<Scopes>());
            app.client_secret = var("OAUTH_CLIENT_SECRET").map(Into::into);
            match var("OPENID_PROVIDER_URL").map(|url| Issuer::parse(&url)).transpose() {
                Ok(issuer) => Settings { issuer, ..Settings::new(Ok(app)) },
                Err(source) => {
                    let variable = "OPENID_PROVIDER_URL";
                    Settings::new(Err(AppFault::Space(SpaceVarsError::Invalid { variable, source })))
                }
            }
        } else {
            Settings::new(Err(AppFault::Missing))
        };
        settings.in_space = in_space;
        settings.keys = var("OAUTH_SESSION_KEYS").map(|keys| Keyring::new(keys.split(',')));
        settings
    }

    /// An app that is registered with the Hub.
    ///
    /// Its redirect URI, where it has one, says where the app runs, as [`Settings::with_public_url`] and
    /// [`Settings::with_callback_path`] do.
    #[expect(clippy::new_ret_no_self, reason = "settings come first, and `start` makes it of them")]
    pub fn new(app: App) -> Settings {
        Settings::new(Ok(app))
    }
}

impl Settings {
    fn new(app: Result<App, AppFault>) -> Self {
        Self {
            app,
            issuer: None,
            in_space: false,
            public_url: None,
            prefix: String::new(),
            callback_path: None,
            cookie_name: "hf_oauth".to_owned(),
            scopes: None,
            keys: None,
            on_sign_in: None,
            clock: None,
            other_origins: Vec::new(),
            opened_limit: SESSION_CACHE_LIMIT,
            #[cfg(feature = "local-hub")]
            local_hub: false,
        }
    }

    /// At another provider than huggingface.co.
    pub fn with_issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Where the app is reached: an origin such as `https://app.example.com`. Checked at the start.
    pub fn with_public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// Puts the routes below `/prefix`. The redirect URI changes with it.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Another cookie name than `hf_oauth`: each of several apps on one host needs its own. Checked at the start.
    pub fn with_cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = name.into();
        self
    }

    /// Another callback path, the whole path: such as `/login/callback`.
    pub fn with_callback_path(mut self, path: impl Into<String>) -> Self {
        self.callback_path = Some(path.into());
        self
    }

    /// Asks for these scopes at every sign-in.
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = Some(scopes.into());
        self
    }

    /// Seals cookies with these keys. Without, a key is derived from the app's client secret.
    pub fn with_keys(mut self, keys: Keyring) -> Self {
        self.keys = Some(Ok(keys));
        self
    }

    /// Asks `check` whether somebody who proved who they are may come in; also the place to keep them in a database.
    ///
    /// Decide on [`OAuthUserInfo::sub`]: usernames change hands. For an e-mail domain take
    /// [`email_domain_is`](crate::email_domain_is). It runs before there is a session, once a sign-in, and not
    /// again when tokens are refreshed.
    ///
    /// ```
    /// use hf_oauth_axum::{App, HuggingFace, SignInRefused, email_domain_is};
    ///
    /// let settings = HuggingFace::new(App::new("my-client-id")).on_sign_in(async |user, _tokens| {
    ///     if email_domain_is(&user, "corp.com") {
    ///         Ok(())
    ///     } else {
    ///         Err(SignInRefused::new("This app is for corp.com. Sign in with an account that has such an address."))
    ///     }
    /// });
    /// # let _ = settings;
    /// ```
    pub fn on_sign_in<F, Fut>(mut self, check: F) -> Self
    where
        F: Fn(OAuthUserInfo, Tokens) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), SignInRefused>> + Send + 'static,
    {
        self.on_sign_in = Some(Arc::new(move |user, tokens| Box::pin(check(user, tokens))));
        self
    }

    /// Keeps at most `bytes` of opened sessions in memory, instead of [`SESSION_CACHE_LIMIT`]; 0 opens the cookies with
    /// every request.
    pub fn with_opened_limit(mut self, bytes: usize) -> Self {
        self.opened_limit = bytes;
        self
    }

    /// With another clock, for tests.
    pub fn with_clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Lets the provider's metadata name endpoints on these origins too. Tokens and the app's secret go there.
    pub fn with_other_origins(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.other_origins = origins.into_iter().collect();
        self
    }

    /// Where no `OAUTH_CLIENT_ID` is configured, starts a stand-in for the Hub on a loopback port of its own, where
    /// one signs in by choosing a person. It ends with the last clone of [`HuggingFace`].
    ///
    /// Then session keys may be random, and the app answers sign-ins on loopback hosts only. Never in a Space.
    #[cfg(feature = "local-hub")]
    pub fn local_hub(mut self) -> Self {
        self.local_hub = true;
        self
    }

    /// Checks everything and says in one log line what must be registered.
    ///
    /// Nothing is asked of the provider: an app starts while the Hub is away.
    ///
    /// # Errors
    ///
    /// [`StartError`], which names what to set.
    pub async fn start(self) -> Result<HuggingFace, StartError> {
        start(self).await
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app", &self.app)
            .field("issuer", &self.issuer)
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// Why somebody who proved who they are may not come in; the page says it to them.
///
/// ```
/// let refused = hf_oauth_axum::SignInRefused::new("Only members of the choir.");
/// assert_eq!(refused.reason, "Only members of the choir.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignInRefused {
    /// A sentence for the person.
    pub reason: String,
}

impl SignInRefused {
    /// With a sentence for the person.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for SignInRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sign-in refused: {}", self.reason)
    }
}

impl std::error::Error for SignInRefused {}
