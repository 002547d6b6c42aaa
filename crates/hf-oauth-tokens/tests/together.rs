//! Many processes, one token near its end.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hf_oauth_core::{App, UnixTime};
use hf_oauth_hub::{Endpoint, Fault, LocalHub};
use hf_oauth_tokens::{NewLogin, TokenStore};
use serde_json::json;
use support::{has_strace, python, sign_in_with, store};

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

/// The command under `strace`, whose log is `name` in the home.
fn traced(command: &Command, expressions: &[&str], home: &Path, name: &str) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(home.join(name));
    strace.args(expressions.iter().flat_map(|expression| ["-e", expression]));
    strace.arg(command.get_program()).args(command.get_args());
    strace
}

/// Waits until the log has so many lines with `word`; the last of them.
async fn logged(home: &Path, name: &str, times: usize, word: &str) -> String {
    loop {
        let log = std::fs::read_to_string(home.join(name)).unwrap_or_default();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(word)).collect();
        if lines.len() >= times {
            return lines[lines.len() - 1].to_owned();
        }
        tokio::task::yield_now().await;
    }
}

/// Refused the lock three times over, and still there.
async fn is_waiting(home: &Path, log: &str, waiting: &mut Child, hub: &LocalHub) {
    logged(home, log, 3, "EAGAIN").await;
    assert!(waiting.try_wait().unwrap().is_none(), "it went on without the lock");
    assert_eq!(refreshes(hub), 0);
}

const LOCKS: &[&str] = &["trace=flock"];

#[tokio::test(flavor = "multi_thread")]
async fn row_127_ours_waits_while_python_has_the_lock_and_goes_on_when_it_is_released_or_its_holder_killed() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    for killed in [false, true] {
        let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
        let home = home.path();
        sign_in(&hub, home).await;
        let code = "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); \
                    print('held', flush=True); sys.stdin.read(); lock.release()";
        let mut holder = Command::new(&python);
        holder.args(["-c", code]).arg(home.join("stored_tokens.lock"));
        let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        holder.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
        let mut waiting =
            spawn(traced(&Command::new(support::example("token")), LOCKS, home, "log"), &hub, home);
        is_waiting(home, "log", &mut waiting, &hub).await;
        if killed {
            holder.kill().unwrap();
        } else {
            drop(holder.stdin.take());
        }
        holder.wait().unwrap();
        let token = answer(waiting);
        assert_eq!(refreshes(&hub), 1);
        assert_eq!(std::fs::read_to_string(home.join("token")).unwrap(), token);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_127_python_waits_while_ours_has_the_lock_and_goes_on_when_it_is_released_or_its_holder_killed() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    for signal in ["-CONT", "-KILL"] {
        let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
        let home = home.path();
        sign_in(&hub, home).await;
        let old = std::fs::read_to_string(home.join("token")).unwrap();
        // A save that is stopped at its second rename: the lock is held, the journal open.
        std::fs::write(home.join("input"), "hf_other").unwrap();
        let mut save = Command::new(support::example("save"));
        save.arg("other");
        let stops = ["trace=/^rename", "inject=/^rename:signal=STOP:when=2"];
        let mut save = traced(&save, &stops, home, "save");
        save.stdin(std::fs::File::open(home.join("input")).unwrap());
        let mut holder = spawn(save, &hub, home);
        let stopped = logged(home, "save", 1, "stopped by SIGSTOP").await;
        let holder_id = stopped.split_whitespace().next().unwrap().to_owned();

        let mut get = Command::new(&python);
        get.args(["-c", "from huggingface_hub import get_token; print(get_token())"]);
        let mut waiting = spawn(traced(&get, LOCKS, home, "log"), &hub, home);
        is_waiting(home, "log", &mut waiting, &hub).await;
        assert!(Command::new("kill").args([signal, &holder_id]).status().unwrap().success());
        holder.wait().unwrap();
        let token = answer(waiting);
        assert_eq!((refreshes(&hub), token != old), (1, true), "{signal}");

        let resolution = store(home).resolve().unwrap();
        let resolved = resolution.token().unwrap();
        let expected = if signal == "-CONT" { ("hf_other", "other") } else { (token.as_str(), "cli") };
        assert_eq!((resolved.token.expose(), resolved.name.as_deref().unwrap()), expected, "{signal}");
        let kept = store(home).list().unwrap();
        let cli = kept.iter().find(|kept| kept.name == "cli").unwrap();
        assert_eq!(cli.token.as_ref().unwrap().expose(), token, "{signal}");
    }
}
