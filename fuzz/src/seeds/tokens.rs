//! ID tokens and key sets.

use super::*;

pub(super) fn id_tokens() -> Corpus {
    let parts = |members| {
        let (header, claims) = id_token_parts(members);
        format!("{header}\n{claims}")
    };
    let (header, claims) = id_token_parts(json!({}));
    let signed = sign(header.to_string().as_bytes(), claims.to_string().as_bytes());
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", signed.split('.').nth(1).unwrap_or_default());
    let now = NOW.as_secs();
    texts([
        ("honest", parts(json!({}))),
        ("signed", signed),
        ("unsigned", unsigned),
        (
            "all-claims",
            parts(
                json!({ "azp": CLIENT_ID, "nbf": now as f64 + 0.5, "email": "a@b.example", "email_verified": true }),
            ),
        ),
        ("audiences", parts(json!({ "aud": [CLIENT_ID, "other"] }))),
        ("one-audience", parts(json!({ "aud": [CLIENT_ID] }))),
        ("expired", parts(json!({ "exp": now - 60 }))),
        ("future", parts(json!({ "iat": now + 61, "nbf": 1e300 }))),
        ("other-nonce", parts(json!({ "nonce": "x", "at_hash": "y" }))),
        ("other-issuer", parts(json!({ "iss": "https://huggingface.co/\u{1b}[2J\u{202e}" }))),
        ("critical", format!("{{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}}\n{claims}")),
        ("nulls", parts(json!({ "azp": null, "at_hash": null, "nbf": null }))),
        ("access-token", format!("{{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}}\n{claims}")),
        ("not-base64url", format!("{{\"alg\":\"RS256\",\"kid\":\"k1\",\"b64\":false}}\n{claims}")),
        ("foreign-subject", parts(json!({ "sub": "us\u{e9}r" }))),
        ("symmetric", format!("{{\"alg\":\"HS256\",\"kid\":\"k1\"}}\n{claims}")),
        ("twice", format!("{header}\n{{\"sub\":\"other\",{}", &claims.to_string()[1..])),
    ])
}

pub(super) fn key_sets() -> Corpus {
    let with = |name: &str, value: Value| {
        let mut key = jwk();
        key[name] = value;
        json!({ "keys": [key] }).to_string()
    };
    let many: Vec<_> = (0..5).map(|number| json!({ "kty": "EC", "kid": number })).chain([jwk()]).collect();
    texts([
        ("honest", json!({ "keys": [jwk()] }).to_string()),
        ("others-beside", json!({ "keys": many, "more": null }).to_string()),
        ("weak", with("n", json!("w".repeat(170)))),
        ("even", with("n", json!("_".repeat(341) + "8"))),
        ("exponent-one", with("e", json!("AQ"))),
        ("long-exponent", with("e", json!("AQAAAAAB"))),
        ("encryption", with("use", json!("enc"))),
        ("other-algorithm", with("alg", json!("RS512"))),
        ("operations", with("key_ops", json!(["sign", "verify"]))),
        ("no-key-id", with("kid", Value::Null)),
        ("page", "502\n<html>Bad gateway</html>".to_owned()),
    ])
}
