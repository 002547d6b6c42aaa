//! A home with a token store in it, on which commands run one after the other.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::folder::Folder;
use crate::support::program::hf_oauth;

pub(crate) struct Machine {
    pub(crate) home: Folder,
    env: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Machine {
    /// Nobody is signed in, and the Hub is a closed port.
    pub(crate) fn new() -> Self {
        Self { home: Folder::new(), env: Vec::new() }.with("HF_ENDPOINT", "http://127.0.0.1:1")
    }

    /// With two logins, of which `work` is active.
    pub(crate) fn signed_in() -> Self {
        let machine = Self::new();
        machine.write(
            "stored_tokens",
            "[home]\nhf_token = hf_aaaaaaaaaaaaaaaaaaaahome\n\n[work]\nhf_token = hf_oauth_bbbbbbbbbbbbbbbbwork\n\
             refresh_token = hf_refresh_cccc\nexpires_at = 4102444800\n\n",
        );
        machine.write("token", "hf_oauth_bbbbbbbbbbbbbbbbwork");
        machine
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(".cache/huggingface").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    /// `command` in this home with these variables.
    pub(crate) fn prepare(&self, mut command: Command) -> Command {
        command.env("HOME", self.home.path()).current_dir(self.home.path());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Done {
        self.run_with(hf_oauth(args), "")
    }

    pub(crate) fn ask<'a>(&self, args: impl IntoIterator<Item = &'a str>, stdin: impl AsRef<[u8]>) -> Done {
        self.run_with(hf_oauth(args), stdin)
    }

    pub(crate) fn run_with(&self, command: Command, stdin: impl AsRef<[u8]>) -> Done {
        let mut command = self.prepare(command);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Whoever does not read its input may be gone before all is written.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_ref());
        let done = child.wait_with_output().unwrap();
        Done {
            code: done.status.code().unwrap_or(-1),
            out: self.normal(&String::from_utf8_lossy(&done.stdout)),
            err: self.normal(&String::from_utf8_lossy(&done.stderr)),
        }
    }

    /// With the home's own path taken out.
    fn normal(&self, text: &str) -> String {
        text.replace(self.home.path().to_str().unwrap(), "HOME")
    }
}

impl Done {
    /// Code, standard output and standard error, as the golden files have them.
    pub(crate) fn transcript(&self) -> String {
        format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.out, self.err)
    }
}
