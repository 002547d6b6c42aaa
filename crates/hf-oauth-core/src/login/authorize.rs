//! Step 1: where to send the browser, and what to remember until it comes back.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::pending::{LoginSeed, PendingLogin};
use crate::address::{EndpointUrl, InvalidUrl, ReturnPath};
use crate::{App, Hub, Scopes, UnixTime};

/// What one login asks for beyond the app's own configuration.
///
/// ```
/// use hf_oauth_core::{LoginOptions, Prompt, ReturnPath};
///
/// let options = LoginOptions::new()
///     .with_return_path(ReturnPath::parse("/settings")?)
///     .with_org_id("5f0c2b1a9d8e7f6a5b4c3d2e")
///     .with_prompt(Prompt::Consent)
///     .with_app_state("opened from the menu");
/// assert_eq!(options.org_ids.len(), 1);
/// # Ok::<(), hf_oauth_core::InvalidReturnPath>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LoginOptions {
    /// Scopes instead of the app's.
    pub scopes: Option<Scopes>,
    /// Organisations, by id, to ask access to; sent as one `orgIds` each.
    pub org_ids: Vec<String>,
    /// Whether the Hub must ask again.
    pub prompt: Option<Prompt>,
    /// Where in the app the person goes afterwards.
    pub return_path: ReturnPath,
    /// A text of the app's own, kept with the pending login (never sent) and given back in
    /// [`OAuthInfo::state`](crate::OAuthInfo::state).
    pub app_state: Option<String>,
}

impl LoginOptions {
    /// Nothing beyond the app's configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these scopes instead of the app's.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = Some(scopes.into());
        self
    }

    /// Asks for access to one more organisation, by its id.
    #[must_use]
    pub fn with_org_id(mut self, id: impl Into<String>) -> Self {
        self.org_ids.push(id.into());
        self
    }

    /// Makes the Hub ask again.
    #[must_use]
    pub fn with_prompt(mut self, prompt: Prompt) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// Comes back to this place in the app.
    #[must_use]
    pub fn with_return_path(mut self, return_path: ReturnPath) -> Self {
        self.return_path = return_path;
        self
    }

    /// Keeps a text of the app's own with the login.
    #[must_use]
    pub fn with_app_state(mut self, state: impl Into<String>) -> Self {
        self.app_state = Some(state.into());
        self
    }
}

/// `prompt` of OpenID Connect Core section 3.1.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Ask for consent again, so that scopes and organisations can be added.
    Consent,
    /// Ask who it is again.
    Login,
    /// Let the person choose the account.
    SelectAccount,
    /// Never show a page: answer with an error instead.
    None,
}

impl Prompt {
    fn as_str(self) -> &'static str {
        match self {
            Prompt::Consent => "consent",
            Prompt::Login => "login",
            Prompt::SelectAccount => "select_account",
            Prompt::None => "none",
        }
    }
}

/// Where to send the browser: an endpoint and its query parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    pub(crate) endpoint: EndpointUrl,
    pub(crate) params: Vec<(&'static str, String)>,
}

/// `state` and `nonce` do not print.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl AuthorizationRequest {
    /// The authorization endpoint.
    pub fn endpoint(&self) -> &EndpointUrl {
        &self.endpoint
    }

    /// The query parameters, not yet encoded.
    pub fn params(&self) -> &[(&'static str, String)] {
        &self.params
    }
}

/// Begins a login: where to send the browser, and what to remember. No I/O.
///
/// Always PKCE with S256 (RFC 7636), `state` and `nonce`; nothing can switch them off.
///
/// # Errors
///
/// [`AuthorizeError::MissingClientId`].
///
/// ```
/// use hf_oauth_core::{App, Hub, LoginOptions, LoginSeed, UnixTime, authorize};
///
/// let seed = LoginSeed::from_random_bytes([7; 32]); // of a random generator, in earnest
/// let (request, pending) =
///     authorize(&App::new("my-app"), &Hub::huggingface(), &LoginOptions::new(), &seed, UnixTime::from_secs(0))?;
/// let url = request.url();
/// assert!(url.starts_with("https://huggingface.co/oauth/authorize?response_type=code&client_id=my-app"));
/// assert!(url.contains("code_challenge_method=S256") && url.contains("nonce="));
/// assert_eq!(pending.return_path().as_str(), "/");
/// # Ok::<(), hf_oauth_core::AuthorizeError>(())
/// ```
pub fn authorize(
    app: &App,
    hub: &Hub,
    options: &LoginOptions,
    seed: &LoginSeed,
    now: UnixTime,
) -> Result<(AuthorizationRequest, PendingLogin), AuthorizeError> {
    if app.client_id.trim().is_empty() {
        return Err(AuthorizeError::MissingClientId);
    }
    let pending = PendingLogin::from_seed(app, hub.issuer(), options, seed, now);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(pending.code_verifier.expose()));
    let mut params = vec![("response_type", "code".to_owned()), ("client_id", app.client_id.clone())];
    params.extend(app.redirect_uri.iter().map(|uri| ("redirect_uri", uri.as_str().to_owned())));
    params.extend([
        ("scope", pending.scopes.to_string()),
        ("state", pending.state.expose().to_owned()),
        ("nonce", pending.nonce.expose().to_owned()),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256".to_owned()),
    ]);
    params.extend(options.prompt.iter().map(|prompt| ("prompt", prompt.as_str().to_owned())));
    params.extend(options.org_ids.iter().map(|id| ("orgIds", id.clone())));
    Ok((AuthorizationRequest { endpoint: hub.authorization_endpoint().clone(), params }, pending))
}

/// Why a login could not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorizeError {
    /// The app has no client id.
    MissingClientId,
    /// A part of a kept login is empty.
    IncompleteParts {
        /// Its name.
        missing: &'static str,
    },
    /// An address of a kept login cannot be used.
    InvalidParts {
        /// What is wrong with it.
        source: InvalidUrl,
    },
}

impl fmt::Display for AuthorizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingClientId => f.write_str(
                "login: the app has no client id. Set OAUTH_CLIENT_ID, or register an app at \
                 https://huggingface.co/settings/applications/new",
            ),
            Self::IncompleteParts { missing } => {
                write!(f, "login: the kept login has no {missing}: begin it again")
            }
            Self::InvalidParts { .. } => f.write_str("login: the kept login cannot be read: begin it again"),
        }
    }
}

impl std::error::Error for AuthorizeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::InvalidParts { source } => Some(source),
            _ => None,
        }
    }
}
