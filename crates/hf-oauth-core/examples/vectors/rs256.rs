//! RS256 over a big-integer crate, for targets without a cryptography library. Public inputs only.

use hf_oauth_core::{RsaPublicKey, SignatureVerifier};
use num_bigint::BigUint;
use sha2::{Digest as _, Sha256};

/// The `DigestInfo` of SHA-256 up to the digest (RFC 8017 section 9.2, note 1).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

pub(crate) struct Verifier;

impl SignatureVerifier for Verifier {
    /// RFC 8017 section 8.2.2: the expected encoding is built and compared as a whole, never parsed.
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
        let length = key.modulus().len();
        let (n, s) = (BigUint::from_bytes_be(key.modulus()), BigUint::from_bytes_be(signature));
        if signature.len() != length || s >= n {
            return false;
        }
        let mut expected = vec![0xff; length - 1 - DIGEST_INFO.len() - 32];
        (expected[0], expected[1]) = (0x00, 0x01);
        expected.push(0x00);
        expected.extend(DIGEST_INFO);
        expected.extend(Sha256::digest(message));
        s.modpow(&BigUint::from_bytes_be(key.exponent()), &n) == BigUint::from_bytes_be(&expected)
    }
}
