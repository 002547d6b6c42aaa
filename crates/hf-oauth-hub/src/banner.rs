//! What a hub says of itself when it has started.

use std::fmt::Write as _;

use crate::pages::SIDE_BY_SIDE;
use crate::space::quoted;
use crate::state::Hub;

pub(crate) fn banner(hub: &Hub) -> String {
    let state = hub.state();
    let mut text = format!("Local Hub at {}\n", hub.issuer.text);
    let _ = writeln!(text, "Not huggingface.co: its people and tokens are made up.\n");
    if hub.spaces.is_empty() {
        let _ = writeln!(text, "Point an app at it:");
        let _ = writeln!(text, "  export OPENID_PROVIDER_URL={}", hub.issuer.text);
        if let Some(app) = state.apps.first() {
            let _ = writeln!(text, "  export OAUTH_CLIENT_ID={}", app.client_id);
        }
    }
    text.push_str(&spaces(hub));
    let people: Vec<&str> = state.users.iter().map(|user| user.username.as_str()).collect();
    let _ = writeln!(text, "\nPeople: {}", people.join(", "));
    let apps: Vec<&str> = state.apps.iter().map(|app| app.client_id.as_str()).collect();
    let _ = writeln!(text, "Apps:   {}", apps.join(", "));
    if hub.control {
        let _ = writeln!(text, "Control: {}", hub.issuer.at("/_control"));
    }
    if let Some(upstream) = &hub.upstream {
        let _ = writeln!(text, "Chats:  {}", upstream.url());
    }
    if hub.bound_dangerously {
        let _ =
            writeln!(text, "\nDANGER: it listens beyond this machine, and lets anybody sign in as anybody.");
    }
    text
}

/// Each Space's page, and the environment of its app: the secret in it is made up, like the people.
fn spaces(hub: &Hub) -> String {
    let mut blocks: Vec<String> = hub
        .spaces
        .iter()
        .map(|space| {
            let mut block = format!("Space: {}\n", space.page());
            let _ = writeln!(block, "shows {} in its frame, started with", space.origin());
            for line in space.exports().lines() {
                let _ = writeln!(block, "  {line}");
            }
            let _ = writeln!(
                block,
                "or: eval \"$(curl -sf {})\"",
                quoted(&format!("{}/environment", space.page()))
            );
            block
        })
        .collect();
    if hub.spaces.len() > 1 {
        blocks.push(format!("Side by side: {}\n", hub.issuer.at(&format!("/spaces/{SIDE_BY_SIDE}"))));
    }
    blocks.join("\n")
}
