//! ID tokens: every claim, each with what must be refused (OpenID Connect Core section 3.1.3.7).

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::*;
use serde_json::{Value, json};
use support::*;

fn refused(claims: Value) -> IdTokenError {
    Attempt::new().with(claims).error()
}

#[test]
fn row_026_another_issuer_is_refused() {
    for iss in [
        json!("https://evil.example"),
        json!("https://huggingface.co/"),
        json!("http://huggingface.co"),
        json!("https://HUGGINGFACE.co"),
        json!("https://huggingface.co.evil.example"),
        json!("huggingface.co"),
        json!(""),
        json!(5),
        json!(["https://huggingface.co"]),
        Value::Null,
    ] {
        assert!(matches!(refused(json!({ "iss": iss })), IdTokenError::Issuer { .. }), "{iss}");
    }
    let said = refused(json!({ "iss": "https://huggingface.co/" })).to_string();
    assert!(
        said.contains("\"https://huggingface.co/\"") && said.contains("\"https://huggingface.co\""),
        "{said}"
    );
}

#[test]
fn row_027_another_or_no_audience_is_refused() {
    for aud in [json!("other"), json!(""), json!("Test-App"), json!(5), json!({ "test-app": 1 }), Value::Null]
    {
        assert_eq!(refused(json!({ "aud": aud })), IdTokenError::Audience, "{aud}");
    }
    assert_eq!(refused(json!({ "aud": [] })), IdTokenError::Audience);
}

#[test]
fn row_028_one_audience_in_an_array_is_accepted_and_a_second_is_not() {
    assert!(Attempt::new().with(json!({ "aud": [CLIENT_ID] })).run().is_ok());
    assert!(Attempt::new().with(json!({ "azp": CLIENT_ID })).run().is_ok());
    for aud in
        [json!([CLIENT_ID, "other"]), json!(["other", CLIENT_ID]), json!(["other"]), json!([CLIENT_ID, 5])]
    {
        assert_eq!(refused(json!({ "aud": aud, "azp": CLIENT_ID })), IdTokenError::Audience, "{aud}");
    }
    for azp in [json!("other"), json!(""), json!(5), json!([CLIENT_ID])] {
        assert_eq!(refused(json!({ "azp": azp })), IdTokenError::AuthorizedParty, "{azp}");
    }
}

#[test]
fn row_029_a_subject_must_be_a_text_of_1_to_255_bytes() {
    for sub in [Value::Null, json!(""), json!(5), json!(["user-1"]), json!("a".repeat(256))] {
        assert_eq!(refused(json!({ "sub": sub })), IdTokenError::Subject, "{sub}");
    }
    let longest = "a".repeat(255);
    let login = Attempt::new().with(json!({ "sub": longest })).run().unwrap();
    assert_eq!(login.identity.subject(), longest);
}

#[test]
fn row_030_issued_in_the_future_or_long_ago_is_refused_to_the_second() {
    for (seconds, accepted) in
        [(60, true), (61, false), (3600, false), (0, true), (-360, true), (-361, false), (-7 * 86_400, false)]
    {
        let outcome = Attempt::new().with(json!({ "iat": at(seconds).as_secs() })).run();
        assert_eq!(outcome.is_ok(), accepted, "{seconds}");
        if let Err(error) = outcome {
            assert_eq!(error, IdTokenError::IssuedAt { at: Some(at(seconds)) });
        }
    }
    for iat in [Value::Null, json!("1800000000"), json!([]), json!(true)] {
        assert_eq!(refused(json!({ "iat": iat })), IdTokenError::IssuedAt { at: None }, "{iat}");
    }
    for iat in [json!(i64::MIN), json!(i64::MAX), json!(u64::MAX), json!(-1e300), json!(1e300)] {
        assert!(matches!(refused(json!({ "iat": iat })), IdTokenError::IssuedAt { .. }), "{iat}");
    }
}

#[test]
fn row_030_the_bounds_of_iat_can_be_set() {
    let week_old = || Attempt::new().with(json!({ "iat": at(-7 * 86_400).as_secs() }));
    let policy = IdTokenPolicy::default().with_max_age(Duration::from_secs(8 * 86_400));
    assert!(Attempt { policy, ..week_old() }.run().is_ok());
    let policy = IdTokenPolicy::default().with_max_age(Duration::from_secs(6 * 86_400));
    assert!(Attempt { policy, ..week_old() }.run().is_err());
}

#[test]
fn row_031_expiry_is_judged_to_the_second_with_60_s_of_leeway() {
    for (seconds, accepted) in
        [(1, true), (0, true), (-59, true), (-60, false), (-61, false), (-86_400, false)]
    {
        let outcome = Attempt::new().with(json!({ "exp": at(seconds).as_secs() })).run();
        assert_eq!(outcome.is_ok(), accepted, "{seconds}");
        if let Err(error) = outcome {
            assert_eq!(error, IdTokenError::Expired { at: Some(at(seconds)) });
        }
    }
    for exp in [Value::Null, json!("1800003600"), json!({}), json!(false)] {
        assert_eq!(refused(json!({ "exp": exp })), IdTokenError::Expired { at: None }, "{exp}");
    }
    assert!(Attempt::new().with(json!({ "exp": NOW.as_secs() as f64 + 3600.5 })).run().is_ok());
}

#[test]
fn row_031_a_token_of_the_future_is_refused() {
    for (seconds, accepted) in [(-10, true), (0, true), (60, true), (61, false), (3600, false)] {
        let outcome = Attempt::new().with(json!({ "nbf": at(seconds).as_secs() })).run();
        assert_eq!(outcome.is_ok(), accepted, "{seconds}");
        if let Err(error) = outcome {
            assert_eq!(error, IdTokenError::NotBefore);
        }
    }
    assert_eq!(refused(json!({ "nbf": "soon" })), IdTokenError::NotBefore);
}

#[test]
fn row_031_leeway_can_be_less_and_never_more_than_60_s() {
    let expired_30_s_ago = || Attempt::new().with(json!({ "exp": at(-30).as_secs() }));
    let policy = IdTokenPolicy::default().with_leeway(Duration::from_secs(30));
    assert!(Attempt { policy, ..expired_30_s_ago() }.run().is_err());
    let policy = IdTokenPolicy::default().with_leeway(Duration::from_secs(31));
    assert!(Attempt { policy, ..expired_30_s_ago() }.run().is_ok());
    let policy = IdTokenPolicy::default().with_leeway(Duration::from_secs(86_400));
    let expired = Attempt::new().with(json!({ "exp": at(-60).as_secs() }));
    assert!(Attempt { policy, ..expired }.run().is_err());
}

#[test]
fn row_034_another_or_no_nonce_is_refused() {
    let right = parts().nonce;
    for nonce in [
        Value::Null,
        json!(""),
        json!("other"),
        json!(right.to_uppercase()),
        json!(right[..42]),
        json!(format!("{right} ")),
        json!([right]),
        json!(5),
        json!(parts().state),
    ] {
        assert_eq!(refused(json!({ "nonce": nonce })), IdTokenError::Nonce, "{nonce}");
    }
}

#[test]
fn row_035_at_hash_binds_the_access_token_where_it_is_there() {
    let hash = |token: &str, bytes| {
        let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        json!(URL_SAFE_NO_PAD.encode(&digest.as_ref()[..bytes]))
    };
    assert!(Attempt::new().with(json!({ "at_hash": Value::Null })).run().is_ok(), "absent is allowed");
    assert!(Attempt::new().with(json!({ "at_hash": hash(ACCESS_TOKEN, 16) })).run().is_ok());
    for wrong in [hash("other", 16), hash(ACCESS_TOKEN, 32), hash(ACCESS_TOKEN, 15), json!(""), json!(5)] {
        assert_eq!(refused(json!({ "at_hash": wrong })), IdTokenError::AccessTokenHash, "{wrong}");
    }
}

#[test]
fn row_061_a_wrong_clock_is_named_with_both_times() {
    for offset in [-86_400, -600, 600, 86_400] {
        let attempt = Attempt { now: at(offset), server_date: Some(NOW), ..Attempt::new() };
        let attempt = attempt.with(json!({ "exp": at(300).as_secs() }));
        let error = attempt.error();
        assert_eq!(error, IdTokenError::ClockSkew { local: at(offset), hub: NOW });
        let said = error.to_string();
        assert!(said.contains(&at(offset).as_secs().to_string()), "{said}");
        assert!(said.contains(&NOW.as_secs().to_string()), "{said}");
    }
}

#[test]
fn row_061_clocks_that_agree_leave_the_blame_with_the_token() {
    let expired = json!({ "exp": at(-100).as_secs() });
    let attempt = Attempt { server_date: Some(at(60)), ..Attempt::new() }.with(expired);
    assert_eq!(attempt.error(), IdTokenError::Expired { at: Some(at(-100)) });
    // A date far off excuses nothing but times.
    let attempt = Attempt { server_date: Some(at(86_400)), ..Attempt::new() }.with(json!({ "nonce": "x" }));
    assert_eq!(attempt.error(), IdTokenError::Nonce);
    for now in [UnixTime::from_secs(i64::MIN), UnixTime::from_secs(0), UnixTime::from_secs(i64::MAX)] {
        assert!(Attempt { now, server_date: Some(NOW), ..Attempt::new() }.run().is_err());
    }
}

#[test]
fn row_020_no_claim_helps_a_token_that_is_not_signed() {
    // The order matters: nothing of a token is believed, nor named in the error, before its signature.
    let attempt = Attempt::new().with(json!({ "iss": "https://evil.example", "exp": 0 }));
    let forged = jwt(&attempt.header, &attempt.claims, |_| vec![1; 256]);
    assert_eq!(attempt.run_jwt(&forged).unwrap_err(), IdTokenError::Signature);
}

#[test]
fn row_220_a_subject_is_printable_ascii() {
    for sub in ["us\u{e9}r", "\u{202e}user", "user\u{0}", "user\n", "\u{7f}", "\t", "\u{ff21}da"] {
        assert_eq!(refused(json!({ "sub": sub })), IdTokenError::Subject, "{sub:?}");
    }
    for sub in ["auth0|5f0c", "a b", "~!@#$%^&*()", "00u1"] {
        let login = Attempt::new().with(json!({ "sub": sub })).run().unwrap();
        assert_eq!(login.identity.subject(), sub);
    }
}

#[test]
fn claims_that_may_be_left_out_may_be_null_and_no_others() {
    let attempt = Attempt::new();
    let with_null = |name: &str| {
        let mut claims = attempt.claims.clone();
        claims[name] = Value::Null;
        attempt.run_jwt(&TestKey::one().sign(&ring::signature::RSA_PKCS1_SHA256, &attempt.header, &claims))
    };
    for name in ["azp", "at_hash", "nbf"] {
        assert!(with_null(name).is_ok(), "{name}");
    }
    for name in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
        assert!(with_null(name).is_err(), "{name}");
    }
}
