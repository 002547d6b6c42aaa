//! Token exchange (RFC 8693): by a CI job, and by an organisation's app.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use hf_oauth_core::*;
use serde_json::{Value, json};
use support::*;

const CI_TOKEN: &str = "canary.ci.token";

fn answer(members: Value) -> Value {
    let mut answer = json!({
        "access_token": "hf_jwt_x", "token_type": "bearer", "expires_in": 3600,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    });
    merge(&mut answer, members);
    answer
}

fn for_ci(response: Response) -> Result<ExchangedToken, TokenExchangeError> {
    let (request, exchange) = TokenExchange::for_ci(&hub(), "me/app", &CI_TOKEN.into()).unwrap();
    exchange.receive(request.read(response), NOW)
}

fn server() -> App {
    app().with_client_secret("canary-secret")
}

#[test]
fn a_ci_job_sends_json_without_the_apps_authentication() {
    let (request, _) = TokenExchange::for_ci(&hub(), "datasets/me/data", &CI_TOKEN.into()).unwrap();
    let sent = request.to_http();
    assert_eq!(sent.method(), http::Method::POST);
    assert_eq!(sent.uri(), "https://huggingface.co/oauth/token");
    assert_eq!(sent.headers()["content-type"], "application/json");
    assert!(!sent.headers().contains_key("authorization"));
    assert_eq!(
        serde_json::from_slice::<Value>(sent.body()).unwrap(),
        json!({
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": CI_TOKEN,
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "resource": "datasets/me/data",
        })
    );
    assert!(!format!("{request:?}").contains(CI_TOKEN));
    let token = for_ci(ok(answer(json!({})))).unwrap();
    assert_eq!((token.access_token.expose(), token.expires_at), ("hf_jwt_x", at(3600)));
}

#[test]
fn an_organisations_app_sends_a_form_with_its_secret() {
    let scopes = Scopes::from("openid jobs");
    let (request, exchange) =
        TokenExchange::for_member(&server(), &hub(), "ada@example.org", &scopes).unwrap();
    let body = String::from_utf8(request.to_http().into_body().to_vec()).unwrap();
    assert!(body.contains("subject_token=ada%40example.org") && body.contains("scope=openid+jobs"), "{body}");
    assert!(body.contains("subject_token_type=urn%3Ahuggingface%3Atoken-type%3Auser-email"), "{body}");
    assert!(!body.contains("client_id") && !body.contains("canary-secret"), "{body}");
    assert!(request.authorization().unwrap().expose().starts_with("Basic "));
    let token = exchange.receive(request.read(ok(answer(json!({})))), NOW).unwrap();
    assert_eq!(token.scope, scopes, "what was asked for, where the provider does not say");

    let without = TokenExchange::for_member(&app(), &hub(), "ada@example.org", &scopes).unwrap_err();
    assert_eq!(without, TokenExchangeError::MissingClientSecret);
    for email in [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a b@c.d",
        "a\n@c.d",
        "a\u{202e}@c.d",
        &format!("{}@c.d", "a".repeat(400)),
    ] {
        let error = TokenExchange::for_member(&server(), &hub(), email, &scopes).unwrap_err();
        assert!(matches!(error, TokenExchangeError::InvalidSubject { .. }), "{email:?}");
    }
}

#[test]
fn only_repositories_and_usernames_are_resources() {
    for good in
        ["me", "me/app", "datasets/me/d", "spaces/me/s", "kernels/me/k", "buckets/me/b", "a-b_c.d/e.f"]
    {
        assert!(TokenExchange::check_resource(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "/",
        "me/",
        "/me",
        "a/b/c",
        "datasets/me",
        "models/me/x",
        "datasets/me/a/b",
        "me/../x",
        "me/a b",
        "me/\n",
        "a\"b",
        "-x",
        "é",
    ] {
        let error = TokenExchange::for_ci(&hub(), bad, &CI_TOKEN.into());
        assert!(matches!(error, Err(TokenExchangeError::InvalidResource { .. })), "{bad:?}");
    }
    for token in ["", "a b", "a\nb"] {
        let error = TokenExchange::for_ci(&hub(), "me", &token.into()).unwrap_err();
        assert!(matches!(error, TokenExchangeError::InvalidSubject { .. }));
    }
}

#[test]
fn row_063_a_refusal_is_typed_and_names_the_request_and_no_secret() {
    let refused = |code: &str| {
        let text = format!("aud is wrong in {CI_TOKEN}");
        let body = json!({ "error": code, "error_description": text });
        let mut response = Response::new(400, body.to_string());
        response.request_id = Some(format!("Root=1-{code}\u{1b}"));
        let error = for_ci(response).unwrap_err();
        let shown = format!("{error}\n{error:?}");
        assert!(shown.contains(&format!("(request Root=1-{code})")), "{shown}");
        assert!(!shown.contains(CI_TOKEN) && shown.contains("token exchange"), "{shown}");
        assert!(!error.is_retryable());
        error
    };
    assert!(matches!(refused("invalid_client"), TokenExchangeError::InvalidClient(_)));
    let wrong_audience = refused("invalid_grant");
    assert!(matches!(&wrong_audience, TokenExchangeError::InvalidGrant(_)));
    assert!(wrong_audience.to_string().contains("audience"));
    assert!(matches!(refused("invalid_scope"), TokenExchangeError::InvalidScope(_)));
    assert!(matches!(refused("invalid_target"), TokenExchangeError::Backchannel(_)));
    for (body, lead) in [("<html>", ""), (r#"{"error":"forbidden"}"#, "forbidden (")] {
        let mut response = Response::new(403, body);
        response.explanation = Some(format!("Gated\r: \u{1b}{CI_TOKEN} {}", "at length ".repeat(50)));
        let error = for_ci(response).unwrap_err();
        let words = error.backchannel().and_then(|error| error.oauth()).unwrap().to_string();
        assert!(words.starts_with(&format!("{lead}Gated: *** at length")) && words.len() < 320, "{words}");
    }
    let away = for_ci(Response::new(503, "<html>")).unwrap_err();
    assert!(away.is_retryable() && away.backchannel().unwrap().status == Some(503));
}

#[test]
fn row_063_a_secret_across_the_cut_of_a_header_leaves_no_part() {
    for part in [1, CI_TOKEN.len() / 2, CI_TOKEN.len() - 1] {
        let echo = |longest: usize| Some(format!("{}{CI_TOKEN} and more", "-".repeat(longest - part)));
        for (status, body) in [(403, "<html>"), (400, r#"{"error":"invalid_grant"}"#)] {
            let mut response = Response::new(status, body);
            (response.explanation, response.request_id) = (echo(300), echo(80));
            let error = for_ci(response).unwrap_err();
            let backchannel = error.backchannel().unwrap();
            let id = backchannel.request_id.as_deref().unwrap();
            let words = backchannel.oauth().unwrap().to_string();
            for shown in [id, &words] {
                assert!(shown.contains("--*"), "{shown}");
            }
            let shown = format!("{error}\n{error:?}\n{words}");
            assert!(!shown.contains(&format!("--{}", &CI_TOKEN[..part])), "{part}: {shown}");
            assert!(!shown.contains(&format!("-{}", &CI_TOKEN[..1])), "{part}: {shown}");
        }
    }
}

#[test]
fn row_063_an_answer_that_is_not_a_token_exchanges_is_refused() {
    for kind in [json!(null), json!(""), json!(5)] {
        let error = for_ci(ok(answer(json!({ "issued_token_type": kind })))).unwrap_err();
        assert_eq!(error, TokenExchangeError::IssuedTokenTypeMissing);
    }
    let error = for_ci(ok(answer(json!({ "token_type": "N_A" })))).unwrap_err();
    assert!(matches!(error, TokenExchangeError::Unusable(ExchangeError::UnsupportedTokenType { .. })));
}

#[test]
fn row_064_each_exchange_is_of_its_own_resource() {
    let (one, _) = TokenExchange::for_ci(&hub(), "me/one", &CI_TOKEN.into()).unwrap();
    let (two, _) = TokenExchange::for_ci(&hub(), "me/two", &CI_TOKEN.into()).unwrap();
    let resource = |request: &Request| {
        let members = request.json().unwrap().iter();
        members
            .filter(|(name, _)| *name == "resource")
            .map(|(_, value)| value.expose().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(resource(&one), ["me/one"]);
    assert_eq!(resource(&two), ["me/two"]);
}
