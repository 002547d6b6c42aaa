use std::fmt;

use super::{EndpointUrl, InvalidUrl, Origin};

/// Where the provider sends the browser back to: `https`, or `http` on loopback, without a fragment
/// (RFC 6749 section 3.1.2, RFC 8252 section 7.3). Sent byte for byte as it was given, in both requests.
///
/// ```
/// use hf_oauth_core::RedirectUri;
///
/// assert!(RedirectUri::parse("https://app.example/oauth/huggingface/callback").is_ok());
/// assert!(RedirectUri::parse("http://app.example/oauth/huggingface/callback").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(EndpointUrl);

impl RedirectUri {
    /// Checks a redirect URI.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when it is neither `https` nor on loopback, or has a fragment or a username.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        EndpointUrl::parse(text).map(Self)
    }

    /// The URI as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The app's own origin.
    pub fn origin(&self) -> &Origin {
        self.0.origin()
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
