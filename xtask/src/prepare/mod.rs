//! What the tests need besides Rust: installed where it may be, otherwise left out with one line that says why.
//!
//! Under `CI=true` nothing may be left out. `HF_OAUTH_TESTS_WITHOUT=chromium,node` leaves things out on purpose.

mod chromium;
mod debian;
mod firefox;
mod node;
mod python;
mod stamp;
mod wasm;
mod webkit;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;
use crate::{Result, output};

pub(crate) use node::{NPM, prepare as node_packages};
pub(crate) use python::wheel;
pub(crate) use wasm::{TARGET as WASM_TARGET, WASI, prepare as wasm};

/// The names of what is left out, comma-separated; tests that need one of them skip themselves.
const WITHOUT: &str = "HF_OAUTH_TESTS_WITHOUT";

/// What a tool adds to the tests' environment.
type Variables = Vec<(&'static str, PathBuf)>;

/// A name, and what finds it or installs it.
type Tool = (&'static str, fn() -> Result<Variables>);

const TOOLS: &[Tool] = &[
    ("chromium", chromium::prepare),
    ("firefox", firefox::prepare),
    ("nginx", nginx),
    ("node", node::prepare),
    ("python", python::prepare),
    ("strace", strace),
    ("wasm", wasm::prepare),
    ("webkit", webkit::prepare),
];

/// The environment for the tests.
#[derive(Default)]
pub(crate) struct Prepared {
    variables: Variables,
    without: Vec<&'static str>,
}

impl Prepared {
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env(WITHOUT, self.without.join(","))
    }

    pub(crate) fn has(&self, tool: &str) -> bool {
        !self.without.contains(&tool)
    }
}

pub(crate) fn run() -> Result<Prepared> {
    output::heading("the tests' environment");
    let on_purpose = env::var(WITHOUT).unwrap_or_default();
    let ci = env::var_os("CI").is_some_and(|value| value == "true");
    prepare(TOOLS, &on_purpose.split(',').map(str::trim).collect::<Vec<_>>(), ci)
}

fn prepare(tools: &[Tool], on_purpose: &[&str], ci: bool) -> Result<Prepared> {
    let mut prepared = Prepared::default();
    for &(tool, install) in tools {
        let outcome = if on_purpose.contains(&tool) { Err(format!("{WITHOUT} names it")) } else { install() };
        match outcome {
            Ok(variables) => prepared.variables.extend(variables),
            Err(why) => {
                output::note(&format!("left out: {tool}: {why}"));
                prepared.without.push(tool);
            }
        }
    }
    if ci && !prepared.without.is_empty() {
        return Err(format!("CI=true, so nothing may be left out; missing: {}", prepared.without.join(", ")));
    }
    Ok(prepared)
}

/// What many apps stand behind, with its default limits.
fn nginx() -> Result<Variables> {
    if process::find(&["nginx"]).is_none() && !Path::new("/usr/sbin/nginx").is_file() {
        debian::install(&["nginx"])?;
    }
    Ok(Variables::new())
}

/// Ends or fails a process at a chosen system call.
fn strace() -> Result<Variables> {
    if process::find(&["strace"]).is_none() {
        debian::install(&["strace"])?;
    }
    Ok(Variables::new())
}

/// `variable` set by hand wins over a search.
fn by_hand(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(|value: OsString| PathBuf::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there() -> Result<Variables> {
        Ok(vec![("HF_OAUTH_TEST_THERE", PathBuf::from("/bin/there"))])
    }

    fn missing() -> Result<Variables> {
        Err("needs root".to_owned())
    }

    #[test]
    fn what_cannot_be_installed_is_left_out_and_named_to_the_tests() {
        let prepared = prepare(&[("there", there), ("missing", missing)], &[], false).unwrap();
        assert!(prepared.has("there") && !prepared.has("missing"));
        let mut command = Command::new("true");
        prepared.apply(&mut command);
        let environment: Vec<_> = command.get_envs().collect();
        assert!(environment.contains(&(WITHOUT.as_ref(), Some("missing".as_ref()))), "{environment:?}");
        assert!(environment.contains(&("HF_OAUTH_TEST_THERE".as_ref(), Some("/bin/there".as_ref()))));
    }

    #[test]
    fn ci_leaves_nothing_out() {
        assert!(prepare(&[("there", there)], &[], true).is_ok());
        assert!(prepare(&[("missing", missing)], &[], true).err().unwrap().contains("missing"));
        assert!(prepare(&[("there", there)], &["there"], true).is_err(), "not even on purpose");
    }

    #[test]
    fn what_is_left_out_on_purpose_is_not_tried() {
        fn tried() -> Result<Variables> {
            panic!("installed all the same")
        }
        assert!(!prepare(&[("tried", tried)], &["tried"], false).unwrap().has("tried"));
    }
}
