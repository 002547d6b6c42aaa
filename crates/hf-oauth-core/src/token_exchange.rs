//! A token for somebody else's word (RFC 8693): a CI job's identity
//! ([trusted publishers](https://huggingface.co/docs/hub/trusted-publishers)), or an organisation's for its member.
//!
//! ```text
//! resource + the CI's ID token ─ for_ci ─▶ TokenExchange ─ receive ─▶ ExchangedToken
//! App + a member's e-mail ─ for_member ─┘
//! ```

use std::fmt;

use crate::backchannel::{BackchannelError, Body, Request, Step};
use crate::client_auth::authenticated;
use crate::tokens::{ExchangeError, TokenResponse};
use crate::{App, DiscoveryError, Hub, Scopes, Secret, UnixTime};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const USER_EMAIL: &str = "urn:huggingface:token-type:user-email";

/// What stands before a repository's name, where it is not a model.
const KINDS: [&str; 4] = ["datasets", "spaces", "kernels", "buckets"];

/// An exchange under way: what its answer is held against. Not `Clone`.
#[derive(Debug)]
pub struct TokenExchange {
    scopes: Scopes,
    secrets: Vec<Secret>,
}

/// A token that somebody else's word brought. It cannot be refreshed; exchange again when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExchangedToken {
    /// The bearer token.
    pub access_token: Secret,
    /// When it ends.
    pub expires_at: UnixTime,
    /// What was granted; what was asked for, where the provider does not say.
    pub scope: Scopes,
    /// What kind of token it is (RFC 8693 section 3).
    pub issued_token_type: String,
}

impl TokenExchange {
    /// The request by which a CI job becomes a publisher of `resource`: a repository (`ns/name`, `datasets/ns/name`,
    /// `spaces/…`, `kernels/…`, `buckets/…`) or a bare username. JSON, without the app's authentication.
    ///
    /// # Errors
    ///
    /// [`TokenExchangeError::InvalidResource`], [`TokenExchangeError::InvalidSubject`].
    ///
    /// ```
    /// use hf_oauth_core::{Hub, TokenExchange, TokenExchangeError};
    ///
    /// let (request, _exchange) = TokenExchange::for_ci(&Hub::huggingface(), "datasets/me/data", &"a.b.c".into())?;
    /// assert!(request.form().is_none() && request.authorization().is_none());
    /// assert!(request.json().unwrap().iter().any(|(name, value)| (*name, value.expose()) == ("resource", "datasets/me/data")));
    /// # Ok::<(), TokenExchangeError>(())
    /// ```
    pub fn for_ci(
        hub: &Hub,
        resource: &str,
        id_token: &Secret,
    ) -> Result<(Request, Self), TokenExchangeError> {
        Self::check_resource(resource)?;
        if !id_token.is_header_safe(LONGEST_SUBJECT) {
            return Err(TokenExchangeError::InvalidSubject { what: "the CI's ID token" });
        }
        let members = vec![
            ("grant_type", Secret::new(GRANT_TYPE)),
            ("subject_token", id_token.clone()),
            ("subject_token_type", Secret::new(ID_TOKEN)),
            ("resource", Secret::new(resource)),
        ];
        let request = Request {
            step: Step::TokenExchange,
            endpoint: hub.token_endpoint().clone(),
            authorization: None,
            body: Some(Body::Json(members)),
            secrets: vec![id_token.clone()],
        };
        let exchange = Self { scopes: Scopes::none(), secrets: request.secrets.clone() };
        Ok((request, exchange))
    }

    /// Whether a resource can be exchanged for, without asking anybody.
    ///
    /// # Errors
    ///
    /// [`TokenExchangeError::InvalidResource`].
    pub fn check_resource(resource: &str) -> Result<(), TokenExchangeError> {
        if is_resource(resource) {
            return Ok(());
        }
        Err(TokenExchangeError::InvalidResource { resource: crate::text::printable(resource, 200) })
    }

    /// The request by which an organisation's own app, which has a secret, gets a token for the member with this
    /// e-mail address. Without scopes the Hub grants what the app may have.
    ///
    /// # Errors
    ///
    /// [`TokenExchangeError::MissingClientSecret`], [`TokenExchangeError::InvalidSubject`].
    pub fn for_member(
        app: &App,
        hub: &Hub,
        email: &str,
        scopes: &Scopes,
    ) -> Result<(Request, Self), TokenExchangeError> {
        if app.client_secret.is_none() {
            return Err(TokenExchangeError::MissingClientSecret);
        }
        let plain =
            email.len() <= 320 && email.chars().all(|c| !c.is_whitespace() && !crate::text::is_hostile(c));
        let parts = email.rsplit_once('@');
        if !plain || !parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()) {
            return Err(TokenExchangeError::InvalidSubject { what: "the member's e-mail address" });
        }
        let mut form = vec![
            ("grant_type", Secret::new(GRANT_TYPE)),
            ("subject_token", Secret::new(email)),
            ("subject_token_type", Secret::new(USER_EMAIL)),
        ];
        form.extend((!scopes.is_empty()).then(|| ("scope", Secret::new(scopes.to_string()))));
        let request = authenticated(Step::TokenExchange, app, hub.token_endpoint(), form);
        let exchange = Self { scopes: scopes.clone(), secrets: request.secrets.clone() };
        Ok((request, exchange))
    }

    /// Takes the answer. A refresh token or an ID token that comes along is dropped unread.
    ///
    /// # Errors
    ///
    /// [`TokenExchangeError`].
    pub fn receive(
        self,
        answer: Result<TokenResponse, BackchannelError>,
        now: UnixTime,
    ) -> Result<ExchangedToken, TokenExchangeError> {
        let mut answer = answer
            .map_err(|error| TokenExchangeError::refused(ExchangeError::refused(error, &self.secrets)))?;
        // REQUIRED by RFC 8693 section 2.2.1.
        let issued_token_type = answer.issued_token_type.take().filter(|kind| !kind.is_empty());
        let issued_token_type = issued_token_type.ok_or(TokenExchangeError::IssuedTokenTypeMissing)?;
        let (tokens, _) =
            answer.into_tokens(&self.scopes, now, &self.secrets).map_err(TokenExchangeError::Unusable)?;
        Ok(ExchangedToken {
            access_token: tokens.access_token,
            expires_at: tokens.expires_at,
            scope: tokens.scope,
            issued_token_type: crate::text::printable(&issued_token_type, 100),
        })
    }
}

/// A CI's ID token is a few kilobytes.
const LONGEST_SUBJECT: usize = 64 * 1024;

fn is_resource(text: &str) -> bool {
    let segments: Vec<&str> = text.split('/').collect();
    let names = match segments.as_slice() {
        [kind, names @ ..] if KINDS.contains(kind) && !names.is_empty() => {
            (names.len() == 2).then_some(names)
        }
        names => (names.len() <= 2).then_some(names),
    };
    names.is_some_and(|names| names.iter().all(|name| is_name(name)))
}

fn is_name(name: &str) -> bool {
    (1..=96).contains(&name.len())
        && !name.starts_with(['.', '-'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Why an exchange brought no token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenExchangeError {
    /// The resource is neither a repository nor a username.
    InvalidResource {
        /// What was given.
        resource: String,
    },
    /// What the token is asked with cannot be sent.
    InvalidSubject {
        /// Which.
        what: &'static str,
    },
    /// The app has no secret, and this exchange is for apps that have one.
    MissingClientSecret,
    /// The provider's metadata cannot be used.
    Provider(DiscoveryError),
    /// The request failed, or the provider refused for a reason that is none of the others.
    Backchannel(BackchannelError),
    /// The provider does not take the app: wrong client id or secret, or not an organisation's.
    InvalidClient(BackchannelError),
    /// The provider does not take the word that was given: wrong audience, expired, no such publisher or member.
    InvalidGrant(BackchannelError),
    /// A scope that the app may not have.
    InvalidScope(BackchannelError),
    /// The answer does not say what kind of token it brings.
    IssuedTokenTypeMissing,
    /// The answer's token cannot be used.
    Unusable(ExchangeError),
}

impl TokenExchangeError {
    fn refused(error: ExchangeError) -> Self {
        match error {
            ExchangeError::InvalidClient(error) => Self::InvalidClient(error),
            ExchangeError::InvalidGrant(error) => Self::InvalidGrant(error),
            ExchangeError::Backchannel(error) => match error.oauth() {
                Some(oauth) if oauth.code == "invalid_scope" => Self::InvalidScope(error),
                _ => Self::Backchannel(error),
            },
            other => Self::Unusable(other),
        }
    }

    /// True when the same exchange may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Backchannel(error) if error.is_retryable())
    }

    /// The request to the provider that failed, where it was one.
    pub fn backchannel(&self) -> Option<&BackchannelError> {
        match self {
            Self::Backchannel(error)
            | Self::InvalidClient(error)
            | Self::InvalidGrant(error)
            | Self::InvalidScope(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for TokenExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidResource { resource } => write!(
                f,
                "token exchange: {resource:?} is no resource: give ns/name, datasets/ns/name, spaces/…, kernels/…, \
                 buckets/… or a username (HF_OIDC_RESOURCE)"
            ),
            Self::InvalidSubject { what } => {
                write!(f, "token exchange: {what} is empty, too long or malformed")
            }
            Self::MissingClientSecret => f.write_str(
                "token exchange: only an organisation's app with a secret can ask for its members",
            ),
            Self::Provider(error) => write!(f, "token exchange: {error}"),
            Self::Backchannel(error) => error.fmt(f),
            Self::InvalidClient(error) => {
                write!(
                    f,
                    "{error}. Check the app's client id and secret, and that it is the organisation's own"
                )
            }
            Self::InvalidGrant(error) => write!(
                f,
                "{error}. Check that the token given is for this Hub (its audience), still valid, and that its \
                 publisher or member is known there"
            ),
            Self::InvalidScope(error) => write!(f, "{error}. Ask for scopes that the app has"),
            Self::IssuedTokenTypeMissing => f.write_str(
                "token exchange: the answer has no issued_token_type: it is not a token exchange's",
            ),
            Self::Unusable(error) => write!(f, "token exchange: {error}"),
        }
    }
}

impl std::error::Error for TokenExchangeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Provider(error) => error.source(),
            _ => None,
        }
    }
}
