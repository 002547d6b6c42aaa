//! Refused a system call: what is on the disk then, and what was said.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;

use hf_oauth_tokens::NewLogin;
use serde_json::json;
use support::home::{CLIENT, Home, Program, calls, tables, traced};
use support::{Interpreter, has_strace, python};

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
