//! `switch` without a name, at a terminal.

use super::machine::Machine;
use crate::support::terminal::Terminal;

#[tokio::test]
async fn a_person_is_asked_and_answers_with_a_number_or_nothing() {
    for (keys, code, said, token) in [
        ("1\n", 0, "`home` is the active login now.", "hf_aaaaaaaaaaaaaaaaaaaahome"),
        ("2\n", 0, "`work` is the active login now.", "hf_oauth_bbbbbbbbbbbbbbbbwork"),
        ("\n", 0, "Nothing was changed.", "hf_oauth_bbbbbbbbbbbbbbbbwork"),
        // The end of the input is an empty answer as well.
        ("\u{4}", 0, "Nothing was changed.", "hf_oauth_bbbbbbbbbbbbbbbbwork"),
        ("3\n", 2, "next: a number from 1 to 2", "hf_oauth_bbbbbbbbbbbbbbbbwork"),
    ] {
        let machine = Machine::signed_in();
        let mut terminal = Terminal::start(machine.home.path(), &["switch"], &[]);
        let screen = terminal.shows("Which one?").await;
        assert!(screen.contains("  1  home") && screen.contains("* 2  work"), "{screen}");
        terminal.press(keys);
        let (exit, screen) = terminal.end();
        assert_eq!(exit, code, "{keys:?}: {screen}");
        assert!(screen.contains(said) && terminal.is_as_before(), "{keys:?}: {screen}");
        assert_eq!(machine.read("token").unwrap(), token, "{keys:?}");
    }
}
