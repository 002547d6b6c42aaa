//! What the token endpoint may answer: errors, pages, bodies that are none, and what is made of them.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::time::Duration;

use hf_oauth_core::*;
use serde_json::{Value, json};
use support::token_answers::*;
use support::*;

#[test]
fn row_052_server_faults_and_pages_are_retryable_and_say_what_came() {
    for status in [500, 502, 503, 504, 429, 408] {
        for body in ["", "<html>busy</html>", "{}", "upstream timed out"] {
            let error = fault(Response::new(status, body));
            assert_eq!((error.status, error.fault.clone()), (Some(status), BackchannelFault::Status));
            assert!(error.is_retryable(), "{error}");
            assert!(matches!(refresh(Response::new(status, body)), Err(RefreshError::Transient(_))));
            let said = error.to_string();
            assert!(
                said.contains("code exchange")
                    && said.contains("/oauth/token")
                    && said.contains(&status.to_string())
            );
        }
        let oauth = Response::new(status, r#"{"error":"server_error","error_description":"later"}"#);
        assert!(fault(oauth.clone()).is_retryable());
        assert!(matches!(refresh(oauth), Err(RefreshError::Transient(_))));
    }
    for status in [400, 401, 403, 404, 418] {
        assert!(!fault(Response::new(status, "<html>no</html>")).is_retryable(), "{status}");
    }
    for status in [301, 302, 303, 307, 308] {
        let error = fault(Response::new(status, token_json(json!({})).to_string()));
        assert_eq!(error.fault, BackchannelFault::Redirected);
    }
    let mut busy = Response::new(429, "");
    busy.retry_after = Some(Duration::from_secs(1_000_000_000));
    assert_eq!(
        fault(busy).retry_after,
        Some(Duration::from_secs(1_000_000_000)),
        "told as it is; whoever waits caps it"
    );
}

#[test]
fn row_062_a_secret_that_comes_back_with_characters_that_do_not_show_is_not_shown() {
    for split in ["\u{200b}", "\u{7}", "\u{202e}\n"] {
        let code = ["the-", "code"].join(split);
        let long = format!("{}{code}", "x".repeat(195));
        for text in [code, long] {
            let body = json!({ "error": text, "error_description": text }).to_string();
            let shown = fault(Response::new(400, body)).to_string();
            assert!(!shown.contains("the-c"), "{shown}");
        }
    }
}

#[test]
fn row_056_an_error_is_never_a_success() {
    for error in [json!("access_denied"), json!(""), json!(5), json!({ "code": "x" }), json!([]), json!(true)]
    {
        let fault = fault(ok(token_json(json!({ "error": error })))).fault;
        assert!(matches!(fault, BackchannelFault::OAuth(_)), "{error}");
    }
    let twice = token_json(json!({ "error": "a" })).to_string().replacen('{', r#"{"error":"b","#, 1);
    assert!(matches!(fault(ok(twice)).fault, BackchannelFault::OAuth(_)));
    let mut null = token_json(json!({})).to_string();
    null = null.replacen('{', r#"{"error":null,"#, 1);
    assert!(receive(ok(null)).is_ok());
    let long = json!({ "error": "e".repeat(9_999), "error_description": "d".repeat(9_999) });
    assert!(fault(Response::new(400, long.to_string())).to_string().chars().count() < 400);
}

#[test]
fn row_056_a_success_must_be_json_by_type_and_by_content() {
    let good = token_json(json!({})).to_string();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut invalid_utf8 = good.clone().into_bytes();
    let access_token = good.find(ACCESS_TOKEN).unwrap();
    invalid_utf8[access_token] = 0xff;
    let truncated = good.as_bytes()[..good.len() / 2].to_vec();
    for (body, fault_is_not_json) in [
        (b"<!doctype html><p>Sign in to the network".to_vec(), true),
        (Vec::new(), true),
        (utf16, false),
        (format!("[{good}]").into_bytes(), true),
        (b"null".to_vec(), true),
        (invalid_utf8, false),
        (truncated, false),
        (format!("{good}{good}").into_bytes(), false),
    ] {
        let fault = fault(Response::new(200, body.clone())).fault;
        let is_not_json = matches!(fault, BackchannelFault::NotJson);
        assert!(is_not_json || matches!(fault, BackchannelFault::Malformed { .. }), "{fault:?}");
        assert_eq!(is_not_json, fault_is_not_json, "{:.20?}", String::from_utf8_lossy(&body));
    }
    let typed = |content_type: &str| {
        let mut response = ok(&good);
        response.content_type = Some(content_type.to_owned());
        response
    };
    for right in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/jwk-set+json",
        "application/json;",
    ] {
        assert!(receive(typed(right)).is_ok(), "{right}");
    }
    for wrong in ["text/html", "text/plain", "", "text/json", "application/jsonp", "x+json"] {
        assert_eq!(fault(typed(wrong)).fault, BackchannelFault::NotJson, "{wrong}");
    }
}

#[test]
fn row_058_a_body_beyond_the_cap_is_not_parsed() {
    let padded = |length: usize| {
        let json = token_json(json!({})).to_string();
        ok(format!("{json}{}", " ".repeat(length - json.len())))
    };
    assert!(receive(padded(LONGEST_BODY)).is_ok());
    let error = fault(padded(LONGEST_BODY + 1));
    assert_eq!(error.fault, BackchannelFault::BodyTooLarge);
    assert!(!error.is_retryable());
}

#[test]
fn row_182_what_is_harmless_is_understood() {
    let scope = |scope: Value| tokens(json!({ "scope": scope })).unwrap().scope;
    assert_eq!(scope(json!(["openid", "jobs"])), Scopes::from("openid jobs"));
    assert_eq!(scope(json!(["openid jobs"])), Scopes::from("openid jobs"));
    assert_eq!(scope(json!([])), Scopes::none());
    assert!(tokens(json!({ "refresh_token": "" })).unwrap().refresh_token.is_none(), "empty is none");
    let kept = refresh(ok(token_json(json!({ "refresh_token": "", "id_token": null })))).unwrap();
    assert_eq!(kept.tokens.refresh_token, previous().refresh_token, "the old one lives on");
    let marked = format!("\u{feff}{}", token_json(json!({})));
    assert!(receive(ok(marked)).is_ok(), "a byte order mark");
    let error = json!({ "error": "invalid_grant" });
    let marked = receive(Response::new(400, format!("\u{feff}{error}"))).unwrap_err();
    assert!(matches!(marked, ExchangeError::InvalidGrant(_)));
    let twice = fault(ok(format!("\u{feff}\u{feff}{}", token_json(json!({})))));
    assert_eq!(twice.fault, BackchannelFault::NotJson);
}

#[test]
fn row_182_what_cannot_be_understood_is_named_and_does_not_pass_for_a_provider_that_is_away() {
    for (members, name) in [
        (json!({ "scope": 5 }), "scope"),
        (json!({ "scope": ["openid", 5] }), "scope"),
        (json!({ "refresh_token": 5 }), "refresh_token"),
        (json!({ "access_token": ["canary"] }), "access_token"),
        (json!({ "token_type": true }), "token_type"),
        (json!({ "id_token": {} }), "id_token"),
        (json!({ "access_token": null }), "access_token"),
    ] {
        let error = fault(ok(token_json(members)));
        let BackchannelFault::Malformed { detail } = &error.fault else { panic!("{error:?}") };
        assert!(detail.contains(name) && !detail.contains("canary"), "{detail}");
        assert!(!error.is_retryable());
    }
    for (content_type, body) in [
        (Some("application/jwt"), "eyJhbGciOiJub25lIn0.e30."),
        (Some("Application/JWT; charset=utf-8"), "{}"),
        (Some("text/plain"), "eyJhbGciOiJub25lIn0.e30.c2ln"),
        (None, " eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d\n"),
    ] {
        let mut response = ok(body);
        response.content_type = content_type.map(str::to_owned);
        let request = userinfo_request(&hub(), &Secret::new(ACCESS_TOKEN)).unwrap();
        let error = request.read::<OAuthUserInfo>(response).unwrap_err();
        assert!(error.to_string().contains("JWT") && !error.is_retryable(), "{error}");
    }
}

#[test]
fn row_182_the_name_of_a_member_shows_no_secret() {
    #[derive(Debug, serde::Deserialize)]
    struct Numbers(#[expect(dead_code, reason = "read by name")] std::collections::HashMap<String, u8>);
    let (request, _) = exchange(&app());
    let body = json!({ (format!("a\u{1b}[31m the-code {}", "x".repeat(900))): "text" });
    let error = request.read::<Numbers>(ok(body)).unwrap_err().to_string();
    assert!(error.contains("a[31m ***") && !error.contains("the-code") && error.len() < 300, "{error}");
}
