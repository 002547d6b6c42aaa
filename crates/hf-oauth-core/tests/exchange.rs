//! A code becomes tokens: what is sent, and which tokens count.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth_core::*;
use serde_json::{Value, json};
use support::token_answers::*;
use support::*;

#[test]
fn row_003_the_code_is_sent_once_with_its_verifier_and_redirect_uri() {
    let (request, _) = exchange(&app());
    let sent = request.to_http();
    assert_eq!(
        (sent.method().as_str(), sent.uri().to_string().as_str()),
        ("POST", "https://huggingface.co/oauth/token")
    );
    let body: Vec<_> = url::form_urlencoded::parse(sent.body()).into_owned().collect();
    let expected = [
        ("grant_type", "authorization_code"),
        ("code", "the-code"),
        ("redirect_uri", "https://app.example/oauth/huggingface/callback"),
        ("code_verifier", &parts().code_verifier),
        ("client_id", CLIENT_ID),
    ];
    assert_eq!(body, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(sent.headers()["content-type"], "application/x-www-form-urlencoded");
}

#[test]
fn a_redirect_uri_that_was_not_sent_first_is_not_sent_now() {
    let login = begin(&App::new("a"), &hub(), &LoginOptions::new()).1;
    let (request, _) =
        login.accept(&hub(), honest_callback(), NOW).unwrap().exchange(&app(), &hub()).unwrap();
    assert_eq!(field(&request, "redirect_uri"), None);
}

#[test]
fn row_045_no_lifetime_means_neither_never_nor_at_once() {
    let year = 365 * 86_400;
    for (expires_in, seconds) in [
        (json!(28_800), 28_800),
        (json!("3600"), 3_600),
        (json!(60.9), 60),
        (json!(61), 61),
        (Value::Null, DEFAULT_TOKEN_LIFETIME.as_secs()),
        (json!("soon"), DEFAULT_TOKEN_LIFETIME.as_secs()),
        (json!([]), DEFAULT_TOKEN_LIFETIME.as_secs()),
        (json!(true), DEFAULT_TOKEN_LIFETIME.as_secs()),
        (json!(0), SHORTEST_TOKEN_LIFETIME.as_secs()),
        (json!(-5), SHORTEST_TOKEN_LIFETIME.as_secs()),
        (json!(i64::MIN), SHORTEST_TOKEN_LIFETIME.as_secs()),
        (json!(i64::MAX), year),
        (json!(u64::MAX), year),
        (json!(1e300), year),
        (json!("99999999999"), year),
    ] {
        let until = NOW.until(tokens(json!({ "expires_in": expires_in })).unwrap().expires_at);
        assert_eq!(until, Duration::from_secs(seconds), "{expires_in}");
    }
    let mut null = token_json(json!({})).to_string();
    null = null.replace("\"expires_in\":28800", "\"expires_in\":null");
    assert!(null.contains("null") && receive(ok(null)).is_ok());
}

#[test]
fn row_046_bearer_in_any_case_and_no_other_type() {
    for kind in ["bearer", "Bearer", "BEARER", "bEaReR"] {
        assert!(tokens(json!({ "token_type": kind })).is_ok(), "{kind}");
    }
    for kind in ["mac", "DPoP", "", "bearer "] {
        let error = tokens(json!({ "token_type": kind })).unwrap_err();
        assert_eq!(error, ExchangeError::UnsupportedTokenType { found: kind.to_owned() });
    }
    let error = receive(ok(token_json(json!({ "token_type": "a the-code" })))).unwrap_err();
    assert_eq!(error, ExchangeError::UnsupportedTokenType { found: "a ***".to_owned() });
    for kind in [Value::Null, json!(5), json!(["bearer"])] {
        let fault = fault(ok(token_json(json!({ "token_type": kind })))).fault;
        assert!(matches!(fault, BackchannelFault::Malformed { .. }), "{kind}");
    }
}

#[test]
fn row_046_the_granted_scope_is_told_and_absent_is_what_was_asked_for() {
    let scope = |scope: Value| tokens(json!({ "scope": scope })).unwrap().scope.to_string();
    assert_eq!(scope(Value::Null), "openid profile");
    assert_eq!(scope(json!("")), "");
    assert_eq!(scope(json!("openid")), "openid");
    assert_eq!(scope(json!("openid profile manage-repos new-one")), "openid profile manage-repos new-one");
    let fault = fault(ok(token_json(json!({ "scope": { "openid": true } })))).fault;
    assert!(matches!(fault, BackchannelFault::Malformed { .. }));
}

#[test]
fn row_046_a_token_that_no_header_can_carry_is_refused() {
    let long = "a".repeat(64 << 10);
    for name in ["access_token", "refresh_token"] {
        // An empty refresh token is none; an empty access token is no answer.
        let empty = (name == "access_token").then_some("");
        for bad in
            empty.into_iter().chain(["a\r\nX: y", "a\nb", "a b", "a\u{0}b", "\u{7f}", "clé", long.as_str()])
        {
            let error = tokens(json!({ name: bad })).unwrap_err();
            assert_eq!(error, ExchangeError::MalformedToken { name }, "{bad:.20}");
        }
        let fault = fault(ok(token_json(json!({ name: 5 })))).fault;
        assert!(matches!(fault, BackchannelFault::Malformed { .. }));
    }
    assert!(
        tokens(json!({ "access_token": "a".repeat(16 << 10), "id_token": Attempt::new().jwt() })).is_ok()
    );
    let fault = fault(ok(token_json(json!({ "access_token": null })))).fault;
    assert_eq!(fault, BackchannelFault::Malformed { detail: fault_detail("access_token") });
    // From a store comes what a store holds: the header is left out, and nothing panics.
    let request = whoami_request(&hub(), &Secret::new("a\r\nX: y"));
    assert!(request.to_http().headers().get("authorization").is_none());
}

fn fault_detail(member: &str) -> String {
    let json = token_json(json!({ member: null })).to_string();
    format!("missing field `{member}` at line 1 column {}", json.len())
}

#[test]
fn row_034_without_an_id_token_there_are_no_tokens() {
    assert_eq!(tokens(json!({ "id_token": null })).unwrap_err(), ExchangeError::IdTokenMissing);
}

#[test]
fn row_047_basic_is_form_encoded_and_a_public_app_sends_its_id_alone() {
    for (id, secret, pair) in [
        ("id", "secret", "id:secret"),
        (
            "26be6b09-91c5-47da-9861-d2d2bb7a7e36",
            "a-b_c.d*e",
            "26be6b09-91c5-47da-9861-d2d2bb7a7e36:a-b_c.d*e",
        ),
        ("a:b", "c:d", "a%3Ab:c%3Ad"),
        ("a%b", "c+d e", "a%25b:c%2Bd+e"),
        ("é", "😀&=", "%C3%A9:%F0%9F%98%80%26%3D"),
        ("a\r\nb", "~", "a%0D%0Ab:%7E"),
    ] {
        let app = App::new(id).with_client_secret(secret);
        let (request, _) = exchange(&app);
        let sent = request.to_http();
        let header = sent.headers()["authorization"].to_str().unwrap();
        let basic = header.strip_prefix("Basic ").unwrap();
        assert_eq!(String::from_utf8(STANDARD.decode(basic).unwrap()).unwrap(), pair);
        assert!(sent.headers()["authorization"].is_sensitive());
        assert_eq!((field(&request, "client_id"), field(&request, "client_secret")), (None, None));
    }
    let (request, _) = exchange(&app());
    assert!(request.authorization().is_none() && !request.to_http().headers().contains_key("authorization"));
    assert_eq!(field(&request, "client_id").as_deref(), Some(CLIENT_ID));
}
