//! What the Hub remembers of people, apps and devices.

use std::collections::BTreeSet;

use crate::config::{OrgConfig, UserConfig};

/// In place of a client id, for a CI job that publishes. No app is called so: an id has no blanks.
pub(crate) const TRUSTED_PUBLISHER: &str = "trusted publisher";

/// What a person has granted to an app.
#[derive(Clone)]
pub(crate) struct Consented {
    pub(crate) scopes: BTreeSet<String>,
    /// Ids of organisations.
    pub(crate) orgs: BTreeSet<String>,
    pub(crate) at: u64,
}

/// What an app may do for a person, from one authorization on: all its tokens end together.
#[derive(Clone)]
pub(crate) struct Login {
    /// A person; an organisation where a CI job publishes for one.
    pub(crate) username: String,
    /// An app, or [`TRUSTED_PUBLISHER`].
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) orgs: BTreeSet<String>,
    pub(crate) revoked: bool,
}

pub(crate) struct Code {
    pub(crate) login: usize,
    /// As it was sent; none if it was left out.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) expires_at: u64,
    pub(crate) redeemed: bool,
}

/// A device that waits for a person (RFC 8628).
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) user_code: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: u64,
    /// Seconds between polls; every early one makes it longer.
    pub(crate) interval: u64,
    pub(crate) polled_at: Option<u64>,
    pub(crate) verdict: Verdict,
}

/// What became of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    None,
    Denied,
    Granted {
        login: usize,
    },
    /// Its tokens were given out.
    Redeemed,
}

pub(crate) struct AccessToken {
    pub(crate) login: usize,
    pub(crate) scopes: Vec<String>,
    pub(crate) created_at: u64,
    pub(crate) expires_at: u64,
}

pub(crate) struct RefreshToken {
    pub(crate) login: usize,
    pub(crate) expires_at: u64,
    pub(crate) used_at: Option<u64>,
}

/// A valid access token, with everything that an API needs to know.
pub(crate) struct Access {
    /// The person; an organisation's names alone where `is_org`.
    pub(crate) user: UserConfig,
    pub(crate) is_org: bool,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) orgs: BTreeSet<String>,
    pub(crate) created_at: u64,
    pub(crate) expires_at: u64,
}

impl Access {
    pub(crate) fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    pub(crate) fn granted_orgs(&self) -> impl Iterator<Item = &OrgConfig> {
        self.user.orgs.iter().filter(|org| self.orgs.contains(&org.sub()))
    }
}
