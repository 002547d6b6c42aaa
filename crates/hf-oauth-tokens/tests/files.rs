//! What stands on the disk, and what is never touched.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use hf_oauth_core::UnixTime;
use hf_oauth_tokens::{
    Environment, NewLogin, Renewal, SourceState, StoreError, TokenSource, TokenStore, Unsafe, Warning,
};
use support::store;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn row_122_files_and_new_folders_are_their_owners_alone_and_old_folders_keep_their_mode() {
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let inner = home.path().join("new");
    let store = store(&inner);
    store.save(&NewLogin::new("a", "hf_a")).unwrap();
    assert_eq!((mode(home.path()), mode(&inner)), (0o755, 0o700));
    assert_eq!((mode(&inner.join("token")), mode(&inner.join("stored_tokens"))), (0o600, 0o600));
    assert_eq!(mode(&inner.join("stored_tokens.lock")), 0o664);

    fs::set_permissions(inner.join("token"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
    let warnings = store.resolve().unwrap().warnings;
    assert_eq!(warnings, [Warning::ReadableByOthers { path: inner.join("token") }]);
    store.save(&NewLogin::new("a", "hf_b")).unwrap();
    assert_eq!((mode(&inner.join("token")), mode(&inner)), (0o600, 0o755));
}

#[test]
fn row_123_nothing_is_written_through_links_or_into_what_is_no_file() {
    for name in ["token", "stored_tokens", "stored_tokens.lock", "hf-oauth.journal"] {
        for (kind, what) in [
            ("link", Unsafe::Link),
            ("hard", Unsafe::HardLink),
            ("fifo", Unsafe::NotAFile),
            ("folder", Unsafe::NotAFile),
        ] {
            // Links in place of Python's files have tests of their own.
            let of_python = ["token", "stored_tokens"].contains(&name);
            if kind == "link" && of_python || kind != "link" && name == "hf-oauth.journal" {
                continue;
            }
            let home = tempfile::tempdir().unwrap();
            let (path, victim) = (home.path().join(name), home.path().join("victim"));
            fs::write(&victim, "").unwrap();
            match kind {
                "link" => symlink(&victim, &path).unwrap(),
                "hard" => fs::hard_link(&victim, &path).unwrap(),
                "fifo" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
                _ => fs::create_dir(&path).unwrap(),
            }
            let refused = store(home.path()).save(&NewLogin::new("a", "hf_a")).unwrap_err();
            let StoreError::UnsafePath { path: told, what: found } = refused else {
                panic!("{name} {kind}: {refused:?}")
            };
            assert_eq!((told, found), (path, what), "{name} {kind}");
            assert_eq!(fs::read(&victim).unwrap(), b"", "{name} {kind}");
        }
    }
}

#[test]
fn row_123_a_file_of_somebody_else_is_never_replaced() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    for name in ["token", "stored_tokens", "hf-oauth.tokens"] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(name);
        let text = if name == "token" { "hf_theirs" } else { "[theirs]\nhf_token = hf_theirs\n" };
        fs::write(&path, text).unwrap();
        if chown(&path, Some(65534), Some(65534)).is_err() {
            println!("left out: only root can give a file away");
            return;
        }
        let login = NewLogin::new("a", "hf_a").with_client("my-app", "https://huggingface.co");
        let refused = store(home.path()).save(&login).unwrap_err();
        let StoreError::UnsafePath { path: told, what } = refused else { panic!("{name}: {refused:?}") };
        assert_eq!(told, path, "{name}");
        assert!(matches!(what, Unsafe::OtherOwner(owner) if owner.uid == 65534), "{name}");
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), metadata.uid()), (text, 65534), "{name}");
        let left: Vec<_> = fs::read_dir(home.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert!(left.iter().all(|it| it == name || it == "stored_tokens.lock"), "{left:?}");
    }
}

#[test]
fn row_134_another_tools_json_and_a_corrupt_file_are_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("stored_tokens");
    for (text, line) in [("{\"a\": 1}", None), ("[a]\nhf_token = x\n[a]\n", Some(3)), ("hf_x\n", Some(1))] {
        fs::write(&path, text).unwrap();
        let store = store(home.path());
        let login = NewLogin::new("a", "hf_a");
        let errors = [store.list().map(drop).unwrap_err(), store.save(&login).map(drop).unwrap_err()];
        for error in errors {
            match (line, error) {
                (None, StoreError::OtherFormat { .. }) => {}
                (Some(line), StoreError::Corrupt { line: told, .. }) => assert_eq!(told, line),
                (_, error) => panic!("{error}"),
            }
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn row_136_default_supplies_nothing_and_odd_values_come_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let text = "[DEFAULT]\nrefresh_token = stolen\n[a]\nhf_token = h%(x)s:=% #\nexpires_at = 1.5e9\n";
    fs::write(home.path().join("stored_tokens"), text).unwrap();
    let list = store(home.path()).list().unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].token.as_ref().unwrap().expose(), "h%(x)s:=% #");
    assert_eq!((list[0].expires_at, &list[0].renewal), (None, &Renewal::None));
    let store = store(home.path());
    for bad in ["a\nb", "a\rb", "", " a", "a\t"] {
        let error = store.save(&NewLogin::new("b", bad)).unwrap_err();
        assert!(matches!(error, StoreError::BadValue { field: "token" }));
    }
    for bad in ["", "DEFAULT", "a\n[b]"] {
        assert!(matches!(store.save(&NewLogin::new(bad, "hf_a")).unwrap_err(), StoreError::BadName));
    }
    let login = NewLogin::new("b", "hf_b")
        .with_refresh_token("r")
        .with_expires_at(UnixTime::from_secs(1_500_000_000));
    store.save(&login).unwrap();
    assert!(
        fs::read_to_string(home.path().join("stored_tokens"))
            .unwrap()
            .contains("\nexpires_at = 1500000000\n")
    );
}

#[test]
fn row_132_only_our_own_section_changes() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("stored_tokens");
    let others = "# mine\r\n[a]\r\nHF_Token: x\r\n  more\r\n; kept\r\nodd=1\r\n\r\n[z]\nhf_token=  y\n";
    fs::write(&path, others).unwrap();
    let store = store(home.path());
    store.save(&NewLogin::new("m", "hf_m")).unwrap();
    let expected = others.replace("[z]", "[m]\nhf_token = hf_m\n\n[z]");
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    assert!(store.remove("m").unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), others);
    assert!(!home.path().join("token").exists());
}

#[test]
fn row_137_variables_override_files_and_leave_them_alone() {
    let home = tempfile::tempdir().unwrap();
    store(home.path()).save(&NewLogin::new("a", "hf_a")).unwrap();
    let with = |name: &str, value: &str| {
        TokenStore::new(Environment::from_pairs([
            ("HF_HOME", home.path().as_os_str()),
            (name, value.as_ref()),
        ]))
    };
    let resolution = with("HF_TOKEN", " hf_env\n").resolve().unwrap();
    let token = resolution.token().unwrap();
    assert_eq!((token.token.expose(), token.source), ("hf_env", TokenSource::HfToken));
    assert_eq!(resolution.sources[3], (TokenSource::TokenFile, SourceState::Overridden));
    let blank = with("HF_TOKEN", " ").resolve().unwrap();
    assert_eq!(blank.token().unwrap().source, TokenSource::TokenFile);
}

#[test]
fn row_138_junk_in_the_token_file_is_cleaned_or_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("token");
    fs::write(&path, "  hf_a\r\n").unwrap();
    assert_eq!(store(home.path()).resolve().unwrap().token().unwrap().token.expose(), "hf_a");
    for junk in [&b"hf\0a"[..], b"\xff\xfeh\0f\0", &vec![b'a'; 2 << 20]] {
        fs::write(&path, junk).unwrap();
        let error = store(home.path()).resolve().unwrap_err();
        assert!(matches!(error, StoreError::NotAToken { .. } | StoreError::TooLarge { .. }), "{error}");
    }
}
