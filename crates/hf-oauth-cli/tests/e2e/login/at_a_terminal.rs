use super::{HUB, kept, variables};
use crate::support::browser::Browser;
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::steps::APPROVE;
use crate::support::terminal::Terminal;

#[tokio::test]
async fn a_person_reads_the_code_approves_in_a_browser_and_is_signed_in() {
    Browser::run("terminal-login", async |browser| {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
        let code = terminal.code().await;
        browser.open(&format!("{}/oauth/device", hub.url)).await;
        browser.type_into("#user_code", &code).await;
        browser.click("button.primary").await;
        browser.click("button.person[value=ada]").await;
        browser.click(APPROVE).await;
        browser.reads(&["Your device is connected"]).await;
        let (exit, screen) = terminal.end();
        assert_eq!(exit, 0, "{screen}");
        assert!(screen.contains("Signed in as ada. The token is saved as oauth-ada"), "{screen}");
        assert!(!screen.contains("Waiting"), "the countdown is gone: {screen}");
        let token = kept(home.path()).unwrap();
        assert!(!screen.contains(&token) && terminal.is_as_before());
        assert!(!home.path().join("hf/hf-oauth.device").exists());
    })
    .await;
}

#[tokio::test]
async fn address_and_code_come_first_each_whole_and_on_its_own_line() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    for columns in [30, 40, 80, 200] {
        let mut terminal =
            Terminal::with_columns(columns, home.path(), &["login", "--force"], &variables(&hub, "hf"));
        terminal.shows("Waiting").await;
        let output = String::from_utf8(terminal.bytes()).unwrap();
        let lines: Vec<_> = output.lines().map(str::trim).collect();
        let page = format!("{}/oauth/device", hub.url);
        assert_eq!(lines[2], page, "{output}");
        assert!(output.find("Only continue").unwrap() > output.find(&page).unwrap());
        // The countdown is drawn again and again, and never so long that it would leave lines behind.
        terminal.counts_down().await;
        assert_eq!(
            terminal.screen().matches("Waiting").count(),
            1,
            "{columns} columns: {}",
            terminal.screen()
        );
        terminal.signal("INT");
    }
}

#[tokio::test]
async fn a_variable_that_wins_over_the_login_is_told_before_the_code() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut variables = variables(&hub, "hf");
    variables.push(("HF_TOKEN", "hf_canary_of_the_environment"));
    let mut terminal = Terminal::start(home.path(), &["login"], &variables);
    let code = terminal.code().await;
    let screen = terminal.screen();
    assert!(screen.find("HF_TOKEN is set").unwrap() < screen.find(&code).unwrap(), "{screen}");
    hub.settle(&code, "approve").await;
    let (exit, screen) = terminal.end();
    assert_eq!(exit, 0);
    assert!(screen.contains("HF_TOKEN is still set and still wins"), "{screen}");
    assert!(!screen.contains("hf_canary"), "{screen}");
}
