//! Both programs against the local Hub, which knows by the token alone who asks.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use hf_oauth::{App, Client, DeviceProgress, Issuer, Scopes};
use hf_oauth_hub::LocalHub;
use hf_oauth_tokens::{Environment, NewLogin, TokenStore};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(60);

/// The program, with nothing of this machine's own tokens in reach.
fn program(path: &str, home: &std::path::Path, hub: &LocalHub) -> Command {
    let mut command = Command::new(path);
    command.env_clear().env("HOME", home).env("HF_HOME", home).env("HF_ENDPOINT", hub.issuer());
    command.env("NO_PROXY", "localhost,127.0.0.1").kill_on_drop(true);
    command
}

/// Asks without following redirects; the cookies that came are sent along as they are.
async fn get(url: &str, cookies: &str) -> reqwest::Response {
    let http =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    http.get(url).header(COOKIE, cookies).header("accept", "text/html").send().await.unwrap()
}

fn cookies(answer: &reqwest::Response) -> String {
    let lines = answer.headers().get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let pairs = lines.filter(|line| !line.contains("Max-Age=0")).filter_map(|line| line.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn the_hub_sees_the_user_that_signed_in_to_the_app() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut app = program(env!("CARGO_BIN_EXE_hf_hub_app"), home.path(), &hub);
    app.env("ADDRESS", address.to_string()).env("OPENID_PROVIDER_URL", hub.issuer());
    app.env("OAUTH_CLIENT_ID", "local-app");
    let mut app =
        app.env("OAUTH_SESSION_KEYS", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL").spawn().unwrap();
    let listens = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert_eq!(app.try_wait().unwrap(), None, "it ended instead of listening");
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, listens).await.expect("it listens");

    for username in ["ada", "grace"] {
        let begun = get(&format!("http://{address}/oauth/huggingface/login"), "").await;
        let back = hub.approve(begun.headers()[LOCATION].to_str().unwrap(), username).await.unwrap();
        let signed_in = get(&back, &cookies(&begun)).await;
        let asked = hub.journal().count("/api/whoami-v2");
        let me = get(&format!("http://{address}/me"), &cookies(&signed_in)).await;
        assert_eq!((me.status().as_u16(), me.text().await.unwrap().as_str()), (200, username));
        assert_eq!(hub.journal().count("/api/whoami-v2"), asked + 1, "hf-hub asked the Hub itself");
    }
}

#[tokio::test]
async fn hf_hub_finds_the_token_that_was_saved_and_takes_one_that_it_is_given() {
    let hub = LocalHub::builder().device_interval(1).start().await.unwrap();
    let client =
        Client::new(App::new(App::HUB_CLI_CLIENT_ID)).with_issuer(Issuer::parse(hub.issuer()).unwrap());
    let (codes, mut approved) = tokio::sync::mpsc::unbounded_channel();
    let scopes = Scopes::none();
    let login = client.device_login(&scopes, |progress| {
        if let DeviceProgress::Code(code) = progress {
            codes.send(code.user_code.clone()).unwrap();
        }
    });
    let approve = async { hub.approve_device(&approved.recv().await.unwrap(), "ada").await.unwrap() };
    let (login, _) = timeout(PATIENCE, async { tokio::join!(login, approve) }).await.unwrap();
    let token = login.unwrap().tokens.access_token;

    let home = tempfile::tempdir().unwrap();
    let store = TokenStore::new(Environment::from_pairs([("HF_HOME", home.path())]));
    store.save(&NewLogin::new("laptop", token)).unwrap();
    let mut terminal = program(env!("CARGO_BIN_EXE_hf_hub_terminal"), home.path(), &hub);
    let terminal = terminal.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = timeout(PATIENCE, terminal.wait_with_output()).await.unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "found by hf-hub: ada\ngiven to hf-hub: ada\n");
    assert_eq!(hub.journal().count("/api/whoami-v2"), 2);
}
