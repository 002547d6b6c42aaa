//! Before the first step: what `state`, `nonce` and `code_verifier` are made of.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// 32 random bytes, of which `state`, `nonce` and `code_verifier` of one login are derived.
///
/// Each is `base64url(SHA-256(label || seed))`: 43 unreserved characters with 256 bits of entropy
/// (RFC 7636 section 7.1), and none of them tells another. Use a seed once.
#[derive(Clone)]
pub struct LoginSeed(zeroize::Zeroizing<[u8; 32]>);

impl LoginSeed {
    /// Takes 32 bytes of a cryptographic random generator.
    pub fn from_random_bytes(bytes: [u8; 32]) -> Self {
        Self(zeroize::Zeroizing::new(bytes))
    }

    /// The bytes, to be kept sealed.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The `state` that this seed gives.
    pub fn state(&self) -> String {
        self.derive("state")
    }

    pub(super) fn derive(&self, label: &str) -> String {
        let digest = Sha256::new()
            .chain_update("hf-oauth login ")
            .chain_update(label)
            .chain_update(*self.0)
            .finalize();
        URL_SAFE_NO_PAD.encode(digest)
    }
}

impl fmt::Debug for LoginSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginSeed(***)")
    }
}
