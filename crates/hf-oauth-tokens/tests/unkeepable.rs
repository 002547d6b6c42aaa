//! What a refresh would bring can be kept, or the refresh token is not spent.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use hf_oauth_core::{App, UnixTime};
use hf_oauth_hub::{AppConfig, LocalHub};
use hf_oauth_tokens::{Environment, NewLogin, ResolvedToken, TokenError, TokenStore, Warning};
use support::processes::{keep, refreshes, spawn};
use support::{example, has_strace, sign_in_with};

const FILES: [&str; 4] = ["token", "stored_tokens", "hf-oauth.tokens", "hf-oauth.journal"];

/// What keeps a file from being replaced.
#[derive(Clone, Copy, Debug)]
enum Obstacle {
    /// One's own, through a folder that others may write to.
    Link,
    HardLink,
    Folder,
}

impl Obstacle {
    fn put(self, path: &Path) {
        match self {
            Self::Link => {
                fs::rename(path, aside(path)).unwrap();
                symlink(aside(path), path).unwrap();
            }
            Self::HardLink => fs::hard_link(path, aside(path)).unwrap(),
            Self::Folder => fs::create_dir(path).unwrap(),
        }
    }

    fn take_away(self, path: &Path) {
        match self {
            Self::Link => fs::rename(aside(path), path).unwrap(),
            Self::HardLink => fs::remove_file(aside(path)).unwrap(),
            Self::Folder => fs::remove_dir(path).unwrap(),
        }
    }
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension("aside")
}

/// What the files hold; nothing for those that are no files.
fn contents(home: &Path) -> Vec<Option<Vec<u8>>> {
    FILES.iter().map(|name| fs::read(home.join(name)).ok()).collect()
}

fn ends_in(seconds: i64) -> UnixTime {
    UnixTime::from_secs(UnixTime::from(std::time::SystemTime::now()).as_secs() + seconds)
}

/// A fresh token of a process that has never looked.
async fn fresh(hub: &LocalHub, home: &Path) -> Result<ResolvedToken, TokenError> {
    let home = home.to_str().unwrap();
    TokenStore::new(Environment::from_pairs([("HF_HOME", home), ("HF_ENDPOINT", hub.issuer())]))
        .fresh_token()
        .await
}

/// A login that ends then; its token.
async fn signed_in(hub: &LocalHub, home: &Path, client: &str, end: UnixTime) -> String {
    let (token, refresh) = sign_in_with(hub, client).await;
    let login = NewLogin::new("cli", token.clone()).with_refresh_token(refresh).with_expires_at(end);
    support::store(home).save(&login.with_client(client, hub.issuer())).unwrap();
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn row_123_a_refresh_token_is_never_spent_while_a_link_or_folder_keeps_its_successor_from_the_disk() {
    let hub = LocalHub::start().await.unwrap();
    hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
    let stored = [("token", App::HUB_CLI_CLIENT_ID), ("stored_tokens", App::HUB_CLI_CLIENT_ID)];
    let cases =
        [("hf-oauth.tokens", "my-app"), stored[0], stored[1]].into_iter().flat_map(|(name, client)| {
            [Obstacle::Link, Obstacle::HardLink].map(|obstacle| (name, client, obstacle))
        });
    let journal = ("hf-oauth.journal", App::HUB_CLI_CLIENT_ID, Obstacle::Folder);
    for (name, client, obstacle) in cases.chain([journal]) {
        for has_ended in [false, true] {
            let at = format!("{name} {obstacle:?} {has_ended}");
            let home = tempfile::tempdir().unwrap();
            let end = ends_in(if has_ended { -10 } else { 3600 });
            let old = signed_in(&hub, home.path(), client, end).await;
            let path = home.path().join(name);
            obstacle.put(&path);
            let (before, asked) = (contents(home.path()), refreshes(&hub));
            for _ in 0..2 {
                let told = match fresh(&hub, home.path()).await {
                    Err(error) if has_ended => {
                        assert!(error.to_string().contains("the token store"), "{at}: {error}");
                        let TokenError::Unavailable { refresh: None, store: Some(why) } = error else {
                            panic!("{at}: {error:?}")
                        };
                        why.to_string()
                    }
                    Ok(ResolvedToken { token, warnings, .. }) if !has_ended => {
                        assert_eq!(token.expose(), old, "{at}");
                        let [Warning::NotRefreshed { why }] = &warnings[..] else {
                            panic!("{at}: {warnings:?}")
                        };
                        why.clone()
                    }
                    other => panic!("{at}: {other:?}"),
                };
                assert!(told.contains(name), "{at}: {told}");
            }
            assert_eq!(refreshes(&hub), asked, "{at}: the refresh token was spent");
            assert_eq!(contents(home.path()), before, "{at}");
            let entries = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
            assert!(names.iter().all(|name| !name.ends_with(".tmp")), "{at}: {names:?}");

            // The login is as good as before.
            obstacle.take_away(&path);
            let new = fresh(&hub, home.path()).await.unwrap();
            assert_eq!((&new.warnings[..], refreshes(&hub)), (&[][..], asked + 1), "{at}");
            assert_ne!(new.token.expose(), old, "{at}");
            assert_eq!(fs::read_to_string(home.path().join("token")).unwrap(), new.token.expose(), "{at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_124_a_refresh_token_is_never_spent_while_the_disk_is_full_broken_or_read_only() {
    if !has_strace() {
        return;
    }
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let (old, refresh) = sign_in_with(&hub, App::HUB_CLI_CLIENT_ID).await;
    keep(home.path(), &old, &refresh);
    let before = contents(home.path());
    for fault in ["fsync:error=EIO", "fsync:error=ENOSPC", "fchmod:error=EROFS"] {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={fault}")]);
        command.arg(example("token")).stderr(std::process::Stdio::piped());
        let child = spawn(command, &hub, home.path());
        let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("the token could not be refreshed"), "{fault}: {told}");
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), old, "{fault}");
        assert_eq!((refreshes(&hub), contents(home.path())), (0, before.clone()), "{fault}");
    }
    let new = fresh(&hub, home.path()).await.unwrap();
    assert_ne!(new.token.expose(), old);
    assert_eq!((&new.warnings[..], refreshes(&hub)), (&[][..], 1));
}
