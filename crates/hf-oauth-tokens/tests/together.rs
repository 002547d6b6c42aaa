//! Many processes, one token near its end.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hf_oauth_core::{App, UnixTime};
use hf_oauth_hub::{Endpoint, Fault, LocalHub};
use hf_oauth_tokens::{NewLogin, TokenStore};
use serde_json::json;
use support::processes::{answer, keep, ours, refreshes, sign_in, spawn};
use support::{python, sign_in_with, store};

/// A Python process that lives on: each line that it gets, it looks for the token as if it had never looked before.
struct LongLived {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl LongLived {
    fn start(python: &Path, hub: &LocalHub, home: &Path) -> Self {
        let code = "import sys\nfrom huggingface_hub.utils import _auth\nfor line in sys.stdin:\n    \
                    _auth._OAUTH_REFRESH_CACHE = None\n    print(_auth.get_token(), flush=True)";
        let mut command = Command::new(python);
        command.args(["-c", code]).stdin(Stdio::piped());
        let mut child = spawn(command, hub, home);
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, questions, answers: BufReader::new(answers) }
    }

    fn ask(&mut self) {
        self.questions.write_all(b"\n").unwrap();
    }

    fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim().to_owned()
    }
}

impl Drop for LongLived {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All ask at once while `old` is near its end; the token that all of them have in the end.
fn all_ask(
    hub: &LocalHub,
    home: &Path,
    pythons: &mut [LongLived],
    of_ours: usize,
    ours_first: bool,
    old: &str,
) -> String {
    let mut children = Vec::new();
    let to_each = of_ours / pythons.len();
    for python in pythons.iter_mut() {
        // Now a Python is the first, now one of ours.
        if ours_first {
            children.extend((0..to_each).map(|_| ours(hub, home)));
        }
        python.ask();
        if !ours_first {
            children.extend((0..to_each).map(|_| ours(hub, home)));
        }
    }
    let ours_got: Vec<String> = children.into_iter().map(answer).collect();
    let pythons_got: Vec<String> = pythons.iter_mut().map(LongLived::answer).collect();
    assert_eq!((ours_got.len(), pythons_got.len()), (of_ours, pythons.len()));
    let resolution = store(home).resolve().unwrap();
    let new = resolution.token().unwrap();
    assert_eq!(new.name.as_deref(), Some("cli"));
    let new = new.token.expose();
    assert_ne!(new, old);
    // Whoever read between two writes of a peer may have got the old one, which is good for an hour yet.
    assert!(ours_got.iter().all(|token| token == new || token == old), "{ours_got:?}");
    // And a Python may read the file that another one has emptied and not yet filled; ours never leaves it so.
    let journal = hub.journal();
    let last = journal.to("/oauth/token").last().unwrap();
    let by_python = !last.user_agent.as_deref().unwrap().starts_with("hf-oauth/");
    let good = |token: &String| token == new || token == old || by_python && token == "None";
    assert!(pythons_got.iter().all(good), "{pythons_got:?}, refreshed by {:?}", last.user_agent);
    for python in pythons {
        python.ask();
        assert_eq!(python.answer(), new);
    }
    assert_eq!(answer(ours(hub, home)), new);
    new.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_130_ten_of_python_and_ten_of_ours_refresh_once_and_all_end_with_the_same_token() {
    let Some(python) = python() else { return };
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    let old = std::fs::read_to_string(home.path().join("token")).unwrap();
    let mut pythons: Vec<LongLived> = (0..10).map(|_| LongLived::start(&python, &hub, home.path())).collect();
    all_ask(&hub, home.path(), &mut pythons, 10, true, &old);
    assert_eq!(refreshes(&hub), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_130_fifty_processes_ten_of_them_pythons_over_twenty_expiries_refresh_at_most_twenty_times() {
    let Some(python) = python() else { return };
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    let mut pythons: Vec<LongLived> = (0..10).map(|_| LongLived::start(&python, &hub, home.path())).collect();
    let mut by_python = 0;
    for expiry in 0..20 {
        let text = std::fs::read_to_string(home.path().join("stored_tokens")).unwrap();
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
        let old = value("hf_token = ");
        keep(home.path(), &old, &value("refresh_token = "));
        all_ask(&hub, home.path(), &mut pythons, 40, expiry % 2 == 0, &old);
        assert!(refreshes(&hub) <= expiry + 1, "{} refreshes at {expiry}", refreshes(&hub));
        let journal = hub.journal();
        let last = journal.to("/oauth/token").last().unwrap();
        by_python += u32::from(!last.user_agent.as_deref().unwrap().starts_with("hf-oauth/"));
    }
    println!("{} refreshes, {by_python} of them by Python", refreshes(&hub));
    assert!(refreshes(&hub) <= 20);
}

/// The tokens that the Hub gives from now on live for an hour.
fn short_lives(hub: &LocalHub) {
    hub.fault(Fault::json(json!({ "expires_in": 3600 })).on(Endpoint::Token).always());
}

/// Changes a time in the file that tells how the last refresh went.
fn moved(home: &Path, key: &str, by: i64) {
    let path = home.join("hf-oauth.refreshes");
    let text = std::fs::read_to_string(&path).unwrap();
    let old = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))).unwrap();
    let new = (old.parse::<i64>().unwrap() + by).to_string();
    std::fs::write(&path, text.replace(&format!("{key} = {old}"), &format!("{key} = {new}"))).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_lives_an_hour_is_refreshed_when_half_of_it_is_over_and_not_by_every_process() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    short_lives(&hub);
    let first = answer(ours(&hub, home.path()));
    for _ in 0..3 {
        assert_eq!(answer(ours(&hub, home.path())), first);
    }
    assert_eq!(refreshes(&hub), 1);
    let text = std::fs::read_to_string(home.path().join("hf-oauth.refreshes")).unwrap();
    assert!(!text.contains(&first), "it holds a token");
    // Got two hours ago and an hour left: more than half is over.
    moved(home.path(), "obtained_at", -7200);
    let second = answer(ours(&hub, home.path()));
    assert_eq!((second != first, refreshes(&hub)), (true, 2));
    // What is about another token, or cannot be read, counts for nothing.
    std::fs::write(home.path().join("hf-oauth.refreshes"), "{}").unwrap();
    answer(ours(&hub, home.path()));
    assert_eq!(refreshes(&hub), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_109_after_a_failed_refresh_the_next_processes_use_the_valid_token_for_five_minutes() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    sign_in(&hub, home.path()).await;
    let old = std::fs::read_to_string(home.path().join("token")).unwrap();
    hub.fault(Fault::status(503).on(Endpoint::Token).always());
    for _ in 0..3 {
        assert_eq!(answer(ours(&hub, home.path())), old);
        assert_eq!(refreshes(&hub), 1);
    }
    hub.clear_faults();
    moved(home.path(), "failed_at", -301);
    assert_ne!(answer(ours(&hub, home.path())), old);
    assert_eq!(refreshes(&hub), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_109_an_ended_token_is_asked_for_again_unless_the_hub_said_when() {
    for (retry_after, asked) in [(None, 3), (Some("120"), 1)] {
        let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
        let (token, refresh) = sign_in_with(&hub, App::HUB_CLI_CLIENT_ID).await;
        let ended = UnixTime::from_secs(1_500_000_000);
        let login = NewLogin::new("cli", token).with_refresh_token(refresh).with_expires_at(ended);
        store(home.path()).save(&login).unwrap();
        let fault = Fault::status(503).on(Endpoint::Token).always();
        hub.fault(match retry_after {
            Some(seconds) => fault.with_header("retry-after", seconds),
            None => fault,
        });
        for _ in 0..3 {
            let environment = [("HF_HOME", home.path().to_str().unwrap()), ("HF_ENDPOINT", hub.issuer())];
            let store = TokenStore::new(hf_oauth_tokens::Environment::from_pairs(environment));
            assert!(store.fresh_token().await.unwrap_err().is_network());
        }
        assert_eq!(refreshes(&hub), asked, "{retry_after:?}");
        hub.clear_faults();
        if retry_after.is_some() {
            moved(home.path(), "failed_at", -120);
        }
        answer(ours(&hub, home.path()));
        assert_eq!(refreshes(&hub), asked + 1, "{retry_after:?}");
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
