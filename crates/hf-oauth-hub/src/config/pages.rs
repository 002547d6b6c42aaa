//! What the pages tell browsers, where huggingface.co may do the one or the other.

use serde::Deserialize;

/// How the hub's pages stand to windows, frames and cookies of others.
///
/// ```
/// use hf_oauth_hub::{Config, FramedBy};
///
/// let config = Config::from_toml_str("[pages]\nopener_policy = false\nframed_by = \"nobody\"", "hub.toml")?;
/// assert!(!config.pages.opener_policy);
/// assert_eq!(config.pages.framed_by, FramedBy::Nobody);
/// # Ok::<(), hf_oauth_hub::ConfigError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PagesConfig {
    /// Whether pages, and redirects between them, say `Cross-Origin-Opener-Policy: same-origin`; true unless set, as
    /// huggingface.co does. A window that an app opened has no `opener` then.
    pub opener_policy: bool,
    /// Who may show the pages in a frame.
    pub framed_by: FramedBy,
    /// Which requests from other sites bring the session cookie along.
    pub same_site: SameSite,
}

/// Who may show the hub's pages in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FramedBy {
    /// The hub's own pages (`frame-ancestors 'self'`), as a Space in its frame on the Hub needs it to sign in there.
    #[default]
    Itself,
    /// No page at all (`frame-ancestors 'none'`).
    Nobody,
}

/// `SameSite` of the hub's session cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SameSite {
    /// `SameSite=None; Secure`, as huggingface.co does: the cookie comes along in a frame of another site.
    #[default]
    None,
    /// `SameSite=Lax` and not `Secure`, for browsers that keep no `Secure` cookie from `http://localhost`.
    Lax,
}

impl Default for PagesConfig {
    fn default() -> Self {
        Self { opener_policy: true, framed_by: FramedBy::default(), same_site: SameSite::default() }
    }
}
