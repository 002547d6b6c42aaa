//! How a refresh is done: by which client, beside which peers, and when not at all.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use hf_oauth_core::{App, UnixTime};
use hf_oauth_hub::{AppConfig, LocalHub};
use hf_oauth_tokens::{Environment, NewLogin, Renewal, StoreError, TokenError, TokenStore, Warning};
use support::processes::{refreshes, sign_in, spawn};
use support::{example, has_strace, sign_in_with};

const CLIENT: &str = "HF_DEVICE_CODE_OAUTH_CLIENT_ID";

fn at(endpoint: &str, home: &Path, client: Option<&str>) -> TokenStore {
    let home = [("HF_HOME", home.to_str().unwrap()), ("HF_ENDPOINT", endpoint)];
    TokenStore::new(Environment::from_pairs(home.into_iter().chain(client.map(|client| (CLIENT, client)))))
}

fn ends_in(seconds: i64) -> UnixTime {
    UnixTime::from_secs(UnixTime::from(SystemTime::now()).as_secs() + seconds)
}

/// A login of this client that ends in an hour.
async fn login(hub: &LocalHub, client: &str) -> NewLogin {
    let (token, refresh) = sign_in_with(hub, client).await;
    NewLogin::new("a", token).with_refresh_token(refresh).with_expires_at(ends_in(3600))
}

/// Refreshes and says which client did; the new token is kept.
async fn refreshed_by(hub: &LocalHub, store: &TokenStore) -> String {
    let (old, asked) = (store.list().unwrap()[0].token.clone(), refreshes(hub));
    let token = store.fresh_token().await.unwrap();
    assert_eq!((&token.warnings[..], refreshes(hub)), (&[][..], asked + 1));
    let kept = store.list().unwrap()[0].token.clone();
    assert_eq!(kept.as_ref(), Some(&token.token));
    assert_ne!(kept, old);
    hub.journal().to("/oauth/token").last().unwrap().param("client_id").unwrap().to_owned()
}

fn hub_with_app(hub: &LocalHub) {
    hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_137_a_blank_client_variable_means_pythons_client_at_a_refresh_as_at_a_login() {
    let hub = LocalHub::start().await.unwrap();
    hub_with_app(&hub);
    let cli = App::HUB_CLI_CLIENT_ID;
    for (variable, client) in [("", cli), (" \t", cli), (" my-app\n", "my-app")] {
        let home = tempfile::tempdir().unwrap();
        let store = at(hub.issuer(), home.path(), Some(variable));
        store.save(&login(&hub, client).await).unwrap();
        assert_eq!(store.list().unwrap()[0].renewal, Renewal::Shared, "{variable:?}");
        assert_eq!(refreshed_by(&hub, &store).await, client, "{variable:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_137_a_login_is_refreshed_by_the_client_that_got_it_whichever_one_the_variable_names() {
    let hub = LocalHub::start().await.unwrap();
    hub_with_app(&hub);
    let cli = App::HUB_CLI_CLIENT_ID;
    let variables = [None, Some(""), Some(cli), Some("my-app"), Some("other")];
    for client in [cli, "my-app"] {
        // Python refreshes with its own client, so that nothing is lost where that is what is used.
        let with_it = if client == cli { &variables[3..] } else { &variables[..] };
        for at_login in with_it {
            let home = tempfile::tempdir().unwrap();
            let saved = login(&hub, client).await.with_client(client, hub.issuer());
            at(hub.issuer(), home.path(), *at_login).save(&saved).unwrap();
            for at_refresh in [*at_login, Some("other")] {
                let store = at(hub.issuer(), home.path(), at_refresh);
                let own = Renewal::Own { client_id: client.to_owned(), issuer: hub.issuer().to_owned() };
                assert_eq!(store.list().unwrap()[0].renewal, own, "{client} {at_login:?} {at_refresh:?}");
                assert_eq!(refreshed_by(&hub, &store).await, client, "{at_login:?} {at_refresh:?}");
                soon(home.path());
            }
        }
    }
    for at_login in &variables[..3] {
        let home = tempfile::tempdir().unwrap();
        let store = at(hub.issuer(), home.path(), *at_login);
        store.save(&login(&hub, cli).await.with_client(cli, hub.issuer())).unwrap();
        assert_eq!(store.list().unwrap()[0].renewal, Renewal::Shared, "Python could not refresh it");
        assert_eq!(refreshed_by(&hub, &store).await, cli);
    }
}

/// What is kept ends in an hour, and nobody knows how it was got.
fn soon(home: &Path) {
    for name in ["stored_tokens", "hf-oauth.tokens"] {
        let text = fs::read_to_string(home.join(name)).unwrap();
        let lines = text.lines().map(|line| match line.starts_with("expires_at") {
            true => format!("expires_at = {}\n", ends_in(3600).as_secs()),
            false => format!("{line}\n"),
        });
        fs::write(home.join(name), lines.collect::<String>()).unwrap();
    }
    let _ = fs::remove_file(home.join("hf-oauth.refreshes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_138_a_switch_that_lands_while_the_new_token_is_being_written_stands() {
    if !has_strace() {
        return;
    }
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    let old = fs::read_to_string(home.path().join("token")).unwrap();
    // The journal's rename, and a second before the next: the switch lands there on a slow machine too.
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=/^rename"]);
    command.args(["-e", "inject=/^rename:delay_enter=1000000"]).arg(example("token"));
    let mut child = spawn(command, &hub, home.path());
    let path = home.path().to_owned();
    let output = tokio::task::spawn_blocking(move || {
        while !path.join("hf-oauth.journal").exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended without writing");
            std::thread::sleep(Duration::from_millis(1));
        }
        // As Python switches: into the file, without the lock.
        fs::write(path.join("token"), "hf_other").unwrap();
        let stored = fs::read_to_string(path.join("stored_tokens")).unwrap();
        assert!(stored.contains(&old), "the switch came too late to show anything");
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    assert!(output.status.success());
    let new = String::from_utf8(output.stdout).unwrap();
    assert!(fs::read_to_string(home.path().join("stored_tokens")).unwrap().contains(new.trim()));
    assert_eq!(refreshes(&hub), 1);
    let resolution = support::store(home.path()).resolve().unwrap();
    assert_eq!(resolution.token().unwrap().token.expose(), "hf_other", "the refresh undid the switch");
    assert_eq!(fs::read_to_string(home.path().join("token")).unwrap(), "hf_other");
    assert!(!home.path().join("hf-oauth.journal").exists());
}

/// Keeps a token that ends then.
fn kept(endpoint: &str, home: &Path, seconds: i64) -> TokenStore {
    let store = at(endpoint, home, None);
    let login = NewLogin::new("a", "hf_old").with_refresh_token("r").with_expires_at(ends_in(seconds));
    store.save(&login).unwrap();
    store
}

#[tokio::test]
async fn row_109_a_valid_token_is_used_with_a_warning_where_the_address_is_no_hubs() {
    let home = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let token = kept("http://mirror.lan", home.path(), 3600).fresh_token().await.unwrap();
        assert_eq!(token.token.expose(), "hf_old");
        let [Warning::NotRefreshed { why }] = &token.warnings[..] else { panic!("{:?}", token.warnings) };
        assert!(why.contains("http://mirror.lan") && why.contains("HF_ENDPOINT"), "{why}");
    }
    let error = kept("http://mirror.lan", home.path(), -1).fresh_token().await.unwrap_err();
    assert!(matches!(error, TokenError::BadEndpoint { .. }), "{error}");
}

/// The runtime has no timers: whoever waits panics.
#[test]
fn row_105_a_lock_that_cannot_be_opened_is_not_waited_for() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for seconds in [3600, -1] {
        let home = tempfile::tempdir().unwrap();
        let store = kept("http://127.0.0.1:9", home.path(), seconds);
        let lock = home.path().join("stored_tokens.lock");
        fs::remove_file(&lock).unwrap();
        symlink(home.path().join("nothing"), &lock).unwrap();
        match runtime.block_on(store.fresh_token()) {
            Ok(token) => {
                assert_eq!((seconds, token.token.expose()), (3600, "hf_old"));
                let [Warning::NotRefreshed { why }] = &token.warnings[..] else { panic!() };
                assert!(why.contains("stored_tokens.lock"), "{why}");
            }
            Err(TokenError::Unavailable { store: Some(StoreError::UnsafePath { path, .. }), .. }) => {
                assert_eq!((seconds, path), (-1, lock));
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// One thread: the peer goes on only when the other one waits.
#[tokio::test]
async fn row_126_a_table_that_is_broken_while_a_peer_has_the_lock_is_looked_at_again() {
    let home = tempfile::tempdir().unwrap();
    let store = kept("http://127.0.0.1:9", home.path(), 3600);
    let lock = fs::File::open(home.path().join("stored_tokens.lock")).unwrap();
    lock.lock().unwrap();
    let peer = async {
        let path = home.path().join("stored_tokens");
        fs::write(&path, "[a]\nhf_tok").unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        // The other one's wait is shorter, so that it has looked by then.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let end = ends_in(90_000).as_secs();
        fs::write(&path, format!("[a]\nhf_token = hf_peer\nrefresh_token = s\nexpires_at = {end}\n"))
            .unwrap();
        fs::write(home.path().join("token"), "hf_peer").unwrap();
        lock.unlock().unwrap();
    };
    let (token, ()) = tokio::join!(store.fresh_token(), peer);
    let token = token.unwrap();
    assert_eq!((token.token.expose(), &token.warnings[..]), ("hf_peer", &[][..]));
}
