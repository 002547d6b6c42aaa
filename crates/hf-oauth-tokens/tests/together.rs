//! Many processes, one token near its end.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hf_oauth_core::{App, UnixTime};
use hf_oauth_hub::LocalHub;
use hf_oauth_tokens::NewLogin;
use support::{python, sign_in_with, store};

/// Signs ada in with the command line's client and keeps the tokens as if they ended in an hour.
async fn sign_in(hub: &LocalHub, home: &Path) {
    let (token, refresh) = sign_in_with(hub, App::HUB_CLI_CLIENT_ID).await;
    keep(home, &token, &refresh);
}

fn keep(home: &Path, token: &str, refresh: &str) {
    let soon = UnixTime::from(std::time::SystemTime::now()) + std::time::Duration::from_secs(3600);
    store(home).save(&NewLogin::new("cli", token).with_refresh_token(refresh).with_expires_at(soon)).unwrap();
}

fn ours(hub: &LocalHub, home: &Path) -> Child {
    spawn(Command::new(support::example("token")), hub, home)
}

fn pythons(python: &Path, hub: &LocalHub, home: &Path) -> Child {
    let mut command = Command::new(python);
    command.args(["-c", "from huggingface_hub import get_token; print(get_token())"]);
    spawn(command, hub, home)
}

fn spawn(mut command: Command, hub: &LocalHub, home: &Path) -> Child {
    for name in
        ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE", "HF_TOKEN_PATH", "HF_STORED_TOKENS_PATH"]
    {
        command.env_remove(name);
    }
    command.env("HF_HOME", home).env("HF_ENDPOINT", hub.issuer()).stdout(Stdio::piped()).spawn().unwrap()
}

fn answer(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn refreshes(hub: &LocalHub) -> usize {
    let journal = hub.journal();
    journal.to("/oauth/token").filter(|entry| entry.param("grant_type") == Some("refresh_token")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_130_ten_of_python_and_ten_of_ours_refresh_once_and_all_get_the_same_token() {
    let Some(python) = python() else { return };
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    let both = (0..10).flat_map(|_| [ours(&hub, home.path()), pythons(&python, &hub, home.path())]);
    let children: Vec<Child> = both.collect();
    let mut tokens: Vec<String> = children.into_iter().map(answer).collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!((tokens.len(), refreshes(&hub)), (1, 1));
    assert_eq!(store(home.path()).resolve().unwrap().token().unwrap().token.expose(), tokens[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_processes_over_twenty_expiries_refresh_at_most_twenty_times() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    for expiry in 0..20 {
        let text = std::fs::read_to_string(home.path().join("stored_tokens")).unwrap();
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
        keep(home.path(), &value("hf_token = "), &value("refresh_token = "));
        let children: Vec<Child> = (0..50).map(|_| ours(&hub, home.path())).collect();
        let mut tokens: Vec<String> = children.into_iter().map(answer).collect();
        tokens.sort();
        tokens.dedup();
        assert_eq!((tokens.len(), refreshes(&hub)), (1, expiry + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_131_a_spent_refresh_token_deletes_nothing() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    keep(home.path(), "hf_old", "not-a-token");
    assert_eq!(answer(ours(&hub, home.path())), "hf_old");
    assert_eq!(refreshes(&hub), 1);
    assert!(std::fs::read_to_string(home.path().join("stored_tokens")).unwrap().contains("not-a-token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_127_ours_waits_while_python_has_the_lock_and_goes_on_when_its_holder_is_killed() {
    let Some(python) = python() else { return };
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    let code = "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); sys.stdin.read()";
    let lock = home.path().join("stored_tokens.lock");
    let mut holder = Command::new(python);
    holder.args(["-c", code]).arg(&lock);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    holder.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
    let mut waiting = ours(&hub, home.path());
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(waiting.try_wait().unwrap().is_none(), "it went on without the lock");
    assert_eq!(refreshes(&hub), 0);
    holder.kill().unwrap();
    holder.wait().unwrap();
    let killed = std::time::Instant::now();
    answer(waiting);
    assert!(killed.elapsed().as_secs() < 5);
    assert_eq!(refreshes(&hub), 1);
}
