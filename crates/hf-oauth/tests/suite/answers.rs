//! Token and userinfo answers, right and wrong.

use std::time::Duration;

use hf_oauth::*;
use hf_oauth_hub::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::raw::{Raw, Say, known_hub};
use crate::support::*;

fn token(members: Value) -> Fault {
    Fault::json(members).on(Endpoint::Token).times(1)
}

#[tokio::test]
async fn row_042_userinfo_about_somebody_else_or_unreadable_is_no_login() {
    let hub = hub().await;
    let client = client(&hub);
    let json = |members| Fault::json(members);
    let body = |content_type: &str, body: &str| Fault::body(200, content_type, body);
    for (fault, expected, retryable) in [
        (json(json!({ "sub": "somebody-else" })), "Userinfo(SubjectMismatch", false),
        (json(json!({ "sub": "" })), "Userinfo(SubjectMissing", false),
        (json(json!({ "sub": null })), "Userinfo(Backchannel", false),
        (json(json!({ "sub": 7 })), "Userinfo(Backchannel", false),
        (body("application/json", r#"[{"sub":"x"}]"#), "Userinfo(Backchannel", true),
        (body("application/jwt", "eyJhbGciOiJub25lIn0.e30."), "Userinfo(Backchannel", false),
        (Fault::html(200), "Userinfo(Backchannel", true),
        (Fault::status(401), "Userinfo(Backchannel", false),
        (Fault::status(503), "Userinfo(Backchannel", true),
    ] {
        let what = format!("{fault:?}");
        hub.fault(fault.on(Endpoint::Userinfo).times(1));
        hub.clear_journal();
        let error = failed(&client, &hub).await;
        assert_kind(&error, expected, &what);
        assert_eq!(error.is_retryable(), retryable, "{what}");
        assert_eq!((asked(&hub, TOKEN), asked(&hub, USERINFO)), (1, 1));
    }
    login(&client, &hub).await.unwrap();
}

#[tokio::test]
async fn userinfo_with_new_members_and_odd_ones_is_a_login() {
    let hub = hub().await;
    let client = client(&hub);
    let odd = json!({ "name": 7, "isPro": "yes", "orgs": [{}, 5, { "sub": "o", "roleInOrg": "owner" }], "new": [1] });
    hub.fault(Fault::json(odd).on(Endpoint::Userinfo));
    let login = login(&client, &hub).await.unwrap();
    let user = login.identity.user_info();
    assert_eq!(
        (user.name.as_deref(), user.is_pro),
        (Some("Ada Lovelace"), None),
        "the ID token's name stays"
    );
    let orgs = user.orgs.as_deref().unwrap();
    assert_eq!(orgs.len(), 1);
    assert_eq!(orgs[0].role_in_org, Some(OrgRole::Other("owner".into())));
    assert_eq!(user.other["new"], json!([1]));
}

#[tokio::test]
async fn row_045_lifetimes_that_no_token_has() {
    let hub = hub().await;
    let client = client(&hub);
    let year = 365 * 86_400;
    for (expires_in, seconds) in [
        (json!(null), 3_600),
        (json!(0), 60),
        (json!(-5), 60),
        (json!("3600"), 3_600),
        (json!(" 120 "), 120),
        (json!("soon"), 3_600),
        (json!([]), 3_600),
        (json!(60), 60),
        (json!(90.7), 90),
        (json!(1e300), year),
        (json!(i64::MAX), year),
        (json!(i64::MIN), 60),
    ] {
        hub.fault(token(json!({ "expires_in": expires_in })));
        let login = login(&client, &hub).await.unwrap();
        assert_eq!(client.now().until(login.tokens.expires_at), Duration::from_secs(seconds), "{expires_in}");
    }
}

#[tokio::test]
async fn row_046_token_types_and_scopes() {
    let hub = hub().await;
    let client = client(&hub);
    for (scope, granted) in [
        (json!(null), "openid profile"),
        (json!(""), ""),
        (json!("openid"), "openid"),
        (json!("openid profile manage-repos new-scope"), "openid profile manage-repos new-scope"),
    ] {
        hub.fault(token(json!({ "scope": scope, "token_type": "bEaReR" })));
        let login = login(&client, &hub).await.unwrap();
        assert_eq!(login.tokens.scope.to_string(), granted, "{scope}");
    }
    for (token_type, expected) in [
        (json!("mac"), "Exchange(UnsupportedTokenType"),
        (json!(""), "Exchange(UnsupportedTokenType"),
        (json!("DPoP"), "Exchange(UnsupportedTokenType"),
        (json!(null), "Exchange(Backchannel"),
        (json!(7), "Exchange(Backchannel"),
    ] {
        hub.fault(token(json!({ "token_type": token_type })));
        assert_kind(&failed(&client, &hub).await, expected, &token_type.to_string());
    }
}

#[tokio::test]
async fn row_046_tokens_that_cannot_stand_in_a_header() {
    let hub = hub().await;
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    hub.clear_journal();
    let long = "x".repeat(64 * 1024);
    hub.fault(token(json!({ "access_token": "" })));
    assert_kind(&failed(&client, &hub).await, "Exchange(MalformedToken", "an empty one");
    for bad in ["canary\r\nx-evil: 1", "canary\n", "canary é", "canary\u{0}", "canary\u{7f}", &long] {
        for name in ["access_token", "refresh_token"] {
            hub.fault(token(json!({ name: bad })));
            assert_kind(&failed(&client, &hub).await, "Exchange(MalformedToken", name);
        }
    }
    for bad in [json!(7), json!(["canary"]), json!({}), json!(null)] {
        hub.fault(token(json!({ "access_token": bad })));
        assert_kind(&failed(&client, &hub).await, "Exchange(Backchannel", &bad.to_string());
    }
    assert_eq!(asked(&hub, USERINFO), 0);
}

#[tokio::test]
async fn row_052_a_code_is_sent_once_whatever_comes_back() {
    let hub = hub().await;
    let client = client(&hub);
    let answers = [500, 502, 503, 504].map(|status| {
        [Fault::status(status), Fault::html(status), Fault::body(status, "text/plain", "")]
            .map(|f| (status, f))
    });
    for (status, fault) in answers.into_iter().flatten() {
        hub.clear_journal();
        hub.fault(fault.on(Endpoint::Token).times(1));
        let error = failed(&client, &hub).await;
        assert!(error.is_retryable(), "{error:?}");
        let request = error.backchannel().unwrap();
        assert_eq!((request.status, request.step), (Some(status), Step::CodeExchange));
        let text = error.to_string();
        assert!(text.contains(&status.to_string()) && text.contains(&hub.url(TOKEN)), "{text}");
        assert_eq!((asked(&hub, TOKEN), asked(&hub, USERINFO)), (1, 0));
    }
    for fault in [Fault::lost_answer(), Fault::cut_body()] {
        hub.clear_journal();
        hub.fault(fault.on(Endpoint::Token).times(1));
        let error = failed(&client, &hub).await;
        assert_eq!(error.backchannel().unwrap().fault, BackchannelFault::Interrupted);
        assert!(error.is_retryable());
        assert_eq!(asked(&hub, TOKEN), 1);
    }
}

#[tokio::test]
async fn row_052_how_long_a_busy_provider_asks_to_wait() {
    let hub = hub().await;
    let client = client(&hub);
    // The Hub's date is 2027-01-15T08:00:00Z.
    for (header, wait) in [
        ("7", Some(7)),
        ("Fri, 15 Jan 2027 08:01:30 GMT", Some(90)),
        ("Fri, 15 Jan 2027 07:00:00 GMT", Some(0)),
        ("1000000000", Some(3_600)),
        ("Sat, 15 Jan 2089 08:00:00 GMT", Some(3_600)),
        ("soon", None),
        ("-1", None),
    ] {
        hub.clear_journal();
        hub.fault(Fault::status(429).with_header("retry-after", header).on(Endpoint::Token).times(1));
        let error = failed(&client, &hub).await;
        let request = error.backchannel().unwrap();
        assert_eq!(request.retry_after, wait.map(Duration::from_secs), "{header}");
        assert!(request.is_retryable() && request.status == Some(429));
        assert_eq!(asked(&hub, TOKEN), 1);
    }
}

#[tokio::test]
async fn row_056_a_success_that_is_none() {
    let hub = hub().await;
    let client = client(&hub);
    let json = |body: &[u8]| Fault::body(200, "application/json", body);
    let utf16: Vec<u8> = "\u{feff}{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16_bare: Vec<u8> = "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let good = r#"{"access_token":"canary","token_type":"bearer"}"#;
    for (fault, expected) in [
        (json(br#"{"error":"temporarily_unavailable"}"#), "OAuth("),
        (json(br#"{"error":{"code":5},"access_token":"canary","token_type":"bearer"}"#), "OAuth("),
        (json(format!("\u{feff}\u{feff}{good}").as_bytes()), "NotJson"),
        (json(&utf16), "NotJson"),
        (json(&utf16_bare), "Malformed"),
        (json(b"{\"access_token\":\"canary\xff\xfe\",\"token_type\":\"bearer\"}"), "Malformed"),
        (json(b""), "NotJson"),
        (json(b"null"), "NotJson"),
        (json(format!("[{good}]").as_bytes()), "NotJson"),
        (json(b"{}"), "Malformed"),
        (json(br#"{"access_token":"canary","access_token":"canary2","token_type":"bearer"}"#), "Malformed"),
        (json(format!("{good} trailing").as_bytes()), "Malformed"),
        (Fault::html(200), "NotJson"),
        (Fault::body(200, "text/html", good), "NotJson"),
        (Fault::body(200, "text/plain; charset=utf-8", good), "NotJson"),
        (Fault::body(200, "application/x-www-form-urlencoded", "access_token=canary"), "NotJson"),
    ] {
        hub.clear_journal();
        let what = format!("{fault:?}");
        hub.fault(fault.on(Endpoint::Token).times(1));
        let error = failed(&client, &hub).await;
        let found = format!("{:?}", error.backchannel().unwrap().fault);
        assert!(found.starts_with(expected), "{what}: expected {expected}, found {found}");
        assert_eq!((asked(&hub, TOKEN), asked(&hub, USERINFO)), (1, 0));
    }
}

#[tokio::test]
async fn row_056_062_what_a_provider_says_is_cut_and_says_no_secret() {
    let hub = hub().await;
    let client = client_of(server_app(), &hub);
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    let redirect = hub.approve(&url, "ada").await.unwrap();
    let (pending, secrets) = secrets_of(pending, &redirect);
    let echo = format!("{}{} {} \u{1b}[31m", "x".repeat(150), secrets.join(" "), CLIENT_SECRET);
    let body = json!({ "error": "invalid_grant", "error_description": echo }).to_string();
    hub.fault(Fault::body(400, "application/json", body).on(Endpoint::Token));
    let error = client.handle_redirect(&redirect, pending).await.unwrap_err();
    assert_kind(&error, "Exchange(InvalidGrant", "an echo");
    // `state` is no secret of the token request, and is left out of the account here.
    let (verifier, code) = (&secrets[0], secrets.last().unwrap());
    no_secret_in(&error, &[verifier.clone(), code.clone()]);
    let description = error.backchannel().unwrap().oauth().unwrap().description.clone().unwrap();
    assert!(
        description.trim_end_matches('…').chars().count() <= 200 && !description.contains('\u{1b}'),
        "{description}"
    );
}

#[tokio::test]
async fn redirects_are_not_followed_at_any_endpoint() {
    let elsewhere = Raw::start(|_, _| Say::json(&json!({}))).await;
    for status in [301, 302, 303, 307, 308] {
        for endpoint in
            [Endpoint::Discovery, Endpoint::Token, Endpoint::Jwks, Endpoint::Userinfo, Endpoint::Whoami]
        {
            let hub = hub().await;
            let client = client(&hub);
            hub.fault(Fault::redirect(status, elsewhere.issuer()).on(endpoint));
            let fault = if endpoint == Endpoint::Whoami {
                let error = client.whoami(&Secret::new("canary")).await.unwrap_err();
                no_secret_in(&error, &[]);
                let ProviderError::Backchannel(error) = error else { panic!("{error:?}") };
                error.fault
            } else {
                let error = failed(&client, &hub).await;
                assert!(!error.is_retryable());
                error.backchannel().unwrap().fault.clone()
            };
            assert_eq!(fault, BackchannelFault::Redirected, "{status} {endpoint:?}");
            assert_eq!(hub.journal().entries().iter().filter(|entry| entry.fault.is_some()).count(), 1);
        }
    }
    assert!(elsewhere.requests().is_empty(), "{:?}", elsewhere.requests());
}

#[tokio::test]
async fn another_providers_word_for_a_used_code_is_understood() {
    let raw = Raw::start(|_, _| {
        let body = r#"{"error":"invalid_code","error_description":"code already used"}"#;
        let head =
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json;charset=UTF-8\r\nconnection: close";
        Say::Bytes(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes())
    })
    .await;
    let issuer = format!("{}/realms/one", raw.issuer());
    let client = Client::new(server_app()).with_hub(known_hub(&issuer));
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    assert!(url.starts_with(&format!("{issuer}/oauth/authorize?")), "{url}");
    let redirect = format!("{CALLBACK}?code=canary-code&state={}", param(&url, "state").unwrap());
    let error = client.handle_redirect(&redirect, pending).await.unwrap_err();
    assert_kind(&error, "Exchange(InvalidGrant", "invalid_code");
    no_secret_in(&error, &[]);
    assert!(error.to_string().contains("begin the login again"), "{error}");
    assert_eq!(raw.requests(), ["POST /realms/one/oauth/token HTTP/1.1"]);
}
