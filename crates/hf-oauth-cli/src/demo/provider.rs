//! Which provider signs people in, and which inference address belongs to it.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use hf_oauth::{App, Issuer, Scope, Scopes};
use hf_oauth_axum::HuggingFace;
use hf_oauth_hub::{Config, LocalHub};
use hf_oauth_session::Keyring;
use tokio::sync::OnceCell;

use super::inference::{Inference, InferenceError};

const LOCAL_APP: &str = "local-app";
/// What the local Hub calls itself in the `Server` header.
const LOCAL_HUB: &str = "hf-oauth-local-hub";

/// The demo's sign-in, and where its prompts go.
pub(crate) struct Provider {
    pub(crate) auth: HuggingFace,
    own_hub: Option<LocalHub>,
    inference: OnceCell<Option<Inference>>,
}

impl Provider {
    /// With `OAUTH_CLIENT_ID` in the environment that app's provider, otherwise a local Hub of our own.
    pub(crate) async fn start(hub_port: u16, hub_config: Option<PathBuf>) -> Result<Self, Box<dyn Error>> {
        let configured = std::env::var("OAUTH_CLIENT_ID").is_ok_and(|id| !id.trim().is_empty());
        let (settings, own_hub) = if configured {
            let settings = HuggingFace::from_env();
            // A public app has no secret to derive keys from: sign-ins then end with this process.
            let has_secret =
                std::env::var("OAUTH_CLIENT_SECRET").is_ok_and(|secret| !secret.trim().is_empty());
            (if has_secret { settings } else { settings.with_keys(Keyring::random()?) }, None)
        } else {
            let config = hub_config.map(Config::from_file).transpose()?.unwrap_or_default();
            let registered = config.apps.iter().find(|app| app.client_id == LOCAL_APP);
            let mut app = App::new(LOCAL_APP);
            app.client_secret = registered.and_then(|app| app.client_secret.as_deref()).map(Into::into);
            let hub = LocalHub::builder().port(hub_port).config(config).start().await?;
            let issuer = Issuer::parse(hub.issuer())?;
            (HuggingFace::new(app).with_issuer(issuer).with_keys(Keyring::random()?), Some(hub))
        };
        let scopes = Scopes::from([Scope::OpenId, Scope::Profile, Scope::InferenceApi]);
        let auth = settings.with_scopes(scopes).start().await?;
        Ok(Self { auth, own_hub, inference: OnceCell::new() })
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        self.auth.client().issuer()
    }

    /// Where prompts go; found out at the first use, because another local Hub may start after us.
    pub(crate) async fn inference(&self) -> Result<Option<&Inference>, InferenceError> {
        let find = async || {
            Inference::of(self.issuer(), self.own_hub.is_some() || is_local_hub(self.issuer()).await)
        };
        self.inference.get_or_try_init(find).await.map(Option::as_ref)
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

/// Whether a loopback issuer is a local Hub, which answers prompts itself. No token is sent to find out.
async fn is_local_hub(issuer: &Issuer) -> bool {
    if !issuer.url().origin().is_loopback() {
        return false;
    }
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build();
    let Ok(client) = client else { return false };
    let answer = client.get(issuer.discovery_url().as_str()).send().await;
    answer.is_ok_and(|answer| answer.headers().get("server").is_some_and(|server| server == LOCAL_HUB))
}
