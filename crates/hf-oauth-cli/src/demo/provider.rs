//! Which provider signs people in, and which inference address belongs to it.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use hf_oauth::{App, Issuer, Scope, Scopes};
use hf_oauth_axum::{HuggingFace, Settings};
use hf_oauth_hub::{Config, LocalHub, Space, SpaceConfig};
use hf_oauth_session::{Keyring, NoEntropy};
use tokio::sync::OnceCell;

use super::inference::{Inference, InferenceError};

const LOCAL_APP: &str = "local-app";
/// What the local Hub calls itself in the `Server` header.
const LOCAL_HUB: &str = "hf-oauth-local-hub";

/// The demo's sign-in, and where its prompts go.
pub(crate) struct Provider {
    pub(crate) auth: HuggingFace,
    own_hub: Option<LocalHub>,
    /// Whether that shows the demo in its frame.
    rehearsed: bool,
    /// Empty until it is known.
    inference: OnceCell<Option<Inference>>,
}

/// Settings of the local Hub that comes with the demo.
pub(crate) struct OwnHub {
    pub(crate) port: u16,
    pub(crate) config: Option<PathBuf>,
}

impl OwnHub {
    fn config(&self) -> Result<Config, Box<dyn Error>> {
        Ok(self.config.as_ref().map(Config::from_file).transpose()?.unwrap_or_default())
    }
}

impl Provider {
    /// With anything of an app in the environment that app's provider, otherwise a local Hub of our own.
    pub(crate) async fn start(hub: OwnHub) -> Result<Self, Box<dyn Error>> {
        let is_set = |name| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
        // In a Space the environment must be whole: a Hub that signs in anybody as anybody has no place there.
        let of_an_app =
            ["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OPENID_PROVIDER_URL", "SPACE_ID", "SPACE_HOST"];
        let (settings, own_hub) = if of_an_app.into_iter().any(is_set) {
            let settings = HuggingFace::from_env();
            let keys_are_given = is_set("OAUTH_CLIENT_SECRET") || is_set("OAUTH_SESSION_KEYS");
            (if keys_are_given { settings } else { settings.with_keys(random_keys()?) }, None)
        } else {
            let config = hub.config()?;
            let registered = config.apps.iter().find(|app| app.client_id == LOCAL_APP);
            let mut app = App::new(LOCAL_APP);
            app.client_secret = registered.and_then(|app| app.client_secret.as_deref()).map(Into::into);
            let hub = LocalHub::builder().port(hub.port).config(config).start().await?;
            let issuer = Issuer::parse(hub.issuer())?;
            (HuggingFace::new(app).with_issuer(issuer).with_keys(random_keys()?), Some(hub))
        };
        Self::of(settings, own_hub).await
    }

    /// The app on `port` as a Space of a local Hub of our own. It sees a Space's environment, and of this process's only
    /// the session keys: an app that is configured there is not the one that is rehearsed.
    pub(crate) async fn in_a_frame(hub: OwnHub, port: u16) -> Result<Self, Box<dyn Error>> {
        let mut config = hub.config()?;
        let url = format!("http://127.0.0.1:{port}");
        match config.spaces.first_mut() {
            // Its metadata, wherever the demo listens.
            Some(space) => space.url = url,
            None => config.spaces.push(SpaceConfig::new(url).scopes([Scope::InferenceApi.as_str()])),
        }
        let hub = LocalHub::builder().port(hub.port).config(config).start().await?;
        let environment = hub.spaces().first().map(Space::environment).unwrap_or_default();
        let settings = HuggingFace::from_vars(|name| match name {
            "OAUTH_SESSION_KEYS" => std::env::var(name).ok(),
            _ => environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()),
        });
        Ok(Self { rehearsed: true, ..Self::of(settings, Some(hub)).await? })
    }

    async fn of(settings: Settings, own_hub: Option<LocalHub>) -> Result<Self, Box<dyn Error>> {
        let scopes = Scopes::from([Scope::OpenId, Scope::Profile, Scope::InferenceApi]);
        let auth = settings.with_scopes(scopes).start().await?;
        let issuer = auth.client().issuer();
        let known = Inference::of(issuer, own_hub.is_some())?;
        // What another loopback issuer is must be asked, when there is somebody to ask for.
        let settled = known.is_some() || !issuer.url().origin().is_loopback();
        Ok(Self { auth, own_hub, rehearsed: false, inference: OnceCell::new_with(settled.then_some(known)) })
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        self.auth.client().issuer()
    }

    /// Where prompts go. A loopback issuer is asked what it is until it answers: another local Hub may start after us.
    pub(crate) async fn inference(&self) -> Result<Option<&Inference>, InferenceError> {
        if let Some(settled) = self.inference.get() {
            return Ok(settled.as_ref());
        }
        let Some(is_local) = is_local_hub(self.issuer()).await else { return Ok(None) };
        let found = Inference::of(self.issuer(), is_local)?;
        Ok(self.inference.get_or_init(async || found).await.as_ref())
    }

    /// Whether the people are made up.
    pub(crate) fn is_own_hub(&self) -> bool {
        self.own_hub.is_some()
    }

    /// Where a person takes the app's access away again.
    pub(crate) fn settings_url(&self) -> Option<String> {
        let known = self.is_own_hub() || self.issuer().as_str() == Issuer::HUGGING_FACE;
        known.then(|| format!("{}/settings/connected-applications", self.issuer()))
    }

    pub(crate) fn banner(&self, port: u16) -> String {
        let Some(hub) = &self.own_hub else {
            return format!("Demo:     http://localhost:{port}\nProvider: {}", self.issuer());
        };
        let of_hub = format!("Local Hub: {} (made-up people; nothing leaves this machine)", hub.issuer());
        match hub.spaces().first().filter(|_| self.rehearsed) {
            Some(space) => format!(
                "Demo:      {} (open it as a Space, in its frame)\n{of_hub}\nSpace:     {}",
                space.origin(),
                space.page()
            ),
            None => format!("Demo:      http://localhost:{port}\n{of_hub}"),
        }
    }
}

/// An app without a secret has nothing to derive keys from.
fn random_keys() -> Result<Keyring, NoEntropy> {
    tracing::info!(
        "session keys are random: everybody is signed out when this process ends (see OAUTH_SESSION_KEYS)"
    );
    Keyring::random()
}

/// Whether a loopback issuer is a local Hub, which answers prompts itself; `None` while it does not answer. No token
/// is sent to find out.
async fn is_local_hub(issuer: &Issuer) -> Option<bool> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().ok()?;
    let answer = client.get(issuer.discovery_url().as_str()).send().await.ok()?;
    Some(answer.headers().get("server").is_some_and(|server| server == LOCAL_HUB))
}
