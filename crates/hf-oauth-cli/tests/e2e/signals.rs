//! What runs until it is stopped: it ends on the signals that a terminal and a container's runtime send.

use std::net::TcpListener;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::demo::Demo;
use crate::support::hub::Hub;
use crate::support::program::Program;

fn send(process: u32, signal: Signal) {
    kill_process(Pid::from_raw(process.try_into().unwrap()).unwrap(), signal).unwrap();
}

/// Exit code 0, nothing said about it, and the ports that were taken are free.
fn ends(program: Program, urls: &[&str]) {
    let (status, _, stderr) = program.end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("rror"), "{stderr}");
    for url in urls {
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        TcpListener::bind(("127.0.0.1", port)).unwrap_or_else(|error| panic!("{url} is taken: {error}"));
    }
}

#[test]
fn the_hub_ends_on_ctrl_c_and_when_a_container_stops() {
    for signal in [Signal::INT, Signal::TERM] {
        let Hub { url, program, .. } = Hub::start("");
        send(program.id(), signal);
        ends(program, &[&url]);
    }
}

#[test]
fn the_demo_ends_on_ctrl_c_and_when_a_container_stops() {
    for signal in [Signal::INT, Signal::TERM] {
        let Demo { url, provider, program, .. } = Demo::start();
        send(program.id(), signal);
        ends(program, &[&url, &provider]);
    }
}

/// Signals that the first process of a container does not listen to are lost on it.
#[cfg(target_os = "linux")]
mod as_process_1 {
    use std::process::Command;

    use super::*;
    use crate::support::environment::binary;
    use crate::support::program::bare;

    /// `unshare` with what this machine lets us do; none, said aloud, where it lets us make no process namespace.
    fn unshare() -> Option<Command> {
        let ways = [&["-pf", "--kill-child"][..], &["-Urpf", "--kill-child"]];
        let found = ways.into_iter().find(|args| {
            Command::new("unshare").args(*args).arg("true").output().is_ok_and(|it| it.status.success())
        });
        if found.is_none() {
            println!("left out: no process namespace can be made here");
        }
        let mut command = bare("unshare");
        command.args(found?).arg(binary());
        Some(command)
    }

    /// The host's number of the only child.
    fn child(of: u32) -> u32 {
        let children = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap();
        children.trim().parse().unwrap()
    }

    fn is_first(process: u32) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap();
        numbers.split_whitespace().last() == Some("1")
    }

    fn ends_as_process_1(args: &[&str], names: &[&'static str]) {
        let Some(mut command) = unshare() else { return };
        command.args(args);
        let mut program = Program::start(command);
        let urls: Vec<String> = names
            .iter()
            .map(|name| {
                program.line(|line| line.strip_prefix(name)?.split_whitespace().next().map(str::to_owned))
            })
            .collect();
        let first = child(program.id());
        assert!(is_first(first));
        send(first, Signal::TERM);
        ends(program, &urls.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn the_hub_ends_when_its_container_stops() {
        ends_as_process_1(&["hub", "--port", "0"], &["Local Hub at "]);
    }

    #[test]
    fn the_demo_ends_when_its_container_stops() {
        ends_as_process_1(&["demo", "--port", "0"], &["Demo:", "Local Hub:"]);
    }
}
