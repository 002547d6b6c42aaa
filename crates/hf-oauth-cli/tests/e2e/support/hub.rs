//! `hf-oauth hub --control`, and its journal.

use serde_json::Value;

use super::folder::Folder;
use super::free_port;
use super::http;
use super::program::{Program, hf_oauth};
use super::tls::Authority;

pub(crate) struct Hub {
    /// Where tests ask it.
    pub(crate) url: String,
    /// Where browsers and apps find it.
    pub(crate) issuer: String,
    pub(crate) program: Program,
    _config: Folder,
}

impl Hub {
    /// With a `hub.toml` of that text.
    pub(crate) fn start(config: &str) -> Self {
        Self::start_with(config, &[])
    }

    /// With more on the command line.
    pub(crate) fn start_with(config: &str, more: &[&str]) -> Self {
        let mut hub = Self::run(0, config, more);
        hub.url.clone_from(&hub.issuer);
        hub
    }

    /// On that port, with TLS in front of it.
    pub(crate) fn behind_tls(authority: &Authority, config: &str, more: &[&str]) -> Self {
        let (front, port) = (authority.front("localhost"), free_port());
        let issuer = format!("https://localhost:{}", front.port);
        front.before(port);
        Self::run(port, config, &[more, &["--issuer", &issuer]].concat())
    }

    fn run(port: u16, config: &str, more: &[&str]) -> Self {
        let folder = Folder::new();
        let file = folder.file("hub.toml", config);
        let (port_text, file) = (port.to_string(), file.to_str().unwrap());
        let mut command = hf_oauth(["hub", "--port", &port_text, "--control", "--config", file]);
        command.args(more);
        let mut program = Program::start(command);
        let issuer = program.line(|line| line.strip_prefix("Local Hub at ").map(str::to_owned));
        Self { url: format!("http://localhost:{port}"), issuer, program, _config: folder }
    }

    /// Every request so far, oldest first.
    pub(crate) async fn journal(&self) -> Vec<Entry> {
        let answer = http::json(http::get(&format!("{}/_control/journal", self.url)).await).await;
        answer["entries"].as_array().unwrap().iter().cloned().map(Entry).collect()
    }

    /// The requests to `path`.
    pub(crate) async fn requests_to(&self, path: &str) -> Vec<Entry> {
        self.journal().await.into_iter().filter(|entry| entry.0["path"] == path).collect()
    }

    pub(crate) async fn control(&self, path: &str, order: Value) -> Value {
        let sent = http::client().post(format!("{}/_control/{path}", self.url));
        let answer =
            sent.header("content-type", "application/json").body(order.to_string()).send().await.unwrap();
        let (status, answer) = (answer.status(), http::json(answer).await);
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

/// One request in the journal.
#[derive(Debug)]
pub(crate) struct Entry(pub(crate) Value);

impl Entry {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let params = self.0["params"].as_array().unwrap();
        params.iter().find(|param| param[0] == name).and_then(|param| param[1].as_str())
    }

    /// Status, and how the client authenticated itself.
    pub(crate) fn outcome(&self) -> (u64, &str) {
        (self.0["status"].as_u64().unwrap(), self.0["auth"].as_str().unwrap())
    }
}
