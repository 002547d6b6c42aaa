//! Why sign-in did not start.

use std::fmt;

use hf_oauth::{InvalidUrl, SpaceVarsError};
use hf_oauth_session::{InvalidCookieName, KeyringError, NoEntropy};

use super::client_metadata_error::ClientMetadataError;

/// Why sign-in did not start.
///
/// `Debug` prints the sentences of `Display` and of its sources, because that is what a `main` that returns it shows.
#[non_exhaustive]
pub enum StartError {
    /// There is no app.
    NotConfigured {
        /// Whether the feature `local-hub` is on.
        local_hub_built_in: bool,
    },
    /// The environment says something of an app, and not which.
    ClientIdMissing {
        /// The variable that is set.
        beside: &'static str,
    },
    /// The environment has an app, and something of it is missing or wrong.
    Environment {
        /// What.
        source: SpaceVarsError,
    },
    /// The public URL (or the redirect URI that it makes) cannot be used.
    PublicUrl {
        /// What is wrong with it.
        source: InvalidUrl,
    },
    /// Prefix or callback path are no plain paths, or the callback is where the login or the logout is.
    Path,
    /// The cookie name cannot be one.
    CookieName {
        /// Why not.
        source: InvalidCookieName,
    },
    /// The session keys cannot be used.
    Keys {
        /// Why not.
        source: KeyringError,
    },
    /// A public app without session keys: there is no secret to derive one from.
    KeysMissing,
    /// The operating system gives no random bytes.
    Randomness(NoEntropy),
    /// Something speaks against an app that nobody registers.
    ClientMetadata(ClientMetadataError),
    /// The local Hub is for this machine alone.
    LocalHubElsewhere {
        /// What speaks against it.
        why: &'static str,
    },
    /// The local Hub did not start.
    LocalHub {
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConfigured { local_hub_built_in } => {
                f.write_str(
                    "sign-in: no app is configured. In a Space, put `hf_oauth: true` into the README's metadata; elsewhere, \
                     register an app at https://huggingface.co/settings/applications/new and set OAUTH_CLIENT_ID (and \
                     OAUTH_CLIENT_SECRET); to develop without either, call `.local_hub()`",
                )?;
                if *local_hub_built_in { Ok(()) } else { f.write_str(" (feature `local-hub`)") }
            }
            Self::ClientIdMissing { beside } => write!(
                f,
                "sign-in: {beside} is set and OAUTH_CLIENT_ID is not. Set the app's client id, or remove {beside}"
            ),
            Self::Environment { source } => write!(f, "sign-in: {source}"),
            Self::PublicUrl { .. } => {
                f.write_str("sign-in: the public URL cannot be used. It is an origin such as https://app.example.com")
            }
            Self::Path => f.write_str(
                "sign-in: prefix and callback path are plain paths such as /app and /login/callback, and the callback is \
                 not where the login or the logout is",
            ),
            Self::CookieName { .. } => f.write_str("sign-in: the cookie name cannot be used"),
            Self::Keys { .. } => f.write_str("sign-in: the session keys cannot be used"),
            Self::KeysMissing => f.write_str(
                "sign-in: an app without a client secret needs session keys. Set OAUTH_SESSION_KEYS, or call `with_keys`; \
                 make one with `openssl rand -base64 48`",
            ),
            Self::Randomness(_) => f.write_str("sign-in: no session key could be made"),
            Self::ClientMetadata(error) => write!(f, "sign-in: {error}"),
            Self::LocalHubElsewhere { why } => write!(
                f,
                "sign-in: the local Hub lets anybody sign in as anybody, so it works on this machine alone, and {why}. \
                 Configure an app (OAUTH_CLIENT_ID)"
            ),
            Self::LocalHub { .. } => f.write_str("sign-in: the local Hub did not start"),
        }
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Environment { source } => source.source(),
            Self::PublicUrl { source } => Some(source),
            Self::CookieName { source } => Some(source),
            Self::Keys { source } => Some(source),
            Self::Randomness(source) => Some(source),
            Self::ClientMetadata(error) => std::error::Error::source(error),
            Self::LocalHub { source } => Some(source.as_ref()),
            _ => None,
        }
    }
}
