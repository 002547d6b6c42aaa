use super::{HUB, kept, variables};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::terminal::Terminal;

#[tokio::test]
async fn the_same_command_goes_on_with_the_same_code_after_ctrl_c() {
    use std::os::unix::fs::PermissionsExt as _;
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = terminal.code().await;
    assert_eq!(terminal.signal("INT"), 130);
    let file = home.path().join("hf/hf-oauth.device");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    assert_eq!(terminal.code().await, code);
    assert!(terminal.screen().contains("began before goes on"), "{}", terminal.screen());
    hub.settle(&code, "approve").await;
    assert_eq!(terminal.end().0, 0);
    assert!(kept(home.path()).is_some() && !file.exists());
    let asked = hub.requests_to("/oauth/device").await;
    assert_eq!(asked.iter().filter(|entry| entry.0["method"] == "POST").count(), 1);
}

#[tokio::test]
async fn other_scopes_or_force_begin_anew() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut codes = Vec::new();
    for args in
        [&["login"][..], &["login", "--scope", "openid"][..], &["login", "--scope", "openid", "--force"][..]]
    {
        let mut terminal = Terminal::start(home.path(), args, &variables(&hub, "hf"));
        codes.push(terminal.code().await);
        terminal.signal("INT");
    }
    codes.dedup();
    assert_eq!(codes.len(), 3, "{codes:?}");
}

#[tokio::test]
async fn a_second_login_joins_the_first_and_both_succeed() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut first = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = first.code().await;
    let mut second = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    assert_eq!(second.code().await, code);
    hub.settle(&code, "approve").await;
    for terminal in [&mut first, &mut second] {
        let (exit, screen) = terminal.end();
        assert_eq!(exit, 0, "{screen}");
        assert!(screen.contains("Signed in as ada. The token is saved as oauth-ada"), "{screen}");
    }
    let granted = hub.requests_to("/oauth/token").await;
    assert_eq!(granted.iter().filter(|entry| entry.outcome().0 == 200).count(), 1);
}

#[tokio::test]
async fn a_second_login_that_joined_the_first_fails_with_it_and_begins_no_new_code() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut first = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = first.code().await;
    let mut second = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    assert_eq!(second.code().await, code);
    hub.settle(&code, "deny").await;
    for terminal in [&mut first, &mut second] {
        let (exit, screen) = terminal.end();
        assert_eq!(exit, 4, "{screen}");
        assert!(screen.contains("the login was declined"), "{screen}");
    }
    let asked = hub.requests_to("/oauth/device").await;
    assert_eq!(asked.iter().filter(|entry| entry.0["method"] == "POST").count(), 1);
    assert!(kept(home.path()).is_none() && !home.path().join("hf/hf-oauth.device").exists());
}

/// Ctrl-Z keeps the lock: whoever joined polls all the same, and the first takes over what was saved when it goes on.
#[tokio::test]
async fn the_second_goes_on_where_the_first_is_suspended_and_both_succeed() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut first = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = first.code().await;
    first.send("STOP");
    let mut second = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    assert_eq!(second.code().await, code);
    hub.settle(&code, "approve").await;
    let (exit, screen) = second.end();
    assert!(exit == 0 && screen.contains("Signed in as ada"), "{screen}");
    let token = kept(home.path());
    assert!(token.is_some() && !home.path().join("hf/hf-oauth.device").exists());

    // The next login is none of theirs, and the first leaves it alone.
    let mut next = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    assert_ne!(next.code().await, code);
    first.send("CONT");
    let (exit, screen) = first.end();
    assert!(exit == 0 && screen.contains("Signed in as ada"), "{screen}");
    assert!(kept(home.path()) == token && home.path().join("hf/hf-oauth.device").exists());
    let granted = hub.requests_to("/oauth/token").await;
    assert_eq!(granted.iter().filter(|entry| entry.outcome().0 == 200).count(), 1);
}

#[tokio::test]
async fn the_second_goes_on_where_the_first_is_killed() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut first = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    let code = first.code().await;
    let mut second = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    assert_eq!(second.code().await, code);
    drop(first); // SIGKILL
    hub.settle(&code, "approve").await;
    let (exit, screen) = second.end();
    assert_eq!(exit, 0, "{screen}");
    assert!(kept(home.path()).is_some());
}
