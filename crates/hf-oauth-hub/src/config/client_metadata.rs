//! Apps that nobody registered.

use serde::Deserialize;

/// Whether an app may be called by the URL of a document about it
/// (<https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/>) instead of being registered.
///
/// ```
/// use hf_oauth_hub::Config;
///
/// let config = Config::from_toml_str("[client_metadata]\nfetch = false", "hub.toml")?;
/// assert!(!config.client_metadata.fetch);
/// # Ok::<(), hf_oauth_hub::ConfigError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClientMetadataConfig {
    /// Whether such documents are fetched; true unless set.
    pub fetch: bool,
}

impl Default for ClientMetadataConfig {
    fn default() -> Self {
        Self { fetch: true }
    }
}
