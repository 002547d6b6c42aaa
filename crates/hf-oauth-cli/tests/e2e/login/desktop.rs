//! The browser that a device login opens, and where it opens none. What stands for `xdg-open` is a script that notes what it
//! was given.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{kept, variables};
use crate::support::eventually;
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::terminal::Terminal;

const HUB: &str = "[device]\ninterval = 1\nverification_uri_complete = true\n";

struct Desktop {
    hub: Hub,
    home: Folder,
    path: String,
    /// What the script writes.
    seen: PathBuf,
}

impl Desktop {
    fn new() -> Self {
        let (hub, home) = (Hub::start(HUB), Folder::new());
        let seen = home.path().join("seen");
        let script = format!(
            "#!/bin/sh\n{{ printf '%s\\n' \"$#\" \"$@\"; tr '\\0' '\\n' < /proc/$$/cmdline; echo; \
             tr '\\0' '\\n' < /proc/$$/environ; }} > {0}.new && mv {0}.new {0}\n",
            seen.display()
        );
        for name in ["xdg-open", "rundll32.exe"] {
            let script = home.file(name, &script);
            fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = format!("{}:/usr/bin:/bin", home.path().display());
        Self { hub, home, path, seen }
    }

    /// A login on a screen of this machine, which is a container or is none.
    fn login(&self, container: bool, args: &[&str], more: &[(&str, &str)]) -> Option<Terminal> {
        let _ = fs::remove_file(&self.seen);
        let mut variables = variables(&self.hub, "hf");
        variables.extend([("PATH", self.path.as_str()), ("HF_TOKEN", "hf_canary")]);
        variables.extend([("HUGGING_FACE_HUB_TOKEN", "hf_canary"), ("OAUTH_CLIENT_SECRET", "canary")]);
        variables.extend(more);
        let args: Vec<&str> = ["login", "--force"].iter().chain(args).copied().collect();
        Terminal::in_container(container, self.home.path(), &args, &variables)
    }

    async fn seen(&self) -> String {
        eventually("the browser", async || fs::read_to_string(&self.seen).ok()).await
    }
}

const SCREEN: (&str, &str) = ("DISPLAY", ":0");

#[tokio::test]
async fn row_117_a_browser_on_this_desktop_gets_the_page_as_one_argument() {
    let desktop = Desktop::new();
    for (more, before) in [
        (&[SCREEN][..], ""),
        (&[("WAYLAND_DISPLAY", "wayland-0")], ""),
        (&[("WSL_DISTRO_NAME", "Ubuntu")], "url.dll,FileProtocolHandler\n"),
        (&[SCREEN, ("BROWSER", "firefox:lynx")], ""),
    ] {
        let Some(mut terminal) = desktop.login(false, &[], more) else { return };
        let code = terminal.code().await;
        let count = before.lines().count() + 1;
        let page = format!("{count}\n{before}{}/oauth/device?user_code={code}\n/bin/sh\n", desktop.hub.url);
        let seen = desktop.seen().await;
        assert!(seen.starts_with(&page), "{more:?}: {seen}");
        // Ctrl-C ends the login, and the page stays open: the browser is of another group of processes.
        assert_eq!(terminal.signal("INT"), 130);
    }
}

#[tokio::test]
async fn row_139_neither_arguments_nor_environment_of_the_browser_have_a_secret() {
    let desktop = Desktop::new();
    let Some(mut terminal) = desktop.login(false, &[], &[SCREEN]) else { return };
    terminal.code().await;
    let seen = desktop.seen().await;
    let login: Value =
        serde_json::from_slice(&fs::read(desktop.home.path().join("hf/hf-oauth.device")).unwrap()).unwrap();
    assert!(seen.contains("/oauth/device") && seen.contains("DISPLAY=:0"), "{seen}");
    assert!(!seen.contains("canary") && !seen.contains(login["device_code"].as_str().unwrap()), "{seen}");
    terminal.signal("INT");
}

#[tokio::test]
async fn row_121_no_browser_is_opened_where_nobody_would_see_it() {
    let desktop = Desktop::new();
    for (container, args, more) in [
        (true, &[][..], &[SCREEN][..]),
        (true, &[], &[("WSL_DISTRO_NAME", "Ubuntu")]),
        (false, &[], &[]),
        (false, &[], &[("DISPLAY", "")]),
        (false, &["--no-browser"], &[SCREEN]),
        (false, &[], &[SCREEN, ("HF_OAUTH_NO_BROWSER", "1")]),
        (false, &[], &[SCREEN, ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")]),
        (false, &[], &[SCREEN, ("BROWSER", "lynx")]),
    ] {
        let Some(mut terminal) = desktop.login(container, args, more) else { return };
        let code = terminal.code().await;
        // The browser would have been opened before the Hub was asked for the first time; this is much later.
        desktop.hub.control("device", json!({ "user_code": code, "username": "ada" })).await;
        let (exit, screen) = terminal.end();
        assert_eq!(exit, 0, "{container} {args:?} {more:?}: {screen}");
        assert!(!desktop.seen.exists(), "{container} {args:?} {more:?}");
    }
    assert!(kept(desktop.home.path()).is_some());
}

#[tokio::test]
async fn that_no_browser_can_be_opened_is_no_error() {
    let desktop = Desktop::new();
    // A desktop without `xdg-open`.
    let nowhere = [SCREEN, ("PATH", "/nowhere")];
    let Some(mut terminal) = desktop.login(false, &[], &nowhere) else { return };
    let code = terminal.code().await;
    desktop.hub.control("device", json!({ "user_code": code, "username": "ada" })).await;
    let (exit, screen) = terminal.end();
    assert!(exit == 0 && screen.contains("Signed in as ada"), "{exit}: {screen}");
}
