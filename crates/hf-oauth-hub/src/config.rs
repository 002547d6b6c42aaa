//! Who exists and which apps are registered: in Rust, or from a `hub.toml`.

mod app;
mod check;
mod client_metadata;
mod cors;
mod file;
mod pages;
mod personas;
mod space;
mod user;

use std::path::Path;

use serde::Deserialize;

pub use app::{AppConfig, Consent};
pub use client_metadata::ClientMetadataConfig;
pub use cors::CorsConfig;
pub use file::ConfigError;
pub use pages::{FramedBy, PagesConfig, SameSite};
pub use space::SpaceConfig;
pub use user::{OrgConfig, UserConfig};

pub(crate) use check::{check_app, check_beside, check_user};
pub(crate) use personas::{COMMAND_LINE, LOCAL_APP, command_line, local_app, personas};
pub(crate) use space::read_space_url;

/// The people, apps and lifetimes of a hub.
///
/// Without users the default personas exist; the app `local-app` exists unless one of that id is given.
///
/// ```
/// use hf_oauth_hub::Config;
///
/// let text = r#"
///     [[users]]
///     username = "mary"
///     pro = true
///
///     [[apps]]
///     client_id = "my-app"
///     redirect_uris = ["http://localhost/callback"]
/// "#;
/// let config = Config::from_toml_str(text, "hub.toml")?;
/// assert_eq!(config.users[0].username, "mary");
///
/// let mistake = Config::from_toml_str("[[users]]\nusername = \"mary\"\nprro = true", "hub.toml").unwrap_err();
/// assert!(mistake.to_string().starts_with("hub.toml:3: `users[0].prro`: "), "{mistake}");
/// # Ok::<(), hf_oauth_hub::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The people one can sign in as; the default personas if empty.
    pub users: Vec<UserConfig>,
    /// The registered apps, beside the default one.
    pub apps: Vec<AppConfig>,
    /// The Spaces that are shown in a frame.
    pub spaces: Vec<SpaceConfig>,
    /// How long codes and tokens live.
    pub lifetimes: Lifetimes,
    /// What devices are told.
    pub device: DeviceConfig,
    /// What the pages tell browsers.
    pub pages: PagesConfig,
    /// Apps that nobody registered.
    pub client_metadata: ClientMetadataConfig,
    /// Which endpoints pages of other origins can read.
    pub cors: CorsConfig,
}

impl Config {
    /// Reads the text of a `hub.toml`; `file` is its name in errors.
    ///
    /// # Errors
    /// Every mistake with file, line and key: TOML that does not parse, unknown keys, wrong types, values the Hub could not have.
    pub fn from_toml_str(text: &str, file: &str) -> Result<Self, ConfigError> {
        file::read(text, file)
    }

    /// For a configuration that was made in Rust.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        check::check(self).map_err(|mistake| ConfigError::of_value(&mistake))
    }

    /// Reads a `hub.toml`.
    ///
    /// # Errors
    /// As [`from_toml_str`](Self::from_toml_str), and when the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::unreadable(&name, source))?;
        Self::from_toml_str(&text, &name)
    }
}

/// What the answer to a device request says beyond what the Hub's does (RFC 8628 section 3.2).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DeviceConfig {
    /// The seconds between polls; none is named unless set, and 5 counts.
    pub interval: Option<u64>,
    /// Whether there is a `verification_uri_complete`.
    pub verification_uri_complete: bool,
}

/// How long things live, in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Lifetimes {
    /// An authorization code: 60.
    pub code: u64,
    /// A device code and its user code: 300, as on the Hub.
    pub device_code: u64,
    /// An access token: 28,800, as on the Hub; an app's `expiration_minutes` wins.
    pub access_token: u64,
    /// An ID token: 3,600, shorter than the access token, as on the Hub.
    pub id_token: u64,
    /// A refresh token, counted from its last use: 90 days.
    pub refresh_token: u64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self { code: 60, device_code: 300, access_token: 28_800, id_token: 3_600, refresh_token: 90 * 86_400 }
    }
}
