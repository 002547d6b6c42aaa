//! Which provider signs people in, and which inference address belongs to it.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use hf_oauth::{App, Issuer, Scope, Scopes};
use hf_oauth_axum::HuggingFace;
use hf_oauth_hub::{Config, LocalHub};
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
    /// Empty until it is known.
    inference: OnceCell<Option<Inference>>,
}

impl Provider {
    /// With anything of an app in the environment that app's provider, otherwise a local Hub of our own.
    pub(crate) async fn start(hub_port: u16, hub_config: Option<PathBuf>) -> Result<Self, Box<dyn Error>> {
        let is_set = |name| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
        // In a Space the environment must be whole: a Hub that signs in anybody as anybody has no place there.
        let of_an_app =
            ["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OPENID_PROVIDER_URL", "SPACE_ID", "SPACE_HOST"];
        let (settings, own_hub) = if of_an_app.into_iter().any(is_set) {
            let settings = HuggingFace::from_env();
            let keys_are_given = is_set("OAUTH_CLIENT_SECRET") || is_set("OAUTH_SESSION_KEYS");
            (if keys_are_given { settings } else { settings.with_keys(random_keys()?) }, None)
        } else {
            let config = hub_config.map(Config::from_file).transpose()?.unwrap_or_default();
            let registered = config.apps.iter().find(|app| app.client_id == LOCAL_APP);
            let mut app = App::new(LOCAL_APP);
            app.client_secret = registered.and_then(|app| app.client_secret.as_deref()).map(Into::into);
            let hub = LocalHub::builder().port(hub_port).config(config).start().await?;
            let issuer = Issuer::parse(hub.issuer())?;
            (HuggingFace::new(app).with_issuer(issuer).with_keys(random_keys()?), Some(hub))
        };
        let scopes = Scopes::from([Scope::OpenId, Scope::Profile, Scope::InferenceApi]);
        let auth = settings.with_scopes(scopes).start().await?;
        let issuer = auth.client().issuer();
        let known = Inference::of(issuer, own_hub.is_some())?;
        // What another loopback issuer is must be asked, when there is somebody to ask for.
        let settled = known.is_some() || !issuer.url().origin().is_loopback();
        Ok(Self { auth, own_hub, inference: OnceCell::new_with(settled.then_some(known)) })
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
        match &self.own_hub {
            Some(hub) => format!(
                "Demo:      http://localhost:{port}\nLocal Hub: {} (made-up people; nothing leaves this machine)",
                hub.issuer()
            ),
            None => format!("Demo:     http://localhost:{port}\nProvider: {}", self.issuer()),
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
