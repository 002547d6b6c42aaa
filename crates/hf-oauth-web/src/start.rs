//! From settings to a running sign-in: everything that can be wrong is found here.

mod client_metadata;
mod client_metadata_error;
mod error;
mod local_hub;

use std::sync::Arc;

use hf_oauth::{App, Client, Hub, Issuer, Origin, RedirectUri};
use hf_oauth_session::{CookiePolicy, CookieSessions, Keyring, PendingLogins};

pub use client_metadata_error::ClientMetadataError;
pub use error::StartError;

use crate::admission::Admission;
use crate::frames::Frames;
use crate::hugging_face::HuggingFace;
use crate::paths::Paths;
use crate::runtime::Runtime;
use crate::sessions::Sessions;
use crate::settings::{AppFault, Settings, Values};
use crate::site::{Site, Sites, cookie_policy, redirect_path};

/// What stands for all loopback hosts in a redirect URI that is registered: its port is free (RFC 8252 section 7.3).
const ANY_LOOPBACK: &str = "http://localhost";

impl<A: From<HuggingFace>> Settings<A> {
    /// Checks everything and says in one log line what must be registered.
    ///
    /// Nothing is asked of the provider: an app starts while the Hub is away.
    ///
    /// # Errors
    ///
    /// [`StartError`], which names what to set.
    pub async fn start(self) -> Result<A, StartError> {
        start(self.values).await.map(A::from)
    }
}

async fn start(mut values: Values) -> Result<HuggingFace, StartError> {
    client_metadata::take_place(&mut values)?;
    let local_hub = local_hub::start_if_wanted(&mut values).await?;
    let mut app = values.app.map_err(|fault| match fault {
        AppFault::Missing => StartError::NotConfigured { local_hub_built_in: cfg!(feature = "local-hub") },
        AppFault::ClientIdMissing { beside } => StartError::ClientIdMissing { beside },
        AppFault::Variable(source) => StartError::Environment { source },
    })?;
    if app.client_id.trim().is_empty() {
        return Err(StartError::NotConfigured { local_hub_built_in: cfg!(feature = "local-hub") });
    }
    if let Some(scopes) = values.scopes {
        app.scopes = scopes;
    }
    let (origin, paths) =
        place(&mut app, values.public_url.as_deref(), &values.prefix, values.callback_path)?;
    if local_hub.is_some() && !origin.as_ref().is_none_or(Origin::is_loopback) {
        return Err(StartError::LocalHubElsewhere { why: "a public URL is set" });
    }
    // A public URL says that the app is there and nowhere else.
    let custom_domains =
        if values.public_url.is_some() { Vec::new() } else { std::mem::take(&mut values.custom_domains) };
    let document = values.client_metadata.as_ref().map(|metadata| client_metadata::document(metadata, &app));
    let derived = values.keys.is_none();
    let keys = match values.keys {
        Some(keys) => keys.map_err(|source| StartError::Keys { source })?,
        None => derive_keys(&app, local_hub.is_some())?,
    };
    let issuer = values.issuer.unwrap_or_else(|| Hub::huggingface().issuer().clone());
    let mut client =
        Client::new(app.clone()).with_issuer(issuer.clone()).with_other_origins(values.other_origins);
    if let Some(clock) = values.clock {
        client = client.with_clock(move || clock());
    }
    let hub = issuer.url().origin();
    let ancestors = values.frame_ancestors.unwrap_or_else(|| match values.in_space {
        true => vec![hub.clone()],
        false => Vec::new(),
    });
    let own: Vec<_> = origin.iter().chain(&custom_domains).cloned().collect();
    let frames = Arc::new(Frames::new(ancestors, hub, &own, values.frame_sign_in));
    let parts = Parts {
        keys,
        issuer,
        cookie_name: values.cookie_name,
        session_cache_limit: values.session_cache_limit,
        frames,
        custom_domains,
    };
    let sites = sites(app, origin, parts)?;
    if local_hub.is_none() {
        log_start(&sites, client.issuer(), derived && !values.in_space);
    }
    let admission = Admission { orgs: values.authorized_orgs, check: values.on_sign_in };
    let runtime = Runtime::new(client, paths, sites, admission, document, local_hub);
    Ok(HuggingFace::new_running(Arc::new(runtime)))
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

/// What cookies are made of.
struct Parts {
    keys: Keyring,
    issuer: Issuer,
    cookie_name: String,
    session_cache_limit: usize,
    frames: Arc<Frames>,
    custom_domains: Vec<Origin>,
}

fn sites(app: App, origin: Option<Origin>, parts: Parts) -> Result<Sites, StartError> {
    let Parts { keys, issuer, cookie_name, session_cache_limit, frames, custom_domains } = parts;
    let policy = origin
        .as_ref()
        .map_or_else(|| CookiePolicy::http(80), |origin| cookie_policy(origin, &frames))
        .with_name(&cookie_name)
        .map_err(|source| StartError::CookieName { source })?;
    let cookies = CookieSessions::new(keys.clone(), policy.clone(), &app.client_id, &issuer);
    let sessions = Sessions::in_cookies(cookies.with_cache_limit(session_cache_limit));
    let logins = PendingLogins::new(keys, policy, &app.client_id, &issuer);
    let site = |origin| Arc::new(Site { app, origin, sessions, logins, cookie_name, frames });
    Ok(match origin {
        Some(origin) => {
            let site = site(origin);
            let custom_domains = custom_domains.iter().map(|domain| site.at_custom_domain(domain));
            let custom_domains = custom_domains
                .collect::<Result<_, _>>()
                .map_err(|source| StartError::PublicUrl { source })?;
            Sites::Fixed { site, custom_domains }
        }
        None => {
            #[expect(clippy::expect_used, reason = "a constant, and every test that starts parses it")]
            let loopback = ANY_LOOPBACK.parse().expect("an origin on loopback");
            Sites::Loopback(site(loopback))
        }
    })
}

fn log_start(sites: &Sites, issuer: &Issuer, keys_are_derived: bool) {
    let site = sites.configured();
    let cookies = site.sessions.cookie_profile();
    let redirect_uri = site.app.redirect_uri.as_ref().map(RedirectUri::as_str).unwrap_or_default();
    if issuer.url().origin().is_loopback() {
        tracing::info!(%issuer, cookies, redirect_uri, "Sign in with a Hub on this machine, at this redirect URI");
        return;
    }
    let note = match sites {
        Sites::Fixed { .. } => "",
        Sites::Loopback(_) => {
            " (any port; http://127.0.0.1 and http://[::1] likewise, if you open the app there)"
        }
    };
    tracing::info!(
        %issuer, cookies, redirect_uri, "Sign in with Hugging Face: register this redirect URI{note}"
    );
    if keys_are_derived {
        tracing::info!(
            "session keys are derived from the client secret: whoever learns it can make sessions, and a new secret \
             signs everybody out. Set OAUTH_SESSION_KEYS (make one with `openssl rand -base64 48`)"
        );
    }
}

#[cfg(test)]
mod tests {
    use hf_oauth::App;

    use super::*;

    fn app() -> App {
        App::new("app").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c")
    }

    async fn error(lookup: impl Fn(&str) -> Option<&'static str>) -> StartError {
        let settings = HuggingFace::from_vars(|name| lookup(name).map(str::to_owned));
        settings.local_hub().start().await.unwrap_err()
    }

    #[tokio::test]
    async fn half_of_an_app_in_the_environment_starts_no_local_hub() {
        for beside in ["OPENID_PROVIDER_URL", "OAUTH_CLIENT_SECRET"] {
            let error = error(|name| (name == beside).then_some("https://hub.example")).await;
            assert!(matches!(error, StartError::ClientIdMissing { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains(beside) && text.contains("OAUTH_CLIENT_ID"), "{text}");
        }
    }

    #[tokio::test]
    async fn what_a_main_prints_of_an_error_reads_as_a_sentence() {
        let error = error(|name| match name {
            "OAUTH_CLIENT_ID" => Some("app"),
            "OAUTH_SESSION_KEYS" => Some("1234567890123456"),
            _ => None,
        });
        let printed = format!("{:?}", error.await);
        assert!(printed.starts_with("sign-in: the session keys cannot be used: "), "{printed}");
        assert!(!printed.contains("KeysMissing") && !printed.contains("{ "), "{printed}");
    }

    #[tokio::test]
    async fn the_handle_prints_no_secret() {
        let running = HuggingFace::new(app()).start().await.unwrap();
        let printed = format!("{running:?}");
        assert!(printed.contains("redirect_uri") && !printed.contains("4f3c2b1a"), "{printed}");
    }
}
