//! Between the steps: what is remembered while the browser is away.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::authorize::{AuthorizeError, LoginOptions};
use crate::address::{Issuer, RedirectUri, ReturnPath};
use crate::{App, Scopes, Secret, UnixTime};

/// How long a login that was begun can be finished.
pub const PENDING_LOGIN_LIFETIME: Duration = Duration::from_secs(600);

/// A login that was begun: keep it where only this browser can bring it back (a sealed cookie, a session), until
/// the redirect arrives.
///
/// Consumed by [`accept`](PendingLogin::accept). Not `Clone`: a login is finished once.
#[derive(Debug)]
pub struct PendingLogin {
    pub(crate) state: Secret,
    pub(crate) nonce: Secret,
    pub(crate) code_verifier: Secret,
    pub(crate) redirect_uri: Option<RedirectUri>,
    pub(crate) issuer: Issuer,
    pub(crate) return_path: ReturnPath,
    pub(crate) app_state: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) begun_at: UnixTime,
}

/// A [`PendingLogin`] as plain strings, so that any framework can keep it. Keep it secret and unchangeable: it has
/// the code verifier.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of PendingLogin, by their protocol names")]
pub struct PendingLoginParts {
    pub state: String,
    pub nonce: String,
    pub code_verifier: String,
    pub redirect_uri: Option<String>,
    pub issuer: String,
    pub return_path: String,
    pub app_state: Option<String>,
    pub scope: String,
    /// Unix seconds.
    pub begun_at: i64,
}

impl fmt::Debug for PendingLoginParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLoginParts").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl PendingLogin {
    /// The login that [`authorize`](crate::authorize) began with the same arguments: what is kept of it may be the seed alone.
    pub fn from_seed(
        app: &App,
        issuer: &Issuer,
        options: &LoginOptions,
        seed: &LoginSeed,
        begun_at: UnixTime,
    ) -> Self {
        Self {
            state: Secret::new(seed.state()),
            nonce: Secret::new(seed.derive("nonce")),
            code_verifier: Secret::new(seed.derive("code_verifier")),
            redirect_uri: app.redirect_uri.clone(),
            issuer: issuer.clone(),
            return_path: options.return_path.clone(),
            app_state: options.app_state.clone(),
            scopes: options.scopes.clone().unwrap_or_else(|| app.scopes.clone()),
            begun_at,
        }
    }

    /// Where in the app the person goes afterwards.
    pub fn return_path(&self) -> &ReturnPath {
        &self.return_path
    }

    /// The provider that the browser was sent to.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The `state` that was sent, to find this login by.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// Takes it apart into strings.
    pub fn into_parts(self) -> PendingLoginParts {
        PendingLoginParts {
            state: self.state.expose().to_owned(),
            nonce: self.nonce.expose().to_owned(),
            code_verifier: self.code_verifier.expose().to_owned(),
            redirect_uri: self.redirect_uri.map(|uri| uri.as_str().to_owned()),
            issuer: self.issuer.as_str().to_owned(),
            return_path: self.return_path.as_str().to_owned(),
            app_state: self.app_state,
            scope: self.scopes.to_string(),
            begun_at: self.begun_at.as_secs(),
        }
    }

    /// Puts it together again.
    ///
    /// # Errors
    ///
    /// [`AuthorizeError`] when the strings are not those of [`into_parts`](Self::into_parts).
    ///
    /// ```
    /// # use hf_oauth_core::*;
    /// # let seed = LoginSeed::from_random_bytes([7; 32]);
    /// # let (_, pending) = authorize(&App::new("a"), &Hub::huggingface(), &LoginOptions::new(), &seed, UnixTime::from_secs(0))?;
    /// let parts = pending.into_parts();
    /// let again = PendingLogin::from_parts(parts.clone())?;
    /// assert_eq!(again.into_parts(), parts);
    /// # Ok::<(), AuthorizeError>(())
    /// ```
    pub fn from_parts(parts: PendingLoginParts) -> Result<Self, AuthorizeError> {
        for (name, value) in [
            ("issuer", &parts.issuer),
            ("state", &parts.state),
            ("nonce", &parts.nonce),
            ("code_verifier", &parts.code_verifier),
        ] {
            if value.is_empty() {
                return Err(AuthorizeError::IncompleteParts { missing: name });
            }
        }
        let invalid = |source| AuthorizeError::InvalidParts { source };
        Ok(Self {
            state: Secret::new(parts.state),
            nonce: Secret::new(parts.nonce),
            code_verifier: Secret::new(parts.code_verifier),
            redirect_uri: parts
                .redirect_uri
                .as_deref()
                .map(RedirectUri::parse)
                .transpose()
                .map_err(invalid)?,
            issuer: Issuer::parse(&parts.issuer).map_err(invalid)?,
            return_path: ReturnPath::parse_or_root(&parts.return_path),
            app_state: parts.app_state,
            scopes: Scopes::from(parts.scope.as_str()),
            begun_at: UnixTime::from_secs(parts.begun_at),
        })
    }
}

/// 32 random bytes, of which `state`, `nonce` and `code_verifier` of one login are derived.
///
/// Each is `base64url(SHA-256(label || seed))`: 43 unreserved characters with 256 bits of entropy
/// (RFC 7636 section 7.1), and none of them tells another. Use a seed once.
#[derive(Clone)]
pub struct LoginSeed(zeroize::Zeroizing<[u8; 32]>);

impl LoginSeed {
    /// Takes 32 bytes of a cryptographic random generator.
    pub fn from_random_bytes(bytes: [u8; 32]) -> Self {
        Self(zeroize::Zeroizing::new(bytes))
    }

    /// The bytes, to be kept sealed.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The `state` that this seed gives.
    pub fn state(&self) -> String {
        self.derive("state")
    }

    fn derive(&self, label: &str) -> String {
        let digest = Sha256::new()
            .chain_update("hf-oauth login ")
            .chain_update(label)
            .chain_update(*self.0)
            .finalize();
        URL_SAFE_NO_PAD.encode(digest)
    }
}

impl fmt::Debug for LoginSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginSeed(***)")
    }
}
