//! `hf-oauth list`

use std::process::ExitCode;

use hf_oauth::UnixTime;
use hf_oauth_tokens::{Renewal, StoredToken, TokenStore};
use serde_json::json;

use crate::failure::Failure;
use crate::output;
use crate::printable::{masked, printable};

use super::shown::expiry;
use super::store;

/// `hf-oauth list`
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print one JSON object: {"logins": [{"name", "active", "token", "expires_at", "refreshable"}], "overridden_by"}.
    #[arg(long)]
    pub(super) json: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let store = TokenStore::from_env();
    let logins = store.list()?;
    let overriding = store.overridden_by();
    // What cannot be replaced on the disk is not refreshed either.
    let lasting = |login: &StoredToken| login.renewal != Renewal::None;
    let kept = if logins.iter().any(lasting) { store.check_writable() } else { Ok(()) };
    if options.json {
        let logins: Vec<_> = logins
            .iter()
            .map(|login| {
                json!({
                    "name": login.name,
                    "active": login.active,
                    "token": token_of(login),
                    "expires_at": login.expires_at.map(UnixTime::as_secs),
                    "refreshable": lasting(login) && kept.is_ok(),
                })
            })
            .collect();
        output::json(&json!({ "logins": logins, "overridden_by": overriding.map(store::code) }));
        return Ok(ExitCode::SUCCESS);
    }
    if logins.is_empty() {
        output::tell("No logins on this machine. To make one: hf-oauth login");
    }
    let rows: Vec<[String; 3]> = logins
        .iter()
        .map(|login| [printable(&login.name), token_of(login), expiry(login.expires_at, store::now())])
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (name_width, token_width) = (width(0), width(1));
    for (login, [name, token, ends]) in logins.iter().zip(&rows) {
        let mark = if login.active { '*' } else { ' ' };
        let refreshes = match (lasting(login), &kept) {
            (false, _) => "",
            (true, Ok(())) => ", refreshes itself",
            (true, Err(_)) => ", cannot refresh itself",
        };
        output::say(&format!("{mark} {name:name_width$}  {token:token_width$}  {ends}{refreshes}"));
    }
    if let Err(error) = &kept {
        output::tell(&format!("warning: no token can be refreshed or saved: {error}"));
    }
    if let Some(source) = overriding {
        let instead = if logins.is_empty() { "" } else { ", not the one marked" };
        output::tell(&format!("Note: {source} is set: its token is in use{instead}."));
    }
    Ok(ExitCode::SUCCESS)
}

fn token_of(login: &StoredToken) -> String {
    login.token.as_ref().map_or_else(|| "(none)".to_owned(), |token| masked(token.expose()))
}
