//! Locks that are held for long, and file systems that have none.

use std::fs::{self, File};
use std::process::Command;

use super::{HUB, codes_asked_for, kept, variables};
use crate::support::environment::{binary, strace};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, bare};
use crate::support::terminal::{Terminal, user_code};

/// A login whose locks `strace` writes down, or refuses; None where it was left out on purpose.
fn traced(hub: &Hub, home: &Folder, expressions: &[&str]) -> Option<Program> {
    let mut command = bare(strace()?);
    // As a grandchild, so that number, signals and the exit code are those of hf-oauth.
    command.args(["-D", "-f", "-qq", "-o"]).arg(home.path().join("calls"));
    command.args(expressions.iter().flat_map(|expression| ["-e", expression]));
    command.arg("--").arg(binary()).arg("login");
    command.envs(variables(hub, home.path().join("hf").to_str().unwrap()));
    Some(Program::start(command))
}

async fn code(program: &Program) -> String {
    eventually("the code", async || user_code(&program.everything())).await
}

#[tokio::test]
async fn row_121_a_signal_ends_a_login_that_waits_to_be_saved_and_the_next_one_saves_it() {
    for (signal, code_of_it) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        let Some(login) = traced(&hub, &home, &["trace=flock"]) else { return };
        let code = code(&login).await;
        let path = home.path().join("hf/stored_tokens.lock");
        let lock = File::options().write(true).create(true).truncate(false).open(path).unwrap();
        lock.lock().unwrap();
        hub.settle(&code, "approve").await;
        eventually("the save waits", async || {
            let calls = fs::read_to_string(home.path().join("calls")).unwrap_or_default();
            calls.contains(" = -1 EAGAIN ").then_some(())
        })
        .await;
        let pid = login.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        // Whoever waited for the lock to its end would say that the store is in use: exit code 6.
        let (status, _, err) = login.end();
        assert_eq!(status.code(), Some(code_of_it), "{signal}: {err}");
        assert!(err.contains("error: interrupted") && kept(home.path()).is_none(), "{signal}: {err}");
        drop(lock);

        let (exit, screen) = Terminal::start(home.path(), &["login"], &variables(&hub, "hf")).end();
        assert!(exit == 0 && screen.contains("Signed in as ada"), "{signal}: {screen}");
        assert_eq!(codes_asked_for(&hub).await, 1, "{signal}: no second approval");
    }
}

#[tokio::test]
async fn row_129_without_flock_a_login_is_kept_and_goes_on_after_a_signal() {
    for error in ["ENOSYS", "EOPNOTSUPP", "ENOLCK"] {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        let refused = format!("inject=flock:error={error}");
        let expressions = ["trace=flock", &refused];
        let Some(first) = traced(&hub, &home, &expressions) else { return };
        let user_code = code(&first).await;
        let pid = first.id().to_string();
        assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
        let (status, _, err) = first.end();
        assert_eq!(status.code(), Some(130), "{error}: {err}");

        let Some(second) = traced(&hub, &home, &expressions) else { return };
        assert_eq!(code(&second).await, user_code, "{error}");
        hub.settle(&user_code, "approve").await;
        let (status, _, err) = second.end();
        assert_eq!(status.code(), Some(0), "{error}: {err}");
        assert!(kept(home.path()).is_some() && !home.path().join("hf/hf-oauth.device").exists(), "{error}");
        let calls = fs::read_to_string(home.path().join("calls")).unwrap();
        assert!(calls.contains(&format!("{error} ")) && calls.contains("INJECTED"), "{error}: {calls}");
    }
}
