//! Step 2: the browser came back. Everything here happens before any request.

mod error;

pub use error::CallbackError;

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::pending::{PENDING_LOGIN_LIFETIME, PendingLogin};
use crate::address::{Issuer, RedirectUri, ReturnPath};
use crate::backchannel::OAuthError;
use crate::{Hub, Scopes, Secret, UnixTime};

/// The parameters of a redirect, each at most once (RFC 6749 sections 4.1.2 and 3.1).
///
/// ```
/// use hf_oauth_core::{CallbackError, CallbackParams};
///
/// let params = CallbackParams::from_query("code=abc&state=xyz")?;
/// assert_eq!(params.state(), Some("xyz"));
/// assert!(matches!(
///     CallbackParams::from_query("code=abc&code=def"),
///     Err(CallbackError::DuplicateParameter { name: "code" })
/// ));
/// # Ok::<(), CallbackError>(())
/// ```
#[derive(Debug, Default)]
pub struct CallbackParams {
    code: Option<Secret>,
    state: Option<Secret>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl CallbackParams {
    /// Takes decoded name-value pairs, in any order; unknown names are left alone, as RFC 6749 demands.
    ///
    /// # Errors
    ///
    /// [`CallbackError::DuplicateParameter`], and [`CallbackError::UnexpectedParameter`] for tokens that must never
    /// travel in a URL.
    pub fn from_pairs<N: AsRef<str>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, CallbackError> {
        let mut params = Self::default();
        for (name, value) in pairs {
            let value = value.into();
            let duplicate = match name.as_ref() {
                "code" => params.code.replace(Secret::new(value)).is_some().then_some("code"),
                "state" => params.state.replace(Secret::new(value)).is_some().then_some("state"),
                "iss" => params.iss.replace(value).is_some().then_some("iss"),
                "error" => params.error.replace(value).is_some().then_some("error"),
                "error_description" => {
                    params.error_description.replace(value).is_some().then_some("error_description")
                }
                other => match FORBIDDEN.iter().find(|name| **name == other) {
                    Some(name) => return Err(CallbackError::UnexpectedParameter { name }),
                    None => None,
                },
            };
            if let Some(name) = duplicate {
                return Err(CallbackError::DuplicateParameter { name });
            }
        }
        Ok(params)
    }

    /// The `state`, to find the pending login by; unverified.
    pub fn state(&self) -> Option<&str> {
        self.state.as_ref().map(Secret::expose)
    }

    /// True when the provider, or whoever made the address, says that the login failed; unverified.
    pub fn is_error(&self) -> bool {
        self.error.is_some()
    }

    /// An error goes before a code.
    fn check_outcome(&self) -> Result<(), CallbackError> {
        if let Some(code) = &self.error {
            let error = OAuthError::new(code, self.error_description.as_deref());
            return Err(match error.code.as_str() {
                "access_denied" => CallbackError::Declined(error),
                _ => CallbackError::Provider(error),
            });
        }
        match &self.code {
            Some(code) if !code.is_empty() => Ok(()),
            _ => Err(CallbackError::CodeMissing),
        }
    }

    /// True when this looks like an answer of a provider at all.
    pub fn is_empty(&self) -> bool {
        self.code.is_none() && self.state.is_none() && self.error.is_none()
    }
}

/// Reads a map of strings, such as a posted form, with the checks of [`from_pairs`](CallbackParams::from_pairs).
impl<'de> Deserialize<'de> for CallbackParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = CallbackParams;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the parameters of a redirect")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CallbackParams, A::Error> {
                let mut pairs: Vec<(String, String)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Option<String>>()? {
                    pairs.extend(value.map(|value| (name, value)));
                }
                CallbackParams::from_pairs(pairs).map_err(serde::de::Error::custom)
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Implicit and hybrid answers and JARM: never asked for, never used (RFC 9700 section 2.1.2).
const FORBIDDEN: &[&str] = &["access_token", "id_token", "token", "token_type", "response"];

/// A code that came back to the login that asked for it: proof that state, issuer and time were checked.
///
/// Not `Clone`, no public constructor: it comes from [`PendingLogin::accept`] alone, and is used up by
/// [`Grant::exchange`](Grant::exchange).
#[derive(Debug)]
pub struct Grant {
    pub(super) code: Secret,
    pub(super) code_verifier: Secret,
    pub(super) nonce: Secret,
    pub(super) redirect_uri: Option<RedirectUri>,
    pub(super) issuer: Issuer,
    pub(super) scopes: Scopes,
    pub(super) app_state: Option<String>,
    pub(super) return_path: ReturnPath,
}

/// A redirect that was refused, and the pending login, still usable: a forged callback must not use up a real login.
#[derive(Debug)]
pub struct RejectedCallback {
    /// The login that waits on.
    pub pending: PendingLogin,
    /// Why the redirect was refused.
    pub error: CallbackError,
}

impl PendingLogin {
    /// Checks a redirect against this login: `state` in constant time, age, `iss` (RFC 9207), `error`, `code`.
    ///
    /// # Errors
    ///
    /// [`RejectedCallback`], which gives this login back.
    ///
    /// ```
    /// # use hf_oauth_core::*;
    /// # let (app, hub, now) = (App::new("a"), Hub::huggingface(), UnixTime::from_secs(0));
    /// # let seed = LoginSeed::from_random_bytes([7; 32]);
    /// # let (_, pending) = authorize(&app, &hub, &LoginOptions::new(), &seed, now)?;
    /// let forged = CallbackParams::from_query("code=evil&state=guessed")?;
    /// let rejected = pending.accept(&hub, forged, now).unwrap_err();
    /// assert!(matches!(rejected.error, CallbackError::StateMismatch));
    ///
    /// let honest = CallbackParams::from_query(&format!("code=abc&state={}", rejected.pending.state().expose()))?;
    /// assert!(rejected.pending.accept(&hub, honest, now).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accept(
        self,
        hub: &Hub,
        params: CallbackParams,
        now: UnixTime,
    ) -> Result<Grant, Box<RejectedCallback>> {
        match self.check(hub, params, now) {
            Ok(code) => Ok(Grant {
                code,
                code_verifier: self.code_verifier,
                nonce: self.nonce,
                redirect_uri: self.redirect_uri,
                issuer: self.issuer,
                scopes: self.scopes,
                app_state: self.app_state,
                return_path: self.return_path,
            }),
            Err(error) => Err(Box::new(RejectedCallback { pending: self, error })),
        }
    }

    /// The part of [`accept`](Self::accept) that needs to know nothing of the provider but its name: before its
    /// metadata is at hand, a redirect that is not this login's costs no request for it. An error without `iss` passes
    /// here: whether it can be believed only the metadata tells.
    ///
    /// # Errors
    ///
    /// [`CallbackError`], as `accept` would say it.
    pub fn check_without_metadata(
        &self,
        issuer: &Issuer,
        params: &CallbackParams,
        now: UnixTime,
    ) -> Result<(), CallbackError> {
        let state = params.state.as_ref().filter(|state| !state.is_empty());
        if *state.ok_or(CallbackError::StateMissing)? != self.state {
            return Err(CallbackError::StateMismatch);
        }
        if now > self.begun_at + PENDING_LOGIN_LIFETIME {
            return Err(CallbackError::StateExpired);
        }
        if self.issuer != *issuer {
            return Err(CallbackError::OtherProvider { begun_with: self.issuer.as_str().to_owned() });
        }
        if let Some(iss) = params.iss.as_ref().filter(|iss| *iss != issuer.as_str()) {
            return Err(CallbackError::IssuerMismatch {
                expected: issuer.as_str().to_owned(),
                found: crate::text::printable(iss, 200),
            });
        }
        // An error that does not say whose it is waits for the metadata, which tells whether it must (RFC 9207
        // section 2.4).
        if params.error.is_some() && params.iss.is_none() {
            return Ok(());
        }
        params.check_outcome()
    }

    fn check(&self, hub: &Hub, params: CallbackParams, now: UnixTime) -> Result<Secret, CallbackError> {
        self.check_without_metadata(hub.issuer(), &params, now)?;
        if params.iss.is_none() && hub.iss_in_callback() {
            return Err(CallbackError::IssuerMissing);
        }
        params.check_outcome()?;
        params.code.ok_or(CallbackError::CodeMissing)
    }
}
