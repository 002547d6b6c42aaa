//! Processes, of ours and of others, on one home and one Hub.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use hf_oauth_core::{App, UnixTime};
use hf_oauth_hub::LocalHub;
use hf_oauth_tokens::NewLogin;

use super::{example, sign_in_with, store};

/// Signs ada in with the command line's client and keeps the tokens as if they ended in an hour.
pub(crate) async fn sign_in(hub: &LocalHub, home: &Path) {
    let (token, refresh) = sign_in_with(hub, App::HUB_CLI_CLIENT_ID).await;
    keep(home, &token, &refresh);
}

pub(crate) fn keep(home: &Path, token: &str, refresh: &str) {
    let soon = UnixTime::from(std::time::SystemTime::now()) + std::time::Duration::from_secs(3600);
    store(home).save(&NewLogin::new("cli", token).with_refresh_token(refresh).with_expires_at(soon)).unwrap();
}

pub(crate) fn ours(hub: &LocalHub, home: &Path) -> Child {
    spawn(Command::new(example("token")), hub, home)
}

pub(crate) fn spawn(mut command: Command, hub: &LocalHub, home: &Path) -> Child {
    for name in
        ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE", "HF_TOKEN_PATH", "HF_STORED_TOKENS_PATH"]
    {
        command.env_remove(name);
    }
    command.env("HF_HOME", home).env("HF_ENDPOINT", hub.issuer()).stdout(Stdio::piped()).spawn().unwrap()
}

pub(crate) fn answer(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn refreshes(hub: &LocalHub) -> usize {
    let journal = hub.journal();
    journal.to("/oauth/token").filter(|entry| entry.param("grant_type") == Some("refresh_token")).count()
}
