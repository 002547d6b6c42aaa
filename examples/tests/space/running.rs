//! The program as a Space runs it, with the local Hub as huggingface.co and a browser that talks HTTP.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use hf_oauth_hub::{AppConfig, LocalHub, UserConfig};
use reqwest::header::{ACCEPT, COOKIE, HOST, LOCATION, SET_COOKIE};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

const ADDRESS: &str = "ada-app.hf.space";
const SECRET: &str = "4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c";
const PATIENCE: Duration = Duration::from_secs(60);

/// A running Space; it ends with the test.
pub(crate) struct Space {
    pub(crate) hub: LocalHub,
    port: u16,
    program: Child,
    /// What hears the signal: the program, which is process 1 of a namespace where this machine lets us make one.
    hears: u32,
}

impl Space {
    pub(crate) async fn start(program: &Path) -> Self {
        let app = AppConfig::confidential("space", SECRET)
            .redirect_uri(format!("https://{ADDRESS}/oauth/huggingface/callback"))
            .space(true);
        let ada = UserConfig::new("ada").name("Ada Lovelace").email("ada@example.com");
        let hub = LocalHub::builder().user(ada).app(app).start().await.unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let contained = can_contain().await;
        let mut command = if contained { Command::new("unshare") } else { Command::new(program) };
        if contained {
            command.args(["-pf", "--kill-child"]).arg(program);
        } else {
            println!("left out: no process namespace can be made here, so the app is not process 1");
        }
        let environment = [
            ("OAUTH_CLIENT_ID", "space"),
            ("OAUTH_CLIENT_SECRET", SECRET),
            ("OAUTH_SCOPES", "openid profile email"),
            ("OPENID_PROVIDER_URL", hub.issuer()),
            ("SPACE_ID", "ada/app"),
            ("SPACE_HOST", ADDRESS),
        ];
        let mut program = command
            .envs(environment)
            .env("PORT", port.to_string())
            .env_remove("OAUTH_SESSION_KEYS")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let listening = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                assert_eq!(program.try_wait().unwrap(), None, "it ended instead of listening");
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, listening).await.expect("it listens");
        let outer = program.id().unwrap();
        let hears = if contained { only_child(outer) } else { outer };
        Self { hub, port, program, hears }
    }

    pub(crate) fn browser(&self) -> Browser {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Browser { port: self.port, http: http.build().unwrap(), cookies: BTreeMap::new() }
    }

    /// A connection whose request never ends.
    pub(crate) async fn half_a_request(&self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
        stream
    }

    /// Stops it as a container's runtime does; the exit code.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        let kill = format!("kill -TERM {}", self.hears);
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
        timeout(PATIENCE, self.program.wait()).await.expect("it ends").unwrap().code()
    }
}

async fn can_contain() -> bool {
    let tried = Command::new("unshare").args(["-pf", "--kill-child", "true"]).output().await;
    tried.is_ok_and(|it| it.status.success())
}

fn only_child(of: u32) -> u32 {
    std::fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap().trim().parse().unwrap()
}

/// A cookie jar and nothing else: it follows no redirect by itself. The Space's proxy ends TLS and keeps `Host`.
pub(crate) struct Browser {
    port: u16,
    http: reqwest::Client,
    pub(crate) cookies: BTreeMap<String, String>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Browser {
    /// A path, or an address on the Space's own host.
    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        let path =
            target.strip_prefix("https://").and_then(|rest| rest.strip_prefix(ADDRESS)).unwrap_or(target);
        assert!(path.starts_with('/'), "{target} is another site's");
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self
            .http
            .get(format!("http://127.0.0.1:{}{path}", self.port))
            .header(HOST, ADDRESS)
            .header(ACCEPT, "text/html")
            .header(COOKIE, cookies.join("; "))
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document");
        let answer = request.send().await.unwrap();
        for line in answer.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("Secure") && line.contains("Partitioned"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get(LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned();
        Answer { status: answer.status().as_u16(), location, body: answer.text().await.unwrap() }
    }
}
