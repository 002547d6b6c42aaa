//! `hf-oauth hub --control`, and its journal.

use serde_json::Value;

use super::folder::Folder;
use super::http;
use super::program::{Program, hf_oauth};

pub(crate) struct Hub {
    pub(crate) url: String,
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
        let folder = Folder::new();
        let file = folder.file("hub.toml", config);
        let mut command = hf_oauth(["hub", "--port", "0", "--control", "--config", file.to_str().unwrap()]);
        command.args(more);
        let mut program = Program::start(command);
        let url = program.line(|line| line.strip_prefix("Local Hub at ").map(str::to_owned));
        Self { url, program, _config: folder }
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
