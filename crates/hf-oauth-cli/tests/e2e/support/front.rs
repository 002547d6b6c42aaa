//! What stands between browsers and an app's instances: a load balancer, and nginx.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::demo::Demo;
use super::environment;
use super::folder::Folder;
use super::program::{Program, bare};

/// Gives every request to the next instance, until the test's process ends.
pub(crate) struct InTurns {
    pub(crate) url: String,
}

impl InTurns {
    pub(crate) fn start(instances: &[Demo]) -> Self {
        let ports: Arc<[u16]> = instances.iter().map(port).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        thread::spawn(move || {
            let asked = Arc::new(AtomicUsize::new(0));
            for browser in listener.incoming().map_while(Result::ok) {
                let (ports, asked) = (Arc::clone(&ports), Arc::clone(&asked));
                // A browser that goes away in the middle is none of the test's business.
                thread::spawn(move || {
                    let _ = pass_on(&browser, &ports, &asked);
                });
            }
        });
        Self { url }
    }
}

/// One request and its answer; the connection ends with them, so that the next request has its own.
fn pass_on(browser: &TcpStream, ports: &[u16], asked: &AtomicUsize) -> io::Result<()> {
    exchange(browser, || ports[asked.fetch_add(1, Ordering::Relaxed) % ports.len()])
}

/// Passes one request on to the port that is named once there is a request.
pub(super) fn exchange(mut browser: impl Read + Write, port: impl FnOnce() -> u16) -> io::Result<()> {
    let mut reader = BufReader::new(&mut browser);
    let mut head = String::new();
    let mut body = 0;
    loop {
        let mut line = String::new();
        // A connection that a browser opens in advance and never uses.
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(length) = lower.strip_prefix("content-length:") {
            body = length.trim().parse().map_err(io::Error::other)?;
        }
        if line == "\r\n" {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut instance = TcpStream::connect(("127.0.0.1", port()))?;
    instance.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    io::copy(&mut reader.take(body), &mut instance)?;
    io::copy(&mut instance, &mut browser)?;
    browser.flush()
}

/// nginx as it is installed: nothing is set but where it listens and what it passes on.
pub(crate) struct Nginx {
    pub(crate) url: String,
    // In the order of their end.
    _program: Program,
    _prefix: Folder,
}

impl Nginx {
    /// In front of `demo`; none where nginx was left out.
    pub(crate) fn start(demo: &Demo) -> Option<Self> {
        let nginx = environment::nginx()?;
        let prefix = Folder::new();
        let front = super::free_port();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {kind}; "))
            .collect();
        let config = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr; events {{}}\n\
             http {{ access_log off; {temporary}\n\
             server {{ listen 127.0.0.1:{front}; location / {{\n\
             proxy_pass http://127.0.0.1:{}; proxy_set_header Host $http_host; }} }} }}\n",
            port(demo)
        );
        let file = prefix.file("nginx.conf", &config);
        let mut command = bare(nginx);
        command.arg("-p").arg(prefix.path()).arg("-c").arg(file).args(["-e", "stderr"]);
        let program = Program::start(command);
        let url = format!("http://localhost:{front}");
        let started = std::time::Instant::now();
        while TcpStream::connect(("127.0.0.1", front)).is_err() {
            assert!(started.elapsed() < super::PATIENCE, "nginx:\n{}", program.everything());
            thread::sleep(super::POLL);
        }
        Some(Self { url, _program: program, _prefix: prefix })
    }
}

fn port(demo: &Demo) -> u16 {
    demo.url.trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok()).unwrap()
}
