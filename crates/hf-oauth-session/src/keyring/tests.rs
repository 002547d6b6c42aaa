use super::*;

#[test]
fn row_079_short_blank_repeated_and_missing_keys_stop_the_start() {
    let refused = |keys: &[&str]| Keyring::new(keys.iter().copied()).unwrap_err();
    assert_eq!(refused(&[]), KeyringError::Empty);
    assert_eq!(refused(&[""]), KeyringError::Blank { position: 1 });
    assert_eq!(refused(&[&" ".repeat(64)]), KeyringError::Blank { position: 1 });
    let good = "0123456789abcdef0123456789abcdef";
    assert_eq!(refused(&[good, &good[1..]]), KeyringError::TooShort { position: 2, bytes: 31 });
    assert_eq!(refused(&[&"a".repeat(64)]), KeyringError::Repetitive { position: 1 });
    assert_eq!(refused(&[&"changeme".repeat(8)[..32]]), KeyringError::Repetitive { position: 1 });
    assert!(Keyring::new([good]).is_ok());
}

#[test]
fn row_079_a_missing_client_secret_gives_no_key() {
    for bad in ["", "   ", "short", "aaaaaaaaaaaaaaaaaaaaaaaa", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
        let error = Keyring::from_client_secret(&Secret::new(bad), "app").unwrap_err();
        assert!(error.to_string().contains("OAUTH_CLIENT_SECRET"), "{error}");
    }
    assert!(Keyring::from_client_secret(&Secret::new("4f3c2b1a-9d8e-7f6a"), "app").is_ok());
}

#[test]
fn row_062_neither_a_ring_nor_its_errors_show_a_key() {
    let key = "canary-0123456789abcdef0123456789";
    assert_eq!(format!("{:?}", Keyring::new([key]).unwrap()), "Keyring(1 keys)");
    let error = Keyring::new(["canary-short"]).unwrap_err();
    assert!(!format!("{error}{error:?}").contains("canary"));
}
