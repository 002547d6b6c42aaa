use std::fs::File;
use std::process::Stdio;

use super::{HUB, kept, variables};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, hf_oauth};
use crate::support::terminal::Terminal;

/// Exit code and standard error of `login --token-stdin` with that on its standard input.
fn paste(hub: &Hub, home: &Folder, text: &str, args: &[&str]) -> (i32, String) {
    let input = home.file("input", text);
    let mut command = hf_oauth(["login", "--token-stdin"].iter().chain(args).copied());
    let hf_home = home.path().join("hf");
    command.env("HOME", home.path()).envs(variables(hub, hf_home.to_str().unwrap()));
    // Variables that a device login would heed.
    command.env("HF_DEVICE_CODE_OAUTH_CLIENT_ID", "another-app").env("HF_OAUTH_NO_BROWSER", "1");
    command.stdin(File::open(input).unwrap()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn row_139_a_token_comes_by_standard_input_and_is_checked_before_it_is_kept() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let mut terminal = Terminal::start(home.path(), &["login"], &variables(&hub, "hf"));
    hub.settle(&terminal.code().await, "approve").await;
    assert_eq!(terminal.end().0, 0);
    let token = kept(home.path()).unwrap();

    for wrong in ["", "\n", "two words\n", "hf_with_\u{1b}[2J\n"] {
        let (code, err) = paste(&hub, &home, wrong, &[]);
        assert!(code == 2 && err.contains("no token") && !err.contains('\u{1b}'), "{wrong:?}: {code} {err}");
    }
    let (code, err) = paste(&hub, &home, "hf_canary_that_no_hub_knows\n", &[]);
    assert!(code == 4 && err.contains("does not know this token") && !err.contains("canary"), "{code} {err}");
    assert_eq!(kept(home.path()), Some(token.clone()), "a failed login removes no working one");

    let (code, err) = paste(&hub, &home, &format!("{token}\nrest"), &["--name", "laptop"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("Signed in as ada. The token is saved as laptop") && !err.contains(&token), "{err}");
    let stored = std::fs::read_to_string(home.path().join("hf/stored_tokens")).unwrap();
    assert!(stored.contains("[laptop]") && stored.contains("[oauth-ada]"), "{stored}");
}

#[test]
fn row_139_a_token_is_no_argument() {
    let (status, _, err) = Program::start(hf_oauth(["login", "--token", "hf_canary"])).end();
    assert_eq!(status.code(), Some(2));
    assert!(err.contains("--token") && !err.contains("hf_canary"), "{err}");
}
