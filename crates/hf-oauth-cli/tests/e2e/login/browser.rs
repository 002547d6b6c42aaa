//! `--browser`: the browser of this machine comes back to a port on loopback.

use serde_json::{Value, json};
use url::Url;

use super::{kept, variables};
use crate::support::browser::Browser;
use crate::support::folder::Folder;
use crate::support::http;
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};
use crate::support::steps::APPROVE;
use crate::support::terminal::Terminal;

const APP: &str = "[[apps]]\nclient_id = \"desktop\"\nname = \"Desktop\"\nredirect_uris = [\"http://127.0.0.1/callback\"]\n";

const LOGIN: [&str; 5] = ["login", "--browser", "--client-id", "desktop", "--json"];

/// The login, and the address that it asks to open.
fn login(hub: &Hub, home: &Folder) -> (Program, Url) {
    let mut command = hf_oauth(LOGIN);
    let hf_home = home.path().join("hf");
    command.envs(variables(hub, hf_home.to_str().unwrap()));
    let mut program = Program::start(command);
    let first: Value = program.line(|line| serde_json::from_str(line).ok());
    assert_eq!(first["event"], "authorize");
    assert!((590..=600).contains(&first["expires_in"].as_u64().unwrap()), "{first}");
    (program, Url::parse(first["url"].as_str().unwrap()).unwrap())
}

fn param(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn a_person_approves_in_the_browser_of_this_machine_and_is_signed_in() {
    Browser::run("loopback-login", async |browser| {
        let (hub, home) = (Hub::start(APP), Folder::new());
        let (program, url) = login(&hub, &home);
        browser.open(url.as_str()).await;
        browser.click("button.person[value=ada]").await;
        browser.click(APPROVE).await;
        browser.reads(&["You can close this page"]).await;
        let (status, out, err) = program.end();
        assert_eq!((status.code(), err.as_str()), (Some(0), ""), "{out}");
        let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["event"], &last["user"], &last["name"]),
            (&"success".into(), &"ada".into(), &"oauth-ada".into())
        );
        assert!(!out.contains(&kept(home.path()).unwrap()), "no secret");
    })
    .await;
}

#[tokio::test]
async fn row_119_what_else_knocks_is_turned_away_and_the_login_waits_for_its_own() {
    let (hub, home) = (Hub::start(APP), Folder::new());
    let (program, url) = login(&hub, &home);
    let here = Url::parse(&param(&url, "redirect_uri")).unwrap();
    assert_eq!((here.host_str(), here.path()), (Some("127.0.0.1"), "/callback"));
    let state = param(&url, "state");
    for (query, status) in
        [("", 400), ("?code=x&state=guessed", 400), ("?error=access_denied&state=guessed", 400)]
    {
        assert_eq!(http::get(&format!("{here}{query}")).await.status(), status, "{query}");
    }
    assert_eq!(http::get(here.join("/favicon.ico").unwrap().as_str()).await.status(), 404);
    let ours = format!("{here}?code=x&state={state}");
    assert_eq!(http::client().post(&ours).send().await.unwrap().status(), 400);
    let elsewhere = http::client().get(&ours).header("host", "evil.example").send().await.unwrap();
    assert_eq!(elsewhere.status(), 400);
    assert_eq!(program.everything().lines().count(), 1, "{}", program.everything());
    assert!(hub.requests_to("/oauth/token").await.is_empty());

    let order = json!({ "url": url.as_str(), "username": "ada" });
    let back = hub.control("approve", order).await["location"].as_str().unwrap().to_owned();
    let page = http::get(&back).await;
    assert_eq!((page.status().as_u16(), page.headers()["cache-control"].as_bytes()), (200, &b"no-store"[..]));
    let (status, out, err) = program.end();
    assert_eq!(status.code(), Some(0), "{out}{err}");
    assert!(kept(home.path()).is_some());
}

#[tokio::test]
async fn a_no_in_the_browser_is_exit_code_4() {
    let (hub, home) = (Hub::start(APP), Folder::new());
    let (program, url) = login(&hub, &home);
    let order = json!({ "url": url.as_str(), "username": "ada" });
    let back = hub.control("deny", order).await["location"].as_str().unwrap().to_owned();
    assert_eq!(http::get(&back).await.status(), 200);
    let (status, out, _) = program.end();
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((status.code(), &last["code"]), (Some(4), &"access_denied".into()));
    assert_eq!(kept(home.path()), None);
}

#[tokio::test]
async fn ctrl_c_ends_the_wait_with_the_terminal_as_it_was() {
    let (hub, home) = (Hub::start(APP), Folder::new());
    let mut terminal = Terminal::start(home.path(), &LOGIN[..4], &variables(&hub, "hf"));
    let screen = terminal.shows("Waiting for your approval").await;
    assert!(screen.starts_with("Open this page in a browser on this machine:"), "{screen}");
    assert!(!screen.contains("QR"), "no other machine can come back here: {screen}");
    terminal.press("\u{3}");
    let (exit, screen) = terminal.end();
    assert!(screen.contains("nothing has changed") && !screen.contains("same code"), "{screen}");
    assert!(exit == 130 && terminal.is_as_before());
    assert!(!home.path().join("hf/token").exists());
}

#[test]
fn without_an_app_of_its_own_it_says_what_it_needs_and_why() {
    let (status, out, err) = Program::start(hf_oauth(["login", "--browser"])).end();
    assert_eq!((status.code(), out.as_str()), (Some(2), ""));
    for part in ["--client-id", "no redirect URL", "http://127.0.0.1/callback"] {
        assert!(err.contains(part), "{part}: {err}");
    }
}

/// Its name says for what it is: an app for codes has no redirect URL.
#[test]
fn the_variable_for_the_device_flow_names_no_app_for_the_browser() {
    let mut command = hf_oauth(["login", "--browser"]);
    command.envs([("HF_DEVICE_CODE_OAUTH_CLIENT_ID", "desktop"), ("HF_ENDPOINT", "http://localhost:9")]);
    let (status, _, err) = Program::start(command).end();
    assert!(status.code() == Some(2) && err.contains("--browser needs --client-id"), "{err}");
}
