//! `--token-stdin` at a terminal: asked for, and not shown.

use std::time::Duration;

use super::{HUB, kept, sign_in, variables};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::terminal::Terminal;

const LOGIN: [&str; 4] = ["login", "--token-stdin", "--name", "laptop"];

/// The prompt stands, and the terminal shows nothing that is typed.
async fn asked(terminal: &mut Terminal, hub: &Hub) {
    let screen = terminal.shows("then press Enter:").await;
    assert!(
        screen.contains(&format!("{}/settings/tokens", hub.url)) && screen.contains("not shown"),
        "{screen}"
    );
    assert!(!terminal.is_as_before(), "echo is off");
}

fn all(terminal: &Terminal) -> String {
    String::from_utf8(terminal.bytes()).unwrap()
}

#[tokio::test]
async fn row_199_a_token_typed_at_a_terminal_is_asked_for_and_not_shown() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let (exit, screen) = sign_in(&hub, &home, "ada", &[]).await;
    assert_eq!(exit, 0, "{screen}");
    let token = kept(home.path()).unwrap();
    let mut terminal = Terminal::start(home.path(), &LOGIN, &variables(&hub, "hf"));
    asked(&mut terminal, &hub).await;
    // What comes after the first line is not left for the shell.
    terminal.press(&format!("  {token}\rrm -rf canary\r"));
    let (exit, screen) = terminal.end();
    assert_eq!(exit, 0, "{screen}");
    assert!(screen.contains("Signed in as ada. The token is saved as laptop"), "{screen}");
    assert!(!all(&terminal).contains(&token) && terminal.is_as_before(), "{screen}");

    for (typed, said) in [
        ("\r", "is no token"),
        ("\u{4}", "is no token"),
        ("two words\r", "is no token"),
        ("hf_canary\r", "does not know"),
    ] {
        let mut terminal = Terminal::start(home.path(), &LOGIN, &variables(&hub, "hf"));
        asked(&mut terminal, &hub).await;
        terminal.press(typed);
        let (exit, screen) = terminal.end();
        assert!(exit != 0 && screen.contains(said) && terminal.is_as_before(), "{typed:?}: {screen}");
        assert!(!all(&terminal).contains("canary") && !screen.contains("two words"), "{screen}");
    }
}

#[tokio::test]
async fn row_199_every_signal_gives_the_terminal_back_and_half_a_token_to_nobody() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    for (signal, code) in [
        ("HUP", 129),
        ("INT", 130),
        ("QUIT", 131),
        ("USR1", 138),
        ("USR2", 140),
        ("ALRM", 142),
        ("TERM", 143),
        ("XCPU", 152),
        ("VTALRM", 154),
        ("PROF", 155),
    ] {
        let mut terminal = Terminal::start(home.path(), &LOGIN, &variables(&hub, "hf"));
        asked(&mut terminal, &hub).await;
        terminal.press("hf_canary");
        // The kernel hands over what is typed in a thread of its own. What comes after the program's end is the shell's.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(terminal.signal(signal), code, "{signal}");
        assert!(terminal.is_as_before(), "{signal}");
        let screen = terminal.end().1;
        assert!(
            screen.contains("nothing has changed") && !all(&terminal).contains("canary"),
            "{signal}: {screen}"
        );
    }
    for (key, code) in [("\u{3}", 130), ("\u{1c}", 131)] {
        let mut terminal = Terminal::start(home.path(), &LOGIN, &variables(&hub, "hf"));
        asked(&mut terminal, &hub).await;
        terminal.press(&format!("hf_canary{key}"));
        let (exit, screen) = terminal.end();
        assert!(exit == code && terminal.is_as_before(), "{screen}");
        assert!(!all(&terminal).contains("canary"), "{screen}");
    }
    let mut timed =
        Terminal::start(home.path(), &["login", "--token-stdin", "--timeout", "1"], &variables(&hub, "hf"));
    let (exit, screen) = timed.end();
    assert!(exit == 4 && timed.is_as_before(), "{screen}");
    assert_eq!(kept(home.path()), None);
}

/// Linux alone says by numbers which modes a stopped job left; `stty` says it everywhere.
#[tokio::test]
async fn row_199_a_login_that_is_suspended_gives_the_terminal_back_and_asks_anew() {
    let (hub, home) = (Hub::start(HUB), Folder::new());
    let (exit, screen) = sign_in(&hub, &home, "ada", &[]).await;
    assert_eq!(exit, 0, "{screen}");
    let token = kept(home.path()).unwrap();
    let script = "set -m; \"$1\" login --token-stdin --name laptop; \
                  case \" $(stty -a)\" in *' -echo '*) echo hidden;; *) echo stopped-and-shown;; esac; \
                  read line; echo \"line=$line.\"; fg >/dev/null; echo \"end=$?\"";
    let mut terminal = Terminal::script(script, home.path(), &variables(&hub, "hf"));
    asked(&mut terminal, &hub).await;
    terminal.press("hf_canary\u{1a}");
    let screen = terminal.shows("stopped-and-shown").await;
    assert!(!screen.contains("hidden\n"), "{screen}");
    terminal.press("for the shell\r");
    terminal.shows("line=for the shell.").await;
    crate::support::eventually("the question anew", async || {
        (terminal.screen().matches("then press Enter:").count() == 2 && !terminal.is_as_before())
            .then_some(())
    })
    .await;
    terminal.press(&format!("{token}\r"));
    let screen = terminal.shows("end=").await;
    assert!(screen.contains("end=0") && screen.contains("saved as laptop"), "{screen}");
    terminal.end();
    assert!(!all(&terminal).contains(&token) && !all(&terminal).contains("canary"), "{screen}");
    assert!(terminal.is_as_before());
}
