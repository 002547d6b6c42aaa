//! A program with an empty home and nothing in its environment but what a test gives it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::environment;
use super::folder::Folder;

pub(crate) struct Program {
    child: Child,
    name: String,
    stdout: Text,
    stderr: Text,
    readers: Vec<JoinHandle<()>>,
    _home: Folder,
}

type Text = Arc<Mutex<String>>;

/// `hf-oauth` with these arguments.
pub(crate) fn hf_oauth<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = bare(environment::binary());
    command.args(args);
    command
}

/// A command whose environment is clean but for `PATH`.
pub(crate) fn bare(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

impl Program {
    pub(crate) fn start(mut command: Command) -> Self {
        let home = Folder::new();
        command.env("HOME", home.path()).current_dir(home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let name = format!("{:?}", command.get_program());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let (stdout, stderr) = (Text::default(), Text::default());
        let readers = vec![
            follow(child.stdout.take().unwrap(), Arc::clone(&stdout)),
            follow(child.stderr.take().unwrap(), Arc::clone(&stderr)),
        ];
        Self { child, name, stdout, stderr, readers, _home: home }
    }

    /// What `find` makes of the first line on standard output of which it makes something.
    pub(crate) fn line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> T {
        let found = self.line_or_end(find);
        found.unwrap_or_else(|| {
            panic!("{} ended and said nothing of the kind:\n{}", self.name, self.everything())
        })
    }

    /// The same; none where the program ended without such a line.
    pub(crate) fn line_or_end<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let start = Instant::now();
        loop {
            // Asked before the output is read: what a program says last is read after its end.
            let ended = self.child.try_wait().unwrap().is_some();
            if ended {
                self.readers.drain(..).for_each(|reader| reader.join().unwrap());
            }
            let text = read(&self.stdout);
            let mut lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            if let Some(found) = lines.find_map(&find) {
                return Some(found);
            }
            if ended {
                return None;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{} said nothing of the kind:\n{}",
                self.name,
                self.everything()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> (ExitStatus, String, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "{} does not end:\n{}", self.name, self.everything());
            thread::sleep(Duration::from_millis(5));
        };
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        (status, read(&self.stdout), read(&self.stderr))
    }

    /// Both outputs so far.
    pub(crate) fn everything(&self) -> String {
        format!("{}{}", read(&self.stdout), read(&self.stderr))
    }

    /// Its process id.
    #[cfg(unix)]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it ever had, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            println!("--- {}:\n{}", self.name, self.everything());
        }
    }
}

fn follow(from: impl Read + Send + 'static, into: Text) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
            into.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}

fn read(text: &Text) -> String {
    text.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
