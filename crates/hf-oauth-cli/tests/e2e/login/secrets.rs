//! What others on the machine see of a login.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{HUB, kept, variables};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};
use crate::support::terminal::{Terminal, user_code};

/// What `ps` shows, and the environment, of a process with that argument, and of all that it spawned.
async fn seen(argument: &str, pid: u32) -> String {
    // A program that is just being started has no arguments yet.
    let started = async || Some(family(pid)).filter(|text| text.contains(argument));
    eventually(&format!("{argument} among the arguments"), started).await
}

fn family(pid: u32) -> String {
    let read = |pid: u32, file: &str| {
        String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default()).into_owned()
    };
    let mut text = String::new();
    let mut family = vec![pid];
    while let Some(pid) = family.pop() {
        text.extend(["cmdline", "environ"].map(|file| read(pid, file)));
        let children = read(pid, &format!("task/{pid}/children"));
        family.extend(children.split_whitespace().map(|child| child.parse::<u32>().unwrap()));
    }
    text
}

#[tokio::test]
async fn row_139_neither_arguments_nor_environment_of_a_waiting_login_have_a_secret() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut command = hf_oauth(["login"]);
    let hf_home = home.path().join("hf");
    command.envs(variables(&hub, hf_home.to_str().unwrap()));
    let program = Program::start(command);
    let user_code = eventually("the code", async || user_code(&program.everything())).await;
    let file = hf_home.join("hf-oauth.device");
    let login = eventually("the kept login", async || {
        serde_json::from_slice::<serde_json::Value>(&fs::read(&file).ok()?).ok()
    })
    .await;
    let text = seen("login", program.id()).await;
    let device_code = login["device_code"].as_str().unwrap();
    assert!(!text.contains(device_code) && !text.contains(&user_code), "{text:?}");
    hub.settle(&user_code, "approve").await;
    let (status, out, err) = program.end();
    assert!(status.success() && !format!("{out}{err}").contains(device_code), "{out}{err}");
}

#[tokio::test]
async fn row_139_neither_arguments_nor_environment_of_a_login_with_a_token_have_it() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    hub.settle(&terminal.code().await, "approve").await;
    assert_eq!(terminal.end().0, 0);
    let token = kept(home.path()).unwrap();
    let mut command: Command = hf_oauth(["login", "--token-stdin", "--name", "pasted"]);
    command.env("HOME", home.path()).envs(variables(&hub, home.path().join("hf").to_str().unwrap()));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(token.as_bytes()).unwrap();
    // It waits for the line's end.
    let text = seen("--token-stdin", child.id()).await;
    assert!(!text.contains(&token), "{text:?}");
    stdin.write_all(b"\n").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !err.contains(&token), "{err}");
}
