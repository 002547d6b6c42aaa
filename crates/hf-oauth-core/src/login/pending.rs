//! Between the steps: what is remembered while the browser is away.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::options::LoginOptions;
use super::seed::LoginSeed;
use crate::address::{InvalidUrl, Issuer, RedirectUri, ReturnPath};
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

/// Why a login could not begin, or could not be put together again.
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
