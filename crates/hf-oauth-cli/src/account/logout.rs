//! `hf-oauth logout`

use std::process::ExitCode;

use hf_oauth_tokens::{SourceState, TokenSource, TokenStore};

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
    let logins = store.list()?;
    let names = || logins.iter().map(|login| login.name.clone());
    let removed: Vec<String> = if options.all {
        store.remove_all()?;
        names().collect()
    } else if let Some(name) = &options.name {
        if !names().any(|known| known == *name) {
            return Err(unknown(name, &names().collect::<Vec<_>>()));
        }
        store.remove(name)?;
        vec![name.clone()]
    } else {
        if forget_approval(&store.locations().device) {
            output::tell("Forgot an approval that waited to be saved.");
        }
        let Some(active) = logins.iter().find(|login| login.active) else {
            return no_active(&store, &names().collect::<Vec<_>>());
        };
        store.remove(&active.name)?;
        vec![active.name.clone()]
    };
    if removed.is_empty() {
        output::tell("No login was on this machine.");
    }
    for name in &removed {
        output::tell(&format!("Signed out of `{}` on this machine.", printable(name)));
    }
    if !removed.is_empty() {
        output::tell(&format!(
            "The Hub has no way to end a token: it stays good until it expires. To disconnect the app now: {}/settings/connected-applications",
            printable(&store.locations().endpoint),
        ));
    }
    if let Some(variable) = store.overridden_by() {
        output::tell(&format!("Note: {variable} still gives a token. To be without one: unset {variable}"));
    }
    Ok(ExitCode::SUCCESS)
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
