//! Signing keys: which count, and when they are fetched.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::*;
use serde_json::{Value, json};
use support::*;

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn good() -> Value {
    TestKey::one().jwk(json!({ "kid": "k1" }))
}

fn keys_named(names: &[&str]) -> KeySet {
    key_set(names.iter().map(|kid| TestKey::one().jwk(json!({ "kid": kid }))).collect::<Vec<_>>())
}

/// Fetches as a client would: as often as it is told to.
struct Client {
    cache: KeyCache,
    fetches: usize,
}

impl Client {
    fn knows(&mut self, kid: &str, provider: &KeySet, now: Duration) -> bool {
        if self.cache.lookup(Some(kid), now) == KeyLookup::Fetch {
            self.fetches += 1;
            self.cache.fetched(provider.clone(), now);
        }
        self.cache.lookup(Some(kid), now) == KeyLookup::Known
    }
}

#[test]
fn row_037_a_rotated_key_is_found_with_one_fetch() {
    let mut client = Client { cache: KeyCache::new(), fetches: 0 };
    assert!(client.knows("old", &keys_named(&["old"]), secs(0)));
    let rotated = keys_named(&["new"]);
    for login in 0..100 {
        assert!(client.knows("new", &rotated, secs(100)), "login {login}");
    }
    assert_eq!(client.fetches, 2, "one at the start, one for the rotation");
    assert!(!client.knows("old", &rotated, secs(100)), "a withdrawn key verifies nothing more");
    let fetches = client.fetches;
    assert!((0..100).all(|_| !client.knows("old", &rotated, secs(100))));
    assert_eq!(client.fetches, fetches, "asking for it again fetches nothing");
}

#[test]
fn row_037_keys_that_were_not_asked_for_by_name_are_renewed_too() {
    let mut client = Client { cache: KeyCache::new(), fetches: 0 };
    assert!(client.knows("k", &keys_named(&["k"]), secs(0)));
    let just_before = KEYS_LIFETIME - secs(1);
    assert!(client.knows("k", &keys_named(&["k"]), just_before));
    assert_eq!(client.fetches, 1);
    assert!(!client.knows("k", &keys_named(&["other"]), KEYS_LIFETIME));
    assert_eq!(client.fetches, 2);
}

#[test]
fn row_038_a_flood_of_unknown_key_ids_fetches_once_a_cooldown() {
    let provider = keys_named(&["known"]);
    let mut client = Client { cache: KeyCache::new(), fetches: 0 };
    assert!(client.knows("known", &provider, secs(0)));
    for attempt in 0..1_000_u64 {
        // Spread over ten minutes, so the cooldown passes ten times.
        let now = secs(60) + Duration::from_millis(attempt * 600);
        assert!(!client.knows(&format!("forged-{attempt}"), &provider, now));
        assert!(client.knows("known", &provider, now), "known keys serve on");
    }
    assert_eq!(client.fetches, 1 + 10);
}

#[test]
fn row_038_a_real_new_key_works_after_the_cooldown() {
    let mut client = Client { cache: KeyCache::new(), fetches: 0 };
    assert!(client.knows("old", &keys_named(&["old"]), secs(0)));
    assert!(!client.knows("forged", &keys_named(&["old"]), secs(60)), "an attacker uses the fetch up");
    let rotated = keys_named(&["old", "new"]);
    assert_eq!(client.cache.lookup(Some("new"), secs(119)), KeyLookup::CoolingDown);
    assert!(!client.knows("new", &rotated, secs(119)));
    assert!(client.knows("new", &rotated, secs(120)));
}

#[test]
fn row_038_a_failed_fetch_keeps_the_keys_and_starts_the_cooldown() {
    let mut cache = KeyCache::new();
    cache.fetched(keys_named(&["k"]), secs(0));
    cache.fetch_failed(secs(100));
    assert_eq!(cache.lookup(Some("k"), secs(100)), KeyLookup::Known);
    assert_eq!(cache.lookup(Some("new"), secs(159)), KeyLookup::CoolingDown);
    assert_eq!(cache.lookup(Some("new"), secs(160)), KeyLookup::Fetch);
    assert_eq!(cache.keys(secs(160)).len(), 1);
}

#[test]
fn row_060_keys_serve_on_while_the_provider_is_down_and_without_any_the_next_login_asks() {
    let mut cache = KeyCache::new();
    cache.fetched(keys_named(&["k"]), secs(0));
    let later = KEYS_LIFETIME + secs(80_000);
    assert_eq!(cache.lookup(Some("k"), later), KeyLookup::Fetch);
    cache.fetch_failed(later);
    assert_eq!(cache.lookup(Some("k"), later + secs(59)), KeyLookup::Known);

    let mut empty = KeyCache::new();
    empty.fetch_failed(secs(0));
    assert_eq!(empty.lookup(Some("k"), secs(0)), KeyLookup::Fetch);
}

#[test]
fn row_040_only_rsa_signing_keys_of_2048_bits_and_more_are_taken() {
    assert_eq!(key_set(vec![good()]).len(), 1);
    for harmless in [
        json!({ "use": null }),
        json!({ "alg": null }),
        json!({ "key_ops": ["verify"] }),
        json!({ "x5t": "?" }),
    ] {
        assert_eq!(key_set(vec![TestKey::one().jwk(harmless.clone())]).len(), 1, "{harmless}");
    }
    let modulus = TestKey::one().public().n;
    let n = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut even = modulus.clone();
    even[255] &= 0xfe;
    let mut bits_2047 = modulus.clone();
    bits_2047[0] = 0x7f;
    for bad in [
        json!({ "kty": "EC" }),
        json!({ "kty": "oct" }),
        json!({ "kty": "rsa" }),
        json!({ "kty": null }),
        json!({ "kty": ["RSA"] }),
        json!({ "use": "enc" }),
        json!({ "use": 5 }),
        json!({ "alg": "PS256" }),
        json!({ "alg": "RS512" }),
        json!({ "alg": "none" }),
        json!({ "alg": 5 }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": [] }),
        json!({ "n": null }),
        json!({ "n": "" }),
        json!({ "n": "not base64!" }),
        json!({ "n": n(&modulus[..64]) }),
        json!({ "n": n(&modulus[..255]) }),
        json!({ "n": n(&bits_2047) }),
        json!({ "n": n(&even) }),
        json!({ "n": n(&[&[0; 64][..], &modulus[..128]].concat()) }),
        json!({ "n": n(&[0xff; 1025]) }),
        json!({ "n": n(&[0; 256]) }),
        json!({ "e": null }),
        json!({ "e": "" }),
        json!({ "e": "AQ" }),
        json!({ "e": "Ag" }),
        json!({ "e": n(&[0xff; 5]) }),
        json!({ "e": 65537 }),
    ] {
        let set = key_set(vec![TestKey::one().jwk(bad.clone()), good()]);
        assert_eq!(set.len(), 1, "{bad}");
        assert_eq!(set.candidates(Some("k1")).len(), 1, "the good one beside it stays: {bad}");
    }
    let symmetric = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "k1", "alg": "RS256" });
    let elliptic = json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k1" });
    for entry in [symmetric, elliptic, json!(null), json!(5), json!("k1"), json!([]), json!({})] {
        assert_eq!(key_set(vec![entry, good()]).len(), 1);
    }
}

#[test]
fn row_203_a_key_is_an_object_and_no_list_of_its_values() {
    let key = good();
    let list = json!(["RSA", "k1", "sig", "RS256", ["verify"], key["n"], key["e"]]);
    assert!(key_set(vec![list]).is_empty());
}

#[test]
fn row_040_a_key_id_that_stands_twice_gives_both_keys() {
    let set = key_set(vec![TestKey::two().jwk(json!({ "kid": "k1" })), good()]);
    assert_eq!(set.candidates(Some("k1")).len(), 2);
    assert!(Attempt { keys: set, ..Attempt::new() }.run().is_ok());
    for id in [json!({ "kid": "" }), json!({ "kid": "K1" })] {
        assert!(key_set(vec![TestKey::one().jwk(id)]).candidates(Some("k1")).is_empty());
    }
}

#[test]
fn row_213_the_only_key_of_a_provider_needs_no_id() {
    for id in [json!({ "kid": 5 }), json!({ "kid": null })] {
        let only = TestKey::one().jwk(id);
        let keys = key_set(vec![only.clone(), json!({ "kty": "EC" })]);
        assert!(Attempt { keys, ..Attempt::new() }.run().is_ok(), "a token with an id");
        // Beside another key it is not the only one that can be meant.
        let two = key_set(vec![only, TestKey::two().jwk(json!({ "kid": "k2" }))]);
        assert!(two.candidates(Some("k1")).is_empty());
    }
}

#[test]
fn row_165_a_set_without_a_usable_key_replaces_no_good_ones() {
    let mut cache = KeyCache::new();
    assert!(cache.fetched(keys_named(&["k"]), secs(0)));
    for (time, empty) in [(10, vec![]), (3_600, vec![json!({ "kty": "EC" })]), (7_200, vec![json!({})])] {
        assert!(!cache.fetched(key_set(empty), secs(time)));
        assert_eq!(cache.lookup(Some("k"), secs(time)), KeyLookup::Known, "{time}");
        assert_eq!(cache.lookup(Some("x"), secs(time + 59)), KeyLookup::CoolingDown, "{time}");
    }
    assert_eq!(cache.lookup(Some("k"), secs(7_260)), KeyLookup::Fetch, "it is tried again");
    assert!(cache.fetched(keys_named(&["new"]), secs(7_260)), "until a usable set comes");
    assert_eq!(cache.lookup(Some("new"), secs(7_260)), KeyLookup::Known);
}

#[test]
fn row_219_old_keys_serve_for_a_day_and_no_second_longer() {
    let mut cache = KeyCache::new();
    cache.fetched(keys_named(&["k"]), secs(0));
    let end = KEYS_LIFETIME + KEYS_LIFETIME_WHILE_AWAY;
    assert_eq!(end, secs(25 * 3_600));
    cache.fetch_failed(end - secs(2));
    assert_eq!(cache.lookup(Some("k"), end - secs(1)), KeyLookup::Known);
    assert_eq!(cache.keys(end - secs(1)).len(), 1);
    assert_ne!(cache.lookup(Some("k"), end), KeyLookup::Known);
    assert!(cache.keys(end).is_empty());
    cache.fetch_failed(end);
    assert_eq!(cache.lookup(Some("k"), end), KeyLookup::Fetch, "without keys every login asks");
}

#[test]
fn row_213_a_failed_signature_asks_for_one_fetch_in_its_own_cooldown() {
    let old = keys_named(&["k"]);
    let new = key_set(vec![TestKey::two().jwk(json!({ "kid": "k" }))]);
    let mut cache = KeyCache::new();
    cache.fetched(old.clone(), secs(0));
    assert_eq!(cache.lookup_again(&old, secs(0), secs(1)), KeyLookup::Known, "no older than the token");
    assert_eq!(cache.lookup_again(&old, secs(5), secs(6)), KeyLookup::Fetch);
    // Forged: the fetch brings nothing new.
    cache.signature_failed(secs(6));
    cache.fetched(old.clone(), secs(6));
    assert_eq!(cache.lookup_again(&old, secs(5), secs(7)), KeyLookup::Known, "these settle it");
    assert_eq!(cache.lookup_again(&old, secs(8), secs(65)), KeyLookup::CoolingDown);
    assert_eq!(cache.lookup_again(&old, secs(8), secs(66)), KeyLookup::Fetch);
    // Rotated: those who tried the old ones find the new ones at hand, and the next rotation may come at once.
    cache.signature_failed(secs(66));
    cache.fetched(new.clone(), secs(66));
    assert_eq!(cache.lookup_again(&old, secs(67), secs(67)), KeyLookup::Known);
    assert_eq!(cache.lookup_again(&new, secs(67), secs(67)), KeyLookup::Fetch);
    // A made-up key id uses this up as little as this uses up the other.
    cache.fetched(new.clone(), secs(70));
    assert_eq!(cache.lookup(Some("x"), secs(71)), KeyLookup::CoolingDown);
    assert_eq!(cache.lookup_again(&new, secs(71), secs(71)), KeyLookup::Fetch);
}

#[test]
fn row_213_looking_at_the_signature_proves_nothing_yet() {
    let wrong = key_set(vec![TestKey::two().jwk(json!({ "kid": "k1" }))]);
    let attempt = Attempt::new().with(json!({ "nonce": "another" }));
    let (request, exchange) = exchange(&app());
    let answer = request.read(ok(token_json(json!({ "id_token": attempt.jwt() }))));
    let decoded = exchange.receive(answer, NOW, None).unwrap().decode().unwrap();
    assert_eq!(decoded.check_signature(&wrong, &attempt.verifier), Err(IdTokenError::Signature));
    let unknown = decoded.check_signature(&keys_named(&["k2"]), &attempt.verifier);
    assert!(matches!(unknown, Err(IdTokenError::UnknownKey { .. })));
    assert_eq!(decoded.check_signature(&attempt.keys, &attempt.verifier), Ok(()));
    let policy = IdTokenPolicy::default();
    let error = decoded.verify(&app(), &hub(), &attempt.keys, &attempt.verifier, policy, NOW).unwrap_err();
    assert_eq!(error, IdTokenError::Nonce);
}

#[test]
fn row_040_ten_thousand_keys_are_capped() {
    let entry = serde_json::to_string(&json!({ "kty": "EC" })).unwrap();
    let text = format!("{{\"keys\":[{}]}}", vec![entry; 10_000].join(","));
    assert!(KeySet::from_jwks(serde_json::from_str(&text).unwrap()).is_empty());
    assert_eq!(key_set(vec![good(); 10_000]).len(), 64);
    assert_eq!(key_set(vec![good(); 10_000]).candidates(None).len(), 16);
}

#[test]
fn row_040_a_body_that_is_no_key_set_is_an_error() {
    let request = hub().keys_request();
    for body in ["{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, "[]", "null", "<html>", ""] {
        assert!(request.read::<Jwks>(ok(body)).is_err(), "{body}");
    }
    assert!(request.read::<Jwks>(ok(r#"{"keys":[]}"#)).is_ok());
}
