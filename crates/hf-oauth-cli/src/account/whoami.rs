//! `hf-oauth whoami`

use std::process::ExitCode;

use hf_oauth::{WhoAmI, WhoAmIOrg};
use hf_oauth_tokens::TokenStore;
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};
use crate::output;
use crate::printable::printable;

use super::{hub, store};

/// `hf-oauth whoami`
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print one JSON object: {"name", "type", "full_name", "orgs": [{"name", "role"}], "source", "endpoint"}.
    #[arg(long)]
    pub(super) json: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let store = TokenStore::from_env();
    let in_use = store::fresh(&store)?;
    let endpoint = &store.locations().endpoint;
    let who = hub::whoami(endpoint, &in_use.token).map_err(|failure| match failure.kind() {
        Kind::TokenExpired => failure.next(store::renewed_by(in_use.source)),
        _ => failure,
    })?;
    if options.json {
        let mut answer = person(&who);
        answer["source"] = json!(store::code(in_use.source));
        answer["endpoint"] = json!(endpoint.to_string());
        output::json(&answer);
    } else {
        output::say(&printable(&who.name));
        for org in who.orgs.iter().flatten() {
            output::tell(&format!("  member of {}", organization(org)));
        }
        output::tell(&format!(
            "  by the token {} at {}",
            store::from(in_use.source),
            printable(&endpoint.to_string())
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// As `whoami --json` and `status --json` both show it.
pub(super) fn person(who: &WhoAmI) -> Value {
    let orgs: Vec<Value> = who
        .orgs
        .iter()
        .flatten()
        .map(|org| json!({ "name": org.name, "role": org.role_in_org.as_ref().map(|role| role.as_str()) }))
        .collect();
    json!({ "name": who.name, "type": who.kind, "full_name": who.full_name, "orgs": orgs })
}

pub(super) fn organization(org: &WhoAmIOrg) -> String {
    let name = printable(org.name.as_deref().unwrap_or(&org.id));
    match &org.role_in_org {
        Some(role) => format!("{name} ({})", printable(role.as_str())),
        None => name,
    }
}
