//! A login that is about to end, through every command that gives its token.

use std::process::Command;
use std::time::SystemTime;

use serde_json::json;

use super::machine::Machine;
#[cfg(target_os = "linux")]
use crate::support::environment::{binary, strace};
use crate::support::hub::Hub;
use crate::support::program::{Program, bare, hf_oauth};
use crate::support::{eventually, http};

/// Signed in by the device flow, with so many seconds left.
pub(crate) async fn signed_in(hub: &Hub, left: i64) -> Machine {
    let machine = Machine::new().with("HF_ENDPOINT", &hub.url);
    let mut login = machine.prepare(hf_oauth(["login", "--device", "--json", "--name", "work"]));
    login.env("HF_HOME", machine.path(""));
    let mut login = Program::start(login);
    let code = login.line(|line| {
        let event: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(event["user_code"].as_str()?.to_owned())
    });
    hub.control("device", json!({ "user_code": code, "username": "ada" })).await;
    let (status, out, err) = login.end();
    assert!(status.success(), "{out}{err}");
    ends_in(&machine, left);
    hub.forget().await;
    machine
}

/// Writes another end into the file, which is what counts: the Hub says it once, when it gives the token.
fn ends_in(machine: &Machine, seconds: i64) {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed();
    let stored = machine.read("stored_tokens").unwrap();
    let lines = stored.lines().map(|line| match line.starts_with("expires_at") {
        true => format!("expires_at = {}\n", now + seconds),
        false => format!("{line}\n"),
    });
    machine.write("stored_tokens", lines.collect::<String>());
}

async fn refreshes(hub: &Hub) -> usize {
    let sent = hub.requests_to("/oauth/token").await;
    sent.iter().filter(|entry| entry.param("grant_type") == Some("refresh_token")).count()
}

const HOUR: i64 = 3_600;
const HUB: &str = "[device]\ninterval = 1\n";

#[tokio::test]
async fn each_command_refreshes_once_and_the_next_one_not_at_all() {
    let hub = Hub::start(HUB);
    let machine = signed_in(&hub, HOUR).await;
    let mut old = machine.read("token").unwrap();
    let url = hub.url.strip_prefix("http://").unwrap().to_owned();
    let question = format!("protocol=http\nhost={url}\n\n");
    for args in [
        &["token"][..],
        &["exec", "--", "sh", "-c", "echo $HF_TOKEN"],
        &["git-credential", "get"],
        &["whoami", "--json"],
        &["status"],
    ] {
        ends_in(&machine, HOUR);
        hub.forget().await;
        let first = machine.ask(args.iter().copied(), &question);
        let new = machine.read("token").unwrap();
        assert!(first.code == 0 && new != old, "{args:?}: {first:?}");
        assert_eq!((refreshes(&hub).await, first.err.as_str()), (1, ""), "{args:?}");
        if args[0] != "status" && args[0] != "whoami" {
            assert!(first.out.contains(&new) && !first.out.contains(&old), "{args:?}: {first:?}");
        }
        let second = machine.ask(args.iter().copied(), &question);
        assert_eq!((second.code, refreshes(&hub).await), (0, 1), "{args:?}: {second:?}");
        assert!(machine.read("stored_tokens").unwrap().contains(&new));
        old = new;
    }
}

#[tokio::test]
async fn a_hub_that_cannot_refresh_now_leaves_the_old_token_with_a_warning() {
    let hub = Hub::start(HUB);
    let machine = signed_in(&hub, HOUR).await;
    let (token, stored) = (machine.read("token").unwrap(), machine.read("stored_tokens").unwrap());
    hub.control("faults", json!({ "status": 503, "endpoint": "token" })).await;
    let done = machine.run(["token"]);
    assert_eq!((done.code, done.out.trim_end()), (0, token.as_str()), "{done:?}");
    assert!(done.err.starts_with("warning: ") && done.err.contains("503"), "{}", done.err);
    assert_eq!(machine.read("stored_tokens").unwrap(), stored);

    ends_in(&machine, -1);
    let ended = machine.run(["token"]);
    assert_eq!((ended.code, ended.out.as_str()), (5, ""), "{ended:?}");
    assert!(ended.err.contains("next: try again"), "{}", ended.err);
    assert_eq!(machine.read("token").unwrap(), token, "nothing is deleted");
}

#[tokio::test]
async fn a_login_that_the_hub_ended_says_how_to_sign_in_again() {
    let hub = Hub::start(HUB);
    let machine = signed_in(&hub, -1).await;
    let (token, stored) = (machine.read("token"), machine.read("stored_tokens").unwrap());
    let body = json!({ "error": "invalid_grant", "error_description": "ended" }).to_string();
    let answer = json!({ "status": 400, "content_type": "application/json", "text": body });
    hub.control("faults", json!({ "body": answer, "endpoint": "token" })).await;
    for args in [&["token"][..], &["exec", "--", "echo", "started"], &["whoami"]] {
        let done = machine.run(args.iter().copied());
        assert_eq!((done.code, done.out.as_str()), (3, ""), "{args:?}: {done:?}");
        assert!(done.err.contains("invalid_grant"), "{}", done.err);
        assert!(done.err.contains("next: hf-oauth login --force"), "{}", done.err);
    }
    assert_eq!((machine.read("token"), machine.read("stored_tokens").unwrap()), (token, stored));
}

#[tokio::test]
async fn row_138_a_switch_during_a_refresh_stands() {
    let hub = Hub::start(HUB);
    // Ours waits for the lock; others, Python's among them, just write the file.
    for ours in [true, false] {
        let machine = signed_in(&hub, HOUR).await;
        let old = machine.read("token").unwrap();
        let other = "[home]\nhf_token = hf_aaaaaaaaaaaaaaaaaaaahome\n\n";
        machine.write(
            "stored_tokens",
            format!("{}\n\n{other}", machine.read("stored_tokens").unwrap().trim_end()),
        );
        let token = while_the_hub_refreshes(&hub, &machine, 1_000, hf_oauth(["token"])).await;
        if ours {
            let switched = machine.run(["switch", "home"]);
            assert_eq!(switched.code, 0, "{switched:?}");
        } else {
            machine.write("token", "hf_aaaaaaaaaaaaaaaaaaaahome");
        }
        let (status, out, err) = token.end();
        assert!(status.success() && err.is_empty() && out.trim_end() != old, "{out}{err}");
        assert_eq!(machine.read("token").unwrap(), "hf_aaaaaaaaaaaaaaaaaaaahome", "ours: {ours}");
        assert!(machine.read("stored_tokens").unwrap().contains(out.trim_end()), "kept under its name");
        assert_eq!(refreshes(&hub).await, 1);
    }
}

/// A command in that home whose refresh has reached the Hub, which takes its time to answer.
async fn while_the_hub_refreshes(hub: &Hub, machine: &Machine, ms: u32, command: Command) -> Program {
    hub.forget().await;
    hub.control("faults", json!({ "latency_ms": ms, "endpoint": "token", "times": 1 })).await;
    let mut command = machine.prepare(command);
    command.env("HF_HOME", machine.path(""));
    let program = Program::start(command);
    eventually("the refresh is under way", async || {
        let faults = http::json(http::get(&format!("{}/_control/faults", hub.url)).await).await;
        (faults["faults"] == json!([])).then_some(())
    })
    .await;
    program
}

#[cfg(target_os = "linux")]
fn send(signal: &str, program: &Program) {
    let pid = program.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn row_121_a_signal_during_a_refresh_ends_the_command_and_not_the_login() {
    let hub = Hub::start(HUB);
    let machine = signed_in(&hub, HOUR).await;
    let url = hub.url.strip_prefix("http://").unwrap();
    machine.write("question", format!("protocol=http\nhost={url}\n\n"));
    let asked = || {
        let mut git = bare("sh");
        let question = machine.path("question");
        git.arg("-c").arg("exec \"$BIN\" git-credential get < \"$QUESTION\"");
        git.env("BIN", binary()).env("QUESTION", question);
        git
    };
    for (command, signal, code) in [
        (hf_oauth(["token"]), "INT", 130),
        (hf_oauth(["token"]), "TERM", 143),
        (hf_oauth(["token"]), "HUP", 129),
        (hf_oauth(["exec", "--", "echo", "started"]), "INT", 130),
        (asked(), "TERM", 143),
        (hf_oauth(["whoami"]), "INT", 130),
        (hf_oauth(["status"]), "HUP", 129),
    ] {
        let name = format!("{command:?} {signal}");
        ends_in(&machine, HOUR);
        let old = machine.read("token").unwrap();
        let program = while_the_hub_refreshes(&hub, &machine, 1_000, command).await;
        send(signal, &program);
        let (status, out, err) = program.end();
        assert_eq!((status.code(), out.as_str()), (Some(code), ""), "{name}: {err}");
        assert!(err.contains("error: interrupted") && !err.contains("hf_oauth_"), "{name}: {err}");
        let new = machine.read("token").unwrap();
        assert!(new != old && machine.read("stored_tokens").unwrap().contains(&new), "{name}");
        assert_eq!(refreshes(&hub).await, 1, "{name}");
        assert!(hub.requests_to("/api/whoami-v2").await.is_empty(), "{name}: nothing more is asked");
    }
    // The refresh token that was kept is the one that the Hub takes.
    ends_in(&machine, HOUR);
    let done = machine.run(["token"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{done:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn row_121_a_second_signal_ends_a_refresh_at_once() {
    let hub = Hub::start(HUB);
    let machine = signed_in(&hub, HOUR).await;
    let old = machine.read("token");
    let program = while_the_hub_refreshes(&hub, &machine, 120_000, hf_oauth(["token"])).await;
    send("INT", &program);
    eventually("the first is heard", async || program.everything().contains("once more").then_some(())).await;
    send("INT", &program);
    let (status, out, err) = program.end();
    assert_eq!((status.code(), out.as_str(), machine.read("token")), (Some(130), "", old), "{err}");
}

/// The refresh is done and has listened: the next question must not be deaf because of it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn row_121_a_signal_after_a_refresh_ends_the_next_wait_at_once() {
    let hub = Hub::start(HUB);
    for (args, signal, code) in [(["whoami", "--json"], "INT", 130), (["status", "--json"], "TERM", 143)] {
        let machine = signed_in(&hub, HOUR).await;
        hub.control("faults", json!({ "latency_ms": 120_000, "endpoint": "whoami", "times": 1 })).await;
        let program = while_the_hub_refreshes(&hub, &machine, 0, hf_oauth(args)).await;
        send(signal, &program);
        let (status, out, err) = program.end();
        let event: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((status.code(), &event["code"]), (Some(code), &json!("interrupted")), "{out}{err}");
        assert_eq!(refreshes(&hub).await, 1, "{args:?}");
    }
}

/// `nohup`, and a script's commands in the background: what was ignored before stays ignored, in the child as well.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn row_121_a_signal_that_is_ignored_stays_so_in_a_refresh_and_in_the_child() {
    let hub = Hub::start(HUB);
    let machine = signed_in(&hub, HOUR).await;
    let mut command = bare("sh");
    command.arg("-c").arg(r#"trap '' HUP; exec "$BIN" exec -- sh -c 'kill -s HUP $$; echo "$HF_TOKEN"'"#);
    command.env("BIN", binary());
    let program = while_the_hub_refreshes(&hub, &machine, 1_000, command).await;
    send("HUP", &program);
    let (status, out, err) = program.end();
    let new = machine.read("token").unwrap();
    assert_eq!((status.code(), out.trim_end(), err.as_str()), (Some(0), new.as_str(), ""));
}

/// Whoever is asked for a token all the time starts neither threads nor handlers for one that needs no network.
#[cfg(target_os = "linux")]
#[test]
fn a_token_that_is_good_listens_to_no_signal() {
    let Some(strace) = strace() else { return };
    let machine = Machine::signed_in();
    let mut command = bare(strace);
    command.args(["-f", "-qq", "-e", "trace=rt_sigaction,epoll_create1", "-o"]).arg(machine.path("calls"));
    command.arg(binary()).arg("token");
    let done = machine.run_with(command, "");
    assert_eq!((done.code, done.out.as_str()), (0, "hf_oauth_bbbbbbbbbbbbbbbbwork\n"), "{done:?}");
    let calls = machine.read("calls").unwrap();
    assert!(calls.contains("rt_sigaction(SIGPIPE"), "the calls are seen: {calls}");
    for call in ["SIGINT", "SIGTERM", "SIGHUP", "epoll_create1"] {
        assert!(!calls.contains(call), "{call}: {calls}");
    }
}

impl Hub {
    async fn forget(&self) {
        let sent = http::client().delete(format!("{}/_control/journal", self.url));
        assert_eq!(sent.send().await.unwrap().status(), 200);
    }
}
