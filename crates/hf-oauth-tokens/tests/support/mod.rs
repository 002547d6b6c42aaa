//! What the tests share.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hf_oauth_hub::LocalHub;
use hf_oauth_tokens::{Environment, TokenStore};

#[allow(dead_code, reason = "not every test file needs each of these")]
pub(crate) fn store(home: &Path) -> TokenStore {
    TokenStore::new(Environment::from_pairs([("HF_HOME", home)]))
}

/// An example of this crate as Cargo built it for the tests.
#[allow(dead_code, reason = "not every test file needs each of these")]
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(name)
}

/// The interpreter that has the pinned packages; none, said aloud, where it was left out on purpose.
#[allow(dead_code, reason = "not every test file needs each of these")]
pub(crate) fn python() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("HF_OAUTH_TEST_PYTHON").filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let without = std::env::var("HF_OAUTH_TESTS_WITHOUT").unwrap_or_default();
    assert!(
        without.split(',').any(|name| name.trim() == "python"),
        "HF_OAUTH_TEST_PYTHON is not set: run `cargo xtask test`"
    );
    None
}

/// One answer of `store_read.py` for each task.
#[allow(dead_code, reason = "not every test file needs each of these")]
pub(crate) fn ask_python(python: &Path, tasks: &[serde_json::Value]) -> Vec<serde_json::Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests-env/python/store_read.py");
    let mut child =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = tasks.iter().map(|task| format!("{task}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Signs ada in by device code; the access token and the refresh token.
#[allow(dead_code, reason = "not every test file needs each of these")]
pub(crate) async fn sign_in_with(hub: &LocalHub, client: &str) -> (String, String) {
    let device = post(hub, "/oauth/device", &format!("client_id={client}"));
    hub.approve_device(device["user_code"].as_str().unwrap(), "ada").await.unwrap();
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let code = device["device_code"].as_str().unwrap();
    let tokens =
        post(hub, "/oauth/token", &format!("grant_type={grant}&device_code={code}&client_id={client}"));
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[allow(dead_code, reason = "not every test file needs each of these")]
fn post(hub: &LocalHub, path: &str, form: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(("127.0.0.1", hub.port())).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n", hub.port());
    let kind = "Content-Type: application/x-www-form-urlencoded";
    write!(stream, "{head}{kind}\r\nContent-Length: {}\r\n\r\n{form}", form.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
    serde_json::from_str(body).unwrap()
}

/// False, said aloud, where `strace` was left out on purpose.
#[allow(dead_code, clippy::print_stdout, reason = "not every test file needs it; it is said aloud")]
pub(crate) fn has_strace() -> bool {
    let without = std::env::var("HF_OAUTH_TESTS_WITHOUT").unwrap_or_default();
    let left_out = without.split(',').any(|name| name.trim() == "strace");
    if left_out {
        println!("left out: HF_OAUTH_TESTS_WITHOUT names strace");
    }
    !left_out
}
