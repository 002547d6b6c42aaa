//! A Space that the hub shows in a frame.

use std::fmt;

use serde::Deserialize;
use url::Url;

use super::app::{AppConfig, one_or_many};
use crate::request::is_on_this_machine;

/// An app that the hub shows as huggingface.co shows a Space: in a frame of its own page, with an OAuth app of its own.
///
/// The names in `hub.toml` are those of a Space's metadata (`hf_oauth_scopes` and so on).
///
/// ```
/// use hf_oauth_hub::SpaceConfig;
///
/// let space = SpaceConfig::new("http://127.0.0.1:7860").id("ada/engine").scopes(["inference-api"]);
/// assert_eq!(space.id.as_deref(), Some("ada/engine"));
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SpaceConfig {
    /// Where the app is served: an origin such as `http://127.0.0.1:7860`, another site than the hub's.
    pub url: String,
    /// `OWNER/NAME`; `local/space`, then `local/space-2` and so on, unless given.
    pub id: Option<String>,
    /// Hosts that stand after its own in `SPACE_HOST`, such as `app.example.com`. The Hub sends nobody back to them.
    #[serde(default)]
    pub custom_domains: Vec<String>,
    /// The id of its OAuth app; follows from the Space's id unless given.
    pub client_id: Option<String>,
    /// The secret of its OAuth app; new at every start unless given.
    pub client_secret: Option<String>,
    /// What it may ask for, beside `openid` and `profile`.
    #[serde(default, rename = "hf_oauth_scopes")]
    pub scopes: Vec<String>,
    /// How long its access tokens live, in minutes; the hub's lifetime unless given.
    #[serde(rename = "hf_oauth_expiration_minutes")]
    pub expiration_minutes: Option<u32>,
    /// Only members of one of these organisations (name or id) may sign in; everybody if empty.
    #[serde(default, rename = "hf_oauth_authorized_org", deserialize_with = "one_or_many")]
    pub authorized_org: Vec<String>,
}

impl SpaceConfig {
    /// A Space whose app is served at this origin.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            id: None,
            custom_domains: Vec::new(),
            client_id: None,
            client_secret: None,
            scopes: Vec::new(),
            expiration_minutes: None,
            authorized_org: Vec::new(),
        }
    }

    /// Called `OWNER/NAME`.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// With one more host in `SPACE_HOST`.
    pub fn custom_domain(mut self, host: impl Into<String>) -> Self {
        self.custom_domains.push(host.into());
        self
    }

    /// Allowed these scopes, beside `openid` and `profile`.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// With access tokens that live this many minutes.
    pub fn expiration_minutes(mut self, minutes: u32) -> Self {
        self.expiration_minutes = Some(minutes);
        self
    }

    /// Open to the members of one more organisation, by name or id, and to nobody else.
    pub fn authorized_org(mut self, org: impl Into<String>) -> Self {
        self.authorized_org.push(org.into());
        self
    }

    /// With this OAuth app, for an environment that outlives the hub.
    pub fn client(mut self, client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self.client_secret = Some(client_secret.into());
        self
    }

    /// The app that the Hub registers for the Space, with names for what was not given.
    pub(crate) fn app(&self, id: &str, client_id: &str, client_secret: &str, origin: &str) -> AppConfig {
        AppConfig {
            // A Space that names no scopes has these two and no others.
            scopes: ["openid", "profile"].map(str::to_owned).into_iter().chain(self.scopes.clone()).collect(),
            expiration_minutes: self.expiration_minutes,
            authorized_org: self.authorized_org.clone(),
            port_is_free: false,
            ..AppConfig::confidential(client_id, client_secret)
                .name(id)
                .redirect_uri(format!("{origin}/"))
                .space(true)
        }
    }
}

/// The origin of a Space's app.
pub(crate) fn read_space_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "it is no absolute URL, such as http://127.0.0.1:7860")?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("it is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a Space's address has no credentials");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("a Space is a whole origin: leave out what follows the port");
    }
    if url.scheme() == "http" && !is_on_this_machine(&url) {
        return Err("http is for this machine alone: elsewhere browsers keep none of its cookies");
    }
    Ok(url)
}

impl fmt::Debug for SpaceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpaceConfig")
            .field("url", &self.url)
            .field("id", &self.id)
            .field("client_secret", &self.client_secret.as_ref().map(|_| "[redacted]"))
            .finish_non_exhaustive()
    }
}
