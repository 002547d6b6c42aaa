//! Programs that run beside this one: bounded in time, ended when they are no longer needed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::Result;

/// Ticks of `/proc/PID/stat` in a second, on every Linux there is.
const TICKS: f64 = 100.0;

/// A server; it ends when this is dropped.
pub(super) struct Server {
    child: Child,
}

impl Server {
    pub(super) fn spawn(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        child.map(|child| Self { child }).map_err(|error| format!("{command:?} did not start: {error}"))
    }

    /// Starts it and waits for the first line that it prints.
    pub(super) fn spawn_and_read(command: &mut Command, patience: Duration) -> Result<(Self, String)> {
        let mut server = Self::spawn(command.stdout(Stdio::piped()))?;
        let stdout = server.child.stdout.take().ok_or("no standard output")?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = sender.send(line);
        });
        match receiver.recv_timeout(patience) {
            Ok(line) if !line.is_empty() => Ok((server, line)),
            _ => Err(format!("{command:?} did not say that it listens")),
        }
    }

    /// Seconds of processor time so far.
    pub(super) fn cpu_seconds(&self) -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        Some((ticks(11)? + ticks(12)?) / TICKS)
    }

    /// Resident memory in KiB.
    pub(super) fn memory_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Standard output of a program that ends by itself, or is ended.
pub(super) fn bounded(command: &mut Command, patience: Duration) -> Result<String> {
    let line = format!("{command:?}");
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut server = Server { child: spawned.map_err(|error| format!("{line} did not start: {error}"))? };
    let start = Instant::now();
    // Nothing here prints more than a pipe holds.
    let status = loop {
        match server.child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if start.elapsed() > patience => {
                return Err(format!("{line} took longer than {patience:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let (mut stdout, mut stderr) = (String::new(), String::new());
    server.child.stdout.take().map(|mut pipe| pipe.read_to_string(&mut stdout));
    server.child.stderr.take().map(|mut pipe| pipe.read_to_string(&mut stderr));
    if status.success() {
        Ok(stdout)
    } else {
        Err(format!("{line} failed ({status})\n{}", stderr.trim_end()))
    }
}
