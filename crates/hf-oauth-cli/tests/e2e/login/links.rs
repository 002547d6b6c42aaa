//! Links and files of others where the tokens lie, and names that no file can keep.

use std::fs;
use std::path::Path;

use super::{HUB, kept, sign_in, variables};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};

/// The folder of the tokens and the token file are links of one's own, as on a cluster: a login is saved where they lead.
/// A link that leads nowhere any more is named, and nothing is said to refresh itself behind it.
#[tokio::test]
async fn row_193_a_login_goes_through_ones_own_links_and_status_says_when_they_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let [hf, scratch, other] = ["hf", "scratch", "other"].map(|name| home.path().join(name));
    fs::create_dir(&scratch).unwrap();
    fs::create_dir(&other).unwrap();
    symlink("scratch", &hf).unwrap();
    symlink(other.join("token"), scratch.join("token")).unwrap();
    let (exit, screen) = sign_in(&hub, &home, "ada", &[]).await;
    assert_eq!(exit, 0, "{screen}");
    assert_eq!(kept(home.path()), fs::read_to_string(other.join("token")).ok());
    assert!(hf.is_symlink() && scratch.join("token").is_symlink());
    let run = |args: &[&str]| {
        let mut command = hf_oauth(args.iter().copied());
        command.envs(variables(&hub, hf.to_str().unwrap()));
        let (status, out, err) = Program::start(command).end();
        (status.code(), out + &err)
    };
    let (exit, told) = run(&["status", "--offline"]);
    assert!(exit == Some(0) && told.contains("refreshes itself") && !told.contains("warning"), "{told}");
    // Somebody else may write where the token lies: it is used, and cannot be replaced.
    fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    for args in [&["status", "--offline"][..], &["list"]] {
        let (exit, told) = run(args);
        assert!(exit == Some(0) && told.contains("cannot refresh itself"), "{told}");
        assert!(told.contains(other.to_str().unwrap()) && told.contains("others may write"), "{told}");
    }
    let (exit, told) = run(&["logout", "--all"]);
    assert!(exit == Some(0) && !scratch.join("token").is_symlink(), "{told}");
    symlink(other.join("away/token"), scratch.join("token")).unwrap();
    let (exit, told) = run(&["status", "--offline"]);
    assert!(exit == Some(3) && told.contains("away/token, where nothing is"), "{told}");
    let (exit, told) = run(&["login"]);
    assert!(exit == Some(6) && told.contains("away/token, which is not there"), "{told}");
}

/// As root alone, since only root can give a file away.
#[test]
fn row_217_a_token_of_another_user_is_not_handed_out_and_its_owner_is_named() {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    let home = Folder::new();
    let token = home.file("token", "hf_evil");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    if chown(&token, Some(65534), None).is_err() {
        return;
    }
    for args in [&["token"][..], &["exec", "--", "true"], &["status", "--offline"], &["login"]] {
        let mut command = hf_oauth(args.iter().copied());
        command.envs([("HF_ENDPOINT", Path::new("http://localhost:9")), ("HF_HOME", home.path())]);
        let (status, out, err) = Program::start(command).end();
        assert_eq!((status.code(), out.as_str()), (Some(6), ""), "{args:?}: {err}");
        assert!(
            err.contains("uid 65534") && err.contains("HF_HOME") && !err.contains("hf_evil"),
            "{args:?}: {err}"
        );
    }
}

#[test]
fn a_name_with_a_line_break_is_refused_and_not_mended() {
    let home = Folder::new();
    for name in ["a\nb", "a\rb", "a\tb"] {
        let mut command = hf_oauth(["login", "--name", name]);
        command.envs([("HF_ENDPOINT", Path::new("http://localhost:9")), ("HF_HOME", home.path())]);
        let (status, _, err) = Program::start(command).end();
        assert!(status.code() == Some(2) && err.contains("control characters"), "{name:?}: {err}");
    }
}
