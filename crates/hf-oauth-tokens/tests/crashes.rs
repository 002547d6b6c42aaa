//! Killed at any system call: what is on the disk then, and after whoever comes next.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;

use hf_oauth_core::UnixTime;
use hf_oauth_tokens::{NewLogin, Renewal, StoreError};
use serde_json::{Value, json};
use support::home::{CLIENT, Home, Program, calls, tables, traced};
use support::{Interpreter, has_strace, python};

/// Runs the program once for each of its system calls, killed there.
fn killed_at_each_call(home: &Home, own: bool, program: Program<'_>, then: impl FnMut(&str)) {
    killed_from(home, || home.reset(own), program, then);
}

fn killed_from(home: &Home, reset: impl Fn(), program: Program<'_>, mut then: impl FnMut(&str)) {
    home.empty();
    reset();
    let calls = calls(home, program);
    let mut kills = 0;
    for (call, when) in calls {
        home.empty();
        reset();
        let (_, log) = traced(home, program, &[&format!("inject={call}:signal=KILL:when={when}")]);
        kills += usize::from(log.contains("killed by SIGKILL"));
        then(&format!("{call} {when}"));
    }
    assert!(kills > 30, "{kills} kills");
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

/// `a` is one client's and becomes another's: which of the two files has its refresh token changes, or its client does.
fn a_name_taken_over(from: Option<&str>, to: Option<&str>) {
    if !has_strace() {
        return;
    }
    let home = Home::new(false);
    let issuer = CLIENT[1];
    let login = |token: &str, client: Option<&str>| {
        let login = NewLogin::new("a", token).with_refresh_token(format!("refresh-{token}"));
        let login = login.with_expires_at(UnixTime::from_secs(4_000_000_000));
        client.map_or(login.clone(), |client| login.with_client(client, issuer))
    };
    let renewal = |client: Option<&str>| match client {
        Some(client) => Renewal::Own { client_id: client.to_owned(), issuer: issuer.to_owned() },
        None => Renewal::Shared,
    };
    let arguments: Vec<&str> =
        ["a"].into_iter().chain(to.into_iter().flat_map(|client| [client, issuer])).collect();
    let program = Program("save", &arguments, "hf_new refresh-hf_new 4000000000");
    let refresh_of_a = |home: &Home, own: bool| {
        let name = if own { "hf-oauth.tokens" } else { "stored_tokens" };
        let text = fs::read_to_string(home.folder().join(name)).unwrap_or_default();
        let section = text.split("\n[").find(|it| it.trim_start_matches('[').starts_with("a]"));
        section
            .unwrap_or_default()
            .lines()
            .find_map(|line| line.strip_prefix("refresh_token = "))
            .map(str::to_owned)
    };
    killed_from(
        &home,
        || home.store().save(&login("hf_a_old", from)).map(drop).unwrap(),
        program,
        |at| {
            // Whole even before anybody mends it: each file's token with the refresh token that belongs to it.
            let old = (from.is_some(), "hf_a_old", "refresh-hf_a_old");
            let new = (to.is_some(), "hf_new", "refresh-hf_new");
            let there =
                [old, new].map(|(own, _, refresh)| refresh_of_a(&home, own).as_deref() == Some(refresh));
            assert!(there[0] || there[1], "{at}: neither refresh token is left");
            let listed = home.store().list().unwrap();
            let a = listed.iter().find(|it| it.name == "a").unwrap();
            let token = a.token.as_ref().unwrap().expose();
            let expected = if token == "hf_new" { (new, renewal(to)) } else { (old, renewal(from)) };
            assert_eq!((token, &a.renewal, a.active), (expected.0.1, &expected.1, true), "{at}");
            assert_eq!(refresh_of_a(&home, expected.0.0).as_deref(), Some(expected.0.2), "{at}");
            // Nothing of the other one stays behind once it is mended.
            let other = refresh_of_a(&home, !expected.0.0);
            assert!(other.is_none() || token == "hf_a_old", "{at}: {other:?}");
            home.store().save(&login("hf_again", to)).unwrap();
            assert_eq!(home.leftovers(), [""; 0], "{at}");
        },
    );
}

#[test]
fn row_216_a_login_that_goes_over_to_pythons_client_is_old_or_new_and_whole_wherever_the_save_dies() {
    a_name_taken_over(Some("my-app"), None);
}

#[test]
fn row_216_so_is_one_that_python_s_client_had() {
    a_name_taken_over(None, Some("my-app"));
}

#[test]
fn row_216_so_is_one_that_goes_from_one_client_to_another() {
    a_name_taken_over(Some("my-app"), Some("other-app"));
}

#[test]
fn row_216_so_is_one_that_python_s_client_keeps() {
    a_name_taken_over(None, None);
}

#[test]
fn row_125_nothing_is_done_between_the_renames_of_the_files() {
    if !has_strace() {
        return;
    }
    for own in [false, true] {
        let home = Home::new(false);
        home.reset(own);
        let arguments: &[&str] = if own { &["a", CLIENT[0], CLIENT[1]] } else { &["a"] };
        let program = Program("save", arguments, "hf_new refresh-hf_new 100000");
        let (status, log) = traced(&home, program, &[]);
        assert!(status.success());
        let calls: Vec<&str> =
            log.lines().filter_map(|line| Some(line.split_once(' ')?.1.trim_start())).collect();
        let place = |name: &str| {
            let end = format!("\"{name}\")");
            calls.iter().position(|call| call.starts_with("rename") && call.contains(&end)).unwrap()
        };
        assert_eq!(place("token"), place("stored_tokens") + 1, "{log}");
        // A look at whether Python wrote meanwhile, no more.
        assert!(!own || place("stored_tokens") - place("hf-oauth.tokens") <= 2, "{log}");
    }
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
    assert_eq!((at("0").exists(), at("1").exists()), (false, true));
}
