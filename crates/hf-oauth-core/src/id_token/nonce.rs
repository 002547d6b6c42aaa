use std::fmt;

use sha2::{Digest as _, Sha256};

use super::claims::Claim;
use crate::Secret;

/// The nonce that an ID token must carry.
#[derive(Debug)]
pub(crate) enum ExpectedNonce {
    /// This one: a browser login.
    Exactly(Secret),
    /// Whatever: a refreshed ID token may repeat the first one's nonce or leave it out (OpenID Connect Core
    /// section 12.2), and no browser was between to swap it.
    Any,
    /// This one or none: a refresh of a login whose nonce is still known (OpenID Connect Core section 12.2).
    AbsentOr(NonceHash),
    /// None: no nonce was sent, so one that is there is of another login.
    Absent,
}

impl ExpectedNonce {
    pub(super) fn allows(&self, claim: &Claim<String>) -> bool {
        match (self, claim) {
            (Self::Any, _) | (Self::Absent | Self::AbsentOr(_), Claim::Missing) => true,
            (Self::Exactly(expected), Claim::Value(nonce)) => Secret::new(nonce.as_str()) == *expected,
            (Self::AbsentOr(expected), Claim::Value(nonce)) => NonceHash::of(nonce) == *expected,
            (Self::Exactly(_) | Self::Absent | Self::AbsentOr(_), _) => false,
        }
    }
}

/// A short hash of a login's nonce, to recognise the nonce by: the first 12 bytes of SHA-256.
///
/// A session keeps this in place of the nonce, which is longer and has no other use after the login.
///
/// ```
/// use hf_oauth_core::NonceHash;
///
/// let hash = NonceHash::of("n-0S6_WzA2Mj");
/// assert_eq!(NonceHash::from_bytes(*hash.as_bytes()), hash);
/// assert_ne!(NonceHash::of("another"), hash);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NonceHash([u8; Self::BYTES]);

impl NonceHash {
    /// How many bytes it has.
    pub const BYTES: usize = 12;

    /// The hash of a nonce.
    pub fn of(nonce: &str) -> Self {
        let digest = Sha256::new().chain_update("hf-oauth nonce ").chain_update(nonce).finalize();
        let mut hash = [0; Self::BYTES];
        hash.copy_from_slice(&digest[..Self::BYTES]);
        Self(hash)
    }

    /// From a store, which nobody else can write to.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// For a store.
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

/// Nothing of it prints: it is of no use in a log.
impl fmt::Debug for NonceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceHash(***)")
    }
}
