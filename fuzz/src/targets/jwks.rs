//! The provider's keys.

use std::time::Duration;

use hf_oauth_core::*;
use serde_json::Value;

use crate::support::{Verifier, assert_short_and_fit_to_be_shown, hub, response};

/// A key set: whatever it holds, only odd RSA keys of 2,048 to 8,192 bits come out, few of them, and a signature out of
/// nothing verifies under none.
pub fn jwks(data: &[u8]) -> bool {
    let answer = response(data);
    let key_ids = key_ids(&answer.body);
    let keys = match hub().keys_request().read::<Jwks>(answer) {
        Ok(jwks) => KeySet::from_jwks(jwks),
        Err(error) => {
            assert_short_and_fit_to_be_shown(&error, &[]);
            return false;
        }
    };
    assert!(keys.len() <= 64);
    let ids = key_ids.iter().map(|id| Some(id.as_str())).chain([None, Some("no such key")]);
    for key in ids.flat_map(|id| {
        let candidates = keys.candidates(id);
        assert!(candidates.len() <= 16);
        candidates
    }) {
        let (modulus, exponent) = (key.modulus(), key.exponent());
        let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
        assert!((2_048..=8_192).contains(&bits), "{bits} bits");
        assert!(
            modulus[modulus.len() - 1] % 2 == 1 && exponent[exponent.len() - 1] % 2 == 1,
            "an even number"
        );
        assert!(exponent.len() <= 4 && exponent[0] != 0 && exponent != [1], "{exponent:?}");
        for signature in [&[][..], &[0; 256], &modulus[1..], modulus] {
            assert!(!Verifier.verify_rs256(key, b"message", signature), "a signature of nobody");
        }
    }
    let usable = !keys.is_empty();
    let mut cache = KeyCache::new();
    cache.fetched(keys, Duration::ZERO);
    assert_eq!(cache.lookup(None, Duration::ZERO) == KeyLookup::Known, usable);
    usable
}

fn key_ids(body: &[u8]) -> Vec<String> {
    let Ok(Value::Object(set)) = serde_json::from_slice(body) else { return Vec::new() };
    let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    keys.filter_map(|key| key.get("kid")?.as_str().map(str::to_owned)).collect()
}
