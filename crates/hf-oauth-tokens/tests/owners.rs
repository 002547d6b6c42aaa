//! Files and folders that others may have had their hands in. As root, since only root can give a file away.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hf_oauth_tokens::{NewLogin, StoreError, Unsafe, Warning};
use support::{example, store};

/// Who attacks, and who is attacked.
const MALLORY: u32 = 65534;
const ADA: u32 = 54321;

/// False, said aloud, for whoever cannot give a file away.
#[expect(clippy::print_stdout, reason = "what is left out is said aloud")]
fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("left out: only root can give a file away");
    }
    root
}

fn folder(owner: u32, mode: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
    chown(folder.path(), Some(owner), Some(owner)).unwrap();
    folder
}

fn plant(path: &Path, text: &str, owner: u32, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    chown(path, Some(owner), Some(owner)).unwrap();
}

/// An example run by ada.
fn as_ada(name: &str, arguments: &[&str], home: &Path, input: &str) -> Output {
    // She cannot look into root's folders.
    let bin = tempfile::tempdir().unwrap();
    fs::set_permissions(bin.path(), Permissions::from_mode(0o755)).unwrap();
    let program = bin.path().join(name);
    // By another process: a program that this one has open for writing, in any thread's child, cannot be run.
    assert!(Command::new("cp").arg(example(name)).arg(&program).status().unwrap().success());
    let given = bin.path().join("input");
    fs::write(&given, input).unwrap();
    let mut command = Command::new("setpriv");
    let ada = ADA.to_string();
    command.args(["--reuid", &ada, "--regid", &ada, "--clear-groups"]).arg(&program).args(arguments);
    command
        .env_clear()
        .env("HF_HOME", home)
        .env("HOME", home)
        .stdin(Stdio::from(fs::File::open(&given).unwrap()));
    command.current_dir("/").output().unwrap()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const NAMES: &str = "[evil]\nhf_token = hf_evil\nrefresh_token = r\nexpires_at = 4000000000\n";

#[test]
fn row_217_a_token_of_another_user_is_neither_given_out_nor_replaced() {
    if !is_root() {
        return;
    }
    for mode in [0o1777, 0o777] {
        let home = folder(0, mode);
        plant(&home.path().join("token"), "hf_evil", MALLORY, 0o644);
        let output = as_ada("token", &[], home.path(), "");
        assert!(!output.status.success() && !told(&output).contains("hf_evil"), "{}", told(&output));
        // Root does not take it from such a folder either.
        let error = store(home.path()).resolve().unwrap_err();
        let StoreError::UnsafePath { path, what: Unsafe::OtherOwner(owner) } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((path, owner.uid), (&home.path().join("token"), MALLORY));
        assert!(error.to_string().contains("uid 65534") && error.to_string().contains("HF_HOME"), "{error}");
        let output = as_ada("save", &["mine"], home.path(), "hf_mine");
        assert!(!output.status.success(), "{}", told(&output));
        assert_eq!(fs::read_to_string(home.path().join("token")).unwrap(), "hf_evil");
    }
}

#[test]
fn row_217_a_link_of_another_user_is_not_read_through() {
    if !is_root() {
        return;
    }
    let home = folder(ADA, 0o755);
    plant(&home.path().join("mine"), "hf_mine", ADA, 0o600);
    let link = home.path().join("token");
    symlink("mine", &link).unwrap();
    lchown(&link, Some(MALLORY), Some(MALLORY)).unwrap();
    let output = as_ada("token", &[], home.path(), "");
    assert!(!output.status.success() && !told(&output).contains("hf_mine"), "{}", told(&output));
    lchown(&link, Some(ADA), Some(ADA)).unwrap();
    assert_eq!(told(&as_ada("token", &[], home.path(), "")).trim(), "hf_mine");
}

#[test]
fn row_217_planted_names_and_clients_are_refused_and_no_refresh_token_of_theirs_is_used() {
    if !is_root() {
        return;
    }
    for name in ["stored_tokens", "hf-oauth.tokens", "hf-oauth.journal"] {
        let home = folder(0, 0o1777);
        let at = home.path().join(name);
        plant(&home.path().join("token"), "hf_mine", ADA, 0o600);
        plant(&at, NAMES, MALLORY, 0o644);
        let output = as_ada("save", &["new"], home.path(), "hf_new");
        assert!(
            !output.status.success() && told(&output).contains("OtherOwner"),
            "{name}: {}",
            told(&output)
        );
        assert_eq!(fs::read_to_string(&at).unwrap(), NAMES, "{name}");
        let output = as_ada("token", &[], home.path(), "");
        assert!(output.stdout.starts_with(b"hf_mine"), "{name}: {}", told(&output));
        if name != "hf-oauth.journal" {
            assert!(told(&output).contains(&format!("{name} belongs to")), "{name}: {}", told(&output));
        }
    }
}

#[test]
fn row_217_root_s_files_are_read_and_their_modes_are_not_ours_to_mend() {
    if !is_root() {
        return;
    }
    let home = folder(0, 0o755);
    plant(&home.path().join("token"), "hf_mounted", 0, 0o644);
    let output = as_ada("token", &[], home.path(), "");
    assert_eq!(told(&output).trim(), "hf_mounted");
}

#[test]
fn row_217_root_reads_another_user_s_files_where_that_user_alone_may_write() {
    if !is_root() {
        return;
    }
    let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let home = disk.path().join("mounted");
    fs::create_dir(&home).unwrap();
    chown(&home, Some(ADA), Some(ADA)).unwrap();
    plant(&home.join("token"), "hf_ada", ADA, 0o600);
    let resolution = store(&home).resolve().unwrap();
    assert_eq!((resolution.token().unwrap().token.expose(), &resolution.warnings[..]), ("hf_ada", &[][..]));
    assert!(matches!(store(&home).check_writable(), Err(StoreError::UnsafePath { .. })));
    fs::set_permissions(&home, Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(store(&home).resolve().unwrap_err(), StoreError::UnsafePath { .. }));
    // In a folder of a third user the file may be anybody's.
    fs::set_permissions(&home, Permissions::from_mode(0o755)).unwrap();
    chown(&home, Some(MALLORY), None).unwrap();
    assert!(matches!(store(&home).resolve().unwrap_err(), StoreError::UnsafePath { .. }));
}

fn warned(home: &Path) -> Vec<Warning> {
    store(home).resolve().unwrap().warnings
}

#[test]
fn row_217_a_folder_that_others_may_write_to_is_warned_of_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    store(home.path()).save(&NewLogin::new("a", "hf_a")).unwrap();
    for mode in [0o777, 0o1777, 0o702] {
        fs::set_permissions(home.path(), Permissions::from_mode(mode)).unwrap();
        let [warning] = &warned(home.path())[..] else { panic!("{mode:o}") };
        let path: PathBuf = home.path().into();
        assert_eq!(*warning, Warning::FolderOfOthers { path: path.clone(), owner: None }, "{mode:o}");
        let command = format!("chmod go-w {}", path.display());
        assert!(warning.to_string().contains("chmod go-w"), "{warning}");
        // It can be followed.
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
        assert_eq!(warned(home.path()), [], "{mode:o}");
    }
    if !is_root() {
        return;
    }
    for (owner, mode) in [(0, 0o1777), (MALLORY, 0o755)] {
        let theirs = folder(owner, mode);
        plant(&theirs.path().join("token"), "hf_mine", ADA, 0o600);
        let output = as_ada("token", &[], theirs.path(), "");
        let told = told(&output);
        assert!(
            output.stdout.starts_with(b"hf_mine") && told.contains("set HF_HOME to a folder of your own"),
            "{told}"
        );
        assert!(!told.contains("chmod"), "{told}");
    }
    // A group is no other user where nobody else is in it; who is in a group that no file names is not known.
    let shared = folder(0, 0o770);
    plant(&shared.path().join("token"), "hf_mine", 0, 0o600);
    assert_eq!(warned(shared.path()), []);
    chown(shared.path(), None, Some(ADA)).unwrap();
    assert_eq!(warned(shared.path()).len(), 1);
}

#[test]
fn row_217_a_lock_of_another_user_is_named_with_its_owner() {
    if !is_root() {
        return;
    }
    let home = folder(0, 0o1777);
    plant(&home.path().join("stored_tokens.lock"), "", MALLORY, 0o644);
    let output = as_ada("save", &["mine"], home.path(), "hf_mine");
    assert!(!output.status.success(), "{}", told(&output));
    assert!(told(&output).contains("ForeignLock") && told(&output).contains("65534"), "{}", told(&output));
    // One that can be locked does no harm: tokens are shared with whoever else has the folder, as in Python.
    fs::set_permissions(home.path().join("stored_tokens.lock"), Permissions::from_mode(0o666)).unwrap();
    let output = as_ada("save", &["mine"], home.path(), "hf_mine");
    assert!(output.status.success(), "{}", told(&output));
    let listed = store(home.path()).list();
    assert!(listed.is_err(), "root reads them from no folder that others may write to: {listed:?}");
    assert!(as_ada("token", &[], home.path(), "").stdout.starts_with(b"hf_mine"));
}
