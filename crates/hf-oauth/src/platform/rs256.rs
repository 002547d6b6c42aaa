use hf_oauth_core::{RsaPublicKey, SignatureVerifier};
use num_bigint::BigUint;
use sha2::{Digest as _, Sha256};

/// RS256 over a big-integer crate: every input is public, so no constant time is needed.
#[derive(Debug)]
pub(crate) struct Rs256;

/// The DER of `DigestInfo` for SHA-256, without the digest (RFC 8017 section 9.2, note 1).
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

impl SignatureVerifier for Rs256 {
    /// RSASSA-PKCS1-v1_5-VERIFY (RFC 8017 section 8.2.2): the whole encoded message is built and compared, so there
    /// is no padding to be parsed.
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
        let length = key.modulus().len();
        let modulus = BigUint::from_bytes_be(key.modulus());
        let value = BigUint::from_bytes_be(signature);
        if signature.len() != length || value >= modulus {
            return false;
        }
        let opened = value.modpow(&BigUint::from_bytes_be(key.exponent()), &modulus).to_bytes_be();
        let mut expected = vec![0x01];
        expected.resize(length - SHA256_PREFIX.len() - 32 - 2, 0xff);
        expected.push(0x00);
        expected.extend_from_slice(&SHA256_PREFIX);
        expected.extend_from_slice(&Sha256::digest(message));
        // The leading zero byte of the encoded message is no digit of the number.
        opened == expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::native;
    use hf_oauth_core::{Jwks, KeySet};

    /// RFC 7515 appendix A.2.
    const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const MESSAGE: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: [u8; 256] = [
        112, 46, 33, 137, 67, 232, 143, 209, 30, 181, 216, 45, 191, 120, 69, 243, 65, 6, 174, 27, 129, 255,
        247, 115, 17, 22, 173, 209, 113, 125, 131, 101, 109, 66, 10, 253, 60, 150, 238, 221, 115, 162, 102,
        62, 81, 102, 104, 123, 0, 11, 135, 34, 110, 1, 135, 237, 16, 115, 249, 69, 229, 130, 173, 252, 239,
        22, 216, 90, 121, 142, 232, 198, 109, 219, 61, 184, 151, 91, 23, 208, 148, 2, 190, 237, 213, 217,
        217, 112, 7, 16, 141, 178, 129, 96, 213, 248, 4, 12, 167, 68, 87, 98, 184, 31, 190, 127, 249, 217,
        46, 10, 231, 111, 36, 242, 91, 51, 187, 230, 244, 74, 230, 30, 177, 4, 10, 203, 32, 4, 77, 62, 249,
        18, 142, 212, 1, 48, 121, 91, 212, 189, 59, 65, 238, 202, 208, 102, 171, 101, 25, 129, 253, 228, 141,
        247, 127, 55, 45, 195, 139, 159, 175, 221, 59, 239, 177, 139, 93, 163, 204, 60, 46, 176, 47, 158, 58,
        65, 214, 18, 202, 173, 21, 145, 18, 115, 160, 95, 35, 185, 232, 56, 250, 175, 132, 157, 105, 132, 41,
        239, 90, 30, 136, 121, 130, 54, 195, 212, 14, 96, 69, 34, 165, 68, 200, 242, 122, 122, 45, 184, 6,
        99, 209, 108, 247, 202, 234, 86, 222, 64, 92, 178, 33, 90, 69, 178, 194, 85, 102, 181, 90, 193, 167,
        72, 160, 112, 223, 200, 163, 42, 70, 149, 67, 208, 25, 238, 251, 71,
    ];

    #[test]
    fn both_verifiers_take_the_published_vector_and_nothing_near_it() {
        let jwks: Jwks =
            serde_json::from_value(serde_json::json!({ "keys": [{ "kty": "RSA", "n": N, "e": "AQAB" }] }))
                .unwrap();
        let keys = KeySet::from_jwks(jwks);
        let key = keys.candidates(None)[0];
        for verifier in [&Rs256 as &dyn SignatureVerifier, &native::Rs256] {
            let verify =
                |message: &str, signature: &[u8]| verifier.verify_rs256(key, message.as_bytes(), signature);
            assert!(verify(MESSAGE, &SIGNATURE));
            assert!(!verify(&format!("{MESSAGE}x"), &SIGNATURE));
            assert!(!verify(MESSAGE, &SIGNATURE[1..]));
            assert!(!verify(MESSAGE, &[&[0], &SIGNATURE[..]].concat()));
            assert!(!verify(MESSAGE, &[]) && !verify(MESSAGE, &[0; 256]) && !verify(MESSAGE, &[0xff; 256]));
            for index in 0..SIGNATURE.len() {
                let mut flipped = SIGNATURE;
                flipped[index] ^= 1;
                assert!(!verify(MESSAGE, &flipped), "byte {index}");
            }
        }
    }
}
