//! What a login does to the store, and what it does when it cannot.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{HUB, codes_asked_for, kept, sign_in, variables};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, bare, hf_oauth};
use crate::support::terminal::{Terminal, user_code};

#[test]
fn a_store_that_cannot_be_made_is_told_before_anybody_is_asked() {
    let mut command = hf_oauth(["login"]);
    // No folder can be made there, whoever asks.
    command.envs([("HF_ENDPOINT", "http://localhost:9"), ("HF_HOME", "/proc/self/hf")]);
    let (status, _, err) = Program::start(command).end();
    assert_eq!(status.code(), Some(6), "{err}");
    assert!(err.contains("/proc/self/hf") && err.contains("HF_HOME"), "{err}");
}

fn linked_where_others_may_write(hf: &Path, name: &str) {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    fs::set_permissions(hf, fs::Permissions::from_mode(0o777)).unwrap();
    symlink(hf.join("victim"), hf.join(name)).unwrap();
}

/// What no login can be saved over or into, each found before the Hub hears of a login.
#[tokio::test]
async fn row_123_a_store_that_could_not_be_written_is_told_before_anybody_is_asked() {
    use std::os::unix::fs::symlink;
    type Setup = fn(&Path);
    let hub = Hub::start(HUB);
    let setups: [(&str, Setup); 9] = [
        ("token", |hf| linked_where_others_may_write(hf, "token")),
        ("stored_tokens", |hf| linked_where_others_may_write(hf, "stored_tokens")),
        ("token", |hf| fs::hard_link(hf.join("victim"), hf.join("token")).unwrap()),
        ("hf-oauth.tokens", |hf| fs::create_dir(hf.join("hf-oauth.tokens")).unwrap()),
        ("hf-oauth.device", |hf| fs::hard_link(hf.join("victim"), hf.join("hf-oauth.device")).unwrap()),
        ("hf-oauth.device", |hf| symlink(hf.join("victim"), hf.join("hf-oauth.device")).unwrap()),
        ("hf-oauth.journal", |hf| fs::create_dir(hf.join("hf-oauth.journal")).unwrap()),
        ("stored_tokens.lock", |hf| fs::create_dir(hf.join("stored_tokens.lock")).unwrap()),
        ("stored_tokens.lock", |hf| symlink("victim", hf.join("stored_tokens.lock")).unwrap()),
    ];
    for (name, setup) in setups {
        let home = Folder::new();
        let hf_home = home.path().join("hf");
        fs::create_dir(&hf_home).unwrap();
        fs::write(hf_home.join("victim"), "hf_of_somebody").unwrap();
        setup(&hf_home);
        let mut command = hf_oauth(["login", "--json"]);
        command.envs(variables(&hub, hf_home.to_str().unwrap()));
        let (status, out, err) = Program::start(command).end();
        let event: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((status.code(), err.as_str()), (Some(6), ""), "{name}: {out}");
        assert_eq!(event["code"], "store_unwritable", "{name}: {out}");
        assert!(event["message"].as_str().unwrap().contains(name), "{name}: {out}");
        assert_eq!(fs::read_to_string(hf_home.join("victim")).unwrap(), "hf_of_somebody", "{name}");
        let left = fs::read_dir(&hf_home).unwrap().map(|file| file.unwrap().file_name());
        assert!(left.into_iter().all(|file| !file.to_string_lossy().ends_with(".tmp")), "{name}");
    }
    assert!(hub.requests_to("/oauth/device").await.is_empty(), "nobody was asked to approve anything");
}

/// A login whose files may become no longer than that from when `prlimit` says so: for a program that does not mind the
/// signal, a limit on files is an error as a full disk is.
#[cfg(target_os = "linux")]
struct Limited {
    program: Program,
    pid: String,
}

#[cfg(target_os = "linux")]
impl Limited {
    async fn start(hub: &Hub, home: &Folder, limit_kib: &str) -> Self {
        let pid = home.path().join("pid");
        let mut command = bare("sh");
        let script = format!("ulimit -f {limit_kib}; trap '' XFSZ; echo $$ > {}; exec \"$@\"", pid.display());
        let login = hf_oauth(["login"]);
        command.args(["-c", &script, "sh"]).arg(login.get_program()).args(login.get_args());
        let hf_home = home.path().join("hf");
        command.envs(variables(hub, hf_home.to_str().unwrap()));
        let program = Program::start(command);
        let pid = eventually("its number", async || {
            fs::read_to_string(&pid).ok().filter(|pid| pid.ends_with('\n'))
        });
        let pid = pid.await.trim().to_owned();
        Self { program, pid }
    }

    /// Fills the disk, approves, and gives exit code and standard error.
    async fn approved_on_a_full_disk(self, hub: &Hub, bytes: u32) -> (Option<i32>, String) {
        let code = eventually("the code", async || user_code(&self.program.everything())).await;
        let limit = format!("--fsize={bytes}");
        let limited = Command::new("prlimit").args(["--pid", &self.pid, &limit]).status().unwrap();
        assert!(limited.success());
        hub.settle(&code, "approve").await;
        let (status, _, err) = self.program.end();
        (status.code(), err)
    }
}

/// A login of another account that makes each save a long one.
#[cfg(target_os = "linux")]
fn long_names(home: &Folder) -> String {
    let text = format!("[long]\nhf_token = hf_long\nnote = {}\n\n", "x".repeat(64 * 1024));
    fs::create_dir(home.path().join("hf")).unwrap();
    fs::write(home.path().join("hf/stored_tokens"), &text).unwrap();
    text
}

/// The active token's folder is another than the names'.
#[test]
fn a_token_file_in_a_folder_that_takes_none_is_told_before_anybody_is_asked() {
    let home = Folder::new();
    let mut command = hf_oauth(["login"]);
    let names = home.path().join("names/stored_tokens");
    command.envs([("HF_ENDPOINT", "http://localhost:9"), ("HF_TOKEN_PATH", "/proc/self/hf/token")]);
    command.env("HF_STORED_TOKENS_PATH", &names);
    let (status, _, err) = Program::start(command).end();
    assert!(status.code() == Some(6) && err.contains("/proc/self/hf"), "{err}");
    assert!(!names.exists(), "nothing was saved");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn row_124_a_disk_too_full_for_the_names_is_told_before_anybody_is_asked() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let names = long_names(&home);
    // `ulimit -f` counts in blocks of 512 bytes or of 1024, as the shell likes: either is less than the names.
    let (status, _, err) = Limited::start(&hub, &home, "32").await.program.end();
    assert_eq!(status.code(), Some(6), "{err}");
    assert!(err.contains("the token store cannot be written") && err.contains("disk less full"), "{err}");
    assert!(hub.requests_to("/oauth/device").await.is_empty());
    assert_eq!(fs::read_to_string(home.path().join("hf/stored_tokens")).unwrap(), names);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn row_124_an_approval_that_could_not_be_saved_is_finished_by_the_next_login() {
    use std::os::unix::fs::PermissionsExt as _;
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let names = long_names(&home);
    let login = Limited::start(&hub, &home, "unlimited").await;
    let (code, err) = login.approved_on_a_full_disk(&hub, 32 * 1024).await;
    assert_eq!(code, Some(6), "{err}");
    assert!(err.contains("your approval is kept for an hour") && !err.contains("hf_oauth_"), "{err}");
    assert_eq!(fs::read_to_string(home.path().join("hf/stored_tokens")).unwrap(), names);
    let file = home.path().join("hf/hf-oauth.device");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let (exit, screen) = Terminal::start(home.path(), &["login"], &variables(&hub, "hf")).end();
    assert_eq!(exit, 0, "{screen}");
    assert!(
        screen.contains("that you approved before goes on") && screen.contains("Signed in as ada"),
        "{screen}"
    );
    assert_eq!(codes_asked_for(&hub).await, 1, "no second code, no second approval");
    assert!(kept(home.path()).is_some() && !file.exists());
}

/// The token is granted, and the Hub is slow to say whose it is: a signal there, or a death, costs no approval.
#[tokio::test]
async fn an_approval_outlives_a_signal_and_a_kill() {
    for kill in [false, true] {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
        let code = terminal.code().await;
        hub.control("faults", json!({ "latency_ms": 120_000, "endpoint": "whoami", "times": 1 })).await;
        hub.settle(&code, "approve").await;
        eventually("the token, kept", async || {
            let file = fs::read_to_string(home.path().join("hf/hf-oauth.device")).ok()?;
            file.contains("access_token").then_some(())
        })
        .await;
        if kill {
            drop(terminal);
        } else {
            assert_eq!(terminal.signal("INT"), 130);
        }
        assert_eq!(kept(home.path()), None);
        let (exit, screen) = Terminal::start(home.path(), &["login"], &variables(&hub, "hf")).end();
        assert!(exit == 0 && screen.contains("Signed in as ada"), "{kill}: {screen}");
        assert_eq!(codes_asked_for(&hub).await, 1, "{kill}");
    }
}

#[tokio::test]
async fn an_approval_outlives_a_hub_that_does_not_answer_and_a_name_that_is_taken() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    assert_eq!(sign_in(&hub, &home, "grace", &["--name", "laptop"]).await.0, 0);
    let graces = kept(home.path());
    hub.control("faults", json!({ "status": 503, "endpoint": "whoami", "times": 1 })).await;
    let (exit, screen) = sign_in(&hub, &home, "ada", &[]).await;
    assert_eq!(exit, 5, "{screen}");
    assert!(screen.contains("approval is kept"), "{screen}");
    for (args, code, user) in [(["--name", "laptop"], 1, None), (["--name", "desk"], 0, Some("ada"))] {
        let mut command = hf_oauth(["login", "--json"].into_iter().chain(args));
        command.envs(variables(&hub, home.path().join("hf").to_str().unwrap()));
        let (status, out, _) = Program::start(command).end();
        let events: Vec<serde_json::Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((status.code(), &events[0]), (Some(code), &json!({ "event": "approved" })), "{out}");
        assert_eq!(events[1]["user"].as_str(), user, "{out}");
    }
    assert_eq!(codes_asked_for(&hub).await, 2, "one for each account");
    assert_ne!(kept(home.path()), graces);
}

#[tokio::test]
async fn an_approval_that_was_not_saved_is_good_for_an_hour_for_the_same_login_alone() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let file = home.path().join("hf/hf-oauth.device");
    let unsaved = async || {
        hub.control("faults", json!({ "status": 503, "endpoint": "whoami", "times": 1 })).await;
        let (exit, screen) = sign_in(&hub, &home, "ada", &["--force"]).await;
        assert_eq!(exit, 5, "{screen}");
    };
    let edited = |edit: fn(&mut serde_json::Value)| {
        let mut left: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        edit(&mut left["granted"]);
        fs::write(&file, left.to_string()).unwrap();
    };
    for (args, edit) in [
        (
            &["login"][..],
            (|it| it["at"] = json!(it["at"].as_i64().unwrap() - 3_600)) as fn(&mut serde_json::Value),
        ),
        (&["login"], |it| it["client_id"] = json!("another-app")),
        (&["login"], |it| it["issuer"] = json!("http://localhost:1")),
        (&["login", "--scope", "openid"], |_| ()),
        (&["login", "--force"], |_| ()),
    ] {
        unsaved().await;
        edited(edit);
        let mut terminal = Terminal::start(home.path(), args, &variables(&hub, "hf"));
        terminal.code().await;
        assert!(!terminal.screen().contains("approved before"), "{args:?}: {}", terminal.screen());
        assert!(!fs::read_to_string(&file).unwrap().contains("access_token"), "the old one is gone");
        terminal.signal("INT");
    }
    for args in [&["logout"][..], &["logout", "--all"]] {
        unsaved().await;
        let mut logout = hf_oauth(args.iter().copied());
        logout.envs(variables(&hub, home.path().join("hf").to_str().unwrap()));
        assert!(Program::start(logout).end().0.success() && !file.exists(), "no token stays behind");
    }
}

/// An approval is a token, and forgetting it needs no store that can be read.
#[tokio::test]
async fn row_134_a_logout_forgets_an_approval_though_the_names_cannot_be_read() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    hub.control("faults", json!({ "status": 503, "endpoint": "whoami", "times": 1 })).await;
    assert_eq!(sign_in(&hub, &home, "ada", &[]).await.0, 5);
    let (file, stored) = (home.path().join("hf/hf-oauth.device"), home.path().join("hf/stored_tokens"));
    assert!(fs::read_to_string(&file).unwrap().contains("access_token"));
    fs::write(&stored, "{\"a\": 1}").unwrap();
    let mut logout = hf_oauth(["logout"]);
    logout.envs(variables(&hub, home.path().join("hf").to_str().unwrap()));
    let (status, _, err) = Program::start(logout).end();
    assert_eq!((status.code(), file.exists()), (Some(6), false), "{err}");
    assert!(err.starts_with("Forgot an approval"), "{err}");
    assert_eq!(fs::read_to_string(&stored).unwrap(), "{\"a\": 1}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_is_full_when_the_token_comes_is_exit_code_6_and_nothing_is_half_written() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let login = Limited::start(&hub, &home, "unlimited").await;
    let (code, err) = login.approved_on_a_full_disk(&hub, 0).await;
    assert_eq!(code, Some(6), "{err}");
    assert!(err.contains("the token store cannot be written") && err.contains("disk less full"), "{err}");
    assert!(!err.contains("Signed in") && err.contains("your approval is lost"), "{err}");
    for entry in fs::read_dir(home.path().join("hf")).unwrap().map(Result::unwrap) {
        let length = entry.metadata().unwrap().len();
        assert!(length == 0, "{:?} has {length} bytes", entry.file_name());
    }
    assert_eq!(kept(home.path()), None);

    let (exit, screen) = sign_in(&hub, &home, "ada", &[]).await;
    assert_eq!(exit, 0, "{screen}");
}
