//! Every example as people run it: the program, a local Hub, and a browser that talks HTTP to both.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and says why it did")]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use hf_oauth_hub::{LocalHub, OrgConfig, UserConfig};
use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

const LOGIN: &str = "/oauth/huggingface/login?_target_url=/";
const TEAM: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends with the test.
struct Running {
    hub: LocalHub,
    url: String,
    _program: Child,
}

async fn hub() -> LocalHub {
    let mut team = OrgConfig::new("team").role("admin");
    team.sub = Some(TEAM.to_owned());
    let ada = UserConfig::new("ada").name("Ada Lovelace").pro(true).org(team);
    let hub = LocalHub::builder().user(ada).user(UserConfig::new("grace").name("Grace Hopper"));
    hub.device_interval(1).start().await.unwrap()
}

async fn run(program: &str) -> Running {
    let hub = hub().await;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut program = Command::new(program)
        .env("ADDRESS", address.to_string())
        .env("OAUTH_CLIENT_ID", "local-app")
        .env("OAUTH_SESSION_KEYS", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL")
        .env("OPENID_PROVIDER_URL", hub.issuer())
        .env("TEAM", TEAM)
        .env_remove("SPACE_HOST")
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let running = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert_eq!(program.try_wait().unwrap(), None, "it ended instead of listening");
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, running).await.expect("it listens");
    Running { hub, url: format!("http://{address}"), _program: program }
}

/// A cookie jar and nothing else: it follows no redirect by itself.
struct Browser<'a> {
    at: &'a Running,
    http: reqwest::Client,
    jar: BTreeMap<String, String>,
}

struct Answer {
    status: u16,
    location: String,
    body: String,
}

impl Running {
    fn browser(&self) -> Browser<'_> {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Browser { at: self, http: http.build().unwrap(), jar: BTreeMap::new() }
    }
}

impl Browser<'_> {
    async fn get(&mut self, target: &str) -> Answer {
        self.send(reqwest::Method::GET, target, "").await
    }

    async fn send(&mut self, method: reqwest::Method, target: &str, body: &'static str) -> Answer {
        let url = if target.starts_with("http://") {
            target.to_owned()
        } else {
            format!("{}{target}", self.at.url)
        };
        assert!(url.starts_with(&self.at.url), "{url} is another site's");
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            self.http.request(method, url).header(ACCEPT, "text/html").header(COOKIE, cookies.join("; "));
        let request = request.header("sec-fetch-site", "same-origin").header("sec-fetch-mode", "navigate");
        let answer = request.header("sec-fetch-dest", "document").body(body).send().await.unwrap();
        for line in answer.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get(LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned();
        Answer { status: answer.status().as_u16(), location, body: answer.text().await.unwrap() }
    }

    /// Begins a login at this path, says yes to the Hub, comes back.
    async fn sign_in(&mut self, username: &str, login: &str) -> Answer {
        let begun = self.get(login).await;
        self.consent(username, &begun).await
    }

    async fn consent(&mut self, username: &str, begun: &Answer) -> Answer {
        assert!(begun.location.starts_with(self.at.hub.issuer()), "{} {}", begun.status, begun.body);
        let back = self.at.hub.approve(&begun.location, username).await.unwrap();
        self.get(&back).await
    }
}

#[tokio::test]
async fn ten_lines_sign_somebody_in() {
    signs_somebody_in(env!("CARGO_BIN_EXE_ten_lines")).await;
}

#[tokio::test]
async fn ten_lines_of_actix_sign_somebody_in() {
    signs_somebody_in(env!("CARGO_BIN_EXE_ten_lines_actix")).await;
}

async fn signs_somebody_in(program: &str) {
    let site = run(program).await;
    let mut browser = site.browser();
    assert!(browser.get("/").await.body.contains("Sign in with Hugging Face"));
    assert_eq!(browser.sign_in("ada", LOGIN).await.location, "/");
    assert_eq!(browser.get("/").await.body, "Hello Ada Lovelace!");
    assert!(!site.browser().get("/").await.body.contains("Ada"), "another browser is nobody");
}

#[tokio::test]
async fn step_up_asks_for_more_where_more_is_needed() {
    let site = run(env!("CARGO_BIN_EXE_step_up")).await;
    let mut ada = site.browser();
    ada.sign_in("ada", LOGIN).await;
    assert_eq!(ada.get("/").await.body, "Ada Lovelace: openid profile");
    let asked = ada.get("/jobs").await;
    assert!(asked.location.contains("jobs"), "{} {}", asked.status, asked.body);
    assert_eq!(ada.consent("ada", &asked).await.location, "/jobs");
    assert_eq!(ada.get("/jobs").await.body, "jobs of Ada Lovelace");
    assert_eq!(ada.get("/team").await.body, "Ada Lovelace of team");

    let mut grace = site.browser();
    grace.sign_in("grace", LOGIN).await;
    let asked = grace.get("/team").await;
    assert_eq!(grace.consent("grace", &asked).await.location, "/team");
    assert_eq!(
        grace.get("/team").await.status,
        403,
        "she is no member, and is told so instead of asked again"
    );
}

#[tokio::test]
async fn notes_are_each_users_own() {
    let site = run(env!("CARGO_BIN_EXE_notes")).await;
    let (mut ada, mut grace, mut nobody) = (site.browser(), site.browser(), site.browser());
    ada.sign_in("ada", LOGIN).await;
    grace.sign_in("grace", LOGIN).await;
    assert_eq!(ada.send(reqwest::Method::POST, "/notes", "engine").await.status, 200);
    assert_eq!(ada.get("/notes").await.body, "engine");
    assert_eq!(grace.get("/notes").await.body, "");
    let sent = nobody.get("/notes").await;
    assert_eq!(sent.location, "/oauth/huggingface/login?_target_url=%2Fnotes");
    // Another browser of hers, another session: the same notes.
    let mut again = site.browser();
    again.sign_in("ada", LOGIN).await;
    assert_eq!(again.get("/notes").await.body, "engine");
}

#[tokio::test]
async fn hyper_and_core_sign_somebody_in_and_a_forged_callback_uses_nothing_up() {
    let site = run(env!("CARGO_BIN_EXE_hyper_app")).await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/").await.body, "Go to /login");
    let begun = browser.get("/login").await;
    let callback = "/oauth/huggingface/callback";
    let forged = browser.get(&format!("{callback}?code=evil&state=guessed")).await;
    assert_eq!(forged.status, 400);
    let back = site.hub.approve(&begun.location, "ada").await.unwrap();
    assert_eq!(site.browser().get(&back).await.status, 400, "it is not that browser's login");
    assert_eq!(browser.get(&back).await.location, "/");
    assert_eq!(browser.get("/").await.body, "Hello ada!");
    assert_eq!(browser.get(&back).await.status, 400, "a code is used once");
}

#[tokio::test]
async fn a_code_typed_into_a_browser_signs_a_terminal_in() {
    let hub = hub().await;
    let mut program = Command::new(env!("CARGO_BIN_EXE_device"))
        .env("OPENID_PROVIDER_URL", hub.issuer())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap());
    let mut line = String::new();
    timeout(PATIENCE, output.read_line(&mut line)).await.unwrap().unwrap();
    let code = line.trim().rsplit(' ').next().unwrap();
    hub.approve_device(code, "ada").await.unwrap();
    let mut rest = String::new();
    timeout(PATIENCE, output.read_to_string(&mut rest)).await.unwrap().unwrap();
    assert_eq!(rest, "Signed in as ada\n");
    assert!(program.wait().await.unwrap().success());
}
