use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest as _;

use super::*;

#[test]
fn row_079_short_blank_repeated_and_missing_keys_stop_the_start() {
    let refused = |keys: &[&str]| Keyring::new(keys.iter().copied()).unwrap_err();
    assert_eq!(refused(&[]), KeyringError::Empty);
    assert_eq!(refused(&[""]), KeyringError::Blank { position: 1 });
    assert_eq!(refused(&[&" ".repeat(64)]), KeyringError::Blank { position: 1 });
    let good = "0123456789abcdef9876543210fedcba";
    assert_eq!(refused(&[good, &good[1..]]), KeyringError::TooShort { position: 2, bytes: 31 });
    assert!(matches!(refused(&[&"a".repeat(64)]), KeyringError::Guessable { position: 1, bits: 0 }));
    let repeated = "changeme".repeat(8);
    assert!(matches!(refused(&[good, &repeated[..32]]), KeyringError::Guessable { position: 2, .. }));
    assert!(Keyring::new([good]).is_ok());
}

#[test]
fn row_079_a_missing_client_secret_gives_no_key() {
    for bad in ["", "   ", "short", "aaaaaaaaaaaaaaaaaaaaaaaa", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
        let error = Keyring::from_client_secret(&Secret::new(bad), "app").unwrap_err();
        assert!(error.to_string().contains("OAUTH_CLIENT_SECRET"), "{error}");
    }
    let secret = Secret::new("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c");
    assert!(Keyring::from_client_secret(&secret, "app").is_ok());
}

#[test]
fn row_215_a_client_secret_weaker_than_a_uuid_seals_nothing_and_the_error_says_what_to_do() {
    for weak in [
        "1234567890123456",
        "12345678901234567890123456789012",
        "secret",
        "my-secret-client-secret",
        "correct horse battery",
        &"abcdefgh".repeat(4),
        &"abcdefgh".repeat(100),
        "changeme-changeme-changeme-changeme-chang",
        "00000000-0000-0000-0000-000000000000",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab1",
        "4f3c2b1a-9d8e-7f6a",
        "4f3c2b1a9d8e7f6a4f3c2b1a9d8e7f6a",
    ] {
        let error = Keyring::from_client_secret(&Secret::new(weak), "app").unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, KeyringError::ClientSecret { bits } if bits < 112), "{weak}: {error:?}");
        assert!(text.contains("OAUTH_SESSION_KEYS") && text.contains("openssl rand"), "{text}");
        assert!(weak == "secret" || !text.contains(weak), "{text}");
        assert!(Keyring::new([weak]).is_err(), "{weak} as a session key");
    }
}

#[test]
fn row_215_uuids_and_stronger_secrets_are_taken() {
    let hex = |bytes: &[u8]| crate::bytes::hex(bytes);
    for number in 0..2_000_u32 {
        let digest = Sha256::digest(number.to_be_bytes());
        let text = hex(&digest[..16]);
        let uuid = format!(
            "{}-{}-4{}-8{}-{}",
            &text[..8],
            &text[8..12],
            &text[13..16],
            &text[17..20],
            &text[20..32]
        );
        let base64 = URL_SAFE_NO_PAD.encode(&digest[..16]);
        for strong in [uuid.clone(), uuid.to_uppercase(), base64, hex(&digest)] {
            assert!(Keyring::from_client_secret(&Secret::new(strong.as_str()), "app").is_ok(), "{strong}");
        }
    }
}

#[test]
fn row_062_neither_a_ring_nor_its_errors_show_a_key() {
    let key = "canary-0123456789abcdef0123456789";
    assert_eq!(format!("{:?}", Keyring::new([key]).unwrap()), "Keyring(1 keys)");
    let error = Keyring::new(["canary-short"]).unwrap_err();
    assert!(!format!("{error}{error:?}").contains("canary"));
}
