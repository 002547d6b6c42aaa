//! From the start of a server to its first answer, and its memory then.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::children::Server;
use super::figures::{HUB, Start, median};
use super::tools::Tools;
use crate::process::{command, root};
use crate::{Result, output};

const TIMES: usize = 7;
const PATIENCE: Duration = Duration::from_secs(20);
const DISCOVERY: &str = "/.well-known/openid-configuration";

pub(super) fn measure(tools: &Tools) -> Result<Vec<Start>> {
    let ours = |what: &'static str| {
        move |port: u16| {
            let mut command = command(&tools.cli, &[what, "--port", &port.to_string()]);
            for name in ["OAUTH_CLIENT_ID", "OPENID_PROVIDER_URL", "SPACE_ID", "SPACE_HOST"] {
                command.env_remove(name);
            }
            command
        }
    };
    let mut starts = vec![start(HUB, DISCOVERY, ours("hub"))?, start("hf-oauth demo", "/", ours("demo"))?];
    if !tools.node {
        output::note("left out: Node");
        return Ok(starts);
    }
    starts.push(start("oidc-provider, Node", DISCOVERY, |port| {
        let options = format!(
            r#"{{"port":{port},"clients":[{{"client_id":"bench","redirect_uris":["http://localhost:7860/callback"],"client_secret":"bench-secret"}}]}}"#
        );
        let mut command = command("node", &["oidc-provider.mjs", &options]);
        command.current_dir(root().join("tests-env/node"));
        command
    })?);
    starts.push(start("oauth2-mock-server, Node", DISCOVERY, |port| {
        let script = "node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs";
        let mut command = command("node", &[script, "-a", "127.0.0.1", "-p", &port.to_string()]);
        command.current_dir(root().join("benches/node"));
        command
    })?);
    Ok(starts)
}

fn start(name: &'static str, path: &str, program: impl Fn(u16) -> Command) -> Result<Start> {
    let (mut millis, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let port = free_port()?;
        let begun = Instant::now();
        let server = Server::spawn(program(port).stdout(Stdio::null()))?;
        while !answers(port, path) {
            if begun.elapsed() > PATIENCE {
                return Err(format!("{name} did not answer within {PATIENCE:?}"));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
        memory.push(server.memory_kib().unwrap_or_default() as f64);
    }
    Ok(Start { name, millis: median(millis), memory_kib: median(memory) as u64 })
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

fn answers(port: u16, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let asked = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(request.as_bytes()))
        .and_then(|()| stream.read_to_end(&mut answer));
    asked.is_ok() && answer.starts_with(b"HTTP/1.1 200")
}
