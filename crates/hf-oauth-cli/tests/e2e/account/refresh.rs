//! A login that is about to end, through every command that gives its token.

use std::time::SystemTime;

use serde_json::json;

use super::machine::Machine;
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};
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
        hub.control("faults", json!({ "latency_ms": 1_000, "endpoint": "token", "times": 1 })).await;
        let mut token = machine.prepare(hf_oauth(["token"]));
        token.env("HF_HOME", machine.path(""));
        let token = Program::start(token);
        eventually("the refresh is under way", async || {
            let faults = http::json(http::get(&format!("{}/_control/faults", hub.url)).await).await;
            (faults["faults"] == json!([])).then_some(())
        })
        .await;
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

impl Hub {
    async fn forget(&self) {
        let sent = http::client().delete(format!("{}/_control/journal", self.url));
        assert_eq!(sent.send().await.unwrap().status(), 200);
    }
}
