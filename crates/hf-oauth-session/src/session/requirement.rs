//! What guards have asked this person for, so that they do not ask again at every visit.

use sha2::{Digest as _, Sha256};

/// What one guard asks for, as a short hash: the first 8 bytes of SHA-256 over the requirement's text.
///
/// A session carries up to [`MOST_REQUIREMENTS`] of them under its seal. They are not secret, and they give no right:
/// a requirement that was asked for is not asked for again, whether it was met is looked at each time.
///
/// ```
/// use hf_oauth_session::RequirementId;
///
/// let jobs = RequirementId::of("scopes: jobs");
/// assert_eq!(jobs, RequirementId::of("scopes: jobs"));
/// assert_ne!(jobs, RequirementId::of("scopes: webhooks"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequirementId([u8; Self::BYTES]);

/// How many requirements a session remembers; when there is one more, the oldest goes.
pub const MOST_REQUIREMENTS: usize = 16;

impl RequirementId {
    pub(crate) const BYTES: usize = 8;

    /// The id of a requirement, from a text that is the same whenever the requirement is (sorted, without doubles).
    pub fn of(canonical: &str) -> Self {
        let digest = Sha256::new().chain_update("hf-oauth requirement ").chain_update(canonical).finalize();
        let mut id = [0; Self::BYTES];
        id.copy_from_slice(&digest[..Self::BYTES]);
        Self(id)
    }

    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

/// `older` and then `newer`, each once and at its last place; of more than [`MOST_REQUIREMENTS`] the newest.
pub(crate) fn joined(older: &[RequirementId], newer: &[RequirementId]) -> Vec<RequirementId> {
    let mut all: Vec<RequirementId> = Vec::new();
    for id in older.iter().chain(newer) {
        all.retain(|known| known != id);
        all.push(*id);
    }
    all.split_off(all.len().saturating_sub(MOST_REQUIREMENTS))
}
