//! Killed at any system call, or refused one: what is on the disk then, and after whoever comes next.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use hf_oauth_core::UnixTime;
use hf_oauth_tokens::{Environment, NewLogin, Renewal, StoreError, TokenStore};
use serde_json::{Value, json};
use support::{Interpreter, example, has_strace, python};

/// A home with two tokens: `a`, which is active, and `b`. With the token file beside the others, or apart.
struct Home {
    root: tempfile::TempDir,
    apart: bool,
}

const LATE: u64 = 4_000_000_000;
const CLIENT: [&str; 2] = ["my-app", "https://huggingface.co"];

impl Home {
    fn new(apart: bool) -> Self {
        Self { root: tempfile::tempdir().unwrap(), apart }
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("hf")
    }

    fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let mut variables = vec![("HF_HOME", self.folder())];
        if self.apart {
            variables.push(("HF_STORED_TOKENS_PATH", self.folder().join("apart/names")));
        }
        variables
    }

    fn store(&self) -> TokenStore {
        TokenStore::new(Environment::from_pairs(self.variables()))
    }

    /// As it is before each run.
    fn reset(&self, own: bool) {
        let _ = fs::remove_dir_all(self.folder());
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
    fn read_by(&self, python: &mut Interpreter) -> Value {
        let store = self.store();
        let places = store.locations();
        python.ask(&json!({"files": [places.token, places.stored_tokens]}))
    }

    fn leftovers(&self) -> Vec<String> {
        let folders = [self.folder(), self.folder().join("apart")];
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".tmp") || name == "hf-oauth.journal").collect()
    }
}

/// An example with its arguments and its input.
#[derive(Clone, Copy)]
struct Program<'p>(&'p str, &'p [&'p str], &'p str);

/// Runs a program under `strace`; the log too.
fn traced(home: &Home, program: Program<'_>, expressions: &[&str]) -> (ExitStatus, String) {
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
fn calls(home: &Home, program: Program<'_>) -> Vec<(String, usize)> {
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

/// Runs the program once for each of its system calls, killed there.
fn killed_at_each_call(home: &Home, own: bool, program: Program<'_>, mut then: impl FnMut(&str)) {
    home.reset(own);
    let calls = calls(home, program);
    let mut kills = 0;
    for (call, when) in calls {
        home.reset(own);
        let (_, log) = traced(home, program, &[&format!("inject={call}:signal=KILL:when={when}")]);
        kills += usize::from(log.contains("killed by SIGKILL"));
        then(&format!("{call} {when}"));
    }
    assert!(kills > 30, "{kills} kills");
}

/// The two tables, the first with `a` as it was, the second as it is to be, where it is to be.
fn tables(old: &str, new: Option<Value>, own: bool) -> [Value; 2] {
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

fn a_save_killed_anywhere(apart: bool, own: bool) {
    let (Some(python), true) = (python(), has_strace()) else { return };
    let mut python = Interpreter::start(&python);
    let home = Home::new(apart);
    let arguments: &[&str] = if own { &["a", CLIENT[0], CLIENT[1]] } else { &["a"] };
    let program = Program("save", arguments, "hf_new refresh-hf_new 100000");
    killed_at_each_call(&home, own, program, |at| {
        let [token, names] =
            <[Value; 2]>::try_from(home.read_by(&mut python).as_array().unwrap().clone()).unwrap();
        assert!(token == "hf_a_old" || token == "hf_new", "{at}: {token}");
        let [before, _] = tables("hf_a_old", None, own);
        let is_new = names["a"]["hf_token"] == "hf_new";
        let new_refresh = (!own).then_some("refresh-hf_new");
        assert_eq!(names["b"], before["b"], "{at}");
        match is_new {
            true => assert_eq!(names["a"]["refresh_token"].as_str(), new_refresh, "{at}"),
            false => assert_eq!(names, before, "{at}"),
        }
        // Mended: one of the two, whole.
        let resolution = home.store().resolve().unwrap();
        let resolved = resolution.token().unwrap();
        assert_eq!(resolved.name.as_deref(), Some("a"), "{at}");
        let [client_id, issuer] = CLIENT.map(str::to_owned);
        let renewal = if own { Renewal::Own { client_id, issuer } } else { Renewal::Shared };
        assert_eq!(resolved.renewal, renewal, "{at}");
        assert!(!is_new || resolved.token.expose() == "hf_new", "{at}: the mend lost the new token");
        let [token, names] =
            <[Value; 2]>::try_from(home.read_by(&mut python).as_array().unwrap().clone()).unwrap();
        assert_eq!(
            (&token, names["a"]["hf_token"].as_str()),
            (&names["a"]["hf_token"], token.as_str()),
            "{at}"
        );
        // And swept by the next save.
        home.store().save(&NewLogin::new("c", "hf_c").inactive()).unwrap();
        assert_eq!(home.leftovers(), [""; 0], "{at}");
        assert_eq!(home.store().list().unwrap().len(), 3, "{at}");
    });
}

#[test]
fn row_125_a_save_killed_at_any_call_leaves_files_that_python_reads_and_the_next_one_mends_and_sweeps() {
    a_save_killed_anywhere(false, false);
}

#[test]
fn row_125_so_does_one_whose_token_file_lies_in_another_folder() {
    a_save_killed_anywhere(true, false);
}

#[test]
fn row_125_so_does_one_of_another_clients_token_and_its_refresh_token_is_kept() {
    a_save_killed_anywhere(false, true);
}

#[test]
fn row_125_a_removal_killed_at_any_call_leaves_the_token_or_nobody_signed_in_and_can_be_done_again() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    let mut python = Interpreter::start(&python);
    for own in [false, true] {
        let home = Home::new(false);
        killed_at_each_call(&home, own, Program("remove", &["a"], ""), |at| {
            let answer = home.read_by(&mut python);
            let (token, names) = (&answer[0], &answer[1]);
            let tables = tables("hf_a_old", None, own);
            assert!(tables.contains(names), "{at}: {names}");
            assert!(token.is_null() || token == "hf_a_old" && *names == tables[0], "{at}: {answer}");
            if !token.is_null() {
                let resolution = home.store().resolve().unwrap();
                assert_eq!(resolution.token().unwrap().name.as_deref(), Some("a"), "{at}");
            }
            match home.store().remove("a") {
                Ok(_) => assert_eq!(*names, tables[0], "{at}"),
                Err(StoreError::UnknownName { .. }) => assert_eq!(*names, tables[1], "{at}"),
                Err(error) => panic!("{at}: {error}"),
            }
            assert_eq!(home.read_by(&mut python), json!([null, tables[1]]), "{at}");
            assert_eq!(home.leftovers(), [""; 0], "{at}");
            let own_file = fs::read_to_string(home.folder().join("hf-oauth.tokens")).unwrap_or_default();
            assert!(!own_file.contains("hf_a_old"), "{at}: {own_file}");
        });
    }
}

#[test]
fn row_125_a_removal_of_all_killed_at_any_call_is_finished_by_the_next_one() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    let mut python = Interpreter::start(&python);
    for apart in [false, true] {
        let home = Home::new(apart);
        killed_at_each_call(&home, true, Program("remove", &[], ""), |at| {
            let answer = home.read_by(&mut python);
            let [whole, _] = tables("hf_a_old", None, true);
            assert!(answer[1].is_null() || answer[1] == whole, "{at}: {answer}");
            assert!(answer[0].is_null() || answer == json!(["hf_a_old", whole]), "{at}: {answer}");
            // What a save that died left goes too.
            let dead = home.folder().join(format!(".hf-oauth.{}.tmp", "0".repeat(32)));
            fs::write(&dead, "hf_dead").unwrap();
            home.store().remove_all().unwrap();
            assert_eq!(home.read_by(&mut python), json!([null, null]), "{at}");
            assert_eq!(home.leftovers(), [""; 0], "{at}");
            assert!(!home.folder().join("hf-oauth.tokens").exists(), "{at}");
        });
    }
}

/// What can be refused, by every call of the kind from when the home is first named.
const FAULTS: [(&[&str], &[&str]); 7] = [
    (&["open", "openat"], &["EACCES", "EROFS"]),
    (&["write"], &["ENOSPC", "EDQUOT", "EIO"]),
    (&["fsync"], &["EIO"]),
    (&["rename", "renameat", "renameat2"], &["EROFS", "EIO"]),
    (&["unlink", "unlinkat"], &["EROFS", "EIO"]),
    (&["fchmod"], &["EIO"]),
    (&["mkdir", "mkdirat"], &["EACCES"]),
];

/// Runs the program once for each call and each fault; told is whether it said that it did what it was to do.
fn refused_at_each_call(home: &Home, own: bool, program: Program<'_>, mut then: impl FnMut(&str, bool)) {
    home.reset(own);
    let calls = calls(home, program);
    let mut faults = 0;
    for (kinds, errors) in FAULTS {
        for (call, when) in calls.iter().filter(|(call, _)| kinds.contains(&call.as_str())) {
            for error in errors {
                home.reset(own);
                let (status, log) =
                    traced(home, program, &[&format!("inject={call}:error={error}:when={when}")]);
                faults += usize::from(log.contains("INJECTED"));
                then(&format!("{call} {when} {error}"), status.success());
            }
        }
    }
    assert!(faults > 10, "{faults} faults");
}

#[test]
fn row_124_a_full_or_broken_disk_leaves_old_or_new_files_and_no_temporary_ones() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    let mut python = Interpreter::start(&python);
    for own in [false, true] {
        let home = Home::new(false);
        let arguments: &[&str] = if own { &["a", CLIENT[0], CLIENT[1]] } else { &["a"] };
        let program = Program("save", arguments, "hf_new refresh-hf_new 100000");
        refused_at_each_call(&home, own, program, |at, done| {
            let answer = home.read_by(&mut python);
            let [before, _] = tables("hf_a_old", None, own);
            let is_new = answer[1]["a"]["hf_token"] == "hf_new";
            assert!(is_new || answer[1] == before, "{at}: {answer}");
            assert!(answer[0] == "hf_new" || answer[0] == "hf_a_old", "{at}: {answer}");
            assert!(!done || is_new && answer[0] == "hf_new", "{at}: it said that it was saved: {answer}");
            let unlinks = at.starts_with("unlink");
            assert!(unlinks || home.leftovers().iter().all(|name| name == "hf-oauth.journal"), "{at}");
            let resolution = home.store().resolve().unwrap();
            assert_eq!(resolution.token().unwrap().name.as_deref(), Some("a"), "{at}");
            assert!(!is_new || resolution.token().unwrap().token.expose() == "hf_new", "{at}");
            assert_eq!(home.leftovers(), [""; 0], "{at}");
        });
    }
}

#[test]
fn row_124_what_fails_before_the_first_rename_leaves_every_byte_and_no_journal() {
    if !has_strace() {
        return;
    }
    let home = Home::new(false);
    home.reset(false);
    let program = Program("save", &["a"], "hf_new");
    let contents = || ["token", "stored_tokens"].map(|name| fs::read(home.folder().join(name)).unwrap());
    let before = contents();
    let writes = calls(&home, program).into_iter().filter(|(call, _)| call == "write");
    let writes: Vec<usize> = writes.map(|(_, when)| when).collect();
    assert_eq!(writes.len(), 3, "the two files and the journal");
    for when in writes {
        home.reset(false);
        let (status, _) = traced(&home, program, &[&format!("inject=write:error=ENOSPC:when={when}")]);
        assert!(!status.success());
        assert_eq!((contents(), home.leftovers()), (before.clone(), Vec::new()), "{when}");
    }
}

#[test]
fn row_124_a_journal_that_cannot_be_removed_is_no_failed_save_and_undoes_no_later_switch() {
    if !has_strace() {
        return;
    }
    let home = Home::new(false);
    home.reset(false);
    let program = Program("save", &["new"], "hf_new");
    let mut unlinks = calls(&home, program).into_iter().filter(|(call, _)| call.starts_with("unlink"));
    let (call, when) = unlinks.next_back().unwrap();
    home.reset(false);
    let (status, _) = traced(&home, program, &[&format!("inject={call}:error=EIO:when={when}")]);
    assert!(status.success(), "the files are new");
    assert_eq!(home.leftovers(), ["hf-oauth.journal"]);
    // Somebody goes back to the token before, as Python does: by writing into the file.
    fs::write(home.folder().join("token"), "hf_a_old").unwrap();
    let resolution = home.store().resolve().unwrap();
    assert_eq!(resolution.token().unwrap().token.expose(), "hf_a_old", "the journal undid a switch");
    assert_eq!(home.leftovers(), [""; 0]);
}

#[test]
fn row_124_a_removal_on_a_full_or_broken_disk_leaves_old_or_new_files_and_can_be_done_again() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    let mut python = Interpreter::start(&python);
    let home = Home::new(false);
    let before = tables("hf_a_old", None, true);
    refused_at_each_call(&home, true, Program("remove", &["a"], ""), |at, done| {
        let answer = home.read_by(&mut python);
        assert!(before.contains(&answer[1]), "{at}: {answer}");
        assert!(answer[0].is_null() || answer == json!(["hf_a_old", before[0]]), "{at}: {answer}");
        assert!(!done || answer == json!([null, before[1]]), "{at}: it said that it was done: {answer}");
        let full = at.ends_with("ENOSPC") || at.ends_with("EDQUOT");
        assert!(
            !full || answer == json!(["hf_a_old", before[0]]),
            "{at}: half done on a full disk: {answer}"
        );
        if !done && answer[1] == before[0] {
            home.store().remove("a").unwrap();
        }
        assert_eq!(home.read_by(&mut python), json!([null, before[1]]), "{at}");
        home.store().save(&NewLogin::new("c", "hf_c").inactive()).unwrap();
        assert_eq!(home.leftovers(), [""; 0], "{at}");
    });
    refused_at_each_call(&home, true, Program("remove", &[], ""), |at, done| {
        let answer = home.read_by(&mut python);
        assert!(answer[1].is_null() || answer[1] == before[0], "{at}: {answer}");
        assert!(answer[0].is_null() || answer[0] == "hf_a_old", "{at}: {answer}");
        assert!(!done || answer == json!([null, null]), "{at}: it said that it was done: {answer}");
        home.store().remove_all().unwrap();
        assert_eq!((home.read_by(&mut python), home.leftovers()), (json!([null, null]), Vec::new()), "{at}");
    });
}

/// Where the file system has no locks, age tells who is dead.
#[test]
fn row_125_without_flock_a_sweep_takes_what_is_an_hour_old() {
    if !has_strace() {
        return;
    }
    let home = Home::new(false);
    home.reset(false);
    let at = |digit: &str| home.folder().join(format!(".hf-oauth.{}.tmp", digit.repeat(32)));
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3700);
    fs::write(at("0"), "hf_dead").unwrap();
    fs::File::options().write(true).open(at("0")).unwrap().set_modified(old).unwrap();
    fs::write(at("1"), "hf_new").unwrap();
    fs::remove_file(home.folder().join("stored_tokens.lock")).unwrap();
    let (status, _) = traced(&home, Program("save", &["a"], "hf_new"), &["inject=flock:error=ENOSYS"]);
    assert!(status.success());
    assert_eq!((at("0").exists(), Path::exists(&at("1"))), (false, true));
}
