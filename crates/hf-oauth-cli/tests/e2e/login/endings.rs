use serde_json::json;

use super::{HUB, kept, variables};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::terminal::Terminal;

#[tokio::test]
async fn row_121_a_signal_ends_the_wait_with_the_terminal_and_the_old_login_as_they_were() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    hub.settle(&terminal.code().await, "approve").await;
    assert_eq!(terminal.end().0, 0);
    let before = kept(home.path());
    assert!(before.is_some());
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
        terminal.code().await;
        assert!(!terminal.is_as_before());
        assert_eq!(terminal.signal(signal), code, "{signal}");
        assert!(terminal.is_as_before(), "{signal}");
        assert_eq!(kept(home.path()), before);
        let screen = terminal.end().1;
        assert!(screen.contains("nothing has changed") && !screen.contains("Waiting"), "{screen}");
    }
    // The key, which the terminal turns into the signal.
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    terminal.code().await;
    terminal.press("\u{3}");
    assert_eq!(terminal.end().0, 130);
    let names: Vec<_> =
        std::fs::read_dir(home.path().join("hf")).unwrap().map(|it| it.unwrap().file_name()).collect();
    let temporary = names.iter().filter(|name| name.to_string_lossy().contains("tmp")).count();
    assert_eq!(temporary, 0, "{names:?}");
}

#[tokio::test]
async fn a_no_and_an_expired_code_are_exit_code_4_and_change_nothing() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    hub.settle(&terminal.code().await, "deny").await;
    let (exit, screen) = terminal.end();
    assert_eq!(exit, 4, "{screen}");
    assert!(screen.contains("error: the login was declined") && screen.contains("next:"), "{screen}");

    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    terminal.code().await;
    hub.control("clock", json!({ "advance": 301 })).await;
    let (exit, screen) = terminal.end();
    assert_eq!(exit, 4, "{screen}");
    assert!(screen.contains("nobody approved the code in its time"), "{screen}");
    assert_eq!(kept(home.path()), None);
    assert!(!home.path().join("hf/hf-oauth.device").exists());
}

#[tokio::test]
async fn a_hub_that_fails_for_a_while_does_not_end_the_login() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = terminal.code().await;
    hub.control("faults", json!({ "html": 502, "endpoint": "token", "times": 1 })).await;
    hub.settle(&code, "approve").await;
    let (exit, screen) = terminal.end();
    assert_eq!(exit, 0, "{screen}");
}

#[tokio::test]
async fn a_hub_that_says_slow_down_is_asked_less_often_and_the_login_goes_on() {
    // It names one second, and holds to three.
    let (hub, home) = (Hub::start("[device]\ninterval = 3\n"), Folder::new());
    hub.control("faults", json!({ "json": { "interval": 1 }, "endpoint": "device", "times": 1 })).await;
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = terminal.code().await;
    let told = async || {
        hub.requests_to("/oauth/token").await.iter().any(|poll| poll.0["error"] == "slow_down").then_some(())
    };
    crate::support::eventually("slow_down", told).await;
    hub.settle(&code, "approve").await;
    let (exit, screen) = terminal.end();
    assert_eq!(exit, 0, "{screen}");
    assert!(screen.contains("Signed in as ada"), "{screen}");
}

#[tokio::test]
async fn a_hub_that_is_not_there_is_exit_code_5() {
    let home = Folder::new();
    let nowhere = [("HF_ENDPOINT", "http://localhost:9"), ("HF_HOME", "hf")];
    let (exit, screen) = Terminal::start(home.path(), &["login"], &nowhere).end();
    assert_eq!(exit, 5, "{screen}");
    assert!(screen.contains("HF_ENDPOINT"), "{screen}");
}

#[tokio::test]
async fn row_117_an_unsafe_or_foreign_page_is_neither_shown_nor_opened() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    for (name, value) in [
        ("verification_uri", "javascript:alert(1)"),
        ("verification_uri", "file:///etc/passwd"),
        ("verification_uri", "smb://evil.example/share"),
        ("verification_uri", "https://evil.example/oauth/device"),
        ("verification_uri", "https://huggingface.co@evil.example/oauth/device"),
        ("user_code", "A\u{1b}]0;x\u{7}B"),
    ] {
        hub.control("faults", json!({ "json": { name: value }, "endpoint": "device", "times": 1 })).await;
        let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
        let (exit, screen) = terminal.end();
        assert_eq!(exit, 5, "{screen}");
        assert!(!screen.contains("Open this page") && !screen.contains("Waiting"), "{screen}");
    }
}

#[tokio::test]
async fn row_118_nothing_that_the_hub_says_steers_the_terminal() {
    let hub = Hub::start(HUB);
    let home = Folder::new();
    let hostile = "e\u{1b}[2Jv\u{9b}31me\u{202e}\r";
    hub.control("faults", json!({ "json": { "name": hostile }, "endpoint": "whoami", "times": 1 })).await;
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    hub.settle(&terminal.code().await, "approve").await;
    let screen = terminal.end().1;
    let output = String::from_utf8(terminal.bytes()).unwrap();
    assert!(!output.contains("\u{1b}[2J") && !output.contains(['\u{9b}', '\u{202e}']), "{output:?}");
    assert!(screen.contains("e[2Jv31me"), "{screen}");

    let body = json!({ "status": 400, "content_type": "application/json",
        "text": json!({ "error": "server_says_no", "error_description": hostile }).to_string() });
    hub.control("faults", json!({ "body": body, "endpoint": "device", "times": 1 })).await;
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let (exit, _) = terminal.end();
    let output = String::from_utf8(terminal.bytes()).unwrap();
    assert_ne!(exit, 0);
    assert!(!output.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{output:?}");
}
