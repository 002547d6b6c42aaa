//! A home as on a cluster: its folder and its files are links to a larger disk.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use hf_oauth_core::App;
use hf_oauth_hub::LocalHub;
use hf_oauth_tokens::{NewLogin, Renewal, StoreError, Unsafe, UnsafeLink, Warning};
use support::processes::{answer, keep, ours, refreshes, sign_in, spawn};
use support::{python, sign_in_with, store};

/// What is left between two linked homes: a folder where no one but its owner may write, which `/tmp` is not.
fn disk() -> tempfile::TempDir {
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .unwrap()
}

/// `home` is what a program knows; the files are elsewhere.
struct Cluster {
    _disk: tempfile::TempDir,
    home: PathBuf,
    scratch: PathBuf,
    other: PathBuf,
}

/// The home is a link to the scratch disk; there `token` is one to a third folder.
fn cluster() -> Cluster {
    let disk = disk();
    let [home, scratch, other] = ["home", "scratch/hf", "other"].map(|name| disk.path().join(name));
    fs::create_dir_all(&scratch).unwrap();
    fs::create_dir(&other).unwrap();
    symlink("scratch/hf", &home).unwrap();
    fs::write(other.join("token"), "").unwrap();
    symlink(other.join("token"), scratch.join("token")).unwrap();
    Cluster { _disk: disk, home, scratch, other }
}

impl Cluster {
    fn links_stay(&self) {
        assert!(self.home.is_symlink() && self.scratch.join("token").is_symlink());
        assert!(!self.other.join("token").is_symlink());
    }
}

#[test]
fn row_193_ones_own_links_are_followed_and_stay() {
    let cluster = cluster();
    let store = store(&cluster.home);
    store.check_writable().unwrap();
    store.rehearse_save().unwrap();
    store.save(&NewLogin::new("a", "hf_a")).unwrap();
    store.save(&NewLogin::new("b", "hf_b")).unwrap();
    cluster.links_stay();
    let token = || fs::read_to_string(cluster.other.join("token")).unwrap();
    assert_eq!(token(), "hf_b");
    assert_eq!(fs::metadata(cluster.other.join("token")).unwrap().mode() & 0o777, 0o600);
    store.switch("a").unwrap();
    assert_eq!(token(), "hf_a");
    assert!(fs::read_to_string(cluster.scratch.join("stored_tokens")).unwrap().contains("[b]"));
    assert_eq!(store.resolve().unwrap().token().unwrap().name.as_deref(), Some("a"));
    // What is forgotten is gone where it lay, and a login finds its way again.
    assert!(store.remove("a").unwrap());
    assert!(!cluster.other.join("token").exists() && cluster.scratch.join("token").is_symlink());
    let resolution = store.resolve().unwrap();
    assert!(matches!(&resolution.warnings[..], [Warning::LinkGone { .. }]), "{:?}", resolution.warnings);
    store.save(&NewLogin::new("c", "hf_c")).unwrap();
    assert_eq!(token(), "hf_c");
    assert!(store.remove_all().unwrap());
    cluster.links_stay();
    for folder in [&cluster.scratch, &cluster.other] {
        let left = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        let left: Vec<String> = left.filter(|name| *name != "token" && !name.ends_with(".lock")).collect();
        assert_eq!(left, [""; 0]);
    }
}

#[test]
fn row_193_every_path_to_the_names_is_locked_and_no_lock_is_looked_for_through_a_link() {
    let disk = disk();
    let [home, middle, last] = ["home", "middle", "last"].map(|name| disk.path().join(name));
    [&home, &middle, &last].iter().for_each(|folder| fs::create_dir(folder).unwrap());
    symlink(middle.join("names"), home.join("stored_tokens")).unwrap();
    symlink("../last/stored_tokens", middle.join("names")).unwrap();
    let locks = [home.join("stored_tokens.lock"), middle.join("names.lock"), last.join("stored_tokens.lock")];
    store(&home).save(&NewLogin::new("a", "hf_a")).unwrap();
    assert!(locks.iter().all(|lock| lock.is_file()));
    assert_eq!(store(&last).list().unwrap()[0].name, "a");
    // A journal makes whoever reads take the lock, and leave it where somebody has it.
    let journal = home.join("hf-oauth.journal");
    for lock in &locks {
        fs::write(&journal, "").unwrap();
        let held = fs::File::open(lock).unwrap();
        held.lock().unwrap();
        store(&home).list().unwrap();
        assert!(journal.exists(), "{lock:?} is not looked at");
        drop(held);
        store(&home).list().unwrap();
        assert!(!journal.exists(), "{lock:?} is still held");
    }
    for lock in &locks {
        fs::remove_file(lock).unwrap();
        symlink(disk.path().join("victim"), lock).unwrap();
        let refused = store(&home).save(&NewLogin::new("b", "hf_b")).unwrap_err();
        let StoreError::UnsafePath { path, what: Unsafe::Link } = refused else { panic!("{refused:?}") };
        assert_eq!(&path, lock);
        assert!(!disk.path().join("victim").exists());
        fs::remove_file(lock).unwrap();
    }
}

fn refused(home: &Path) -> (PathBuf, UnsafeLink, String) {
    let store = store(home);
    let error = store.save(&NewLogin::new("a", "hf_a")).unwrap_err();
    let text = error.to_string();
    let StoreError::UnsafeLink { at, what, .. } = error else { panic!("{error:?}") };
    let StoreError::UnsafeLink { at: before, what: why, .. } = store.check_writable().unwrap_err() else {
        panic!("{text} is not told beforehand")
    };
    assert_eq!((&before, &why), (&at, &what));
    assert!(text.contains(at.to_str().unwrap()), "{text}");
    (at, what, text)
}

#[test]
fn row_193_a_link_that_leads_nowhere_or_back_is_named() {
    for name in ["token", "stored_tokens"] {
        let disk = disk();
        let link = disk.path().join(name);
        symlink("/nowhere/at/all", &link).unwrap();
        let (at, what, text) = refused(disk.path());
        assert_eq!((at, what), (link.clone(), UnsafeLink::Gone { target: "/nowhere/at/all".into() }));
        assert!(text.contains("/nowhere/at/all"), "{text}");
        if name == "token" {
            let resolution = store(disk.path()).resolve().unwrap();
            assert!(resolution.token().is_none());
            assert!(resolution.warnings[0].to_string().contains("/nowhere/at/all"));
        }
        fs::remove_file(&link).unwrap();
        symlink("round", &link).unwrap();
        symlink(name, disk.path().join("round")).unwrap();
        let (at, what, _) = refused(disk.path());
        assert!(
            what == UnsafeLink::Loop && (at == link || at == disk.path().join("round")),
            "{at:?} {what:?}"
        );
    }
    // The folder itself.
    let disk = disk();
    symlink("away", disk.path().join("home")).unwrap();
    let (at, what, _) = refused(&disk.path().join("home"));
    assert_eq!((at, what), (disk.path().join("home"), UnsafeLink::Gone { target: "away".into() }));
    assert!(!disk.path().join("away").exists(), "it was made");
}

#[test]
fn row_193_a_folder_on_the_way_that_others_may_write_to_is_refused_and_named() {
    for mode in [0o777, 0o1777, 0o707] {
        let cluster = cluster();
        fs::set_permissions(&cluster.other, fs::Permissions::from_mode(mode)).unwrap();
        let (at, what, _) = refused(&cluster.home);
        assert_eq!((at, what), (cluster.other.clone(), UnsafeLink::FolderOfOthers), "{mode:o}");
        assert_eq!(fs::read(cluster.other.join("token")).unwrap(), b"", "{mode:o}");
        // Above the target too, and the home's own.
        fs::set_permissions(&cluster.other, fs::Permissions::from_mode(0o755)).unwrap();
        let above = cluster.scratch.parent().unwrap();
        fs::set_permissions(above, fs::Permissions::from_mode(mode)).unwrap();
        let (at, what, _) = refused(&cluster.home);
        assert_eq!((at.as_path(), what), (above, UnsafeLink::FolderOfOthers), "{mode:o}");
    }
    // Without a link nothing of the kind is asked of the folders above.
    let folder = tempfile::tempdir().unwrap();
    store(&folder.path().join("new/hf")).save(&NewLogin::new("a", "hf_a")).unwrap();
}

#[test]
fn row_193_links_and_folders_of_another_user_are_refused_and_their_owner_named() {
    if !rustix::process::geteuid().is_root() {
        println!("left out: only root can give a file away");
        return;
    }
    let first = cluster();
    let link = first.scratch.join("token");
    lchown(&link, Some(65534), Some(65534)).unwrap();
    let (at, what, text) = refused(&first.home);
    assert!(matches!(&what, UnsafeLink::OtherOwner(owner) if owner.uid == 65534), "{what:?}");
    assert!(at == link && text.contains("uid 65534"), "{text}");

    let second = cluster();
    lchown(&second.other, Some(65534), Some(65534)).unwrap();
    let (at, what, _) = refused(&second.home);
    assert!(matches!(&what, UnsafeLink::FolderOfAnother(owner) if owner.uid == 65534), "{what:?}");
    assert_eq!(at, second.other);
    // `logout --all` takes the link away and leaves what it leads to.
    fs::write(second.other.join("token"), "hf_theirs").unwrap();
    assert!(store(&second.home).remove_all().unwrap());
    assert!(!second.scratch.join("token").is_symlink());
    assert_eq!(fs::read(second.other.join("token")).unwrap(), b"hf_theirs");

    // The home is somebody else's link.
    let third = cluster();
    lchown(&third.home, Some(65534), Some(65534)).unwrap();
    assert_eq!(refused(&third.home).0, third.home);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_193_python_logs_in_through_the_links_and_ours_refreshes_and_the_other_way_round() {
    let Some(python) = python() else { return };
    let (hub, cluster) = (LocalHub::start().await.unwrap(), cluster());
    let (token, refresh) = sign_in_with(&hub, App::HUB_CLI_CLIENT_ID).await;
    let code = format!(
        "import time\nfrom pathlib import Path\nfrom huggingface_hub import constants\nfrom huggingface_hub.utils import _auth\n\
         _auth._save_token({token:?}, 'cli', refresh_token={refresh:?}, expires_at=int(time.time()) + 3600)\n\
         _auth._write_secret(Path(constants.HF_TOKEN_PATH), {token:?})"
    );
    let run = |code: &str| {
        let mut command = Command::new(&python);
        command.args(["-c", code]);
        answer(spawn(command, &hub, &cluster.home))
    };
    run(&code);
    cluster.links_stay();
    let new = answer(ours(&hub, &cluster.home));
    assert_eq!((new != token, refreshes(&hub)), (true, 1));
    assert_eq!(fs::read_to_string(cluster.other.join("token")).unwrap(), new);
    assert_eq!(store(&cluster.home).list().unwrap()[0].renewal, Renewal::Shared);
    // And Python refreshes what we kept.
    let text = fs::read_to_string(cluster.home.join("stored_tokens")).unwrap();
    let refresh = text.lines().find_map(|line| line.strip_prefix("refresh_token = ")).unwrap();
    keep(&cluster.home, &new, refresh);
    let newer = run("from huggingface_hub import get_token; print(get_token())");
    assert_eq!((newer != new, refreshes(&hub)), (true, 2));
    assert_eq!(answer(ours(&hub, &cluster.home)), newer);
    cluster.links_stay();
}

#[tokio::test(flavor = "multi_thread")]
async fn row_193_ten_of_python_and_ten_of_ours_refresh_a_linked_home_once() {
    let Some(python) = python() else { return };
    all_ask(|hub, home, _| {
        let mut command = Command::new(&python);
        command.args(["-c", "from huggingface_hub import get_token; print(get_token())"]);
        spawn(command, hub, home)
    })
    .await;
}

/// Python locks the one path that it knows; ours lock both.
#[tokio::test(flavor = "multi_thread")]
async fn row_193_twenty_of_ours_by_two_paths_to_the_same_files_refresh_once() {
    all_ask(|hub, _, scratch| ours(hub, scratch)).await;
}

/// Ten of ours by the links, and ten others, at once.
async fn all_ask(other: impl Fn(&LocalHub, &Path, &Path) -> std::process::Child) {
    let (hub, disk) = (LocalHub::start().await.unwrap(), disk());
    let [home, scratch] = ["home", "scratch"].map(|name| disk.path().join(name));
    [&home, &scratch].iter().for_each(|folder| fs::create_dir(folder).unwrap());
    sign_in(&hub, &scratch).await;
    for name in ["token", "stored_tokens"] {
        symlink(scratch.join(name), home.join(name)).unwrap();
    }
    let old = fs::read_to_string(home.join("token")).unwrap();
    let children: Vec<_> = (0..10).flat_map(|_| [other(&hub, &home, &scratch), ours(&hub, &home)]).collect();
    let got: Vec<String> = children.into_iter().map(answer).collect();
    let new = answer(ours(&hub, &home));
    assert_ne!(new, old);
    // A Python that reads while another one writes finds nothing.
    assert!(got.iter().all(|token| [new.as_str(), &old, "None"].contains(&token.as_str())), "{got:?}");
    assert_eq!(refreshes(&hub), 1);
    assert!(home.join("token").is_symlink() && home.join("stored_tokens").is_symlink());
    assert_eq!(store(&scratch).resolve().unwrap().token().unwrap().token.expose(), new);
}
