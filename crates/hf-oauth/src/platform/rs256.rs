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
    use serde_json::{Value, json};

    /// `vectors/rs256.json`: those of the specifications, our own, and Wycheproof's.
    fn vectors() -> Vec<Value> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/rs256.json");
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        file["tests"].as_array().unwrap().clone()
    }

    fn bytes(hex: &Value) -> Vec<u8> {
        let hex = hex.as_str().unwrap();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// With the key as core takes it, which may be not at all.
    fn accepts(verifier: &dyn SignatureVerifier, input: &Value) -> bool {
        let jwks = json!({ "keys": [{ "kty": "RSA", "n": input["n"], "e": input["e"] }] });
        let keys = KeySet::from_jwks(serde_json::from_value::<Jwks>(jwks).unwrap());
        let (message, signature) = (bytes(&input["message"]), bytes(&input["signature"]));
        keys.candidates(None).iter().any(|key| verifier.verify_rs256(key, &message, &signature))
    }

    #[test]
    fn both_verifiers_give_the_verdict_of_every_vector() {
        let (mut accepted, mut refused) = (0, 0);
        for test in vectors() {
            let right = test["verdict"].get("accepted").is_some();
            for (name, verifier) in
                [("browser", &Rs256 as &dyn SignatureVerifier), ("native", &native::Rs256)]
            {
                assert_eq!(accepts(verifier, &test["input"]), right, "{name}: {}", test["id"]);
            }
            *(if right { &mut accepted } else { &mut refused }) += 1;
        }
        assert!(accepted >= 25 && refused >= 700, "{accepted} accepted, {refused} refused");
    }

    /// What Wycheproof calls valid is accepted, what it calls invalid refused. Of what it leaves open there is one kind:
    /// a `DigestInfo` without its NULL, which RFC 8017 section 8.2.2 leaves to the verifier; it is refused.
    #[test]
    fn wycheproofs_verdicts_are_ours_and_what_it_leaves_open_is_refused() {
        let (mut published, mut open) = (0, 0);
        for test in vectors() {
            let Some(result) = test["published"].as_str() else { continue };
            published += 1;
            open += u32::from(result == "acceptable");
            let accepted = test["verdict"].get("accepted").is_some();
            assert_eq!(accepted, result == "valid", "{}", test["id"]);
            assert!(result != "acceptable" || test["flags"] == json!(["MissingNull"]), "{}", test["id"]);
        }
        assert!(published >= 776 && open == 4, "{published} published, {open} left open");
    }

    #[test]
    fn no_bit_of_a_published_signature_may_change() {
        let test = vectors().into_iter().find(|test| test["id"] == "rfc-7515").unwrap();
        let signature = test["input"]["signature"].as_str().unwrap();
        for verifier in [&Rs256 as &dyn SignatureVerifier, &native::Rs256] {
            for index in (0..signature.len()).step_by(2) {
                let mut input = test["input"].clone();
                let byte = u8::from_str_radix(&signature[index..index + 2], 16).unwrap() ^ 1;
                input["signature"] =
                    format!("{}{byte:02x}{}", &signature[..index], &signature[index + 2..]).into();
                assert!(!accepts(verifier, &input), "byte {}", index / 2);
            }
            assert!(accepts(verifier, &test["input"]));
        }
    }
}
