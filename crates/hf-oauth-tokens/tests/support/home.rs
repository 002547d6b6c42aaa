//! A home to be killed and refused in, and every system call that a program makes there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use hf_oauth_core::UnixTime;
use hf_oauth_tokens::{Environment, NewLogin, TokenStore};
use serde_json::{Value, json};

use super::{Interpreter, example};

/// A home with two tokens: `a`, which is active, and `b`. With the token file beside the others, or apart.
pub(crate) struct Home {
    pub(crate) root: tempfile::TempDir,
    apart: bool,
}

const LATE: u64 = 4_000_000_000;
pub(crate) const CLIENT: [&str; 2] = ["my-app", "https://huggingface.co"];

impl Home {
    pub(crate) fn new(apart: bool) -> Self {
        Self { root: tempfile::tempdir().unwrap(), apart }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("hf")
    }

    fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let mut variables = vec![("HF_HOME", self.folder())];
        if self.apart {
            variables.push(("HF_STORED_TOKENS_PATH", self.folder().join("apart/names")));
        }
        variables
    }

    pub(crate) fn store(&self) -> TokenStore {
        TokenStore::new(Environment::from_pairs(self.variables()))
    }

    pub(crate) fn empty(&self) {
        let _ = fs::remove_dir_all(self.folder());
    }

    /// As it is before each run.
    pub(crate) fn reset(&self, own: bool) {
        self.empty();
        let login = |token: &str| {
            NewLogin::new(&token[3..4], token)
                .with_refresh_token(format!("refresh-{token}"))
                .with_expires_at(UnixTime::from_secs(LATE as i64))
        };
        let a = if own { login("hf_a_old").with_client(CLIENT[0], CLIENT[1]) } else { login("hf_a_old") };
        self.store().save(&login("hf_b").inactive()).unwrap();
        self.store().save(&a).unwrap();
    }

    /// What huggingface_hub makes of the two files.
    pub(crate) fn read_by(&self, python: &mut Interpreter) -> Value {
        let store = self.store();
        let places = store.locations();
        python.ask(&json!({"files": [places.token, places.stored_tokens]}))
    }

    pub(crate) fn leftovers(&self) -> Vec<String> {
        let folders = [self.folder(), self.folder().join("apart")];
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".tmp") || name == "hf-oauth.journal").collect()
    }
}

/// An example with its arguments and its input.
#[derive(Clone, Copy)]
pub(crate) struct Program<'p>(pub(crate) &'p str, pub(crate) &'p [&'p str], pub(crate) &'p str);

/// Runs a program under `strace`; the log too.
pub(crate) fn traced(home: &Home, program: Program<'_>, expressions: &[&str]) -> (ExitStatus, String) {
    let Program(name, arguments, input) = program;
    let (log, token) = (home.root.path().join("strace"), home.root.path().join("input"));
    fs::write(&token, input).unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(&log);
    command.args(expressions.iter().flat_map(|expression| ["-e", expression]));
    command.arg(example(name)).args(arguments).env_remove("HF_TOKEN_PATH").envs(home.variables());
    command.stdin(fs::File::open(&token).unwrap()).stderr(std::process::Stdio::null());
    (command.status().unwrap(), fs::read_to_string(&log).unwrap())
}

/// Every system call from when the home is first named: its name, and the how manieth of the name it is.
pub(crate) fn calls(home: &Home, program: Program<'_>) -> Vec<(String, usize)> {
    let (status, log) = traced(home, program, &[]);
    assert!(status.success(), "{log}");
    let folder = home.folder();
    let mut counts = BTreeMap::<String, usize>::new();
    let mut begun = false;
    let mut calls = Vec::new();
    for line in log.lines() {
        let call = line.split_once(' ').and_then(|(_, call)| call.trim_start().split_once('('));
        let Some((name, rest)) = call else { continue };
        let count = counts.entry(name.to_owned()).or_default();
        *count += 1;
        begun |= rest.contains(folder.to_str().unwrap());
        if begun {
            calls.push((name.to_owned(), *count));
        }
    }
    assert!(calls.len() > 30, "{log}");
    calls
}

/// The two tables, the first with `a` as it was, the second as it is to be, where it is to be.
pub(crate) fn tables(old: &str, new: Option<Value>, own: bool) -> [Value; 2] {
    let section = |token: &str| json!({"hf_token": token, "refresh_token": format!("refresh-{token}"), "expires_at": LATE.to_string()});
    let mut a = section(old);
    if own {
        a.as_object_mut().unwrap().remove("refresh_token");
    }
    let before = json!({"a": a, "b": section("hf_b")});
    let mut after = before.clone();
    let sections = after.as_object_mut().unwrap();
    match new {
        Some(new) => sections.insert("a".to_owned(), new),
        None => sections.remove("a"),
    };
    [before, after]
}
