//! What `login` says, byte for byte: on terminals of three widths, in a pipe, as events, and for each way to fail.

use serde_json::json;

use super::{HUB, variables};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::golden::{compare_text, without_numbers_after};
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};
use crate::support::terminal::{Terminal, user_code};

/// Codes are random, and time passes.
fn steady(text: &str, code: &str) -> String {
    let text = if code.is_empty() { text.to_owned() } else { text.replace(code, "CODE-CODE") };
    let text = without_numbers_after("good for 4:", "NN", &text.replace("good for 5:00", "good for 4:NN"));
    let text = without_numbers_after("\"expires_in\":", "N", &text);
    without_numbers_after("\"expires_at\":", "N", &text)
}

/// A login that is settled as `decision` says; its transcript without the waiting.
async fn transcript(hub: &Hub, home: &Folder, args: &[&str], decision: &str) -> String {
    let mut command = hf_oauth(["login"].iter().chain(args).copied());
    command.envs(variables(hub, home.path().join("hf").to_str().unwrap()));
    let program = Program::start(command);
    let json_code = |line: &str| {
        let event: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(event["user_code"].as_str()?.to_owned())
    };
    let find = async || {
        let said = program.everything();
        user_code(&said).or_else(|| said.lines().find_map(json_code))
    };
    let code = eventually("the code", find).await;
    match decision {
        "expire" => drop(hub.control("clock", json!({ "advance": 301 })).await),
        "wait" => {}
        decision => hub.settle(&code, decision).await,
    }
    let (status, out, err) = program.end();
    let is_pending = |line: &&str| line.starts_with(r#"{"event":"pending""#);
    let out = steady(&out, &code);
    let out: String = out.split_inclusive('\n').filter(|line| !is_pending(line)).collect();
    let exit = status.code().unwrap();
    let args = args.iter().map(|arg| format!(" {arg}")).collect::<String>();
    let err = steady(&err, &code);
    format!("$ hf-oauth login{args}\nexit {exit}\n--- stdout\n{out}--- stderr\n{err}")
}

#[tokio::test]
async fn a_login_that_succeeds_in_a_pipe_and_as_events() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    compare_text("login.txt", &transcript(&hub, &home, &[], "approve").await);
    let events = transcript(&hub, &home, &["--json", "--force", "--name", "laptop"], "approve").await;
    compare_text("login_json.txt", &events);
}

#[tokio::test]
async fn a_login_that_ends_in_exit_code_4() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    compare_text("login_declined.txt", &transcript(&hub, &home, &[], "deny").await);
    compare_text("login_timed_out.txt", &transcript(&hub, &home, &["--timeout", "1"], "wait").await);
    compare_text("login_expired.txt", &transcript(&hub, &home, &["--force"], "expire").await);
    let refusal = json!({ "error": "invalid_client", "error_description": "no such app" }).to_string();
    let body = json!({ "status": 401, "content_type": "application/json", "text": refusal });
    hub.control("faults", json!({ "body": body, "endpoint": "device", "times": 1 })).await;
    compare_text("login_refused.txt", &failing(&hub, &home, &[], &[]));
}

#[tokio::test]
async fn a_login_that_fails_before_there_is_a_code() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let nowhere = [("HF_ENDPOINT", "http://127.0.0.1:1")];
    compare_text("login_unreachable.txt", &failing(&hub, &home, &[], &nowhere));
    compare_text("login_no_address.txt", &failing(&hub, &home, &[], &[("HF_ENDPOINT", "huggingface.co")]));
    compare_text(
        "login_plain_http.txt",
        &failing(&hub, &home, &[], &[("HF_ENDPOINT", "http://hub.example")]),
    );
    compare_text("login_read_only.txt", &failing(&hub, &home, &[], &[("HF_HOME", "/proc/self/hf")]));
    compare_text("login_bad_name.txt", &failing(&hub, &home, &["--name", "DEFAULT"], &[]));
    compare_text("login_browser_without_app.txt", &failing(&hub, &home, &["--browser"], &[]));
    compare_text("login_no_token.txt", &failing(&hub, &home, &["--token-stdin"], &[]));
    hub.control("faults", json!({ "html": 502, "endpoint": "device", "times": 1 })).await;
    compare_text("login_bad_gateway.txt", &failing(&hub, &home, &[], &[]));
    let page = json!({ "verification_uri": "https://evil.example/oauth/device" });
    hub.control("faults", json!({ "json": page, "endpoint": "device", "times": 1 })).await;
    compare_text("login_foreign_page.txt", &failing(&hub, &home, &["--json"], &[]));
    let corrupt = home.path().join("hf/stored_tokens");
    std::fs::write(&corrupt, "no INI file").unwrap();
    compare_text("login_corrupt_store.txt", &failing(&hub, &home, &[], &[]));
    assert_eq!(std::fs::read_to_string(corrupt).unwrap(), "no INI file");
    assert!(hub.requests_to("/oauth/token").await.is_empty());
}

fn failing(hub: &Hub, home: &Folder, args: &[&str], more: &[(&str, &str)]) -> String {
    let mut command = hf_oauth(["login"].iter().chain(args).copied());
    command.envs(variables(hub, home.path().join("hf").to_str().unwrap())).envs(more.iter().copied());
    let (status, out, err) = Program::start(command).end();
    let variables = more.iter().map(|(name, value)| format!("{name}={value} ")).collect::<String>();
    let args = args.iter().map(|arg| format!(" {arg}")).collect::<String>();
    let text = format!(
        "$ {variables}hf-oauth login{args}\nexit {}\n--- stdout\n{out}--- stderr\n{err}",
        status.code().unwrap()
    );
    text.replace(home.path().to_str().unwrap(), "HOME")
}

/// What a person sees: while it waits, with the QR code, and at the end.
#[tokio::test]
async fn a_login_at_terminals_of_three_widths() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    for columns in [80, 40, 30] {
        let args = ["login", "--force"];
        let mut terminal = Terminal::with_columns(columns, home.path(), &args, &variables(&hub, "hf"));
        terminal.shows("Waiting").await;
        let waiting = terminal.screen();
        let code = user_code(&waiting).unwrap();
        terminal.press("q");
        // The code once more, below the QR code; where that does not fit, what it would need.
        let after = async || {
            let screen = terminal.screen();
            let drawn = screen.trim_end().lines().last().is_some_and(|line| line.contains(" · "));
            let shown = screen.matches(&code).count() == 2 || screen.contains("QR needs");
            (shown && drawn).then_some(screen)
        };
        let qr = eventually("the QR code", after).await;
        hub.settle(&code, "approve").await;
        let (exit, end) = terminal.end();
        assert_eq!(exit, 0, "{end}");
        let mut terminal = Terminal::with_columns(columns, home.path(), &args, &variables(&hub, "hf"));
        terminal.shows("Waiting").await;
        let second = user_code(&terminal.screen()).unwrap();
        terminal.press("\u{3}");
        let (exit, stopped) = terminal.end();
        assert_eq!(exit, 130, "{stopped}");
        // What the terminal itself may echo of the key.
        let stopped = stopped.replace(&second, &code).replace("^C", "");
        let parts = [("waiting", waiting), ("after q", qr), ("signed in", end), ("after Ctrl-C", stopped)];
        let text: String = parts.iter().map(|(what, screen)| format!("--- {what}\n{screen}\n")).collect();
        compare_text(&format!("login_{columns}_columns.txt"), &still(&steady(&text, &code)));
    }
}

/// The moving line without what moves: spinner, clock, and the page's QR code, whose port is another each time.
fn still(screen: &str) -> String {
    let is_qr = |line: &str| line.contains(['█', '▀', '▄']);
    let mut lines = Vec::new();
    for line in screen.lines() {
        let line = match line.split_once(" · ") {
            Some((clock, rest)) if line.starts_with(|c| ('⠀'..='⣿').contains(&c)) => {
                assert!(clock.chars().skip(2).all(|c| c.is_ascii_digit() || c == ':'), "{line}");
                format!("⠋ M:SS · {rest}")
            }
            _ => line.to_owned(),
        };
        if !(is_qr(&line) && lines.last().is_some_and(|last: &String| last == "[QR code]")) {
            lines.push(if is_qr(&line) { "[QR code]".to_owned() } else { line });
        }
    }
    lines.join("\n") + "\n"
}
