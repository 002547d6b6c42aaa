//! Step 1: where to send the browser, and what to remember until it comes back.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::options::LoginOptions;
use super::pending::{AuthorizeError, PendingLogin};
use super::seed::LoginSeed;
use crate::{App, EndpointUrl, Hub, UnixTime};

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
