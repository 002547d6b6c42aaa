//! A terminal: `hf-oauth` in a pseudo-terminal, whose screen a test reads and whose keys it presses.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::{PATIENCE, POLL, environment};

pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    output: Arc<Mutex<Output>>,
    reader: Option<JoinHandle<()>>,
    modes: String,
}

struct Output {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Terminal {
    /// `hf-oauth` with these arguments and variables, its home in that folder; 80 columns.
    pub(crate) fn start(home: &Path, args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::with_columns(80, home, args, variables)
    }

    pub(crate) fn with_columns(columns: u16, home: &Path, args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::run(CommandBuilder::new(environment::binary()), columns, home, args, variables)
    }

    /// A shell that runs this script, with `hf-oauth` as `$1`.
    pub(crate) fn script(script: &str, home: &Path, variables: &[(&str, &str)]) -> Self {
        let binary = environment::binary();
        let args = ["-c", script, "sh", binary.to_str().unwrap()];
        Self::run(CommandBuilder::new("sh"), 80, home, &args, variables)
    }

    /// On a machine that is, or is not, a container by the files that container engines put there: `strace` answers
    /// whoever asks for them, wherever the test runs. None where it was left out on purpose.
    #[cfg(target_os = "linux")]
    pub(crate) fn in_container(
        container: bool,
        home: &Path,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Option<Self> {
        let answer = if container { "inject=statx:retval=0" } else { "inject=statx:error=ENOENT" };
        let mut command = CommandBuilder::new(environment::strace()?);
        // As a grandchild, so that signals and the exit code are those of hf-oauth.
        command.args(["-D", "-qq", "-o", "/dev/null", "-e", answer]);
        command.args(["-P", "/.dockerenv", "-P", "/run/.containerenv", "--"]);
        command.arg(environment::binary());
        Some(Self::run(command, 80, home, args, variables))
    }

    fn run(
        mut command: CommandBuilder,
        columns: u16,
        home: &Path,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let rows = 40;
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        command.args(args);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        variables.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(home);
        let modes = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (rows, columns) = (NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap());
        let output = Arc::new(Mutex::new(Output {
            screen: vt100::Parser::new(rows, columns, 1000),
            bytes: Vec::new(),
        }));
        let mut from = pair.master.try_clone_reader().unwrap();
        let into = Arc::clone(&output);
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                let mut output = into.lock().unwrap_or_else(PoisonError::into_inner);
                output.screen.process(&bytes[..count]);
                output.bytes.extend_from_slice(&bytes[..count]);
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keyboard, output, reader: Some(reader), modes }
    }

    /// What a person sees.
    pub(crate) fn screen(&self) -> String {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).screen.screen().contents()
    }

    /// All that was ever written.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).bytes.clone()
    }

    /// Waits until the screen shows this, and gives the screen.
    pub(crate) async fn shows(&mut self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(start.elapsed() < PATIENCE, "never shows {text:?}:\n{screen}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the countdown has moved twice, from wherever it stood.
    pub(crate) async fn counts_down(&mut self) {
        let clock = |screen: String| {
            let (_, line) = screen.rsplit_once(['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'])?;
            line.split_once(" · ").map(|(clock, _)| clock.to_owned())
        };
        let mut seen = std::collections::BTreeSet::new();
        super::eventually("a countdown that moves", async || {
            seen.extend(clock(self.screen()));
            (seen.len() > 2).then_some(())
        })
        .await;
    }

    /// The user code, once it is there.
    pub(crate) async fn code(&mut self) -> String {
        let screen = self.shows("Waiting for your approval").await;
        user_code(&screen).unwrap_or_else(|| panic!("no code:\n{screen}"))
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush()).unwrap();
    }

    /// Sends a signal by its name, and gives the exit code.
    pub(crate) fn signal(&mut self, name: &str) -> u32 {
        self.send(name);
        self.wait()
    }

    /// Sends a signal by its name.
    pub(crate) fn send(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for the end: exit code and all that is on the screen.
    pub(crate) fn end(&mut self) -> (u32, String) {
        let code = self.wait();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        (code, self.screen())
    }

    /// Whether line mode, echo and the rest are as they were before the program began.
    pub(crate) fn is_as_before(&self) -> bool {
        modes(self.master.as_ref()) == self.modes
    }

    pub(crate) fn wait(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.signal().is_none(), "killed: {status:?}");
                return status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "does not end:\n{}", self.screen());
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The line that is a code and nothing else.
pub(crate) fn user_code(text: &str) -> Option<String> {
    let is_code = |line: &&str| {
        line.len() == 9
            && line.char_indices().all(|(at, c)| if at == 4 { c == '-' } else { c.is_ascii_alphanumeric() })
    };
    text.lines().map(str::trim).find(is_code).map(str::to_owned)
}

fn modes(master: &dyn MasterPty) -> String {
    let modes = master.get_termios().unwrap();
    format!("{:?} {:?} {:?}", modes.input_flags, modes.output_flags, modes.local_flags)
}
