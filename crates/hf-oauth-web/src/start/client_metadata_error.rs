//! What speaks against an app that nobody registers.

use std::fmt;

use hf_oauth::InvalidUrl;

/// What speaks against an app that nobody registers: see
/// [`without_registering`](crate::Settings::without_registering).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientMetadataError {
    /// There is an app that is registered as well.
    Registered {
        /// Its client id.
        client_id: String,
    },
    /// There is a client secret, which the Hub gives to apps that are registered.
    Secret,
    /// A Space has an app of its own.
    InSpace,
    /// The client id is an address on the public URL, and there is none.
    NoPublicUrl,
    /// The public URL is on this machine, and the provider is not.
    OutOfReach {
        /// The provider.
        issuer: String,
    },
    /// The name is empty, longer than 100 characters, or has characters that cannot be shown.
    Name,
    /// An address in the document is none.
    Link {
        /// Which.
        what: &'static str,
        /// What is wrong with it.
        source: InvalidUrl,
    },
}

impl fmt::Display for ClientMetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered { client_id } => write!(
                f,
                "`without_registering` is called, and the app {client_id} is registered. Leave the call out, or take \
                 OAUTH_CLIENT_ID (or the `App`) away"
            ),
            Self::Secret => f.write_str(
                "`without_registering` is called, and OAUTH_CLIENT_SECRET is set, which belongs to an app that is \
                 registered. Set its OAUTH_CLIENT_ID and leave the call out, or take the secret away",
            ),
            Self::InSpace => f.write_str(
                "`without_registering` is called in a Space, which has an app of its own. Leave the call out, and put \
                 `hf_oauth: true` into the README's metadata",
            ),
            Self::NoPublicUrl => f.write_str(
                "an app that is not registered is known by its address. Call `with_public_url(\"https://...\")`, or \
                 `with_public_url(\"http://localhost:7860\")` with a Hub on this machine",
            ),
            Self::OutOfReach { issuer } => write!(
                f,
                "{issuer} cannot fetch the app's document from this machine. Call `with_public_url` with the app's \
                 https address; to develop, call `.local_hub()` or name a Hub on this machine in OPENID_PROVIDER_URL"
            ),
            Self::Name => f.write_str("the app's name has 1 to 100 characters, all of which can be shown"),
            Self::Link { what, .. } => write!(f, "the app's {what} cannot be used"),
        }
    }
}

impl std::error::Error for ClientMetadataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Link { source, .. } => Some(source),
            _ => None,
        }
    }
}
