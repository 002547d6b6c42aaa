//! `hf-oauth logout`

use std::process::ExitCode;

use hf_oauth_tokens::{SourceState, StoredToken, TokenSource, TokenStore};

use crate::failure::{Failure, Kind};
use crate::login::forget_approval;
use crate::output;
use crate::printable::printable;

/// `hf-oauth logout [--name N | --all]`
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which login; without this the active one.
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    name: Option<String>,
    /// Every login on this machine.
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let store = TokenStore::from_env();
    let removed = if options.all {
        // Files that nobody can read go as well; they have no names to tell.
        let known = store.list().unwrap_or_default();
        match store.remove_all()? {
            true if known.is_empty() => vec!["Signed out on this machine.".to_owned()],
            _ => names(&known).iter().map(|name| signed_out(name)).collect(),
        }
    } else if let Some(name) = &options.name {
        let logins = store.list()?;
        if !logins.iter().any(|known| known.name == *name) {
            return Err(unknown(name, &names(&logins)));
        }
        store.remove(name)?;
        vec![signed_out(name)]
    } else {
        // First: it needs nothing that the store holds.
        if forget_approval(&store.locations().device) {
            output::tell("Forgot an approval that waited to be saved.");
        }
        let logins = store.list()?;
        let Some(active) = logins.iter().find(|login| login.active) else {
            return no_active(&store, &names(&logins));
        };
        store.remove(&active.name)?;
        vec![signed_out(&active.name)]
    };
    removed.iter().for_each(|text| output::tell(text));
    if removed.is_empty() {
        output::tell("No login was on this machine.");
    } else {
        output::tell(&format!(
            "The Hub has no way to end a token: it stays good until it expires. To disconnect the app now: {}/settings/connected-applications",
            printable(&store.locations().endpoint.to_string()),
        ));
    }
    if let Some(variable) = store.overridden_by() {
        output::tell(&format!("Note: {variable} still gives a token. To be without one: unset {variable}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn names(logins: &[StoredToken]) -> Vec<String> {
    logins.iter().map(|login| login.name.clone()).collect()
}

fn signed_out(name: &str) -> String {
    format!("Signed out of `{}` on this machine.", printable(name))
}

/// What there is, for a message that says that something else is not.
pub(super) fn unknown(name: &str, names: &[String]) -> Failure {
    let there_is =
        if names.is_empty() { "hf-oauth login".to_owned() } else { format!("one of: {}", names.join(", ")) };
    Failure::new(Kind::Usage, format_args!("no login is named `{name}`")).next(there_is)
}

/// The active token may be one that no name is known of: Python keeps such tokens too.
fn no_active(store: &TokenStore, names: &[String]) -> Result<ExitCode, Failure> {
    let nothing = store.resolve()?.sources.iter().all(|(source, state)| {
        *source != TokenSource::TokenFile || matches!(state, SourceState::Absent | SourceState::Blank)
    });
    if nothing && names.is_empty() {
        output::tell("No login is on this machine.");
        return Ok(ExitCode::SUCCESS);
    }
    let which = if names.is_empty() {
        "hf-oauth logout --all, which removes the unnamed token".to_owned()
    } else {
        format!("hf-oauth logout --all, or --name with one of: {}", names.join(", "))
    };
    let what = if nothing { "no login is active" } else { "the active token is none of the named logins" };
    Err(Failure::new(Kind::Usage, what).next(which))
}
