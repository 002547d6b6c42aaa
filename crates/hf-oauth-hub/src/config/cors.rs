//! Which endpoints pages of other origins can read, where huggingface.co may allow it or not.

use serde::Deserialize;

use crate::fault::Endpoint;

/// Where `Access-Control-Allow-Origin` is left out.
///
/// Every endpoint has it unless it is named here. What huggingface.co does at its key set is not known: a page must
/// live with both.
///
/// ```
/// use hf_oauth_hub::{Config, Endpoint};
///
/// let config = Config::from_toml_str("[cors]\nwithheld = [\"jwks\"]", "hub.toml")?;
/// assert_eq!(config.cors.withheld, [Endpoint::Jwks]);
/// # Ok::<(), hf_oauth_hub::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CorsConfig {
    /// The endpoints that pages of other origins cannot read; none unless set.
    pub withheld: Vec<Endpoint>,
}
