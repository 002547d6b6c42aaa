//! The Hub's address as somebody wrote it, which may carry a password, and as it may be shown.

use std::fmt;

use hf_oauth_core::{InvalidUrl, Issuer};

/// A Hub's address. It is shown without a user name, a password and a query, because whoever writes
/// `https://user:password@host` into `HF_ENDPOINT` does not want it in a log.
///
/// ```
/// use hf_oauth_tokens::{Environment, Locations};
///
/// let environment = Environment::from_pairs([("HF_ENDPOINT", "https://ada:secret@hub.example")]);
/// let endpoint = Locations::of(&environment).endpoint;
/// assert_eq!(endpoint.to_string(), "https://***@hub.example");
/// assert!(endpoint.issuer().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint(String);

impl Endpoint {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The address as it was given, secrets included: to be compared and called, not to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The provider at this address.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when it is no address that may be called; that one covers secrets as well.
    pub fn issuer(&self) -> Result<Issuer, InvalidUrl> {
        Issuer::parse(&self.0)
    }
}

/// Without secrets.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_str();
        if self.issuer().is_ok() {
            return f.write_str(text);
        }
        let (scheme, rest) = text.find("://").map_or(("", text), |at| text.split_at(at + "://".len()));
        // A password may hold any of `/?#@`, so the last `@` ends it; what follows a `?` may be a secret as well.
        let (cover, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("***@", rest));
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        write!(f, "{scheme}{cover}{}", &rest[..end])
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, Locations};

    #[test]
    fn row_192_an_endpoint_is_shown_without_its_secrets() {
        for (given, shown) in [
            ("https://huggingface.co", "https://huggingface.co"),
            ("https://mirror.example/@ada/hub", "https://mirror.example/@ada/hub"),
            ("https://user:PASSWORD@host", "https://***@host"),
            ("https://user:PASS@WORD@host:8443/path", "https://***@host:8443/path"),
            ("https://user:PASS/W?O#RD@host", "https://***@host"),
            ("https://PASSWORD@host", "https://***@host"),
            ("user:PASSWORD@host", "***@host"),
            ("https://host/?token=PASSWORD", "https://host/"),
            ("ftp://host#PASSWORD", "ftp://host"),
            ("://PASSWORD@", "://***@"),
            ("", ""),
        ] {
            let endpoint = Endpoint::new(given);
            assert_eq!(endpoint.to_string(), shown, "{given}");
            assert_eq!(format!("{endpoint:?}"), format!("{shown:?}"), "{given}");
        }
        let environment = Environment::from_pairs([("HF_ENDPOINT", "https://user:PASSWORD@host")]);
        let places = format!("{:?}", Locations::of(&environment));
        assert!(places.contains("https://***@host") && !places.contains("PASSWORD"), "{places}");
    }
}
