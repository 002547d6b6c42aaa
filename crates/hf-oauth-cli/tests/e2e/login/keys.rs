use super::{HUB, variables};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::terminal::Terminal;

#[tokio::test]
async fn c_copies_the_code_and_q_shows_a_qr_code_of_the_page() {
    use base64::Engine as _;
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = terminal.code().await;
    assert!(!terminal.is_as_before(), "keys are read one by one");
    terminal.press("c");
    terminal.shows("sent to the clipboard").await;
    let sequence = format!("\u{1b}]52;c;{}\u{7}", base64::engine::general_purpose::STANDARD.encode(&code));
    let output = String::from_utf8(terminal.bytes()).unwrap();
    assert_eq!(output.matches(&sequence).count(), 1);
    terminal.press("q");
    let screen = terminal.shows("▀").await;
    assert!(!screen.lines().any(|line| line == "c" || line == "q"), "no echo: {screen}");
    let blocks =
        async || (terminal.screen().lines().filter(|line| line.contains('█')).count() > 9).then_some(());
    eventually("the whole code", blocks).await;
    hub.settle(&code, "approve").await;
    let (exit, screen) = terminal.end();
    assert_eq!(exit, 0, "{screen}");
    assert!(terminal.is_as_before());
}

#[tokio::test]
async fn a_terminal_too_narrow_for_the_qr_code_says_so() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::with_columns(30, home.path(), &["login"], &variables(&hub, "hf"));
    terminal.shows("Waiting").await;
    terminal.press("q");
    terminal.shows(" · QR needs 37 columns").await;
    assert!(!terminal.screen().contains('█'), "{}", terminal.screen());
    terminal.signal("INT");
}
