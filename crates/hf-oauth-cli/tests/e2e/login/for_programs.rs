use serde_json::Value;

use super::{HUB, kept, variables};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};
use crate::support::terminal::user_code;

fn login(hub: &Hub, home: &Folder, args: &[&str]) -> Program {
    let mut command = hf_oauth(["login"].iter().chain(args).copied());
    let hf_home = home.path().join("hf");
    command.envs(variables(hub, hf_home.to_str().unwrap()));
    Program::start(command)
}

#[tokio::test]
async fn json_is_one_event_a_line_and_nothing_else() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut program = login(&hub, &home, &["--json"]);
    let first = program.line(|line| Some(line.to_owned()));
    let event: Value = serde_json::from_str(&first).unwrap();
    let code = event["user_code"].as_str().unwrap().to_owned();
    assert_eq!(
        first,
        format!(
            r#"{{"event":"device_code","expires_in":{},"resumed":false,"user_code":"{code}","verification_uri":"{}/oauth/device","verification_uri_complete":null}}"#,
            event["expires_in"], hub.url
        )
    );
    assert!((290..=300).contains(&event["expires_in"].as_u64().unwrap()), "{first}");
    program.line(|line| line.starts_with(r#"{"event":"pending","expires_in":2"#).then_some(()));
    hub.settle(&code, "approve").await;
    let (status, out, err) = program.end();
    assert_eq!((status.code(), err.as_str()), (Some(0), ""), "{out}");
    let events: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["user"], &last["name"]),
        (&"success".into(), &"ada".into(), &"oauth-ada".into())
    );
    assert!(last["expires_at"].is_i64() && last["scopes"].is_array(), "{last}");
    let between = &events[1..events.len() - 1];
    assert!(!between.is_empty() && between.iter().all(|event| event["event"] == "pending"), "{out}");
    assert!(!out.contains(&kept(home.path()).unwrap()), "no secret");
}

#[tokio::test]
async fn json_says_why_it_failed_by_a_code() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut program = login(&hub, &home, &["--json"]);
    let code = program
        .line(|line| serde_json::from_str::<Value>(line).unwrap()["user_code"].as_str().map(str::to_owned));
    hub.settle(&code, "deny").await;
    let (status, out, err) = program.end();
    assert_eq!((status.code(), err.as_str()), (Some(4), ""));
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["code"]), (&"error".into(), &"access_denied".into()));

    let (status, out, _) = login(&hub, &home, &["--json", "--timeout", "1"]).end();
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((status.code(), &last["code"]), (Some(4), &"timed_out".into()));
}

#[tokio::test]
async fn row_121_without_a_terminal_there_are_plain_lines_and_no_question() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let program = login(&hub, &home, &[]);
    let code = crate::support::eventually("the code", async || user_code(&program.everything())).await;
    hub.settle(&code, "approve").await;
    let (status, out, err) = program.end();
    assert_eq!((status.code(), out.as_str()), (Some(0), ""));
    assert!(!err.contains(['\u{1b}', '\r']), "{err:?}");
    assert!(err.contains(&format!("\n  {}/oauth/device\n", hub.url)), "{err}");
    assert!(
        err.ends_with('\n') && err.contains("Signed in as ada. The token is saved as oauth-ada"),
        "{err}"
    );
}

#[tokio::test]
async fn the_app_is_the_options_then_the_variables_then_the_hubs_own() {
    let apps = ["one", "two"].map(|id| {
        format!(
            "[[apps]]\nclient_id = \"{id}\"\nname = \"{id}\"\nredirect_uris = [\"http://localhost/cb\"]\n"
        )
    });
    let (hub, home) = (Hub::start(&apps.concat()), Folder::new());
    for (variable, args, expected) in [
        ("one", &["--client-id", "two"][..], "two"),
        (" one ", &[], "one"),
        ("", &[], hf_oauth::App::HUB_CLI_CLIENT_ID),
        (" ", &[], hf_oauth::App::HUB_CLI_CLIENT_ID),
    ] {
        let args = ["login", "--json", "--force", "--timeout", "1"].iter().chain(args).copied();
        let mut command = hf_oauth(args);
        command.envs(variables(&hub, home.path().join("hf").to_str().unwrap()));
        command.env("HF_DEVICE_CODE_OAUTH_CLIENT_ID", variable);
        let (status, out, _) = Program::start(command).end();
        assert_eq!(status.code(), Some(4), "{out}");
        let asked = hub.requests_to("/oauth/device").await;
        assert_eq!(asked.last().unwrap().param("client_id"), Some(expected), "{variable:?}");
    }
}
