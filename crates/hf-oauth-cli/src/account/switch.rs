//! `hf-oauth switch`

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use hf_oauth_tokens::TokenStore;

use crate::failure::{Failure, Kind};
use crate::output;
use crate::printable::printable;

use super::logout::unknown;
use super::store;

/// `hf-oauth switch [NAME]`
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which login; without this a terminal is asked.
    name: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let store = TokenStore::from_env();
    let logins = store.list()?;
    let names: Vec<String> = logins.iter().map(|login| login.name.clone()).collect();
    let name = match &options.name {
        Some(name) if names.contains(name) => name.clone(),
        Some(name) => return Err(unknown(name, &names)),
        None if names.is_empty() => return Err(store::not_signed_in()),
        None if io::stdin().is_terminal() && io::stderr().is_terminal() => {
            let active = logins.iter().position(|login| login.active);
            let Some(name) = ask(&names, active)? else {
                output::tell("Nothing was changed.");
                return Ok(ExitCode::SUCCESS);
            };
            name
        }
        None => {
            return Err(Failure::new(Kind::Usage, "switch to which login?")
                .next(format_args!("hf-oauth switch NAME, with one of: {}", names.join(", "))));
        }
    };
    store.switch(&name)?;
    output::tell(&format!("`{}` is the active login now.", printable(&name)));
    if let Some(variable) = store.overridden_by() {
        output::tell(&format!(
            "Note: {variable} is set and overrides it. To use the login: unset {variable}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(names: &[String], active: Option<usize>) -> Result<Option<String>, Failure> {
    for (index, name) in names.iter().enumerate() {
        let mark = if Some(index) == active { '*' } else { ' ' };
        output::tell(&format!("{mark} {}  {}", index + 1, printable(name)));
    }
    output::tell("Which one? (a number, or nothing to leave it)");
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.map_err(|error| Failure::new(Kind::Failed, "no answer could be read").because(error))?;
    Ok(chosen(&answer, names)?.cloned())
}

/// None for an empty answer, which leaves all as it is.
fn chosen<'a>(answer: &str, names: &'a [String]) -> Result<Option<&'a String>, Failure> {
    let answer = answer.trim();
    if answer.is_empty() {
        return Ok(None);
    }
    let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    number.and_then(|index| names.get(index)).map(Some).ok_or_else(|| {
        Failure::new(Kind::Usage, format_args!("`{answer}` is none of the numbers"))
            .next(format_args!("a number from 1 to {}", names.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_of_the_numbers_or_nothing() {
        let names = ["a".to_owned(), "b".to_owned()];
        assert_eq!(chosen(" 2\n", &names).unwrap().unwrap(), "b");
        for wrong in ["0", "3", "-1", "b", "99999999999999999999999", "\u{1b}[A"] {
            assert_eq!(chosen(wrong, &names).unwrap_err().kind(), Kind::Usage, "{wrong:?}");
        }
        assert_eq!(chosen("\n", &names).unwrap(), None);
    }
}
