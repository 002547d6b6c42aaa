//! Codes and refresh tokens become tokens: what is sent, and everything that may come back.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth_core::*;
use serde_json::{Value, json};
use support::*;

fn receive(response: Response) -> Result<UnverifiedLogin, ExchangeError> {
    let (request, exchange) = exchange(&app());
    let answer = request.read(response);
    exchange.receive(answer, NOW, None)
}

/// The whole login with a token answer that is right but for `members`.
fn tokens(members: Value) -> Result<Tokens, ExchangeError> {
    let login = receive(ok(token_json(members)))?;
    let attempt = Attempt::new();
    let verified =
        login.decode().unwrap().verify(&app(), &hub(), &attempt.keys, &attempt.verifier, attempt.policy, NOW);
    Ok(verified.unwrap().tokens)
}

fn fault(response: Response) -> BackchannelError {
    match receive(response).unwrap_err() {
        ExchangeError::Backchannel(error) => error,
        other => panic!("{other:?}"),
    }
}

fn previous() -> Tokens {
    Tokens::new("old-access".into(), Some("old-refresh".into()), NOW, Scopes::from("openid jobs"))
}

fn refresh(response: Response) -> Result<Refreshed, RefreshError> {
    let (request, refresh) = Refresh::request(&app(), &hub(), "user-1", previous()).unwrap();
    let answer = request.read(response);
    let attempt = Attempt::new();
    let unconfirmed = refresh.receive(answer, NOW, None)?.check(&app(), &hub(), attempt.policy)?;
    Ok(unconfirmed.decode()?.verify(&app(), &hub(), &attempt.keys, &attempt.verifier, attempt.policy)?)
}

fn field(request: &Request, name: &str) -> Option<String> {
    let form = request.form().unwrap();
    assert!(form.iter().filter(|(key, _)| *key == name).count() <= 1);
    form.iter().find(|(key, _)| *key == name).map(|(_, value)| value.expose().to_owned())
}

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
fn row_044_what_a_refresh_does_not_send_is_kept() {
    let bare = json!({ "id_token": null, "refresh_token": null, "scope": null, "access_token": "new" });
    let refreshed = refresh(ok(token_json(bare))).unwrap();
    assert!(refreshed.identity.is_none(), "nobody else: the identity at hand stays");
    assert_eq!(refreshed.tokens.access_token.expose(), "new");
    assert_eq!(refreshed.tokens.refresh_token.unwrap().expose(), "old-refresh");
    assert_eq!(refreshed.tokens.scope.to_string(), "openid jobs");

    let rotated = refresh(ok(token_json(json!({ "refresh_token": "new-refresh" })))).unwrap();
    assert_eq!(rotated.tokens.refresh_token.unwrap().expose(), "new-refresh");
    assert_eq!(rotated.identity.unwrap().subject(), "user-1");
    let nothing = Tokens::new("a".into(), None, NOW, Scopes::none());
    assert_eq!(
        Refresh::request(&app(), &hub(), "user-1", nothing).unwrap_err(),
        RefreshError::NoRefreshToken
    );
}

#[test]
fn row_044_a_refreshed_id_token_is_held_to_the_same_rules() {
    let with = |claims: Value| {
        let token = Attempt::new().with(claims).jwt();
        refresh(ok(token_json(json!({ "id_token": token }))))
    };
    assert!(with(json!({ "nonce": null })).is_ok(), "OpenID Connect Core section 12.2 lets the nonce go");
    for (claims, error) in [
        (json!({ "sub": "user-2" }), IdTokenError::OtherSubject),
        (json!({ "sub": "" }), IdTokenError::Subject),
        (json!({ "aud": "other" }), IdTokenError::Audience),
        (json!({ "azp": "other" }), IdTokenError::AuthorizedParty),
    ] {
        let error = RefreshError::IdentityMismatch(IdentityMismatch::IdToken(error));
        assert_eq!(with(claims.clone()).unwrap_err(), error, "{claims}");
        assert!(error.ends_session() && !error.is_retryable());
    }
    for (claims, error) in [
        (json!({ "exp": null }), IdTokenError::Expired { at: None }),
        (json!({ "iat": null }), IdTokenError::IssuedAt { at: None }),
        (json!({ "at_hash": "wrong" }), IdTokenError::AccessTokenHash),
    ] {
        assert_eq!(with(claims.clone()).unwrap_err(), RefreshError::IdToken(error), "{claims}");
    }
    let forged = TestKey::two().sign(
        &ring::signature::RSA_PKCS1_SHA256,
        &Attempt::new().header,
        &Attempt::new().claims,
    );
    let error = refresh(ok(token_json(json!({ "id_token": forged })))).unwrap_err();
    assert_eq!(error, RefreshError::IdToken(IdTokenError::Signature));
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
fn row_054_a_refresh_token_that_has_ended_is_told_apart() {
    for (status, code) in
        [(400, "invalid_grant"), (401, "invalid_grant"), (400, "invalid_code"), (200, "invalid_grant")]
    {
        let error = refresh(Response::new(status, json!({ "error": code }).to_string())).unwrap_err();
        assert!(matches!(error, RefreshError::Ended(_)) && !error.is_retryable(), "{error:?}");
    }
    let error = receive(Response::new(400, r#"{"error":"invalid_grant"}"#)).unwrap_err();
    assert!(matches!(error, ExchangeError::InvalidGrant(_)) && !error.is_retryable());
}

#[test]
fn row_055_an_app_that_is_refused_is_not_the_users_token() {
    for (status, code) in [(401, "invalid_client"), (400, "invalid_client"), (400, "unauthorized_client")] {
        let error = refresh(Response::new(status, json!({ "error": code }).to_string())).unwrap_err();
        let RefreshError::ClientMisconfigured(_) = error else { panic!("{error:?}") };
        assert!(error.to_string().contains("OAUTH_CLIENT_SECRET"), "{error}");
        let error = receive(Response::new(status, json!({ "error": code }).to_string())).unwrap_err();
        assert!(matches!(error, ExchangeError::InvalidClient(_)));
    }
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

#[test]
fn row_054_a_gateway_that_fails_ends_nothing_whatever_its_page_says() {
    for status in [408, 429, 500, 502, 503, 504] {
        for code in ["invalid_grant", "invalid_code", "invalid_client", "unauthorized_client"] {
            let answer = || Response::new(status, json!({ "error": code }).to_string());
            let error = refresh(answer()).unwrap_err();
            assert!(matches!(error, RefreshError::Transient(_)), "{status} {code}: {error:?}");
            let error = receive(answer()).unwrap_err();
            assert!(matches!(error, ExchangeError::Backchannel(_)) && error.is_retryable(), "{error:?}");
        }
    }
    for status in [402, 404, 405, 410, 418] {
        let answer = Response::new(status, json!({ "error": "invalid_grant" }).to_string());
        assert!(!matches!(refresh(answer).unwrap_err(), RefreshError::Ended(_)), "{status}");
    }
}
