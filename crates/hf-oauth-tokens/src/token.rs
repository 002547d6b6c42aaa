//! The store's values.

use hf_oauth_core::{Secret, UnixTime};

use crate::error::StoreError;
use crate::ini::{DEFAULT, is_python_space, strip};
use crate::source::TokenSource;
use crate::warning::Warning;

/// What a source has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceState {
    /// Not set, or no file.
    Absent,
    /// Set to nothing but white space.
    Blank,
    /// It has a token, and a source before it too.
    Overridden,
    /// `HUGGING_FACE_HUB_TOKEN` beside a blank `HF_TOKEN`: Python looks at the first that is set at all.
    Shadowed,
    /// This is the one.
    Wins,
}

/// Every source, and which one wins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resolution {
    /// Each source, in order.
    pub sources: Vec<(TokenSource, SourceState)>,
    /// What is to be used.
    pub winner: Winner,
    /// True when `HF_HUB_DISABLE_IMPLICIT_TOKEN` is set: no token goes into a request that did not ask for one.
    pub implicit_disabled: bool,
    /// What a person should know.
    pub warnings: Vec<Warning>,
}

impl Resolution {
    /// The token, where it is at hand without the network.
    pub fn token(&self) -> Option<&ResolvedToken> {
        match &self.winner {
            Winner::Token(token) => Some(token),
            _ => None,
        }
    }
}

/// What comes of resolving.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Winner {
    /// Nobody is signed in.
    Nothing,
    /// A token.
    Token(ResolvedToken),
    /// The CI's token is to be exchanged for one that is good for `resource`; there is no falling back.
    CiExchange {
        /// `HF_OIDC_RESOURCE`.
        resource: String,
    },
}

/// A token, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolvedToken {
    /// The token.
    pub token: Secret,
    /// Where it is from.
    pub source: TokenSource,
    /// Its name, where it is a stored one.
    pub name: Option<String>,
    /// When it ends, where that is known.
    pub expires_at: Option<UnixTime>,
    /// Whether it can be refreshed, and by whom.
    pub renewal: Renewal,
    /// What went wrong on the way and did not matter.
    pub warnings: Vec<Warning>,
}

/// Whether a token can be refreshed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// It has no refresh token, or its end is not known.
    None,
    /// By Python as well: its refresh token belongs to the Hub's command-line client.
    Shared,
    /// By ours alone: it belongs to another client than the one that Python refreshes with.
    Own {
        /// The client that got it.
        client_id: String,
        /// The Hub that gave it.
        issuer: String,
    },
}

/// A token with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredToken {
    /// Its name.
    pub name: String,
    /// The token; `None` where its section has none.
    pub token: Option<Secret>,
    /// When it ends, where that is known.
    pub expires_at: Option<UnixTime>,
    /// Whether it can be refreshed, and by whom.
    pub renewal: Renewal,
    /// Whether the token file holds it.
    pub active: bool,
}

/// A token to keep.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewLogin {
    /// What it is to be called.
    pub name: String,
    /// The token.
    pub token: Secret,
    /// For the next one.
    pub refresh_token: Option<Secret>,
    /// When it ends.
    pub expires_at: Option<UnixTime>,
    /// The client and the Hub that the refresh token belongs to; `None` for the Hub's command-line client.
    pub client: Option<(String, String)>,
    /// Whether it becomes the active one; yes.
    pub active: bool,
}

impl NewLogin {
    /// A token without an end.
    pub fn new(name: impl Into<String>, token: impl Into<Secret>) -> Self {
        let (name, token) = (name.into(), token.into());
        Self { name, token, refresh_token: None, expires_at: None, client: None, active: true }
    }

    /// With a refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: impl Into<Secret>) -> Self {
        self.refresh_token = Some(refresh_token.into());
        self
    }

    /// With its end.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: UnixTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Got by `client_id` at `issuer`. Of the Hub's command-line client Python can refresh it too; of any other, and
    /// while `HF_DEVICE_CODE_OAUTH_CLIENT_ID` has Python use another, the refresh token is kept in a file of our own.
    #[must_use]
    pub fn with_client(mut self, client_id: impl Into<String>, issuer: impl Into<String>) -> Self {
        self.client = Some((client_id.into(), issuer.into()));
        self
    }

    /// Kept by name, the active one stays.
    #[must_use]
    pub fn inactive(mut self) -> Self {
        self.active = false;
        self
    }

    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if !is_token_name(&self.name) {
            return Err(StoreError::BadName);
        }
        check_value("token", self.token.expose())?;
        if let Some(refresh_token) = &self.refresh_token {
            check_value("refresh token", refresh_token.expose())?;
        }
        if let Some((client_id, issuer)) = &self.client {
            check_value("client id", client_id)?;
            check_value("issuer", issuer)?;
        }
        Ok(())
    }
}

/// What a save did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Whether a token of this name was there before.
    pub replaced: bool,
    /// Whether it is the active one now.
    pub active: bool,
    /// The variable that is used instead of it, where one is set.
    pub overridden_by: Option<TokenSource>,
    /// What a person should know.
    pub warnings: Vec<Warning>,
}

/// `_clean_token`: line ends go wherever they are, white space at both ends; `None` when nothing is left.
pub(crate) fn clean(text: &str) -> Option<String> {
    let without: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    Some(strip(&without).to_owned()).filter(|token| !token.is_empty())
}

/// Whether the files can keep a token by this name: it is not blank, not `DEFAULT`, which is INI's own, and on one line.
///
/// ```
/// use hf_oauth_tokens::is_token_name;
///
/// assert!(is_token_name("my laptop"));
/// assert!(!is_token_name("DEFAULT") && !is_token_name("two\nlines") && !is_token_name(" "));
/// ```
pub fn is_token_name(name: &str) -> bool {
    !name.trim().is_empty() && name != DEFAULT && !name.chars().any(char::is_control)
}

pub(crate) fn check_value(field: &'static str, value: &str) -> Result<(), StoreError> {
    let edges = value.starts_with(is_python_space) || value.ends_with(is_python_space);
    if value.is_empty() || edges || value.chars().any(char::is_control) {
        return Err(StoreError::BadValue { field });
    }
    Ok(())
}
