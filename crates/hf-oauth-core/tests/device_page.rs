//! What a provider's device answer may have shown: its page, and nothing that a terminal obeys.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use hf_oauth_core::*;
use serde_json::json;
use support::device::{asked, asked_of, ended};
use support::*;

#[test]
fn row_117_the_page_is_the_providers_own() {
    for good in [
        "https://huggingface.co/oauth/device",
        "https://hf.co/oauth/device",
        "https://HF.co:443/x?a=1&b=$(c)",
    ] {
        assert!(
            asked(json!({ "verification_uri": good, "verification_uri_complete": good })).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "smb://huggingface.co/x",
        "http://huggingface.co/oauth/device",
        "http://127.0.0.1/oauth/device",
        "https://evil.example/oauth/device",
        "https://huggingface.co.evil.example/",
        "https://huggingface.co@evil.example/",
        "https://hf.co@evil.example/",
        "https://user@huggingface.co/",
        "https://hf.co:8443/",
        "https://huggingface.co\\.evil.example/",
        "https://huggingface.co/a|b",
        "https://huggingface.co/a\"b",
        "https://huggingface.co/a^b",
        "",
    ] {
        for name in ["verification_uri", "verification_uri_complete"] {
            let error = asked(json!({ name: bad })).unwrap_err();
            let refused = matches!(
                &error,
                DeviceError::UnsafeVerificationUri { name: found, .. }
                | DeviceError::ForeignVerificationUri { name: found, .. } if *found == name
            );
            assert!(refused, "{bad}: {error:?}");
        }
    }
}

#[test]
fn row_062_an_address_that_holds_a_secret_is_not_repeated() {
    let app = app().with_client_secret("Client-Secret-0123456789");
    for (secret, answer) in [
        (
            "Client-Secret-0123456789",
            json!({ "verification_uri": "https://Client-Secret-0123456789.example/" }),
        ),
        (
            "device-code-0123456789",
            json!({
                "device_code": "device-code-0123456789",
                "verification_uri_complete": "https://device-code-0123456789.example/",
            }),
        ),
    ] {
        let error = asked_of(&app, &hub(), answer.clone()).unwrap_err();
        assert!(matches!(error, DeviceError::ForeignVerificationUri { .. }), "{error:?}");
        let said = format!("{error} {error:?}");
        assert!(
            !said.to_lowercase().contains(&secret.to_lowercase()) && said.contains("https://***.example"),
            "{said}"
        );
        // An address that is none is quoted by the error, too.
        let broken = answer.to_string().replace(".example/", "'");
        let error = asked_of(&app, &hub(), serde_json::from_str(&broken).unwrap()).unwrap_err();
        assert!(matches!(error, DeviceError::UnsafeVerificationUri { .. }), "{error:?}");
        let said = format!("{error} {error:?}");
        assert!(!said.to_lowercase().contains(&secret.to_lowercase()) && said.contains("***"), "{said}");
    }
}

#[test]
fn row_117_hf_co_is_the_hubs_alone_and_http_is_for_loopback_issuers() {
    let device = json!({ "device_authorization_endpoint": "https://id.example/device" });
    let other = discover(device).unwrap();
    assert!(asked_of(&app(), &other, json!({})).is_ok());
    let error = asked_of(&app(), &other, json!({ "verification_uri": "https://hf.co/oauth/device" }));
    assert!(matches!(error, Err(DeviceError::ForeignVerificationUri { .. })));
    let issuer = "http://localhost:5555";
    let local = serde_json::from_value(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/a"), "token_endpoint": format!("{issuer}/t"),
        "jwks_uri": format!("{issuer}/k"), "device_authorization_endpoint": format!("{issuer}/d"),
    }));
    let local = Hub::from_discovery(&Issuer::parse(issuer).unwrap(), local.unwrap(), &[]).unwrap();
    assert!(asked_of(&app(), &local, json!({})).is_ok());
    for elsewhere in
        ["http://localhost:5556/oauth/device", "http://127.0.0.1:5555/oauth/device", "https://hf.co/"]
    {
        assert!(asked_of(&app(), &local, json!({ "verification_uri": elsewhere })).is_err(), "{elsewhere}");
    }
}

#[test]
fn row_118_nothing_that_a_terminal_obeys_is_shown() {
    let hostile =
        ["\u{1b}[2J", "\u{7}", "\r", "\n", "\u{7f}", "\u{9b}31m", "\u{202e}", "\u{2066}", "\u{200b}", "é"];
    for text in hostile {
        let code = asked(json!({ "user_code": format!("AB{text}CD") })).unwrap_err();
        assert_eq!(code, DeviceError::UnsafeUserCode, "{text:?}");
        let uri = format!("https://hf.co/{text}");
        let error = asked(json!({ "verification_uri": uri })).unwrap_err();
        assert!(matches!(error, DeviceError::UnsafeVerificationUri { .. }), "{text:?}");
        let shown = format!("{error} {}", std::error::Error::source(&error).unwrap());
        assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown:?}");
        let denied =
            json!({ "error": "access_denied", "error_description": format!("no{text}") }).to_string();
        let shown = ended(Response::new(400, denied)).to_string();
        assert!(text == "é" || !shown.contains(text), "{shown:?}");
    }
    for code in ["", "   ", &"A".repeat(65)] {
        assert_eq!(asked(json!({ "user_code": code })).unwrap_err(), DeviceError::UnsafeUserCode);
    }
    for code in ["", "with space", "new\nline", &"x".repeat(5000)] {
        assert_eq!(asked(json!({ "device_code": code })).unwrap_err(), DeviceError::MalformedDeviceCode);
    }
}
