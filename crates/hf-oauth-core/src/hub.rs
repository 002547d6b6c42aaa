use std::fmt;

use serde::Deserialize;

use crate::address::{EndpointUrl, InvalidUrl, Issuer, Origin};
use crate::backchannel::{Request, Step};

/// A provider: its issuer and its endpoints, every one of them checked.
///
/// ```
/// use hf_oauth_core::Hub;
///
/// let hub = Hub::huggingface();
/// assert_eq!(hub.issuer().as_str(), "https://huggingface.co");
/// assert_eq!(hub.token_endpoint().as_str(), "https://huggingface.co/oauth/token");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    issuer: Issuer,
    authorization_endpoint: EndpointUrl,
    token_endpoint: EndpointUrl,
    jwks_uri: EndpointUrl,
    userinfo_endpoint: Option<EndpointUrl>,
    whoami_endpoint: EndpointUrl,
    device_authorization_endpoint: Option<EndpointUrl>,
    iss_in_callback: bool,
}

impl Hub {
    /// huggingface.co, known without asking it.
    pub fn huggingface() -> Self {
        #[expect(clippy::expect_used, reason = "a constant of this crate, and a test parses it")]
        let issuer = Issuer::parse(Issuer::HUGGING_FACE).expect("the Hub's issuer is an https URL");
        Self::at(issuer)
    }

    /// A provider with the Hub's own paths below `issuer`.
    fn at(issuer: Issuer) -> Self {
        Self {
            authorization_endpoint: issuer.join("/oauth/authorize"),
            token_endpoint: issuer.join("/oauth/token"),
            jwks_uri: issuer.join("/oauth/jwks"),
            userinfo_endpoint: Some(issuer.join("/oauth/userinfo")),
            whoami_endpoint: issuer.join("/api/whoami-v2"),
            device_authorization_endpoint: Some(issuer.join("/oauth/device")),
            iss_in_callback: false,
            issuer,
        }
    }

    /// The request for a provider's metadata (OpenID Connect Discovery section 4).
    pub fn discovery_request(issuer: &Issuer) -> Request {
        Request::get(Step::Discovery, issuer.discovery_url())
    }

    /// A provider from its metadata.
    ///
    /// Endpoints stand on the issuer's origin, or on one of `other_origins`, which the app lists.
    ///
    /// # Errors
    ///
    /// [`DiscoveryError`] when the document is another issuer's, names an endpoint that may not be called, or the
    /// provider cannot do S256 or RS256. Nothing of such a document is used.
    ///
    /// ```
    /// use hf_oauth_core::{DiscoveryDocument, Hub, Issuer};
    ///
    /// let issuer = Issuer::parse("https://id.example/realm")?;
    /// let document: DiscoveryDocument = serde_json::from_str(r#"{
    ///     "issuer": "https://id.example/realm",
    ///     "authorization_endpoint": "https://id.example/realm/auth",
    ///     "token_endpoint": "https://id.example/realm/token",
    ///     "jwks_uri": "https://id.example/realm/keys"
    /// }"#)?;
    /// let hub = Hub::from_discovery(&issuer, document, &[])?;
    /// assert!(hub.userinfo_endpoint().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_discovery(
        issuer: &Issuer,
        document: DiscoveryDocument,
        other_origins: &[Origin],
    ) -> Result<Self, DiscoveryError> {
        if document.issuer != issuer.as_str() {
            return Err(DiscoveryError::IssuerMismatch {
                expected: issuer.as_str().to_owned(),
                found: crate::text::printable(&document.issuer, 200),
            });
        }
        let lacks = |list: &Option<Vec<String>>, name: &str| {
            list.as_ref().is_some_and(|list| !list.iter().any(|entry| entry == name))
        };
        if lacks(&document.code_challenge_methods_supported, "S256") {
            return Err(DiscoveryError::PkceUnsupported);
        }
        if lacks(&document.id_token_signing_alg_values_supported, "RS256") {
            return Err(DiscoveryError::UnsupportedAlg);
        }
        let check = |name: &'static str, text: &str| {
            let url = EndpointUrl::parse(text)
                .map_err(|source| DiscoveryError::InsecureEndpoint { name, source })?;
            if url.origin() == issuer.url().origin() || other_origins.contains(url.origin()) {
                Ok(url)
            } else {
                Err(DiscoveryError::ForeignEndpoint { name, origin: url.origin().to_string() })
            }
        };
        let optional =
            |name, text: &Option<String>| text.as_deref().map(|text| check(name, text)).transpose();
        Ok(Self {
            authorization_endpoint: check("authorization_endpoint", &document.authorization_endpoint)?,
            token_endpoint: check("token_endpoint", &document.token_endpoint)?,
            jwks_uri: check("jwks_uri", &document.jwks_uri)?,
            userinfo_endpoint: optional("userinfo_endpoint", &document.userinfo_endpoint)?,
            device_authorization_endpoint: optional(
                "device_authorization_endpoint",
                &document.device_authorization_endpoint,
            )?,
            iss_in_callback: document.authorization_response_iss_parameter_supported.unwrap_or(false),
            ..Self::at(issuer.clone())
        })
    }

    /// The provider's name.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Where the browser is sent to sign in.
    pub fn authorization_endpoint(&self) -> &EndpointUrl {
        &self.authorization_endpoint
    }

    /// Where codes and refresh tokens become tokens.
    pub fn token_endpoint(&self) -> &EndpointUrl {
        &self.token_endpoint
    }

    /// Where the signing keys are.
    pub fn jwks_uri(&self) -> &EndpointUrl {
        &self.jwks_uri
    }

    /// Where to ask who a token belongs to.
    pub fn userinfo_endpoint(&self) -> Option<&EndpointUrl> {
        self.userinfo_endpoint.as_ref()
    }

    /// The Hub's own `whoami-v2`, which works for every kind of token.
    pub fn whoami_endpoint(&self) -> &EndpointUrl {
        &self.whoami_endpoint
    }

    /// Where a device asks for a code (RFC 8628).
    pub fn device_authorization_endpoint(&self) -> Option<&EndpointUrl> {
        self.device_authorization_endpoint.as_ref()
    }

    /// Whether every callback must carry `iss` (RFC 9207 section 2.4).
    pub fn iss_in_callback(&self) -> bool {
        self.iss_in_callback
    }

    /// The request for the signing keys (RFC 7517).
    pub fn keys_request(&self) -> Request {
        Request::get(Step::Keys, self.jwks_uri.clone())
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::huggingface()
    }
}

/// A provider's metadata as it comes (OpenID Connect Discovery section 3); unknown members are ignored.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the members are the specification's own")]
pub struct DiscoveryDocument {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub device_authorization_endpoint: Option<String>,
    #[serde(default)]
    pub code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Option<Vec<String>>,
    /// Anything but a boolean makes the document unreadable: who promises `iss` in a way that is not understood must not
    /// be taken for one who promises nothing.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: Option<bool>,
}

/// Why a provider's metadata cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The document names another issuer.
    IssuerMismatch {
        /// The issuer that was asked for.
        expected: String,
        /// The issuer that the document names.
        found: String,
    },
    /// An endpoint is not `https`, or malformed.
    InsecureEndpoint {
        /// The member's name.
        name: &'static str,
        /// What is wrong with it.
        source: InvalidUrl,
    },
    /// An endpoint stands on an origin that is neither the issuer's nor listed by the app.
    ForeignEndpoint {
        /// The member's name.
        name: &'static str,
        /// The origin.
        origin: String,
    },
    /// The provider lists PKCE methods, and S256 is not among them.
    PkceUnsupported,
    /// The provider lists signing algorithms, and RS256 is not among them.
    UnsupportedAlg,
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("discovery: ")?;
        match self {
            Self::IssuerMismatch { expected, found } => write!(
                f,
                "asked for the issuer {expected:?}, the document is of {found:?}. They must agree to the letter, a slash \
                 at the end too: configure the issuer as the provider names itself"
            ),
            Self::InsecureEndpoint { name, .. } => write!(f, "the provider's {name} cannot be used"),
            Self::ForeignEndpoint { name, origin } => write!(
                f,
                "the provider's {name} is on {origin}, which is not the issuer's origin. List that origin if you trust it"
            ),
            Self::PkceUnsupported => f.write_str("the provider does not support PKCE with S256"),
            Self::UnsupportedAlg => f.write_str("the provider does not sign ID tokens with RS256"),
        }
    }
}

impl std::error::Error for DiscoveryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::InsecureEndpoint { source, .. } => Some(source),
            _ => None,
        }
    }
}
