//! A job's token, exchanged for `HF_OIDC_RESOURCE`: ours and Python's are the same owner's.

use super::machine::{Done, Machine};
use crate::python::{hf, script};
use crate::support::http;
use crate::support::hub::Hub;

/// A job's ID token, from the local Hub's own CI.
async fn id_token(hub: &Hub) -> String {
    let url = format!("{0}/ci/id-token?audience={0}", hub.url);
    let answer = http::client().get(url).bearer_auth("local-ci").send().await.unwrap();
    http::json(answer).await["value"].as_str().unwrap().to_owned()
}

/// A job on GitHub Actions, which asks for its ID token itself.
fn on_github(hub: &Hub) -> Machine {
    Machine::signed_in()
        .with("HF_ENDPOINT", &hub.url)
        .with("HF_OIDC_RESOURCE", "datasets/grace/engine")
        .with("GITHUB_ACTIONS", "true")
        .with("ACTIONS_ID_TOKEN_REQUEST_URL", &format!("{}/ci/id-token?api-version=2.0", hub.url))
        .with("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "local-ci")
}

fn job(hub: &Hub, id_token: &str) -> Machine {
    Machine::signed_in()
        .with("HF_ENDPOINT", &hub.url)
        .with("HF_OIDC_RESOURCE", "datasets/grace/engine")
        .with("HF_OIDC_ID_TOKEN", id_token)
}

#[tokio::test]
async fn row_064_a_jobs_id_token_gives_every_command_a_token_of_the_resources_owner() {
    let hub = Hub::start("");
    let machine = job(&hub, &id_token(&hub).await);
    let run = |args: &[&str]| machine.run(args.iter().copied());
    every_command_is_graces(&hub, &run).await;
    let status = run(&["status"]);
    assert!(status.code == 0 && status.out.contains("User:          grace"), "{status:?}");
    assert!(status.out.starts_with("In use: the token exchanged for HF_OIDC_RESOURCE\n"), "{status:?}");

    // What Python has for the same variables.
    let python = |command| machine.run_with(command, "");
    let Some(command) = hf(&["auth", "whoami"]) else { return };
    let whoami = python(command);
    assert!(whoami.code == 0 && whoami.out.contains("grace"), "{whoami:?}");
    let token = python(script("from huggingface_hub import get_token; print(get_token())").unwrap());
    assert_eq!(owner(&hub, &token).await, "grace");
    // The child is given the token itself, and Python in it exchanges nothing again.
    let child = run(&["exec", "--", "sh", "-c", "echo \"$HF_TOKEN $HF_OIDC_RESOURCE\""]);
    assert!(child.out.starts_with("hf_oauth_local_") && child.out.ends_with(" \n"), "{child:?}");
}

#[tokio::test]
async fn row_064_a_job_on_github_actions_asks_for_its_id_token_itself() {
    let hub = Hub::start("");
    let machine = on_github(&hub);
    let run = |args: &[&str]| machine.run(args.iter().copied());
    every_command_is_graces(&hub, &run).await;
    assert_eq!(hub.requests_to("/ci/id-token").await.len(), 3, "one for each command");
    if let Some(command) = hf(&["auth", "whoami"]) {
        let whoami = machine.run_with(command, "");
        assert!(whoami.code == 0 && whoami.out.contains("grace"), "{whoami:?}");
    }
    // An ID token that is there is taken, and GitHub is not asked.
    let machine = on_github(&hub).with("HF_OIDC_ID_TOKEN", &id_token(&hub).await);
    let asked = hub.requests_to("/ci/id-token").await.len();
    assert_eq!(owner(&hub, &machine.run(["token"])).await, "grace");
    assert_eq!(hub.requests_to("/ci/id-token").await.len(), asked);
}

async fn every_command_is_graces(hub: &Hub, run: &dyn Fn(&[&str]) -> Done) {
    for args in [&["token"][..], &["exec", "--", "sh", "-c", "echo $HF_TOKEN"]] {
        assert_eq!(owner(hub, &run(args)).await, "grace", "{args:?}");
    }
    let whoami = run(&["whoami"]);
    assert_eq!((whoami.code, whoami.out.as_str()), (0, "grace\n"), "{whoami:?}");
}

/// Whose token a command printed.
async fn owner(hub: &Hub, done: &Done) -> String {
    assert_eq!(done.code, 0, "{done:?}");
    let asked = http::client().get(format!("{}/api/whoami-v2", hub.url)).bearer_auth(done.out.trim_end());
    http::json(asked.send().await.unwrap()).await["name"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn row_064_an_exchange_that_fails_is_an_error_and_falls_back_to_nothing() {
    let hub = Hub::start("");
    let good = id_token(&hub).await;
    for machine in [
        job(&hub, "no.id.token"),
        job(&hub, ""),
        job(&hub, &good).with("HF_OIDC_RESOURCE", "nobody/there"),
        job(&hub, "no.id.token").with("HF_TOKEN", "hf_dddddddddddddddddddddddenv"),
        on_github(&hub).with("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of another job"),
        on_github(&hub).with("ACTIONS_ID_TOKEN_REQUEST_URL", "http://hub.example/id-token?a=b"),
    ] {
        for args in [&["token"][..], &["whoami"], &["exec", "--", "echo", "started"]] {
            let done = machine.run(args.iter().copied());
            assert_eq!((done.code, done.out.as_str()), (3, ""), "{args:?}: {done:?}");
            assert!(done.err.contains("HF_OIDC_RESOURCE") && done.err.contains("next: "), "{}", done.err);
            assert!(!done.err.contains(&good) && !done.err.contains("no.id.token"), "{}", done.err);
        }
        let status = machine.run(["status", "--json"]);
        let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
        assert_eq!((&status["signed_in"], &status["source"]), (&false.into(), &"ci_exchange".into()));
    }
    assert_eq!(hub.requests_to("/api/whoami-v2").await.len(), 0, "no other token was tried");
}

#[tokio::test]
async fn a_ci_or_a_hub_that_does_not_answer_is_exit_code_5_and_a_no_is_3() {
    let hub = Hub::start("");
    let good = id_token(&hub).await;
    let closed = "http://127.0.0.1:1";
    let exchange = async |machine: Machine, fault: Option<serde_json::Value>| {
        if let Some(fault) = &fault {
            hub.control("faults", fault.clone()).await;
        }
        let done = machine.run(["whoami", "--json"]);
        if let Some(fault) = fault {
            hub.control("faults", fault).await;
        }
        let status = machine.run(["status", "--json"]);
        let told: serde_json::Value = serde_json::from_str(&status.out).unwrap();
        assert_eq!((status.code, &told["signed_in"]), (done.code, &false.into()), "{status:?}");
        let event: serde_json::Value = serde_json::from_str(&done.out).unwrap();
        assert!(done.err.contains("HF_OIDC_RESOURCE") && done.err.contains("next: "), "{}", done.err);
        assert!(!done.err.contains(&good), "{}", done.err);
        (done.code, event["code"].as_str().unwrap().to_owned())
    };
    let fault = |fault: &str, value: serde_json::Value| {
        Some(serde_json::json!({ fault: value, "endpoint": "token", "times": 1 }))
    };
    for (machine, fault, code, name) in [
        (job(&hub, &good).with("HF_ENDPOINT", closed), None, 5, "network_unreachable"),
        (job(&hub, &good), fault("status", 503.into()), 5, "hub_error"),
        (job(&hub, &good), fault("html", 502.into()), 5, "hub_error"),
        (job(&hub, &good), fault("status", 429.into()), 5, "hub_error"),
        (
            on_github(&hub).with("ACTIONS_ID_TOKEN_REQUEST_URL", &format!("{closed}/id-token?a=b")),
            None,
            5,
            "network_unreachable",
        ),
        (job(&hub, &good).with("HF_OIDC_RESOURCE", "nobody/there"), None, 3, "not_signed_in"),
        (job(&hub, "no.id.token"), None, 3, "not_signed_in"),
    ] {
        assert_eq!(exchange(machine, fault).await, (code, name.to_owned()));
    }
}
