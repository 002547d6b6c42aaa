//! Where this program runs: what decides whether a browser can be opened here, and by which program.

use std::ffi::OsString;
use std::path::Path;

/// Browsers that would take the terminal over.
const TEXT_BROWSERS: [&str; 7] = ["browsh", "elinks", "links", "links2", "lynx", "w3m", "www-browser"];

/// How a page is opened here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opener {
    /// `xdg-open`, on a desktop of Linux or a BSD.
    Freedesktop,
    /// `open`, on macOS.
    MacOs,
    /// `rundll32.exe`, on Windows and in its Subsystem for Linux: unlike `cmd /C start` it is no shell.
    Windows,
}

impl Opener {
    /// The program and what comes before the page's address.
    pub(super) fn command(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Freedesktop => ("xdg-open", &[]),
            Self::MacOs => ("/usr/bin/open", &[]),
            Self::Windows => ("rundll32.exe", &["url.dll,FileProtocolHandler"]),
        }
    }
}

/// What opens a page on the screen in front of the person; none where no such screen is known.
pub(super) fn opener() -> Option<Opener> {
    find(std::env::consts::OS, |name| std::env::var_os(name), |path| Path::new(path).exists())
}

fn find(
    os: &str,
    variable: impl Fn(&str) -> Option<OsString>,
    exists: impl Fn(&str) -> bool,
) -> Option<Opener> {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let elsewhere =
        ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "CODESPACES", "CI"].iter().any(|name| is_set(name))
            || ["/.dockerenv", "/run/.containerenv"].iter().any(|path| exists(path));
    if elsewhere || variable("BROWSER").is_some_and(|browser| is_text_browser(&browser)) {
        return None;
    }
    match os {
        "macos" => Some(Opener::MacOs),
        "windows" => Some(Opener::Windows),
        _ if is_set("WSL_DISTRO_NAME") || is_set("WSL_INTEROP") => Some(Opener::Windows),
        _ => (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")).then_some(Opener::Freedesktop),
    }
}

/// Whether the first choice in `BROWSER` is one; the variable is a list of command lines, separated by colons.
fn is_text_browser(browser: &OsString) -> bool {
    let browser = browser.to_string_lossy();
    let first = browser.split(':').next().unwrap_or_default();
    let program = first.split_whitespace().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    TEXT_BROWSERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_opened_only_on_the_screen_in_front_of_the_person() {
        use Opener::{Freedesktop, MacOs, Windows};
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], Option<Opener>);
        let cases: &[Case<'_>] = &[
            ("linux", &[("DISPLAY", ":0")], &[], Some(Freedesktop)),
            ("linux", &[("WAYLAND_DISPLAY", "wayland-0")], &[], Some(Freedesktop)),
            ("freebsd", &[("DISPLAY", ":0")], &[], Some(Freedesktop)),
            ("linux", &[], &[], None),
            ("linux", &[("DISPLAY", "")], &[], None),
            ("macos", &[], &[], Some(MacOs)),
            ("windows", &[], &[], Some(Windows)),
            ("linux", &[("WSL_DISTRO_NAME", "Ubuntu")], &[], Some(Windows)),
            ("linux", &[("WSL_INTEROP", "/run/WSL/8_interop"), ("DISPLAY", ":0")], &[], Some(Windows)),
            // A display forwarded over SSH is slow at best, and a browser on the server at worst.
            (
                "linux",
                &[("DISPLAY", "localhost:10.0"), ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")],
                &[],
                None,
            ),
            ("macos", &[("SSH_TTY", "/dev/ttys001")], &[], None),
            ("windows", &[("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")], &[], None),
            ("linux", &[("WSL_DISTRO_NAME", "Ubuntu"), ("SSH_TTY", "/dev/pts/1")], &[], None),
            ("linux", &[("DISPLAY", ":0")], &["/.dockerenv"], None),
            ("linux", &[("DISPLAY", ":0")], &["/run/.containerenv"], None),
            ("linux", &[("DISPLAY", ":0"), ("CODESPACES", "true")], &[], None),
            ("linux", &[("DISPLAY", ":0"), ("BROWSER", "lynx")], &[], None),
            ("linux", &[("DISPLAY", ":0"), ("BROWSER", "/usr/bin/w3m -o x %s:firefox")], &[], None),
            ("linux", &[("DISPLAY", ":0"), ("BROWSER", "firefox")], &[], Some(Freedesktop)),
        ];
        for (os, variables, files, expected) in cases {
            let variable =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            let found = find(os, variable, |path| files.contains(&path));
            assert_eq!(found, *expected, "{os} {variables:?} {files:?}");
        }
    }
}
