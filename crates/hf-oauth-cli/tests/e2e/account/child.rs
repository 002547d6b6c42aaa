//! `exec`, pipes, and where a secret may be seen.

use super::machine::Machine;
use crate::support::environment::binary;
use crate::support::program::bare;

#[test]
fn exec_gives_the_token_and_ends_as_its_child() {
    let machine = Machine::signed_in().with("HUGGING_FACE_HUB_TOKEN", "");
    let done = machine.run(["exec", "--", "sh", "-c", "echo \"$HF_TOKEN\"; exit 42"]);
    assert_eq!(
        (done.code, done.out.as_str(), done.err.as_str()),
        (42, "hf_oauth_bbbbbbbbbbbbbbbbwork\n", "")
    );
    let missing = machine.run(["exec", "--", "no-such-program"]);
    assert_eq!(missing.code, 127);
    assert!(missing.err.contains("no-such-program") && missing.err.contains("next: "), "{}", missing.err);
    let folder = machine.run(["exec", "--", "/"]);
    assert!(folder.code == 126 && folder.err.contains("may run"), "{folder:?}");
    assert_eq!(machine.run(["exec"]).code, 2);
    // What follows `--` is the child's, even where it looks like ours.
    assert_eq!(machine.run(["exec", "--", "echo", "--json", "--", "-x"]).out, "--json -- -x\n");
}

#[cfg(target_os = "linux")]
#[test]
fn row_139_a_secret_is_in_no_argument_list() {
    let machine = Machine::signed_in();
    let done = machine.run(["exec", "--", "sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline"]);
    assert!(done.code == 0 && !done.out.contains("hf_oauth_"), "{done:?}");
}

/// A shell sees a child that a signal ended.
#[test]
fn a_signal_that_ends_the_child_is_the_commands_own_end() {
    let machine = Machine::signed_in();
    let mut shell = bare("bash");
    shell.arg("-c").arg(r#""$BIN" exec -- sh -c 'kill -s KILL $$'; echo $?"#).env("BIN", binary());
    assert_eq!(machine.run_with(shell, "").out, "137\n");
}

#[cfg(target_os = "linux")]
#[test]
fn what_standard_output_does_not_take_is_an_error() {
    let machine = Machine::signed_in();
    for args in ["token", "list", "status --offline", "status --json --offline", "completions bash", "man"] {
        let mut shell = bare("bash");
        shell.arg("-c").arg(format!(r#""$BIN" {args} > /dev/full"#)).env("BIN", binary());
        let done = machine.run_with(shell, "");
        assert_eq!(done.code, 1, "{args}: {done:?}");
        assert!(done.err.starts_with("error: standard output cannot be written\n"), "{args}: {}", done.err);
    }
}

#[test]
fn row_139_a_reader_that_goes_away_is_no_error() {
    let machine = Machine::signed_in();
    let mut shell = bare("bash");
    let script =
        r#"set -o pipefail; "$BIN" token | head -1; "$BIN" list | true; "$BIN" completions bash | head -1"#;
    shell.arg("-c").arg(script).env("BIN", binary());
    let done = machine.run_with(shell, "");
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{done:?}");
    assert!(done.out.starts_with("hf_oauth_bbbbbbbbbbbbbbbbwork\n"), "{}", done.out);
}

#[test]
fn row_139_no_secret_is_said_where_none_was_asked_for() {
    let machine = Machine::signed_in().with("RUST_LOG", "trace").with("RUST_BACKTRACE", "full");
    for args in [
        &["list"][..],
        &["list", "--json"],
        &["status"],
        &["status", "--json"],
        &["whoami"],
        &["switch", "home"],
        &["git-credential", "erase"],
        &["logout", "--all"],
    ] {
        let done = machine.run(args.iter().copied());
        let said = format!("{}{}", done.out, done.err);
        assert!(
            !said.contains("bbbbbbbb") && !said.contains("aaaaaaaa") && !said.contains("cccc"),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn completions_and_the_manual_page_name_every_command() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let done = machine.run(["completions", shell]);
        assert_eq!(done.code, 0, "{shell}");
        for command in ["logout", "switch", "git-credential", "demo"] {
            assert!(done.out.contains(command), "{shell}: {command}");
        }
    }
    let mut bash = bare("bash");
    bash.arg("-c").arg("source <(\"$BIN\" completions bash) && complete -p hf-oauth").env("BIN", binary());
    assert_eq!(machine.run_with(bash, "").code, 0, "a shell can read it");
    let man = machine.run(["man"]);
    assert!(
        man.code == 0 && man.out.contains(".TH hf-oauth") && man.out.contains("git\\-credential"),
        "{}",
        man.out
    );
    for (heading, option) in
        [("LOGIN", "\\-\\-scope"), ("STATUS", "\\-\\-offline"), ("EXEC", "CMD"), ("HUB", "\\-\\-port")]
    {
        let heading = format!(".SH \"HF-OAUTH {heading}\"\n");
        let (_, section) = man.out.split_once(&heading).unwrap_or_else(|| panic!("{heading}: {}", man.out));
        let section = section.split("\n.SH ").next().unwrap();
        assert!(section.contains(option) && section.contains(".SS SYNOPSIS"), "{section}");
    }
    let status = machine.run(["man", "status"]);
    assert!(status.code == 0 && status.out.contains(".TH hf-oauth-status"), "{}", status.out);
    assert_eq!(machine.run(["man", "no-such-command"]).code, 2);
}
