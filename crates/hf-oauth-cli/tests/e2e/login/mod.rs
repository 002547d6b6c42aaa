//! `hf-oauth login`, with a person at a terminal and without one.

mod at_a_terminal;
mod browser;
#[cfg(target_os = "linux")]
mod desktop;
mod endings;
mod for_programs;
mod golden;
mod hidden;
mod keys;
mod links;
#[cfg(target_os = "linux")]
mod locks;
mod names;
mod pasted;
mod resumed;
mod scopes;
#[cfg(target_os = "linux")]
mod secrets;
mod store;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::terminal::Terminal;

/// Polls once a second; the Hub's own five would make tests long.
const HUB: &str = "[device]\ninterval = 1\n";

impl Hub {
    async fn settle(&self, user_code: &str, decision: &str) {
        let order = json!({ "user_code": user_code, "username": "ada", "decision": decision });
        self.control("device", order).await;
    }
}

/// The active token, and that nobody else can read it.
fn kept(home: &Path) -> Option<String> {
    let path = home.join("hf/token");
    let token = std::fs::read_to_string(&path).ok()?;
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    Some(token)
}

/// Where the Hub and the store are.
fn variables<'a>(hub: &'a Hub, hf_home: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("HF_ENDPOINT", &hub.url), ("HF_HOME", hf_home)]
}

/// Exit code and screen of a login that `username` approves.
async fn sign_in(hub: &Hub, home: &Folder, username: &str, args: &[&str]) -> (u32, String) {
    let args: Vec<_> = ["login"].iter().chain(args).copied().collect();
    let mut terminal = Terminal::start(home.path(), &args, &variables(hub, "hf"));
    let code = terminal.code().await;
    hub.control("device", json!({ "user_code": code, "username": username })).await;
    terminal.end()
}

async fn codes_asked_for(hub: &Hub) -> usize {
    let asked = hub.requests_to("/oauth/device").await;
    asked.iter().filter(|entry| entry.0["method"] == "POST").count()
}
