//! Who waits for whose lock, seen and not timed: with `flock`, without, and where Python is in the middle of a write.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hf_oauth_hub::LocalHub;
use hf_oauth_tokens::NewLogin;
use support::processes::{answer, refreshes, sign_in, spawn};
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

/// The command under `strace`, whose log is `name` in the home.
fn under_strace(command: &Command, expressions: &[&str], home: &Path, name: &str) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(home.join(name));
    strace.args(expressions.iter().flat_map(|expression| ["-e", expression]));
    strace.arg(command.get_program()).args(command.get_args());
    strace
}

/// Waits until the log has so many lines with `word`; the last of them.
async fn told(home: &Path, name: &str, times: usize, word: &str) -> String {
    loop {
        let log = std::fs::read_to_string(home.join(name)).unwrap_or_default();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(word)).collect();
        if lines.len() >= times {
            return lines[lines.len() - 1].to_owned();
        }
        tokio::task::yield_now().await;
    }
}

/// Refused the lock three times over, and still there.
async fn is_waiting(home: &Path, log: &str, waiting: &mut Child, hub: &LocalHub) {
    told(home, log, 3, "EAGAIN").await;
    assert!(waiting.try_wait().unwrap().is_none(), "it went on without the lock");
    assert_eq!(refreshes(hub), 0);
}

const LOCKS: &[&str] = &["trace=flock"];

#[tokio::test(flavor = "multi_thread")]
async fn row_127_ours_waits_while_python_has_the_lock_and_goes_on_when_it_is_released_or_its_holder_killed() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    for killed in [false, true] {
        let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
        let home = home.path();
        sign_in(&hub, home).await;
        let code = "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); \
                    print('held', flush=True); sys.stdin.read(); lock.release()";
        let mut holder = Command::new(&python);
        holder.args(["-c", code]).arg(home.join("stored_tokens.lock"));
        let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        holder.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
        let mut waiting =
            spawn(under_strace(&Command::new(support::example("token")), LOCKS, home, "log"), &hub, home);
        is_waiting(home, "log", &mut waiting, &hub).await;
        if killed {
            holder.kill().unwrap();
        } else {
            drop(holder.stdin.take());
        }
        holder.wait().unwrap();
        let token = answer(waiting);
        assert_eq!(refreshes(&hub), 1);
        assert_eq!(std::fs::read_to_string(home.join("token")).unwrap(), token);
    }
}

/// As Python refreshes: under the lock, by emptying the files and then filling them.
#[tokio::test(flavor = "multi_thread")]
async fn row_126_a_table_that_is_emptied_while_ours_waits_signs_nobody_out() {
    if !has_strace() {
        return;
    }
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let home = home.path();
    let section = |token: &str, end: i64| {
        format!("[cli]\nhf_token = {token}\nrefresh_token = r\nexpires_at = {end}\n\n")
    };
    fs::write(home.join("stored_tokens"), section("hf_ended", 1_500_000_000)).unwrap();
    fs::write(home.join("token"), "hf_ended").unwrap();
    let lock = fs::File::create(home.join("stored_tokens.lock")).unwrap();
    lock.lock().unwrap();
    let expressions = ["trace=/^open(at)?$,flock"];
    let mut waiting =
        spawn(under_strace(&Command::new(support::example("token")), &expressions, home, "log"), &hub, home);
    is_waiting(home, "log", &mut waiting, &hub).await;
    fs::write(home.join("stored_tokens"), "").unwrap();
    let looks = || {
        let log = fs::read_to_string(home.join("log")).unwrap();
        log.lines().filter(|line| line.contains("/stored_tokens\"")).count()
    };
    let before = looks();
    // More than it looks again at once.
    while looks() < before + 50 && waiting.try_wait().unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    fs::write(home.join("stored_tokens"), section("hf_new", 4_000_000_000)).unwrap();
    fs::write(home.join("token"), "hf_new").unwrap();
    drop(lock);
    assert_eq!(answer(waiting), "hf_new");
    assert_eq!(refreshes(&hub), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_127_python_waits_while_ours_has_the_lock_and_goes_on_when_it_is_released_or_its_holder_killed() {
    let (Some(python), true) = (python(), has_strace()) else { return };
    for signal in ["-CONT", "-KILL"] {
        let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
        let home = home.path();
        sign_in(&hub, home).await;
        let old = std::fs::read_to_string(home.join("token")).unwrap();
        // A save that is stopped at its second rename: the lock is held, the journal open.
        std::fs::write(home.join("input"), "hf_other").unwrap();
        let mut save = Command::new(support::example("save"));
        save.arg("other");
        let stops = ["trace=/^rename", "inject=/^rename:signal=STOP:when=2"];
        let mut save = under_strace(&save, &stops, home, "save");
        save.stdin(std::fs::File::open(home.join("input")).unwrap());
        let mut holder = spawn(save, &hub, home);
        let stopped = told(home, "save", 1, "stopped by SIGSTOP").await;
        let holder_id = stopped.split_whitespace().next().unwrap().to_owned();

        let mut get = Command::new(&python);
        get.args(["-c", "from huggingface_hub import get_token; print(get_token())"]);
        let mut waiting = spawn(under_strace(&get, LOCKS, home, "log"), &hub, home);
        is_waiting(home, "log", &mut waiting, &hub).await;
        assert!(Command::new("kill").args([signal, &holder_id]).status().unwrap().success());
        holder.wait().unwrap();
        let token = answer(waiting);
        assert_eq!((refreshes(&hub), token != old), (1, true), "{signal}");

        let resolution = store(home).resolve().unwrap();
        let resolved = resolution.token().unwrap();
        let expected = if signal == "-CONT" { ("hf_other", "other") } else { (token.as_str(), "cli") };
        assert_eq!((resolved.token.expose(), resolved.name.as_deref().unwrap()), expected, "{signal}");
        let kept = store(home).list().unwrap();
        let cli = kept.iter().find(|kept| kept.name == "cli").unwrap();
        assert_eq!(cli.token.as_ref().unwrap().expose(), token, "{signal}");
    }
}

/// Python's login and logout take no lock.
#[tokio::test(flavor = "multi_thread")]
async fn row_132_what_python_writes_between_our_reading_and_our_writing_stays() {
    if !has_strace() {
        return;
    }
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let home = home.path();
    let section = |name: &str| format!("[{name}]\nhf_token = hf_{name}\n\n");
    for (before, meanwhile) in [("ab", "abz"), ("abz", "b"), ("ab", "b"), ("b", "")] {
        let all = |names: &str| names.chars().map(|name| section(&name.to_string())).collect::<String>();
        fs::write(home.join("stored_tokens"), all(before)).unwrap();
        fs::write(home.join("input"), "hf_m").unwrap();
        let mut save = Command::new(support::example("save"));
        save.arg("m");
        // Everything is prepared when the journal, which is first, is about to be put in its place.
        let stops = ["trace=/^rename", "inject=/^rename:signal=STOP:when=1"];
        let mut save = under_strace(&save, &stops, home, "save");
        save.stdin(fs::File::open(home.join("input")).unwrap());
        fs::write(home.join("save"), "").unwrap();
        let mut holder = spawn(save, &hub, home);
        let stopped = told(home, "save", 1, "stopped by SIGSTOP").await;
        fs::write(home.join("stored_tokens"), all(meanwhile)).unwrap();
        let id = stopped.split_whitespace().next().unwrap();
        assert!(Command::new("kill").args(["-CONT", id]).status().unwrap().success());
        assert!(holder.wait().unwrap().success());
        let names: Vec<String> = store(home).list().unwrap().into_iter().map(|kept| kept.name).collect();
        let mut expected: Vec<String> = format!("{meanwhile}m").chars().map(String::from).collect();
        expected.sort();
        assert_eq!(names, expected, "{before} {meanwhile}");
        let left = fs::read_dir(home).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.filter(|name| name.ends_with(".tmp")).count(), 0, "{before} {meanwhile}");
        store(home).remove("m").unwrap();
    }
}
