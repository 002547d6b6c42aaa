//! RS256 over a big-integer crate, for targets without a cryptography library. Public inputs only.

use num_bigint::BigUint;
use sha2::{Digest as _, Sha256};

use super::*;

#[derive(Deserialize)]
struct Signed {
    n: String,
    e: String,
    message: String,
    signature: String,
}

pub(super) fn verdict(input: &Value) -> Verdict {
    let input: Signed = read(input)?;
    let (message, signature) = (hex(&input.message)?, hex(&input.signature)?);
    let keys = key_set(&input.n, &input.e)?;
    let holds = |key: &&RsaPublicKey| Verifier.verify_rs256(key, &message, &signature);
    Ok(match keys.candidates(None).iter().find(|key| holds(key)) {
        Some(_) => accepted(json!({})),
        None => refused("rs256", "signature"),
    })
}

/// 2,048 bits, all of them one: a modulus that is nobody's.
pub(super) fn some_modulus() -> String {
    format!("{}w", "_".repeat(341))
}

/// A set of one key, which core takes or does not.
pub(super) fn key_set(n: &str, e: &str) -> Result<KeySet, String> {
    let jwks: Jwks = read(&json!({ "keys": [{ "kty": "RSA", "n": n, "e": e }] }))?;
    Ok(KeySet::from_jwks(jwks))
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| Some(c.to_digit(16)? as u8)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0).ok_or("not hex")?;
    Ok(digits.chunks(2).map(|pair| 16 * pair[0] + pair[1]).collect())
}

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
