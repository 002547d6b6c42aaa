//! Why a hub did not start.

use std::fmt;
use std::io;

use crate::config::ConfigError;

/// Why a hub did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// A mistake in the configuration.
    Config(ConfigError),
    /// The issuer cannot be used.
    Issuer {
        /// As it was given.
        issuer: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A Space cannot be shown.
    Space {
        /// Its address, as it was given.
        url: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The inference upstream cannot be used.
    Upstream {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The port cannot be had.
    Bind {
        /// The port; 0 for any.
        port: u16,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system gives no randomness.
    Randomness(getrandom::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(_) => f.write_str("the local Hub's configuration has a mistake"),
            Self::Issuer { issuer, reason } => {
                write!(f, "the local Hub cannot be {}: {reason}", without_credentials(issuer))
            }
            Self::Space { url, reason } => {
                write!(f, "the local Hub cannot show a Space at {}: {reason}", without_credentials(url))
            }
            Self::Upstream { url, reason } => {
                write!(f, "the local Hub cannot pass chats on to {}: {reason}", without_credentials(url))
            }
            Self::Bind { port: 0, .. } => f.write_str("the local Hub found no free loopback port"),
            Self::Bind { port, .. } => {
                write!(
                    f,
                    "the local Hub cannot listen on port {port}: choose another, or end what listens there"
                )
            }
            Self::Randomness(_) => f.write_str("the operating system gives no randomness"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(error) => Some(error),
            Self::Bind { source, .. } => Some(source),
            Self::Randomness(error) => Some(error),
            Self::Issuer { .. } | Self::Space { .. } | Self::Upstream { .. } => None,
        }
    }
}

/// `url` without what may be a password: all before the last `@`.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.find("://").map_or(("", url), |at| url.split_at(at + "://".len()));
    match rest.rsplit_once('@') {
        Some((_, rest)) => format!("{scheme}***@{rest}"),
        None => url.to_owned(),
    }
}
