//! `hf-oauth demo`.

use std::process::Command;

use super::folder::Folder;
use super::program::{Program, hf_oauth};

pub(crate) struct Demo {
    pub(crate) url: String,
    /// Its own local Hub's address, or the provider's.
    pub(crate) provider: String,
    pub(crate) program: Program,
    _config: Folder,
}

impl Demo {
    /// As anybody starts it first: with its own local Hub.
    pub(crate) fn start() -> Self {
        Self::run(hf_oauth(["demo", "--port", "0"]), Folder::new())
    }

    /// As a Space in the frame of its own local Hub; gives the address of the Hub's page, too.
    pub(crate) fn in_a_frame() -> (Self, String) {
        let mut demo = Self::run(hf_oauth(["demo", "--port", "0", "--space"]), Folder::new());
        let page = demo.program.line(|line| line.strip_prefix("Space:").and_then(first_word));
        (demo, page)
    }

    /// With a `hub.toml` of that text for its own local Hub.
    pub(crate) fn with_hub_config(config: &str) -> Self {
        let folder = Folder::new();
        let file = folder.file("hub.toml", config);
        Self::run(hf_oauth(["demo", "--port", "0", "--hub-config", file.to_str().unwrap()]), folder)
    }

    /// As an app of another provider.
    pub(crate) fn of_provider(issuer: &str, client_id: &str, more: &[(&str, &str)]) -> Self {
        let mut command = hf_oauth(["demo", "--port", "0"]);
        command.env("OPENID_PROVIDER_URL", issuer).env("OAUTH_CLIENT_ID", client_id);
        command.envs(more.iter().copied());
        Self::run(command, Folder::new())
    }

    /// The page without a server, with its own local Hub.
    pub(crate) fn static_page() -> Self {
        Self::run(hf_oauth(["demo", "--static", "--port", "0"]), Folder::new())
    }

    /// The same as a page of another provider.
    pub(crate) fn static_page_of(issuer: &str, client_id: &str, more: &[(&str, &str)]) -> Self {
        let mut command = hf_oauth(["demo", "--static", "--port", "0"]);
        command.env("OPENID_PROVIDER_URL", issuer).env("OAUTH_CLIENT_ID", client_id);
        command.envs(more.iter().copied());
        Self::run(command, Folder::new())
    }

    /// On that port, with what the Hub puts into the environment of a Space.
    pub(crate) fn of_space(port: u16, variables: &[(String, String)]) -> Self {
        let mut command = hf_oauth(["demo", "--port", &port.to_string()]);
        command.envs(variables.iter().cloned());
        Self::run(command, Folder::new())
    }

    fn run(command: Command, config: Folder) -> Self {
        let mut program = Program::start(command);
        let named = |name: &'static str| move |line: &str| line.strip_prefix(name).and_then(first_word);
        let url = program.line(named("Demo:"));
        let provider = program.line(|line| named("Local Hub:")(line).or_else(|| named("Provider:")(line)));
        Self { url, provider, program, _config: config }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

fn first_word(text: &str) -> Option<String> {
    text.split_whitespace().next().map(str::to_owned)
}
