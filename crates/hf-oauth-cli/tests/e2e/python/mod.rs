//! Python's `hf` and ours on the same files, at the same local Hub.

use std::process::Command;

use serde_json::{Value, json};

use crate::account::machine::Machine;
use crate::support::environment;
use crate::support::hub::Hub;
use crate::support::program::{Program, bare};

const HUB: &str = "[[users]]\nusername = \"mary\"\nname = \"Mary Somerville\"\n";

/// Python's command line of the pinned packages.
pub(crate) fn hf(args: &[&str]) -> Option<Command> {
    let mut command = python()?;
    command.args(["-m", "huggingface_hub.cli.hf"]).args(args);
    Some(command)
}

/// A program for that Python.
pub(crate) fn script(text: &str) -> Option<Command> {
    let mut command = python()?;
    command.args(["-c", text]);
    Some(command)
}

fn python() -> Option<Command> {
    let (python, _) = environment::python()?;
    let mut command = bare(python);
    command.envs([("PYTHONDONTWRITEBYTECODE", "1"), ("HF_HUB_DISABLE_TELEMETRY", "1"), ("NO_COLOR", "1")]);
    // The harness of agents would change its output; so would a check for updates.
    command.envs([("HF_HUB_DISABLE_UPDATE_CHECK", "1"), ("HF_HUB_DISABLE_PROGRESS_BARS", "1")]);
    Some(command)
}

#[tokio::test]
async fn what_python_saved_is_ours() {
    let hub = Hub::start(HUB);
    let machine = Machine::new().with("HF_ENDPOINT", &hub.url).with("HF_HOME", "~/hf");
    let Some(login) = hf(&["auth", "login", "--format", "agent"]) else { return };
    let home = machine.home.path().to_owned();
    let mut login = machine.prepare(login);
    login.env("HF_HOME", home.join("hf"));
    let mut login = Program::start(login);
    let code = login.line(|line| {
        let (_, rest) = line.split_once("enter the code ")?;
        Some(rest.split('.').next()?.to_owned())
    });
    hub.control("device", json!({ "user_code": code, "username": "mary" })).await;
    let (status, out, err) = login.end();
    assert!(status.success() && out.contains("Login successful"), "{out}{err}");

    let machine = machine.with("HF_HOME", home.join("hf").to_str().unwrap());
    let token = machine.run(["token"]);
    assert_eq!(token.code, 0, "{token:?}");
    assert_eq!(machine.run_with(hf(&["auth", "token"]).unwrap(), "").out, token.out);
    let listed: Value = serde_json::from_str(&machine.run(["list", "--json"]).out).unwrap();
    assert_eq!(listed["logins"][0]["name"], "oauth-mary");
    assert_eq!(listed["logins"][0]["active"], true);
    assert_eq!(listed["logins"][0]["refreshable"], true);
    assert!(machine.run(["status"]).out.contains("User:          mary"), "{:?}", machine.run(["status"]));
    assert_eq!(machine.run(["whoami"]).out, "mary\n");
}

#[tokio::test]
async fn what_we_saved_is_pythons() {
    let hub = Hub::start(HUB);
    let machine = Machine::new().with("HF_ENDPOINT", &hub.url);
    let Some(_) = hf(&[]) else { return };
    let mut login =
        machine.prepare(crate::support::program::hf_oauth(["login", "--device", "--json", "--name", "ours"]));
    login.env("HF_HOME", machine.home.path().join("hf"));
    let mut login = Program::start(login);
    let code = login.line(|line| {
        let event: Value = serde_json::from_str(line).ok()?;
        Some(event["user_code"].as_str()?.to_owned())
    });
    hub.control("device", json!({ "user_code": code, "username": "mary" })).await;
    let (status, out, err) = login.end();
    assert!(status.success(), "{out}{err}");

    let machine = machine.with("HF_HOME", "~/hf");
    let python = |args: &[&str]| machine.run_with(hf(args).unwrap(), "");
    let whoami = python(&["auth", "whoami"]);
    assert!(whoami.code == 0 && whoami.out.contains("mary"), "{whoami:?}");
    let list = python(&["auth", "list"]);
    assert!(list.code == 0 && list.out.contains("ours"), "{list:?}");
    let second = "\n[second]\nhf_token = hf_eeeeeeeeeeeeeeeeeeee\n\n";
    let path = machine.home.path().join("hf/stored_tokens");
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap().trim_end().to_owned() + "\n" + second)
        .unwrap();
    let switched = python(&["auth", "switch", "--token-name", "second"]);
    assert_eq!(switched.code, 0, "{switched:?}");
    assert_eq!(machine.run(["token"]).out, "hf_eeeeeeeeeeeeeeeeeeee\n");
    assert_eq!(machine.run(["switch", "ours"]).code, 0);
    assert_eq!(python(&["auth", "token"]).out, machine.run(["token"]).out);
}

#[test]
fn row_137_python_gives_the_same_answer_for_every_source() {
    let token = |machine: Machine| {
        let python = hf(&["auth", "token"]).map(|command| machine.run_with(command, ""));
        (python.map(|done| done.out), machine.run(["token"]).out)
    };
    let machine = Machine::signed_in;
    for machine in [
        machine(),
        machine().with("HF_TOKEN", " hf_new\n"),
        machine().with("HF_TOKEN", "hf_new").with("HUGGING_FACE_HUB_TOKEN", "hf_old"),
        machine().with("HUGGING_FACE_HUB_TOKEN", "hf_old"),
        machine().with("HF_TOKEN", "").with("HUGGING_FACE_HUB_TOKEN", "hf_old"),
        machine().with("HF_TOKEN", " ").with("HUGGING_FACE_HUB_TOKEN", "hf_old"),
        machine().with("HF_TOKEN", "\r\n"),
        machine().with("HF_HOME", "$HOME/.cache/huggingface"),
        machine().with("HF_HOME", "~/elsewhere"),
        machine().with("HF_TOKEN_PATH", "~/.cache/huggingface/token"),
        machine().with("XDG_CACHE_HOME", "${HOME}/.cache"),
    ] {
        let (python, ours) = token(machine);
        let Some(python) = python else { return };
        assert_eq!(python, ours);
    }
}
