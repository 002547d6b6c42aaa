//! ID tokens: form, header and signature. The claims are in `id_token_claims.rs`.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hf_oauth_core::*;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding};
use serde_json::json;
use support::*;

#[test]
fn row_018_a_valid_rs256_token_signs_in() {
    let login = Attempt::new().run().unwrap();
    assert_eq!(login.identity.subject(), "user-1");
    assert_eq!(login.identity.user_info().preferred_username.as_deref(), Some("ada"));
    assert_eq!(login.tokens.access_token.expose(), ACCESS_TOKEN);
}

#[test]
fn row_019_a_corrupted_signature_is_refused() {
    let attempt = Attempt::new();
    let jwt = attempt.jwt();
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let with = |bytes: &[u8]| format!("{message}.{}", URL_SAFE_NO_PAD.encode(bytes));
    assert!(attempt.run_jwt(&with(&signature)).is_ok());
    for index in [0, 1, 127, 254, 255] {
        let mut forged = signature.clone();
        forged[index] ^= 1;
        assert_eq!(attempt.run_jwt(&with(&forged)).unwrap_err(), IdTokenError::Signature, "byte {index}");
    }
    let longer = [signature.as_slice(), &[0]].concat();
    for forged in [&[][..], &signature[..255], &longer, &[0; 256], &[255; 256]] {
        assert_eq!(attempt.run_jwt(&with(forged)).unwrap_err(), IdTokenError::Signature);
    }
}

#[test]
fn row_019_signed_by_another_key_or_over_other_claims_is_refused() {
    let attempt = Attempt::new();
    let jwt = TestKey::two().sign(&RSA_PKCS1_SHA256, &attempt.header, &attempt.claims);
    assert_eq!(attempt.run_jwt(&jwt).unwrap_err(), IdTokenError::Signature);

    let honest = attempt.jwt();
    let other = Attempt::new().with(json!({ "sub": "user-2" })).jwt();
    let (honest, other): (Vec<_>, Vec<_>) = (honest.split('.').collect(), other.split('.').collect());
    let swapped = format!("{}.{}.{}", honest[0], other[1], honest[2]);
    assert_eq!(attempt.run_jwt(&swapped).unwrap_err(), IdTokenError::Signature);
}

#[test]
fn row_020_alg_none_in_any_spelling_is_refused_before_any_cryptography() {
    for alg in [json!("none"), json!("None"), json!("nOnE"), json!(null), json!(""), json!("rs256"), json!(5)]
    {
        let attempt = Attempt::new().with_header(json!({ "alg": alg }));
        let unsigned = jwt(&attempt.header, &attempt.claims, |_| Vec::new());
        for token in [unsigned, attempt.jwt()] {
            assert!(matches!(attempt.run_jwt(&token), Err(IdTokenError::Algorithm { .. })), "{alg}");
        }
        assert_eq!(attempt.verifier.calls(), 0);
    }
}

#[test]
fn row_021_hmac_with_any_public_text_as_its_key_is_refused() {
    let key = TestKey::one();
    let public = key.public();
    // RFC 8017 appendix A.1.1 inside RFC 5280's SubjectPublicKeyInfo: what a PEM file of the public key holds.
    let pkcs1 = der(0x30, &[der_integer(&public.n), der_integer(&public.e)].concat());
    let rsa_encryption = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let spki = der(0x30, &[der(0x30, &rsa_encryption), der(0x03, &[&[0][..], &pkcs1].concat())].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&spki));
    let jwk = key.jwk(json!({ "kid": "k1" })).to_string();
    let secrets: [&[u8]; 7] =
        [b"client-secret", pem.as_bytes(), &spki, &pkcs1, jwk.as_bytes(), &public.n, b""];
    for secret in secrets {
        let attempt = Attempt::new().with_header(json!({ "alg": "HS256" }));
        let token = sign_hs256(secret, &attempt.header, &attempt.claims);
        assert!(matches!(attempt.run_jwt(&token), Err(IdTokenError::Algorithm { .. })));
        // The same bytes under the pinned name are no RSA signature.
        let attempt = Attempt::new();
        let token = sign_hs256(secret, &attempt.header, &attempt.claims);
        assert_eq!(attempt.run_jwt(&token).unwrap_err(), IdTokenError::Signature);
    }
}

#[test]
fn row_022_other_algorithms_are_refused_though_the_key_is_the_providers() {
    let others: [(&str, &'static dyn RsaEncoding); 3] =
        [("RS384", &RSA_PKCS1_SHA384), ("RS512", &RSA_PKCS1_SHA512), ("PS256", &RSA_PSS_SHA256)];
    for (alg, padding) in others {
        // A key without `alg`, so that nothing but the pin stands in the way.
        let keys = key_set([TestKey::one().jwk(json!({ "kid": "k1", "alg": null }))].as_slice());
        let attempt = Attempt { keys, ..Attempt::new() }.with_header(json!({ "alg": alg }));
        let token = TestKey::one().sign(padding, &attempt.header, &attempt.claims);
        let found = Some(alg.to_owned());
        assert_eq!(attempt.run_jwt(&token).unwrap_err(), IdTokenError::Algorithm { found });
        // Named RS256 it is still another padding or another hash.
        let attempt = Attempt::new();
        let token = TestKey::one().sign(padding, &attempt.header, &attempt.claims);
        assert_eq!(attempt.run_jwt(&token).unwrap_err(), IdTokenError::Signature, "{alg}");
    }
    let attempt = Attempt::new().with_header(json!({ "alg": "ES256" }));
    let token = sign_es256(&attempt.header, &attempt.claims);
    assert!(matches!(attempt.run_jwt(&token), Err(IdTokenError::Algorithm { .. })));
    assert_eq!(attempt.verifier.calls(), 0);
}

#[test]
fn row_024_a_key_or_an_address_in_the_header_is_never_used() {
    let evil = TestKey::two();
    for header in [
        json!({ "jwk": evil.jwk(json!({ "kid": "k1" })) }),
        json!({ "jku": "https://evil.example/jwks" }),
        json!({ "x5u": "https://evil.example/chain" }),
        json!({ "x5c": [STANDARD.encode("a certificate")] }),
    ] {
        let attempt = Attempt::new().with_header(header.clone());
        let token = evil.sign(&RSA_PKCS1_SHA256, &attempt.header, &attempt.claims);
        assert_eq!(attempt.run_jwt(&token).unwrap_err(), IdTokenError::Signature, "{header}");
        assert_eq!(attempt.verifier.calls(), 1, "only the provider's own key was tried");
        assert!(attempt.run_jwt(&attempt.jwt()).is_ok(), "ignored, not an error: {header}");
    }
    for kid in ["https://evil.example/key", "../../../../dev/null", "' OR 1=1 --", "k1\0", "K1", ""] {
        let attempt = Attempt::new().with_header(json!({ "kid": kid }));
        let token = evil.sign(&RSA_PKCS1_SHA256, &attempt.header, &attempt.claims);
        assert!(matches!(attempt.run_jwt(&token), Err(IdTokenError::UnknownKey { .. })), "{kid}");
        assert_eq!(attempt.verifier.calls(), 0);
    }
}

#[test]
fn row_036_without_a_kid_every_key_of_the_provider_is_tried_up_to_sixteen() {
    let one = TestKey::one().jwk(json!({ "kid": "k1" }));
    let other = TestKey::two().jwk(json!({ "kid": "k2" }));
    let with = |keys: Vec<serde_json::Value>| {
        Attempt { keys: key_set(keys), ..Attempt::new() }.with_header(json!({ "kid": null }))
    };
    assert!(with(vec![one.clone()]).run().is_ok());
    assert!(with(vec![other.clone(), one.clone()]).run().is_ok());
    assert!(with([vec![other.clone(); 15], vec![one.clone()]].concat()).run().is_ok());

    let seventeenth = with([vec![other.clone(); 16], vec![one]].concat());
    let token = seventeenth.jwt();
    assert_eq!(seventeenth.run_jwt(&token).unwrap_err(), IdTokenError::Signature);
    assert_eq!(seventeenth.verifier.calls(), 16);
    assert_eq!(with(vec![other]).error(), IdTokenError::Signature);
    assert!(matches!(with(vec![]).error(), IdTokenError::UnknownKey { kid: None }));
}

#[test]
fn row_041_what_is_not_utf_8_is_refused_in_members_that_nobody_reads_too() {
    let attempt = Attempt::new();
    let (header, claims) = (attempt.header.to_string(), attempt.claims.to_string());
    let with_garbage = |json: &str| [b"{\"x\":\"\xdb\",", &json.as_bytes()[1..]].concat();
    for (header, claims, what) in [
        (with_garbage(&header), claims.clone().into_bytes(), "its header"),
        (header.into_bytes(), with_garbage(&claims), "its claims"),
    ] {
        let segments = [header, claims, vec![0; 256]].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let error = attempt.run_jwt(&segments.join(".")).unwrap_err();
        assert_eq!(error, IdTokenError::Malformed { what });
    }
    assert_eq!(attempt.verifier.calls(), 0);
}

#[test]
fn row_041_a_hostile_form_is_refused_before_any_cryptography() {
    let attempt = Attempt::new();
    let good = attempt.jwt();
    let (header, claims) = (attempt.header.to_string(), attempt.claims.to_string());
    let segments: Vec<_> = good.split('.').collect();
    let signed = |header: &str, claims: &str| raw_jwt(header, claims, |_| vec![0; 256]);
    let twice = |json: &str, member: &str| format!("{{{member},{}", &json[1..]);
    let deep = |member| format!("{{\"{member}\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let huge = twice(&header, &format!("\"x\":\"{}\"", "a".repeat(512 << 10)));
    let hostile = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{}.{}", segments[0], segments[1]),
        format!("{good}.{}", segments[2]),
        format!("{good}.{0}.{0}", segments[2]),
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        good.replacen('.', "=.", 1),
        good.replacen('.', " .", 1),
        good.replacen(&segments[0][..3], "a+/", 1),
        format!("é{good}"),
        signed(&huge, &claims),
        signed(&header, &twice(&claims, "\"sub\":\"admin\"")),
        signed(&header, &twice(&claims, "\"aud\":\"other\"")),
        signed(&twice(&header, "\"alg\":\"none\""), &claims),
        signed(&format!("[{header}]"), &claims),
        signed("[\"RS256\",\"k1\",null]", &claims),
        signed(&header, &format!("[{claims}]")),
        signed(&header, "[\"https://huggingface.co\",\"user-1\",\"test-app\"]"),
        signed(&header, "\"text\""),
        signed(&header, "null"),
        signed(&header, ""),
        signed(&header, &claims[..claims.len() - 1]),
        signed(&header, &format!("{claims}{{}}")),
        signed(&header, &deep("aud")),
        signed(&header, &deep("name")),
        signed(&deep("alg"), &claims),
        signed(&deep("crit"), &claims),
    ];
    for token in &hostile {
        let error = attempt.run_jwt(token).unwrap_err();
        assert!(
            matches!(error, IdTokenError::Malformed { .. }),
            "{error:?}: {}",
            &token[..token.len().min(80)]
        );
    }
    assert_eq!(attempt.verifier.calls(), 0);
    assert!(attempt.run_jwt(&good).is_ok());
    // A member that nobody reads may be as deep as it likes: it is skipped without recursion.
    assert_eq!(attempt.run_jwt(&signed(&header, &deep("x"))).unwrap_err(), IdTokenError::Signature);
}

#[test]
fn row_041_an_extension_that_must_be_understood_is_refused() {
    for crit in [json!(["b64"]), json!([]), json!("b64"), json!(false)] {
        let error = Attempt::new().with_header(json!({ "crit": crit, "b64": false })).error();
        assert_eq!(error, IdTokenError::Critical, "{crit}");
    }
    let attempt = Attempt::new();
    let header = r#"{"alg":"RS256","kid":"k1","crit":null}"#;
    let token = raw_jwt(header, &attempt.claims.to_string(), |_| vec![0; 256]);
    assert_eq!(attempt.run_jwt(&token).unwrap_err(), IdTokenError::Critical);
}

#[test]
fn row_220_another_kind_of_token_is_no_id_token() {
    for typ in ["at+jwt", "application/at+jwt", "logout+jwt", "JWS", "JWTx", " JWT", "", "secevent+jwt"] {
        let attempt = Attempt::new().with_header(json!({ "typ": typ }));
        let error = attempt.run_jwt(&attempt.jwt()).unwrap_err();
        assert_eq!(error, IdTokenError::Type { found: Some(typ.to_owned()) });
        assert!(error.to_string().contains("typ"), "{error}");
        assert_eq!(attempt.verifier.calls(), 0);
    }
    for typ in [json!(5), json!(["JWT"]), json!({})] {
        let error = Attempt::new().with_header(json!({ "typ": typ })).error();
        assert_eq!(error, IdTokenError::Type { found: None });
    }
    let attempt = Attempt::new();
    let null =
        raw_jwt(r#"{"alg":"RS256","kid":"k1","typ":null}"#, &attempt.claims.to_string(), |_| vec![0; 256]);
    assert_eq!(attempt.run_jwt(&null).unwrap_err(), IdTokenError::Type { found: None });
    for typ in [json!(null), json!("JWT"), json!("jwt")] {
        assert!(Attempt::new().with_header(json!({ "typ": typ })).run().is_ok(), "absent, or said: {typ}");
    }
}

#[test]
fn row_041_a_payload_that_is_said_not_to_be_base64url_is_refused_without_crit_too() {
    for b64 in [json!(false), json!("false"), json!(0)] {
        let error = Attempt::new().with_header(json!({ "b64": b64 })).error();
        assert!(matches!(error, IdTokenError::Malformed { what } if what.contains("b64")), "{error:?}");
    }
    assert!(Attempt::new().with_header(json!({ "b64": true })).run().is_ok());
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = match length {
        0..=127 => vec![tag, length as u8],
        128..=255 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    bytes.extend(content);
    bytes
}

fn der_integer(number: &[u8]) -> Vec<u8> {
    let sign = if number[0] >= 0x80 { &[0][..] } else { &[] };
    der(0x02, &[sign, number].concat())
}
