//! The programs that drive browsers, and how many browsers run at once.

use std::fs::File;
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

use super::display::Display;
use super::settings::{Kind, Settings};
use crate::support::environment::Programs;
use crate::support::folder::Folder;
use crate::support::program::{Program, bare};
use crate::support::{PATIENCE, POLL, free_port};

/// Two browsers keep a small machine busy; more only make each other slow. Tests are processes, so files count them.
const AT_ONCE: usize = 2;

pub(super) struct Driver {
    url: String,
    kind: Kind,
    programs: Programs,
    // In the order of their end: the driver, the screen, its browser's profile, the permission to run one.
    _program: Program,
    _display: Option<Display>,
    profile: Folder,
    _slot: File,
}

impl Driver {
    pub(super) fn start(kind: Kind, programs: Programs) -> Self {
        let slot = slot();
        let profile = Folder::new();
        let display = programs.display.as_deref().map(Display::start);
        let ((program, port), started) =
            (launch(kind, &programs, profile.path(), display.as_ref()), Instant::now());
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < PATIENCE, "{kind:?}'s driver:\n{}", program.everything());
            thread::sleep(POLL);
        }
        let url = format!("http://127.0.0.1:{port}");
        Self { url, kind, programs, _program: program, _display: display, profile, _slot: slot }
    }

    pub(super) async fn session(&self, settings: Settings) -> Client {
        let profile = self.profile.path().join("profile");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(self.kind.capabilities(&self.programs, &profile, settings));
        builder.connect(&self.url).await.unwrap()
    }
}

/// The driver, and the port that it listens on.
fn launch(kind: Kind, programs: &Programs, profile: &Path, display: Option<&Display>) -> (Program, u16) {
    if let Some(display) = display {
        // It tells nobody which port it took, so it is given one.
        let port = free_port();
        let mut command = bare(&programs.driver);
        command.arg(format!("--port={port}")).env("DISPLAY", display.name());
        // Its sandbox needs namespaces, which containers seldom give.
        command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
        return (Program::start(command), port);
    }
    let start = || {
        let mut command = bare(&programs.driver);
        match kind {
            Kind::Firefox => command.args(["--port=0", "--websocket-port=0", "--profile-root"]).arg(profile),
            _ => command.args(["--port=0", "--log-level=WARNING"]),
        };
        let mut program = Program::start(command);
        let port = program.line_or_end(port)?;
        Some((program, port))
    };
    // chromedriver takes the same port on IPv4 and IPv6, and gives up where only one of them is free.
    (0..5).find_map(|_| start()).unwrap_or_else(|| panic!("{kind:?}'s driver does not start"))
}

/// What chromedriver and geckodriver say of the port that they listen on.
fn port(line: &str) -> Option<u16> {
    let chromium =
        line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.'));
    let firefox = line.split_once("Listening on 127.0.0.1:").map(|(_, port)| port);
    chromium.or(firefox)?.trim().parse().ok()
}

/// Waits for one of the slots. A lock ends with its process, however that ends.
fn slot() -> File {
    lock(&std::array::from_fn::<_, AT_ONCE, _>(|number| format!("browser-{number}.lock")))
}

/// Whoever runs two browsers waits for the second one with the first one in hand: two such tests would wait for each other
/// for ever.
pub(super) fn pair() -> File {
    lock(&["browser-pair.lock".to_owned()])
}

fn lock(names: &[String]) -> File {
    let start = Instant::now();
    loop {
        for name in names {
            let file = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)).unwrap();
            if file.try_lock().is_ok() {
                return file;
            }
        }
        assert!(start.elapsed() < Duration::from_secs(1800), "other tests' browsers never end");
        thread::sleep(Duration::from_millis(50));
    }
}
