//! What a login does to the store, and what it does when it cannot.

use std::process::Command;

use serde_json::json;

use super::{HUB, kept, variables};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, bare, hf_oauth};
use crate::support::terminal::{Terminal, user_code};

/// Exit code and screen of a login with that name, which `username` approves.
async fn sign_in(hub: &Hub, home: &Folder, username: &str, args: &[&str]) -> (u32, String) {
    let args: Vec<_> = ["login"].iter().chain(args).copied().collect();
    let mut terminal = Terminal::start(home.path(), &args, &variables(hub, "hf"));
    let code = terminal.code().await;
    hub.control("device", json!({ "user_code": code, "username": username })).await;
    terminal.end()
}

#[tokio::test]
async fn another_account_s_name_is_taken_over_by_force_only() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    assert_eq!(sign_in(&hub, &home, "ada", &["--name", "laptop"]).await.0, 0);
    let ada = kept(home.path());
    let (exit, screen) = sign_in(&hub, &home, "grace", &["--name", "laptop"]).await;
    assert_eq!(exit, 1, "{screen}");
    assert!(screen.contains("laptop is the name of ada's token, not of grace's"), "{screen}");
    assert!(screen.contains("--force"), "{screen}");
    assert_eq!(kept(home.path()), ada);

    let (exit, screen) = sign_in(&hub, &home, "grace", &["--name", "laptop", "--force"]).await;
    assert!(exit == 0 && screen.contains("Signed in as grace"), "{exit}: {screen}");
    assert_ne!(kept(home.path()), ada);
}

#[test]
fn a_store_that_cannot_be_made_is_told_before_anybody_is_asked() {
    let mut command = hf_oauth(["login"]);
    // No folder can be made there, whoever asks.
    command.envs([("HF_ENDPOINT", "http://localhost:9"), ("HF_HOME", "/proc/self/hf")]);
    let (status, _, err) = Program::start(command).end();
    assert_eq!(status.code(), Some(6), "{err}");
    assert!(err.contains("/proc/self/hf") && err.contains("HF_HOME"), "{err}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_is_full_when_the_token_comes_is_exit_code_6_and_nothing_is_half_written() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let pid = home.path().join("pid");
    // A limit on files is an error, as a full disk is, for a program that does not mind the signal.
    let mut command = bare("sh");
    let script = format!("trap '' XFSZ; echo $$ > {}; exec \"$@\"", pid.display());
    let login = hf_oauth(["login"]);
    command.args(["-c", &script, "sh"]).arg(login.get_program()).args(login.get_args());
    let hf_home = home.path().join("hf");
    command.envs(variables(&hub, hf_home.to_str().unwrap()));
    let program = Program::start(command);
    let code = eventually("the code", async || user_code(&program.everything())).await;
    let pid = std::fs::read_to_string(pid).unwrap();
    let limited = Command::new("prlimit").args(["--pid", pid.trim(), "--fsize=0"]).status().unwrap();
    assert!(limited.success());
    hub.settle(&code, "approve").await;
    let (status, _, err) = program.end();
    assert_eq!(status.code(), Some(6), "{err}");
    assert!(err.contains("the token store cannot be written") && err.contains("disk less full"), "{err}");
    assert!(!err.contains("Signed in"), "{err}");
    for entry in std::fs::read_dir(hf_home).unwrap().map(Result::unwrap) {
        let length = entry.metadata().unwrap().len();
        assert!(length == 0, "{:?} has {length} bytes", entry.file_name());
    }
    assert_eq!(kept(home.path()), None);

    let (exit, screen) = sign_in(&hub, &home, "ada", &[]).await;
    assert_eq!(exit, 0, "{screen}");
}
