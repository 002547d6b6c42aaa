use std::fmt;

use super::error::UrlFault;
use super::{EndpointUrl, InvalidUrl};

/// The name of a provider: an `https` URL without query or fragment (OpenID Connect Discovery section 2), compared
/// byte by byte; a path is part of it.
///
/// ```
/// use hf_oauth_core::Issuer;
///
/// let issuer = Issuer::parse("https://example.com/realms/one").unwrap();
/// assert_eq!(issuer.discovery_url().as_str(), "https://example.com/realms/one/.well-known/openid-configuration");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Issuer(EndpointUrl);

impl Issuer {
    /// The Hub's own issuer.
    pub const HUGGING_FACE: &str = "https://huggingface.co";

    /// Checks an issuer.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when it is no URL that may be called, or has a query.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        if text.contains('?') {
            return Err(InvalidUrl::new(text, UrlFault::Query));
        }
        EndpointUrl::parse(text).map(Self)
    }

    /// The issuer as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The issuer as an address.
    pub fn url(&self) -> &EndpointUrl {
        &self.0
    }

    /// Where its metadata is: `/.well-known/openid-configuration` appended to the issuer, its path included
    /// (OpenID Connect Discovery section 4.1).
    pub fn discovery_url(&self) -> EndpointUrl {
        self.join("/.well-known/openid-configuration")
    }

    /// `path` below the issuer; a slash at the issuer's end is not doubled.
    pub(crate) fn join(&self, path: &'static str) -> EndpointUrl {
        let text = format!("{}{path}", self.as_str().trim_end_matches('/'));
        let authority_end = self.0.authority_end.min(text.len());
        EndpointUrl { text, origin: self.0.origin.clone(), authority_end }
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_keeps_the_path_and_doubles_no_slash() {
        let at = |issuer: &str| Issuer::parse(issuer).unwrap().discovery_url().as_str().to_owned();
        assert_eq!(at("https://h.example"), "https://h.example/.well-known/openid-configuration");
        assert_eq!(at("https://h.example/"), "https://h.example/.well-known/openid-configuration");
        assert_eq!(at("https://h.example/a/b"), "https://h.example/a/b/.well-known/openid-configuration");
        assert!(Issuer::parse("https://h.example/?x=1").is_err());
    }

    #[test]
    fn row_192_an_issuer_that_is_refused_is_quoted_without_password_and_query() {
        for url in [
            "https://user:PASSWORD@h.example",
            "https://h.example/?t=PASSWORD",
            "https://user:PASS?WORD@h.example/?t=PASSWORD",
        ] {
            let error = Issuer::parse(url).unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains("h.example") && !said.contains("PASS") && !said.contains("WORD"), "{said}");
        }
    }
}
