//! Opening a page in the person's browser.

use std::process::{Command, Stdio};

use super::surroundings::Opener;

/// Variables that hold secrets: no browser needs them.
const SECRETS: [&str; 3] = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "OAUTH_CLIENT_SECRET"];

/// Hands the address over as one argument, with no shell between, and does not wait. That there is no browser is no
/// error: the address is on the screen.
pub(super) fn open(opener: Opener, url: &str) -> bool {
    start(&mut command(opener, url))
}

fn command(opener: Opener, url: &str) -> Command {
    let (program, before) = opener.command();
    let mut command = Command::new(program);
    command.args(before).arg(url);
    for name in SECRETS {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C ends the login, not the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

fn start(command: &mut Command) -> bool {
    command.spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_117_the_address_is_one_argument_whatever_is_in_it() {
        let url = "https://huggingface.co/oauth/device?a=1&b=%22|^%25$(touch /x)`id`;'\"";
        for opener in [Opener::Freedesktop, Opener::MacOs, Opener::Windows] {
            let command = command(opener, url);
            let arguments: Vec<_> = command.get_args().collect();
            let (program, before) = opener.command();
            assert_eq!(arguments.last().unwrap().to_str(), Some(url));
            assert_eq!(arguments.len(), before.len() + 1);
            let shells = ["sh", "bash", "cmd", "cmd.exe", "powershell.exe"];
            assert!(!shells.contains(&program) && command.get_program() == program);
        }
    }

    #[test]
    fn row_139_the_browser_gets_no_secret_from_the_environment() {
        let command = command(Opener::Freedesktop, "https://huggingface.co/oauth/device");
        let removed: Vec<_> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert_eq!(removed, ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "OAUTH_CLIENT_SECRET"]);
    }

    #[test]
    fn that_there_is_no_browser_is_no_error() {
        assert!(!start(&mut Command::new("/nowhere/xdg-open")));
    }
}
