//! Where the file system has no `flock`, and where Python is in the middle of a write.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hf_oauth_tokens::NewLogin;
use support::{has_strace, python, store};

/// An example under `strace`, whose log is `strace` in the folder.
fn traced(home: &Path, expressions: &[&str], example: &str, argument: Option<&str>) -> Child {
    let input = home.join("in");
    fs::write(&input, "hf_new\n").unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(home.join("strace"));
    command.args(expressions.iter().flat_map(|expression| ["-e", expression]));
    command.arg(support::example(example)).args(argument).env("HF_HOME", home);
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE", "HF_TOKEN_PATH"] {
        command.env_remove(name);
    }
    command.stdin(fs::File::open(&input).unwrap()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Until the log has so many lines with all of these.
fn logged(home: &Path, times: usize, words: [&str; 2]) {
    let seen = || {
        let log = fs::read_to_string(home.join("strace")).unwrap_or_default();
        log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
    };
    while seen() < times {
        std::thread::yield_now();
    }
}

const WITHOUT_FLOCK: [&str; 2] = ["trace=/^open(at)?$,flock", "inject=flock:error=ENOSYS"];

fn saved(home: &Path, mut child: Child) {
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::read_to_string(home.join("token")).unwrap(), "hf_new");
    assert!(!home.join("stored_tokens.lock").exists());
}

fn soft_holder(python: &Path, lock: &Path) -> Child {
    let code = "import sys; from filelock import SoftFileLock as L; l = L(sys.argv[1]); l.acquire(timeout=20); print('held', flush=True); sys.stdin.read(); l.release()";
    let mut command = Command::new(python);
    command.args(["-c", code]).arg(lock).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut holder = command.spawn().unwrap();
    holder.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
    holder
}

#[test]
fn row_129_without_flock_pythons_soft_lock_is_waited_for_and_recovered_when_its_holder_died() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    for dies in [false, true] {
        let home = tempfile::tempdir().unwrap();
        let mut holder = soft_holder(&python, &home.path().join("stored_tokens.lock"));
        let ours = traced(home.path(), &WITHOUT_FLOCK, "save", Some("a"));
        logged(home.path(), 4, ["stored_tokens.lock", "EEXIST"]);
        assert!(!home.path().join("token").exists());
        if dies {
            holder.kill().unwrap();
        } else {
            drop(holder.stdin.take());
        }
        holder.wait().unwrap();
        saved(home.path(), ours);
    }
}

#[test]
fn row_129_without_flock_python_recovers_the_soft_lock_of_ours_that_died() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    let home = tempfile::tempdir().unwrap();
    let killed = ["trace=flock,/^rename", WITHOUT_FLOCK[1], "inject=/^rename:signal=KILL:when=1"];
    let mut ours = traced(home.path(), &killed, "save", Some("a"));
    assert!(!ours.wait().unwrap().success());
    let lock = home.path().join("stored_tokens.lock");
    assert!(fs::read_to_string(&lock).unwrap().lines().count() >= 2);
    let mut holder = soft_holder(&python, &lock);
    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success());
    assert!(!lock.exists());
}

#[test]
fn row_126_a_token_file_that_python_has_emptied_is_read_again_until_it_is_whole() {
    if !has_strace() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    store(home.path()).save(&NewLogin::new("a", "hf_a")).unwrap();
    fs::write(home.path().join("token"), "").unwrap();
    // Each wait takes longer, so that a slow machine is in time.
    let slow = ["trace=/^open(at)?$,clock_nanosleep", "inject=clock_nanosleep:delay_enter=100000"];
    let ours = traced(home.path(), &slow, "token", None);
    logged(home.path(), 2, ["/token\"", "O_RDONLY"]);
    fs::write(home.path().join("token"), "hf_a").unwrap();
    let output = ours.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"hf_a\n");
}
