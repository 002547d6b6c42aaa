//! The command line, read so that an option is either left out or has a value.
//!
//! `--scope "$SCOPE"` with an unset variable must not mean `no --scope`: it would ask for more than was meant. So
//! [`Given`] stands before the parser of every option of every command, a new one's included.

use std::ffi::{OsStr, OsString};

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error, Parser};

/// Reads the arguments, the program's name first.
pub(crate) fn parse<P: Parser>(arguments: impl IntoIterator<Item = OsString>) -> Result<P, Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // Most have no blank anywhere, and are read once.
    if arguments.iter().any(|argument| may_be_blank(argument))
        && let Err(error) = strict(P::command()).try_get_matches_from(&arguments)
        // All else (help, unknown options) is better said by who knows the values.
        && error.kind() == ErrorKind::InvalidValue
    {
        return Err(error);
    }
    P::try_parse_from(arguments)
}

/// `command` with [`Given`] in place of the parser of each option. The values after `exec --` are another program's.
fn strict(command: Command) -> Command {
    command
        .mut_args(|arg| if is_option(&arg) { arg.value_parser(Given) } else { arg })
        .mut_subcommands(strict)
}

fn is_option(arg: &Arg) -> bool {
    !arg.is_positional() && arg.get_action().takes_values()
}

/// A value, or `--option=value`, of white space alone.
fn may_be_blank(argument: &OsStr) -> bool {
    let argument = argument.to_string_lossy();
    let value = argument.split_once('=').map_or(&*argument, |(_, value)| value);
    value.trim().is_empty()
}

/// Any value but white space.
#[derive(Clone)]
struct Given;

impl TypedValueParser for Given {
    type Value = OsString;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<OsString, Error> {
        if !value.to_string_lossy().trim().is_empty() {
            return Ok(value.to_owned());
        }
        let option = arg.and_then(Arg::get_long).unwrap_or_default();
        let what = format!(
            "--{option} has an empty value\n\n  tip: leave --{option} out, or give it a value; if that is a variable, is it set?"
        );
        Err(command.clone().error(ErrorKind::InvalidValue, what))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::Arguments;

    /// Every option of every command that takes a value, with the words that lead to it.
    fn options(command: &Command, path: &[String]) -> Vec<(Vec<String>, String)> {
        let own = command.get_arguments().filter(|arg| is_option(arg));
        let own = own.map(|arg| (path.to_vec(), arg.get_long().unwrap().to_owned()));
        let below = command.get_subcommands().flat_map(|below| {
            let path: Vec<_> = path.iter().cloned().chain([below.get_name().to_owned()]).collect();
            options(below, &path)
        });
        own.chain(below).collect()
    }

    #[test]
    fn row_184_no_option_of_any_command_takes_an_empty_value() {
        let all = options(&Arguments::command(), &["hf-oauth".to_owned()]);
        for known in ["scope", "client-id", "name", "timeout", "port", "config", "issuer", "hub-config"] {
            assert!(all.iter().any(|(_, option)| option == known), "{known}");
        }
        for (path, option) in all {
            for blank in ["", " ", "\t\n"] {
                let apart = [format!("--{option}"), blank.to_owned()];
                let joined = [format!("--{option}={blank}")];
                for given in [&apart[..], &joined[..]] {
                    let line: Vec<OsString> = path.iter().chain(given).map(OsString::from).collect();
                    let error = parse::<Arguments>(line.clone()).map(|_| ()).unwrap_err();
                    let text = error.to_string();
                    assert_eq!(error.exit_code(), 2, "{line:?}");
                    assert!(text.contains(&format!("--{option} has an empty value")), "{line:?}: {text}");
                    assert!(text.contains(&format!("Usage: {}", path.join(" "))), "{line:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn row_184_empty_arguments_of_another_program_are_left_to_it() {
        let line = ["hf-oauth", "exec", "--", "program", "", "--scope="].map(OsString::from);
        assert!(parse::<Arguments>(line).is_ok());
        let help = parse::<Arguments>(["hf-oauth", "login", "--help", ""].map(OsString::from));
        assert_eq!(help.map(|_| ()).unwrap_err().kind(), ErrorKind::DisplayHelp);
    }
}
