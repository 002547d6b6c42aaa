//! From settings to a running sign-in: everything that can be wrong is found here.

use std::fmt;
use std::sync::Arc;

use hf_oauth::{App, Client, InvalidUrl, Issuer, Origin, RedirectUri, SpaceVarsError};
use hf_oauth_session::{
    CookiePolicy, CookieSessions, InvalidCookieName, Keyring, KeyringError, NoEntropy, PendingLogins,
};

use crate::address::{Address, Site, cookie_policy, redirect_path};
use crate::auth::{HuggingFace, Inner};
use crate::flights::Flights;
use crate::paths::Paths;
use crate::refresh::Refresher;
use crate::settings::{AppFault, Settings};

/// What stands for all loopback hosts in a redirect URI that is registered: its port is free (RFC 8252 section 7.3).
const ANY_LOOPBACK: &str = "http://localhost";

pub(crate) async fn start(mut settings: Settings) -> Result<HuggingFace, StartError> {
    let local_hub = LocalHubHandle::start_if_wanted(&mut settings).await?;
    let mut app = settings.app.map_err(|fault| match fault {
        AppFault::Missing => StartError::NotConfigured { local_hub_built_in: cfg!(feature = "local-hub") },
        AppFault::Space(source) => StartError::Environment { source },
    })?;
    if app.client_id.trim().is_empty() {
        return Err(StartError::NotConfigured { local_hub_built_in: cfg!(feature = "local-hub") });
    }
    if let Some(scopes) = settings.scopes {
        app.scopes = scopes;
    }
    let (origin, paths) =
        place(&mut app, settings.public_url.as_deref(), &settings.prefix, settings.callback_path)?;
    if local_hub.is_some() && !origin.as_ref().is_none_or(Origin::is_loopback) {
        return Err(StartError::LocalHubElsewhere { why: "a public URL is set" });
    }
    let keys = match settings.keys {
        Some(keys) => keys.map_err(|source| StartError::Keys { source })?,
        None => derive_keys(&app, local_hub.is_some())?,
    };
    let issuer = settings.issuer.unwrap_or_else(|| hf_oauth::Hub::huggingface().issuer().clone());
    let mut client =
        Client::new(app.clone()).with_issuer(issuer.clone()).with_other_origins(settings.other_origins);
    if let Some(clock) = settings.clock {
        client = client.with_clock(move || clock());
    }
    let address = address(app, origin, settings.in_space, keys, &issuer, settings.cookie_name)?
        .with_opened_limit(settings.opened_limit);
    log_start(&address, &issuer);
    let refresher = Refresher::new(client.clone());
    Ok(HuggingFace(Arc::new(Inner {
        client,
        paths,
        address,
        on_sign_in: settings.on_sign_in,
        sign_ins: Flights::new(),
        userinfos: Flights::new(),
        refresher,
        _local_hub: local_hub,
    })))
}

/// Where the app is, and its paths. Afterwards the app has a redirect URI.
fn place(
    app: &mut App,
    public_url: Option<&str>,
    prefix: &str,
    callback_path: Option<String>,
) -> Result<(Option<Origin>, Paths), StartError> {
    let public = public_url
        .map(|url| url.parse::<Origin>().map_err(|source| StartError::PublicUrl { source }))
        .transpose()?;
    let given = app.redirect_uri.take();
    let origin = public.or_else(|| given.as_ref().map(|uri| uri.origin().clone()));
    // A redirect URI that says more than the usual path says where the callback is.
    let said = given
        .as_ref()
        .map(redirect_path)
        .filter(|path| *path != hf_oauth::CALLBACK_PATH || prefix.is_empty());
    let callback =
        callback_path.clone().or_else(|| said.map(|path| path.split('?').next().unwrap_or("").to_owned()));
    let paths = Paths::new(prefix, callback.as_deref()).ok_or(StartError::Path)?;
    let query = match (&callback_path, said) {
        (None, Some(said)) => said.find('?').map_or("", |at| &said[at..]),
        _ => "",
    };
    let base = origin.as_ref().map_or_else(|| ANY_LOOPBACK.to_owned(), Origin::to_string);
    let redirect_uri = RedirectUri::parse(&format!("{base}{}{query}", paths.callback))
        .map_err(|source| StartError::PublicUrl { source })?;
    app.redirect_uri = Some(redirect_uri);
    Ok((origin, paths))
}

fn derive_keys(app: &App, with_local_hub: bool) -> Result<Keyring, StartError> {
    match &app.client_secret {
        Some(secret) => {
            Keyring::from_client_secret(secret, &app.client_id).map_err(|source| StartError::Keys { source })
        }
        None if with_local_hub => {
            tracing::info!("session keys are random: restarting the app signs everybody out (local Hub)");
            Keyring::random().map_err(StartError::Randomness)
        }
        None => Err(StartError::KeysMissing),
    }
}

fn address(
    app: App,
    origin: Option<Origin>,
    in_space: bool,
    keys: Keyring,
    issuer: &Issuer,
    cookie_name: String,
) -> Result<Address, StartError> {
    let policy = origin
        .as_ref()
        .map_or_else(|| CookiePolicy::http(80), |origin| cookie_policy(origin, in_space))
        .with_name(&cookie_name)
        .map_err(|source| StartError::CookieName { source })?;
    let sessions = CookieSessions::new(keys.clone(), policy.clone(), &app.client_id, issuer);
    let logins = PendingLogins::new(keys, policy, &app.client_id, issuer);
    let in_space = in_space && origin.as_ref().is_some_and(Origin::is_secure);
    let site = |origin| Arc::new(Site { app, origin, sessions, logins, cookie_name, in_space });
    Ok(match origin {
        Some(origin) => Address::Fixed(site(origin)),
        None => {
            #[expect(clippy::expect_used, reason = "a constant, and every test that starts parses it")]
            let loopback = ANY_LOOPBACK.parse().expect("an origin on loopback");
            Address::Loopback(site(loopback))
        }
    })
}

fn log_start(address: &Address, issuer: &Issuer) {
    let site = address.configured();
    let cookies = site.sessions.policy().profile();
    let redirect_uri = site.app.redirect_uri.as_ref().map(RedirectUri::as_str).unwrap_or_default();
    let note = match address {
        Address::Fixed(_) => "",
        Address::Loopback(_) => {
            " (any port; http://127.0.0.1 and http://[::1] likewise, if you open the app there)"
        }
    };
    tracing::info!(
        %issuer, cookies, redirect_uri, "Sign in with Hugging Face: register this redirect URI{note}"
    );
}

#[cfg(feature = "local-hub")]
pub(crate) use hf_oauth_hub::LocalHub as LocalHubHandle;

/// Without the feature there is none.
#[cfg(not(feature = "local-hub"))]
#[derive(Debug)]
pub(crate) enum LocalHubHandle {}

trait StartIfWanted: Sized {
    async fn start_if_wanted(settings: &mut Settings) -> Result<Option<Self>, StartError>;
}

#[cfg(not(feature = "local-hub"))]
impl StartIfWanted for LocalHubHandle {
    async fn start_if_wanted(_: &mut Settings) -> Result<Option<Self>, StartError> {
        Ok(None)
    }
}

#[cfg(feature = "local-hub")]
impl StartIfWanted for LocalHubHandle {
    async fn start_if_wanted(settings: &mut Settings) -> Result<Option<Self>, StartError> {
        use hf_oauth_hub::{AppConfig, LocalHub};

        if !settings.local_hub || !matches!(settings.app, Err(AppFault::Missing)) {
            return Ok(None);
        }
        if settings.in_space {
            return Err(StartError::LocalHubElsewhere { why: "this is a Space" });
        }
        let mut app = App::new("local-app");
        let (origin, paths) = place(
            &mut app,
            settings.public_url.as_deref(),
            &settings.prefix,
            settings.callback_path.clone(),
        )?;
        let hosts = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
        let own = origin.map(|origin| origin.to_string());
        let registered = hosts
            .into_iter()
            .chain(own.as_deref())
            .fold(AppConfig::public("local-app").name("Local app"), |app, host| {
                app.redirect_uri(format!("{host}{}", paths.callback))
            });
        let failed = |source: hf_oauth_hub::StartError| StartError::LocalHub { source: Box::new(source) };
        let hub = LocalHub::builder().app(registered).start().await.map_err(failed)?;
        let issuer = Issuer::parse(hub.issuer()).map_err(|source| StartError::PublicUrl { source })?;
        tracing::info!(
            issuer = hub.issuer(),
            "the local Hub stands in for huggingface.co: anybody can be anybody"
        );
        (settings.app, settings.issuer) = (Ok(App::new("local-app")), Some(issuer));
        Ok(Some(hub))
    }
}

/// Why sign-in did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// There is no app.
    NotConfigured {
        /// Whether the feature `local-hub` is on.
        local_hub_built_in: bool,
    },
    /// The environment has an app, and something of it is missing or wrong.
    Environment {
        /// What.
        source: SpaceVarsError,
    },
    /// The public URL (or the redirect URI that it makes) cannot be used.
    PublicUrl {
        /// What is wrong with it.
        source: InvalidUrl,
    },
    /// Prefix or callback path are no plain paths, or the callback is where the login or the logout is.
    Path,
    /// The cookie name cannot be one.
    CookieName {
        /// Why not.
        source: InvalidCookieName,
    },
    /// The session keys cannot be used.
    Keys {
        /// Why not.
        source: KeyringError,
    },
    /// A public app without session keys: there is no secret to derive one from.
    KeysMissing,
    /// The operating system gives no random bytes.
    Randomness(NoEntropy),
    /// The local Hub is for this machine alone.
    LocalHubElsewhere {
        /// What speaks against it.
        why: &'static str,
    },
    /// The local Hub did not start.
    LocalHub {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConfigured { local_hub_built_in } => {
                f.write_str(
                    "sign-in: no app is configured. In a Space, put `hf_oauth: true` into the README's metadata; elsewhere, \
                     register an app at https://huggingface.co/settings/applications/new and set OAUTH_CLIENT_ID (and \
                     OAUTH_CLIENT_SECRET); to develop without either, call `.local_hub()`",
                )?;
                if *local_hub_built_in { Ok(()) } else { f.write_str(" (feature `local-hub`)") }
            }
            Self::Environment { source } => write!(f, "sign-in: {source}"),
            Self::PublicUrl { .. } => {
                f.write_str("sign-in: the public URL cannot be used. It is an origin such as https://app.example.com")
            }
            Self::Path => f.write_str(
                "sign-in: prefix and callback path are plain paths such as /app and /login/callback, and the callback is \
                 not where the login or the logout is",
            ),
            Self::CookieName { .. } => f.write_str("sign-in: the cookie name cannot be used"),
            Self::Keys { .. } => f.write_str("sign-in: the session keys cannot be used"),
            Self::KeysMissing => f.write_str(
                "sign-in: an app without a client secret needs session keys. Set OAUTH_SESSION_KEYS, or call `with_keys`; \
                 make one with `openssl rand -base64 48`",
            ),
            Self::Randomness(_) => f.write_str("sign-in: no session key could be made"),
            Self::LocalHubElsewhere { why } => write!(
                f,
                "sign-in: the local Hub lets anybody sign in as anybody, so it works on this machine alone, and {why}. \
                 Configure an app (OAUTH_CLIENT_ID)"
            ),
            Self::LocalHub { .. } => f.write_str("sign-in: the local Hub did not start"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Environment { source } => source.source(),
            Self::PublicUrl { source } => Some(source),
            Self::CookieName { source } => Some(source),
            Self::Keys { source } => Some(source),
            Self::Randomness(source) => Some(source),
            Self::LocalHub { source } => Some(source.as_ref()),
            _ => None,
        }
    }
}
