//! Device login (RFC 8628) as data: what is shown, when it is asked, what ends it.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::time::Duration;

use hf_oauth_core::*;
use serde_json::json;
use support::device::{SECOND, asked, asked_of, ended, polled};
use support::*;

fn pending(login: DeviceLogin, answer: Response, at: Duration) -> DeviceLogin {
    match polled(login, answer, at).unwrap() {
        DevicePoll::Pending(login) => login,
        DevicePoll::Granted(_) => panic!("granted"),
    }
}

fn error_answer(code: &str) -> Response {
    Response::new(400, json!({ "error": code, "error_description": "canary-device said" }).to_string())
}

/// The grant with an ID token of these claims, up to the end.
fn granted(attempt: &Attempt) -> Result<DeviceSignIn, IdTokenError> {
    let answer = token_json(json!({ "id_token": attempt.jwt() }));
    let DevicePoll::Granted(granted) = polled(asked(json!({})).unwrap(), ok(answer), 5 * SECOND).unwrap()
    else {
        panic!("pending")
    };
    granted.decode()?.verify(&app(), &hub(), &attempt.keys, &attempt.verifier, attempt.policy, NOW)
}

#[test]
fn both_requests_carry_the_apps_authentication_and_scopes_only_where_asked_for() {
    let (request, _) = DeviceRequest::request(&app(), &hub(), &Scopes::none()).unwrap();
    assert_eq!(request.to_http().body().as_slice(), b"client_id=test-app");
    let server = app().with_client_secret("s3cret");
    let (request, _) = DeviceRequest::request(&server, &hub(), &Scopes::from("openid jobs")).unwrap();
    assert_eq!(request.to_http().body().as_slice(), b"scope=openid+jobs");
    let login = asked_of(&server, &hub(), json!({})).unwrap();
    let poll = login.poll_request(&server, &hub()).unwrap();
    let basic = "Basic dGVzdC1hcHA6czNjcmV0";
    for request in [request, poll] {
        assert_eq!(request.authorization().unwrap().expose(), basic);
    }
    let poll = asked(json!({})).unwrap().poll_request(&app(), &hub()).unwrap();
    assert_eq!(poll.endpoint().as_str(), "https://huggingface.co/oauth/token");
    let body = b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=canary-device&client_id=test-app";
    assert_eq!(poll.to_http().body().as_slice(), body);
}

#[test]
fn a_code_goes_to_no_other_app_and_no_other_provider() {
    let login = asked(json!({})).unwrap();
    let other_hub = discover(json!({})).unwrap();
    for (app, hub) in [(App::new("another"), hub()), (app(), other_hub.clone())] {
        assert!(matches!(login.poll_request(&app, &hub), Err(DeviceError::OtherLogin { .. })));
    }
    let unsupported = DeviceRequest::request(&app(), &other_hub, &Scopes::none()).unwrap_err();
    assert!(matches!(unsupported, DeviceError::Unsupported { .. }));
    let nameless = DeviceRequest::request(&App::new(" "), &hub(), &Scopes::none()).unwrap_err();
    assert_eq!(nameless, DeviceError::MissingClientId);
}

#[test]
fn row_065_no_interval_is_the_default_and_an_absurd_one_a_minute() {
    for interval in [json!(null), json!(0), json!(-1), json!("soon"), json!([5])] {
        assert_eq!(asked(json!({ "interval": interval })).unwrap().interval(), 5 * SECOND, "{interval}");
    }
    let said = [(json!(1), 1), (json!("7"), 7), (json!(10.9), 10), (json!(60), 60)];
    let too_long = [json!(61), json!(120), json!(1_000_000_000), json!(i64::MAX)];
    for (interval, expected) in said.into_iter().chain(too_long.map(|interval| (interval, 60))) {
        assert_eq!(asked(json!({ "interval": interval })).unwrap().interval(), expected * SECOND);
    }
    for (said, expected) in
        [(json!(null), 900), (json!(-1), 30), (json!(0), 30), (json!(1e12), 3600), (json!(300), 300)]
    {
        let login = asked(json!({ "expires_in": said })).unwrap();
        assert_eq!(login.expires_in(Duration::ZERO), expected * SECOND, "{said}");
    }
}

#[test]
fn row_065_slow_down_adds_five_seconds_for_good() {
    let mut login = asked(json!({})).unwrap();
    let mut at = Duration::ZERO;
    for (answer, pause) in [
        ("slow_down", 10),
        ("slow_down", 15),
        ("slow_down", 20),
        ("authorization_pending", 20),
        ("authorization_pending", 20),
    ] {
        let DeviceStep::Wait { until } = login.next(at) else { panic!("{answer}") };
        assert_eq!(login.next(until), DeviceStep::Poll);
        at = until;
        login = pending(login, error_answer(answer), at);
        assert_eq!(login.next(at), DeviceStep::Wait { until: at + pause * SECOND }, "{answer}");
    }
}

#[test]
fn row_066_each_end_is_its_own_error_at_once() {
    assert!(matches!(ended(error_answer("access_denied")), DeviceError::Declined(_)));
    assert_eq!(ended(error_answer("expired_token")), DeviceError::Expired);
    assert!(matches!(ended(error_answer("invalid_grant")), DeviceError::InvalidGrant(_)));
    assert!(matches!(ended(error_answer("invalid_client")), DeviceError::InvalidClient(_)));
    let unknown = ended(error_answer("brand_new"));
    assert!(
        matches!(&unknown, DeviceError::Backchannel(error) if error.oauth().unwrap().code == "brand_new")
    );
    assert!(matches!(ended(ok(r#"{ "access_token": 5 }"#)), DeviceError::Backchannel(_)));
    for code in ["access_denied", "brand_new", "invalid_grant"] {
        let error = ended(error_answer(code));
        assert!(!format!("{error} {error:?}").contains("canary-device"), "{error:?}");
    }
}

#[test]
fn row_066_the_codes_end_is_final_whatever_the_provider_says() {
    let mut login = asked(json!({ "expires_in": 30 })).unwrap();
    let (mut at, mut polls) = (Duration::ZERO, 0);
    loop {
        match login.next(at) {
            DeviceStep::Wait { until } => at = until,
            DeviceStep::Poll => {
                login = pending(login, error_answer("authorization_pending"), at);
                polls += 1;
            }
            DeviceStep::Expired => break,
        }
    }
    assert_eq!((at, polls), (30 * SECOND, 5));
    assert_eq!(login.next(Duration::MAX), DeviceStep::Expired);
}

#[test]
fn row_067_what_may_pass_is_asked_again_ever_more_slowly() {
    let poll = asked(json!({})).unwrap().poll_request(&app(), &hub()).unwrap();
    let faults: Vec<BackchannelError> = vec![
        poll.error(BackchannelFault::Connect),
        poll.error(BackchannelFault::Timeout { after: 10 * SECOND }),
        poll.error(BackchannelFault::Interrupted),
        poll.error(BackchannelFault::Tls { detail: "captive".into() }),
        poll.read::<TokenResponse>(Response::new(502, "<html>")).unwrap_err(),
        poll.read::<TokenResponse>(Response::new(502, r#"{ "error": "access_denied" }"#)).unwrap_err(),
        poll.read::<TokenResponse>(Response::new(503, r#"{ "error": "expired_token" }"#)).unwrap_err(),
        poll.read::<TokenResponse>(Response::new(504, r#"{ "error": "invalid_grant" }"#)).unwrap_err(),
        poll.read::<TokenResponse>(Response::new(200, "<html>")).unwrap_err(),
        poll.read::<TokenResponse>(Response::new(302, "")).unwrap_err(),
        poll.read::<TokenResponse>(Response::new(503, r#"{ "error": "server_error" }"#)).unwrap_err(),
    ];
    let mut login = asked(json!({ "expires_in": 3600 })).unwrap();
    let mut pauses = Vec::new();
    for fault in faults {
        let DevicePoll::Pending(next) = login.receive(Err(fault.clone()), Duration::ZERO, NOW, None).unwrap()
        else {
            panic!("granted")
        };
        assert_eq!(next.fault(), Some(&fault));
        let DeviceStep::Wait { until } = next.next(Duration::ZERO) else { panic!() };
        pauses.push(until.as_secs());
        login = next;
    }
    assert_eq!(pauses, [10, 20, 40, 60, 60, 60, 60, 60, 60, 60, 60]);
    let login = pending(login, error_answer("authorization_pending"), Duration::ZERO);
    assert_eq!(
        login.next(Duration::ZERO),
        DeviceStep::Wait { until: 5 * SECOND },
        "and the usual pause afterwards"
    );
    assert!(login.fault().is_none());
}

#[test]
fn row_067_retry_after_is_kept_and_ends_at_the_codes_end() {
    let answer = |seconds| {
        let mut answer = Response::new(429, "slow");
        answer.retry_after = Some(seconds * SECOND);
        answer
    };
    let login = pending(asked(json!({})).unwrap(), answer(90), 5 * SECOND);
    assert_eq!(login.next(5 * SECOND), DeviceStep::Wait { until: 95 * SECOND });
    let login = pending(login, answer(3600), 95 * SECOND);
    assert_eq!(
        login.next(95 * SECOND),
        DeviceStep::Wait { until: 300 * SECOND },
        "not beyond the code's end"
    );
}

#[test]
fn row_067_time_slept_through_expires_and_brings_no_burst() {
    let login = asked(json!({})).unwrap();
    assert_eq!(login.next(7200 * SECOND), DeviceStep::Expired);
    let login = pending(login, error_answer("authorization_pending"), 200 * SECOND);
    assert_eq!(
        login.next(200 * SECOND),
        DeviceStep::Wait { until: 205 * SECOND },
        "one poll, counted from its answer"
    );
}

#[test]
fn row_034_an_id_token_of_a_device_carries_no_nonce() {
    let signed_in = granted(&Attempt::new().with(json!({ "nonce": null }))).unwrap();
    assert_eq!(signed_in.identity.unwrap().subject(), "user-1");
    assert_eq!(signed_in.tokens.access_token.expose(), ACCESS_TOKEN);
    for nonce in [json!("of another login"), json!(""), json!(5)] {
        assert_eq!(
            granted(&Attempt::new().with(json!({ "nonce": nonce }))).unwrap_err(),
            IdTokenError::Nonce
        );
    }
    let expired = Attempt::new().with(json!({ "nonce": null, "exp": at(-3600).as_secs() }));
    assert!(matches!(granted(&expired), Err(IdTokenError::Expired { .. })));
}

#[test]
fn without_an_id_token_there_are_tokens_and_no_identity() {
    let answer = token_json(json!({ "id_token": null, "refresh_token": null }));
    let DevicePoll::Granted(granted) = polled(asked(json!({})).unwrap(), ok(answer), SECOND).unwrap() else {
        panic!("pending")
    };
    let decoded = granted.decode().unwrap();
    assert_eq!(decoded.key_id(), None);
    let verifier = Verifier::default();
    let policy = IdTokenPolicy::default();
    let signed_in = decoded.verify(&app(), &hub(), &KeySet::default(), &verifier, policy, NOW).unwrap();
    assert!(signed_in.identity.is_none() && signed_in.tokens.refresh_token.is_none());
}

#[test]
fn what_was_kept_is_held_to_the_same_rules() {
    let login = pending(asked(json!({})).unwrap(), error_answer("slow_down"), 5 * SECOND);
    let parts = login.into_parts(100 * SECOND, NOW);
    assert_eq!(parts.expires_at, at(200));
    assert!(!format!("{parts:?}").contains("canary-device"));
    let json = serde_json::to_string(&parts).unwrap();
    let again: DeviceLoginParts = serde_json::from_str(&json).unwrap();
    let resumed = DeviceLogin::from_parts(again, SECOND, at(50)).unwrap();
    assert_eq!((resumed.interval(), resumed.expires_in(SECOND)), (10 * SECOND, 150 * SECOND));
    assert_eq!(resumed.next(SECOND), DeviceStep::Wait { until: 11 * SECOND });

    let ended = DeviceLogin::from_parts(parts.clone(), SECOND, at(200)).unwrap_err();
    assert_eq!(ended, DeviceError::Expired);
    for edit in [
        (|parts: &mut DeviceLoginParts| parts.verification_uri = "https://evil.example/".into())
            as fn(&mut _),
        |parts| parts.user_code = "\u{1b}[2J".into(),
        |parts| parts.device_code = "a\nb".into(),
        |parts| parts.issuer = "http://evil.example".into(),
    ] {
        let mut edited = parts.clone();
        edit(&mut edited);
        assert!(DeviceLogin::from_parts(edited, SECOND, NOW).is_err());
    }
    let mut forever = parts;
    forever.expires_at = UnixTime::from_secs(i64::MAX);
    let left = DeviceLogin::from_parts(forever, SECOND, NOW).unwrap().expires_in(SECOND);
    assert_eq!(left, 3600 * SECOND);
}

#[test]
fn a_slowed_down_pause_survives_being_kept_however_long_it_is() {
    let mut login = asked(json!({ "interval": 60 })).unwrap();
    login = pending(login, error_answer("slow_down"), SECOND);
    let resumed = DeviceLogin::from_parts(login.into_parts(SECOND, NOW), SECOND, NOW).unwrap();
    assert_eq!(resumed.interval(), 65 * SECOND);
}
