//! `hf-oauth git-credential get|store|erase`: git's credential helper protocol (gitcredentials(7), git-credential(1)).
//!
//! git writes `key=value` lines up to an empty one; the helper answers in kind, or says nothing and git asks the next helper.
//! Answered is only what goes to the Hub itself: its host, its port, and `https`, or `http` where the Hub is on this machine.
//! `store` and `erase` never touch the token store: git calls `erase` after every refusal, a wrong repository name included,
//! and that must not sign anybody out. Any other operation is a newer git's, such as `capability`, and is ignored in silence, as
//! gitcredentials(7) asks.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, Read as _};
use std::process::ExitCode;

use clap::builder::{PossibleValue, TypedValueParser};
use hf_oauth_tokens::TokenStore;

use crate::failure::{Failure, Kind};
use crate::output;

use super::store;

/// The user name that the Hub expects beside a token.
const USERNAME: &str = "hf_user";

/// More than git ever asks.
const LONGEST_QUESTION: u64 = 64 * 1024;

/// `hf-oauth git-credential OPERATION`
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What git asks for.
    #[arg(value_parser = Operations)]
    operation: Operation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Get,
    StoreOrErase,
    Unknown,
}

/// Names those that there are, for help and shells, and takes all.
#[derive(Clone)]
struct Operations;

impl TypedValueParser for Operations {
    type Value = Operation;

    fn parse_ref(
        &self,
        _: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Operation, clap::Error> {
        Ok(match value.to_str() {
            Some("get") => Operation::Get,
            Some("store" | "erase") => Operation::StoreOrErase,
            _ => Operation::Unknown,
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            [
                PossibleValue::new("get").help("Give a user name and a token"),
                PossibleValue::new("store").help("Does nothing: logins are made by `hf-oauth login`"),
                PossibleValue::new("erase").help("Does nothing: logins are ended by `hf-oauth logout`"),
            ]
            .into_iter(),
        ))
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    if options.operation == Operation::Unknown {
        return Ok(ExitCode::SUCCESS);
    }
    let store = TokenStore::from_env();
    let question = Question::parse(&read()?)?;
    if options.operation != Operation::Get || !question.is_for(store.locations().endpoint.as_str()) {
        return Ok(ExitCode::SUCCESS);
    }
    let token = store::fresh(&store)?;
    // `say` ends the line; git takes the end of the output as the end of the answer.
    output::say(&format!("username={USERNAME}\npassword={}", token.token.expose()));
    Ok(ExitCode::SUCCESS)
}

fn read() -> Result<Vec<u8>, Failure> {
    let mut question = Vec::new();
    let mut from = io::stdin().lock().take(LONGEST_QUESTION);
    while from.read_until(b'\n', &mut question).map_err(|error| refused("cannot be read").because(error))? > 0
    {
        if question.ends_with(b"\n\n") || question == b"\n" {
            break;
        }
    }
    Ok(question)
}

fn refused(why: &str) -> Failure {
    Failure::new(Kind::Usage, format_args!("git-credential: the question {why}"))
        .next("let git run this command: git config --global credential.helper '!hf-oauth git-credential'")
}

/// What git wants a credential for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Question {
    protocol: Option<String>,
    host: Option<String>,
    username: Option<String>,
}

impl Question {
    /// Keys that nobody here knows are left alone, as git asks of helpers; the last of equal keys counts, as in git.
    fn parse(text: &[u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(text).map_err(|_| refused("is not UTF-8"))?;
        // git itself refuses both since CVE-2020-5260 and CVE-2024-52006; older ones do not.
        if text.contains(['\r', '\0']) {
            return Err(refused("holds a carriage return or a NUL"));
        }
        let mut question = Self::default();
        for line in text.lines().take_while(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=').ok_or_else(|| refused("has a line without `=`"))?;
            let value = Some(value.to_owned());
            match key {
                "protocol" => question.protocol = value,
                "host" => question.host = value,
                "username" => question.username = value,
                "url" => return Err(refused("has a whole URL instead of protocol and host")),
                _ => {}
            }
        }
        Ok(question)
    }

    /// True when the answer would go to the Hub at `endpoint`.
    fn is_for(&self, endpoint: &str) -> bool {
        let Some((protocol, rest)) = endpoint.split_once("://") else { return false };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let secure = protocol == "https" || (protocol == "http" && is_loopback(authority));
        secure
            && self.protocol.as_deref() == Some(protocol)
            && self.host.as_deref().is_some_and(|host| same_host(host, authority, protocol))
            && self.username.as_deref().is_none_or(|username| username.is_empty() || username == USERNAME)
    }
}

fn same_host(left: &str, right: &str, protocol: &str) -> bool {
    let default = if protocol == "https" { ":443" } else { ":80" };
    let bare = |host: &str| host.strip_suffix(default).unwrap_or(host).to_ascii_lowercase();
    bare(left) == bare(right)
}

fn is_loopback(authority: &str) -> bool {
    let host = if authority.starts_with('[') {
        authority.split_inclusive(']').next()
    } else {
        authority.split(':').next()
    };
    matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_for(question: &str, endpoint: &str) -> bool {
        Question::parse(question.as_bytes()).unwrap().is_for(endpoint)
    }

    #[test]
    fn only_the_hub_itself_is_answered() {
        let hub = "https://huggingface.co";
        for (question, answered) in [
            ("protocol=https\nhost=huggingface.co\n\n", true),
            ("protocol=https\nhost=HuggingFace.co:443\n\n", true),
            ("protocol=https\nhost=huggingface.co\nusername=hf_user\n\n", true),
            (
                "capability[]=authtype\nprotocol=https\nhost=huggingface.co\nwwwauth[]=Basic realm=\"x\"\n\n",
                true,
            ),
            ("protocol=https\nhost=huggingface.co\nusername=somebody\n\n", false),
            ("protocol=http\nhost=huggingface.co\n\n", false),
            ("protocol=https\nhost=huggingface.co:8443\n\n", false),
            ("protocol=https\nhost=huggingface.co.example.com\n\n", false),
            ("protocol=https\nhost=cdn.huggingface.co\n\n", false),
            ("protocol=https\nhost=example.com\npath=huggingface.co\n\n", false),
            ("host=huggingface.co\n\n", false),
            ("protocol=https\n\n", false),
            ("\nprotocol=https\nhost=huggingface.co\n\n", false),
        ] {
            assert_eq!(is_for(question, hub), answered, "{question:?}");
        }
    }

    #[test]
    fn plain_http_is_answered_on_this_machine_only() {
        for (host, endpoint, answered) in [
            ("127.0.0.1:5555", "http://127.0.0.1:5555", true),
            ("localhost:5555", "http://localhost:5555/", true),
            ("[::1]:5555", "http://[::1]:5555", true),
            ("127.0.0.1:5556", "http://127.0.0.1:5555", false),
            ("localhost:5555", "http://127.0.0.1:5555", false),
            ("hub.example.com", "http://hub.example.com", false),
            ("127.0.0.1.example.com", "http://127.0.0.1.example.com", false),
        ] {
            assert_eq!(is_for(&format!("protocol=http\nhost={host}\n\n"), endpoint), answered, "{host}");
        }
    }

    #[test]
    fn what_is_not_gits_protocol_is_refused() {
        for question in [
            &b"protocol=https\r\nhost=huggingface.co\n"[..],
            b"host=a\0b\n",
            b"nonsense\n",
            b"host=\xff\n",
            b"url=https://x\n",
        ] {
            let failure = Question::parse(question).unwrap_err();
            assert_eq!(failure.kind(), Kind::Usage, "{question:?}");
        }
    }
}
