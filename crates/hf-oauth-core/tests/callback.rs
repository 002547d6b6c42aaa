//! The browser came back: everything that is refused before any request is built.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use hf_oauth_core::*;
use serde_json::json;
use support::*;

fn accept(query: &str) -> Result<Grant, Box<RejectedCallback>> {
    pending().accept(&hub(), CallbackParams::from_query(query).unwrap(), NOW)
}

fn error(query: &str) -> CallbackError {
    accept(query).unwrap_err().error
}

#[test]
fn row_001_a_missing_or_wrong_state_is_refused_and_the_login_stays_usable() {
    let right = parts().state;
    assert!(accept(&format!("code=c&state={right}")).is_ok());

    let wrong = [
        right.to_lowercase(),
        right[..42].to_owned(),
        format!("{right}A"),
        format!("%20{right}"),
        parts().nonce,
    ];
    for state in &wrong {
        assert_eq!(error(&format!("code=c&state={state}")), CallbackError::StateMismatch, "{state}");
    }
    for query in ["code=c", "code=c&state=", "code=c&State=x", ""] {
        assert_eq!(error(query), CallbackError::StateMissing, "{query}");
    }

    let mut waiting = pending();
    for state in &wrong {
        let forged = CallbackParams::from_pairs([("code", "evil"), ("state", state)]).unwrap();
        waiting = waiting.accept(&hub(), forged, NOW).unwrap_err().pending;
    }
    let forged_denial = CallbackParams::from_query("error=access_denied&state=guessed").unwrap();
    waiting = waiting.accept(&hub(), forged_denial, NOW).unwrap_err().pending;
    assert_eq!(waiting.state().expose(), right);
    assert!(waiting.accept(&hub(), honest_callback(), NOW).is_ok());
}

#[test]
fn row_001_a_wrong_state_is_refused_whatever_else_the_redirect_says() {
    for query in [
        "state=x&error=access_denied",
        "state=x&iss=https://evil.example",
        "state=x",
        "state=x&code=c&iss=https://huggingface.co",
    ] {
        assert_eq!(error(query), CallbackError::StateMismatch, "{query}");
    }
}

#[test]
fn row_005_ten_minutes_are_the_end_to_the_second() {
    for (age, accepted) in
        [(0, true), (599, true), (600, true), (601, false), (86_400, false), (i64::MAX / 4, false)]
    {
        let outcome = pending().accept(&hub(), honest_callback(), at(age));
        assert_eq!(outcome.is_ok(), accepted, "{age}");
        if let Err(rejected) = outcome {
            assert_eq!(rejected.error, CallbackError::StateExpired);
        }
    }
}

#[test]
fn row_061_a_clock_that_jumps_neither_panics_nor_ends_a_login_early() {
    assert!(
        pending().accept(&hub(), honest_callback(), at(-86_400)).is_ok(),
        "set back after the login began"
    );
    for (begun_at, now) in [(i64::MIN, NOW), (i64::MIN, UnixTime::from_secs(i64::MAX)), (0, NOW)] {
        let login = PendingLogin::from_parts(PendingLoginParts { begun_at, ..parts() }).unwrap();
        let rejected = login.accept(&hub(), honest_callback(), now).unwrap_err();
        assert_eq!(rejected.error, CallbackError::StateExpired);
    }
}

#[test]
fn row_006_a_parameter_that_comes_twice_is_refused() {
    for name in ["code", "state", "iss", "error", "error_description"] {
        for query in [
            format!("{name}=a&{name}=b"),
            format!("{name}=a&{name}=a"),
            format!("{name}=&{name}="),
            format!("{name}=a&x=1&{name}"),
            format!("{name}=a&{}=b", name.replace('e', "%65")),
        ] {
            let error = CallbackParams::from_query(&query).unwrap_err();
            assert_eq!(error, CallbackError::DuplicateParameter { name }, "{query}");
            let redirect = format!("https://app.example/callback?{query}");
            assert!(matches!(
                CallbackParams::from_url(&redirect),
                Err(CallbackError::DuplicateParameter { .. })
            ));
        }
    }
    assert!(CallbackParams::from_query("code=a&state=b&x=1&x=2").is_ok(), "unknown names are left alone");
}

#[test]
fn row_006_a_posted_form_is_held_to_the_same() {
    let form = |json: &str| serde_json::from_str::<CallbackParams>(json);
    assert_eq!(form(r#"{"code":"c","state":"s","session_state":null}"#).unwrap().state(), Some("s"));
    assert!(form(r#"{"code":"a","code":"b"}"#).is_err());
    assert!(form(r#"{"code":"a","access_token":"t"}"#).is_err());
    assert!(form(r#"["c","s"]"#).is_err());
}

#[test]
fn row_007_another_issuer_is_refused_and_a_missing_one_where_it_was_promised() {
    let right = parts().state;
    assert!(accept(&format!("code=c&state={right}&iss=https%3A%2F%2Fhuggingface.co")).is_ok());
    for iss in [
        "https://evil.example",
        "https://huggingface.co/",
        "http://huggingface.co",
        "",
        "HTTPS://huggingface.co",
    ] {
        let error = error(&format!("code=c&state={right}&iss={iss}"));
        assert!(matches!(error, CallbackError::IssuerMismatch { .. }), "{iss}: {error:?}");
    }

    let promising = discover(json!({ "authorization_response_iss_parameter_supported": true })).unwrap();
    let answer = |iss: Option<&str>| {
        let login = begin(&app(), &promising, &LoginOptions::new()).1;
        let iss = iss.map(|iss| ("iss", iss.to_owned()));
        let pairs = [("code", "c".to_owned()), ("state", right.clone())].into_iter().chain(iss);
        login.accept(&promising, CallbackParams::from_pairs(pairs).unwrap(), NOW)
    };
    assert!(answer(Some("https://id.example")).is_ok());
    assert_eq!(answer(None).unwrap_err().error, CallbackError::IssuerMissing);
}

#[test]
fn row_007_a_login_begun_with_one_provider_does_not_end_with_another() {
    let other = discover(json!({})).unwrap();
    let error = pending().accept(&other, honest_callback(), NOW).unwrap_err().error;
    assert_eq!(error, CallbackError::OtherProvider { begun_with: "https://huggingface.co".to_owned() });
    let error = grant().exchange(&app(), &other).unwrap_err();
    assert_eq!(error, ExchangeError::OtherProvider { expected: "https://huggingface.co".to_owned() });
}

#[test]
fn row_010_tokens_and_jarm_in_query_or_fragment_are_refused() {
    let state = parts().state;
    for name in ["access_token", "id_token", "token", "response"] {
        let refused = Err(CallbackError::UnexpectedParameter { name });
        let query = format!("code=c&state={state}&{name}=t");
        assert_eq!(CallbackParams::from_query(&query).map(drop), refused);
        assert_eq!(CallbackParams::from_url(&format!("https://app.example/cb?{query}")).map(drop), refused);
        let fragment = format!("https://app.example/cb?code=c&state={state}#{name}=t");
        assert_eq!(CallbackParams::from_url(&fragment).map(drop), refused);
    }
    let fragment_only = format!("https://app.example/cb#code=c&state={state}");
    assert!(
        CallbackParams::from_url(&fragment_only).unwrap().is_empty(),
        "a code in the fragment is not read"
    );
    assert!(CallbackParams::from_url(&format!("/cb?code=c&state={state}#top")).is_ok());
}

#[test]
fn the_providers_refusal_is_told_apart_from_other_errors() {
    let state = parts().state;
    let declined =
        error(&format!("state={state}&error=access_denied&error_description=The+user+denied+the+request"));
    let CallbackError::Declined(said) = &declined else { panic!("{declined:?}") };
    assert_eq!(said.description.as_deref(), Some("The user denied the request"));
    for code in ["server_error", "invalid_scope", "login_required", ""] {
        let error = error(&format!("state={state}&error={code}&code=evil"));
        assert!(matches!(error, CallbackError::Provider(_)), "{code}: an error beside a code wins");
    }
    for query in [format!("state={state}"), format!("state={state}&code=")] {
        assert_eq!(error(&query), CallbackError::CodeMissing);
    }
}

#[test]
fn row_094_what_a_provider_says_is_shown_without_control_or_bidi_characters() {
    let description = "a%0d%0aSet-Cookie:+x%00%1b]8;;evil%07%e2%80%aeb%c2%85";
    let error = error(&format!("state={}&error=bad%0a&error_description={description}", parts().state));
    let shown = error.to_string();
    assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
    let long = format!(
        "state={}&error={}&error_description={}",
        parts().state,
        "e".repeat(9_999),
        "d".repeat(9_999)
    );
    assert!(accept(&long).unwrap_err().error.to_string().chars().count() < 400);
}

#[test]
fn a_kept_login_that_was_damaged_cannot_be_put_together() {
    assert!(PendingLogin::from_parts(parts()).is_ok());
    for damaged in [
        PendingLoginParts { state: String::new(), ..parts() },
        PendingLoginParts { nonce: String::new(), ..parts() },
        PendingLoginParts { code_verifier: String::new(), ..parts() },
        PendingLoginParts { issuer: String::new(), ..parts() },
        PendingLoginParts { issuer: "http://evil.example".to_owned(), ..parts() },
        PendingLoginParts { redirect_uri: Some("javascript:alert(1)".to_owned()), ..parts() },
    ] {
        assert!(PendingLogin::from_parts(damaged).is_err());
    }
    let elsewhere = PendingLoginParts { return_path: "//evil.example".to_owned(), ..parts() };
    assert_eq!(PendingLogin::from_parts(elsewhere).unwrap().return_path().as_str(), "/");
}

#[test]
fn a_redirect_is_a_url_or_a_path_with_a_query_as_a_browser_sends_it() {
    let state = parts().state;
    for place in ["https://app.example/cb", "http://[::1]:3000/cb", "/cb", "", "com.example.app:/cb"] {
        let params = CallbackParams::from_url(&format!("  {place}?code=c&state={state}\r\n")).unwrap();
        assert_eq!(params.state(), Some(state.as_str()), "{place}");
    }
    let malformed =
        ["code=c&state=s", "cb?code=c", "/cb?code=a b", "/cb?co\tde=c", "/cb?code=\nc", "/c b", "/cb?\u{7f}"];
    for redirect in malformed {
        assert_eq!(
            CallbackParams::from_url(redirect).map(drop),
            Err(CallbackError::Malformed),
            "{redirect:?}"
        );
    }
}

#[test]
fn row_164_an_error_without_iss_is_refused_where_one_is_promised_and_the_login_stays() {
    let promising = discover(json!({ "authorization_response_iss_parameter_supported": true })).unwrap();
    let mut waiting = begin(&app(), &promising, &LoginOptions::new()).1;
    let state = waiting.state().expose().to_owned();
    let issuer = promising.issuer().as_str().to_owned();
    for (iss, expected) in [
        (None, CallbackError::IssuerMissing),
        (
            Some("https://evil.example"),
            CallbackError::IssuerMismatch {
                expected: issuer.clone(),
                found: "https://evil.example".to_owned(),
            },
        ),
    ] {
        for error in ["access_denied", "server_error", ""] {
            let mut pairs = vec![("error", error), ("state", &state)];
            pairs.extend(iss.map(|iss| ("iss", iss)));
            let params = CallbackParams::from_pairs(pairs).unwrap();
            let early = waiting.check_without_metadata(promising.issuer(), &params, NOW);
            assert!(early.is_ok() == iss.is_none(), "without metadata nobody knows: {early:?}");
            let rejected = waiting.accept(&promising, params, NOW).unwrap_err();
            assert_eq!(rejected.error, expected, "{error}");
            waiting = rejected.pending;
        }
    }
    let own = CallbackParams::from_pairs([("error", "access_denied"), ("state", &state), ("iss", &issuer)]);
    let rejected = waiting.accept(&promising, own.unwrap(), NOW).unwrap_err();
    assert!(matches!(rejected.error, CallbackError::Declined(_)));
    // A provider that promises nothing is believed as before.
    let plain = error(&format!("error=access_denied&state={}", parts().state));
    assert!(matches!(plain, CallbackError::Declined(_)));
}
