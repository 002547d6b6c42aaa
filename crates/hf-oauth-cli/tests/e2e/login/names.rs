//! Whose name it is that a login would take.

use std::fs;

use serde_json::json;

use super::{HUB, codes_asked_for, kept, sign_in, variables};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::terminal::Terminal;
use crate::support::{eventually, http};

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

#[tokio::test]
async fn a_name_whose_owner_the_hub_does_not_say_just_now_is_taken_by_force_only() {
    for status in [503, 429] {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        assert_eq!(sign_in(&hub, &home, "ada", &["--name", "laptop"]).await.0, 0);
        let ada = kept(home.path());
        // Whose the new token is, is answered; whose the old one is, is not.
        hub.control("faults", json!({ "latency_ms": 1_500, "endpoint": "whoami", "times": 1 })).await;
        let args = ["login", "--name", "laptop"];
        let mut terminal = Terminal::start(home.path(), &args, &variables(&hub, "hf"));
        let code = terminal.code().await;
        hub.control("device", json!({ "user_code": code, "username": "grace" })).await;
        eventually("the first question", async || {
            let faults = http::json(http::get(&format!("{}/_control/faults", hub.url)).await).await;
            (faults["faults"] == json!([])).then_some(())
        })
        .await;
        hub.control("faults", json!({ "status": status, "endpoint": "whoami", "times": 1 })).await;
        let (exit, screen) = terminal.end();
        assert_eq!(exit, 5, "{status}: {screen}");
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("laptop is the name of a token of which the Hub does not say"), "{screen}");
        assert!(words.contains("another --name, or --force to replace it"), "{screen}");
        assert!(
            words.contains("your approval is kept for an hour: hf-oauth login without --force"),
            "{screen}"
        );
        assert_eq!(kept(home.path()), ada, "{status}");

        // What was said is true: without --force no new code, with it one.
        let args = ["login", "--name", "desk"];
        let (exit, screen) = Terminal::start(home.path(), &args, &variables(&hub, "hf")).end();
        assert!(exit == 0 && screen.contains("Signed in as grace"), "{screen}");
        assert_eq!(codes_asked_for(&hub).await, 2, "one for each account");
        assert!(fs::read_to_string(home.path().join("hf/stored_tokens")).unwrap().contains(&ada.unwrap()));
    }
}

#[tokio::test]
async fn a_name_is_free_when_its_token_has_ended_for_good_and_not_while_it_can_be_refreshed() {
    let renewable = "hf_token = hf_oauth_ended\nrefresh_token = hf_refresh_still_good\nexpires_at = 1";
    for (name, section, exit) in [
        ("laptop", renewable, 1),
        ("laptop", "hf_token = hf_ended", 0),
        // The account's own, by Python's rule.
        ("oauth-ada", renewable, 0),
    ] {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        let stored = home.path().join("hf/stored_tokens");
        let before = format!("[{name}]\n{section}\n\n");
        fs::create_dir(home.path().join("hf")).unwrap();
        fs::write(&stored, &before).unwrap();
        let args: &[&str] = if name == "laptop" { &["--name", "laptop"] } else { &[] };
        let (code, screen) = sign_in(&hub, &home, "ada", args).await;
        assert_eq!(code, exit, "{name} {section}: {screen}");
        assert_eq!(fs::read_to_string(&stored).unwrap() == before, exit == 1, "{name} {section}");
        if exit == 1 {
            assert!(screen.contains("--force to replace it"), "{screen}");
            let (code, screen) = sign_in(&hub, &home, "ada", &["--name", "laptop", "--force"]).await;
            assert_eq!(code, 0, "{screen}");
        }
    }
}
