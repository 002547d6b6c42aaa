//! `--scope`, as people write it.

use serde_json::{Value, json};

use super::{HUB, codes_asked_for, kept, variables};
use crate::support::folder::Folder;
use crate::support::http;
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};

fn login(hub: &Hub, home: &Folder, args: &[&str]) -> Program {
    let mut command = hf_oauth(["login"].iter().chain(args).copied());
    let hf_home = home.path().join("hf");
    command.envs(variables(hub, hf_home.to_str().unwrap()));
    Program::start(command)
}

#[tokio::test]
async fn row_191_scopes_joined_by_comma_or_blank_are_asked_for_one_by_one() {
    for args in [
        &["--json", "--scope", "openid,profile", "--scope", "jobs"][..],
        &["--json", "--scope", "openid profile, jobs,"],
    ] {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        let mut program = login(&hub, &home, args);
        let code = program
            .line(|line| serde_json::from_str::<Value>(line).ok()?["user_code"].as_str().map(str::to_owned));
        let asked = hub.requests_to("/oauth/device").await;
        assert_eq!(asked[0].param("scope"), Some("openid profile jobs"), "{args:?}");
        hub.settle(&code, "approve").await;
        let (status, out, err) = program.end();
        assert_eq!(status.code(), Some(0), "{args:?}: {out}{err}");
        assert!(kept(home.path()).is_some());
    }
}

#[tokio::test]
async fn row_191_a_scope_that_cannot_be_one_is_exit_code_2_and_nobody_is_asked() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    for (scope, named) in
        [("openid,pro\"file", "pro\\\"file"), ("caf\u{e9}", "caf\u{e9}"), (" , ", "names no scope")]
    {
        let (status, out, err) = login(&hub, &home, &["--scope", scope]).end();
        assert_eq!((status.code(), out.as_str()), (Some(2), ""), "{scope}: {err}");
        assert!(err.contains(named) && err.contains("next: hf-oauth login --scope"), "{scope}: {err}");
    }
    assert_eq!(codes_asked_for(&hub).await, 0);
}

#[tokio::test]
async fn row_191_a_scope_that_the_hub_refuses_is_named_and_exit_code_4() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let refusal = json!({ "error": "invalid_scope", "error_description": "unknown scope: read-repo" });
    let body = json!({ "status": 400, "content_type": "application/json", "text": refusal.to_string() });
    hub.control("faults", json!({ "body": body, "endpoint": "device", "times": 2 })).await;
    let (status, _, err) = login(&hub, &home, &["--scope", "openid,read-repo"]).end();
    assert_eq!(status.code(), Some(4), "{err}");
    assert!(
        err.contains("error: the Hub refuses the scope read-repo\n") && err.contains("read-repos"),
        "{err}"
    );
    assert!(!err.contains("network") && !err.contains("HF_ENDPOINT"), "{err}");
    let (status, out, _) = login(&hub, &home, &["--scope", "read-repo", "--json"]).end();
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((status.code(), &last["code"]), (Some(4), &"sign_in_refused".into()), "{last}");
    assert!(last["message"].as_str().unwrap().contains("read-repo"), "{last}");
}

/// The local Hub's own rule, for an app that was registered for less.
#[tokio::test]
async fn row_191_a_scope_that_the_app_may_not_ask_for_is_named_in_both_ways_to_sign_in() {
    let app = "[[apps]]\nclient_id = \"narrow\"\nname = \"Narrow\"\nredirect_uris = [\"http://127.0.0.1/callback\"]\n\
               scopes = [\"openid\", \"profile\"]\n";
    let (hub, home) = (Hub::start(app), Folder::new());
    let (status, out, err) = login(&hub, &home, &["--client-id", "narrow", "--scope", "openid,jobs"]).end();
    assert_eq!(status.code(), Some(4), "{out}{err}");
    assert!(err.contains("error: the Hub refuses the scope jobs\n"), "{err}");

    let args = ["--browser", "--client-id", "narrow", "--scope", "openid,jobs", "--json"];
    let mut program = login(&hub, &home, &args);
    let url =
        program.line(|line| serde_json::from_str::<Value>(line).ok()?["url"].as_str().map(str::to_owned));
    let back = http::get(&url).await;
    http::get(&http::location(&back)).await;
    let (status, out, err) = program.end();
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((status.code(), &last["code"]), (Some(4), &"sign_in_refused".into()), "{out}{err}");
    assert!(last["message"].as_str().unwrap().contains("refuses the scope jobs"), "{last}");
}
