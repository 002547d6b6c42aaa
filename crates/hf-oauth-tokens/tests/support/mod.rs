//! What the tests share.

#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) mod home;
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) mod processes;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

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

/// `store_read.py`, which answers one question after the other.
#[allow(dead_code, reason = "not every test file needs each of these")]
pub(crate) struct Interpreter {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[allow(dead_code, reason = "not every test file needs each of these")]
impl Interpreter {
    pub(crate) fn start(python: &Path) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests-env/python/store_read.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, questions, answers: BufReader::new(answers) }
    }

    pub(crate) fn ask(&mut self, task: &serde_json::Value) -> serde_json::Value {
        writeln!(self.questions, "{task}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One answer of `store_read.py` for each task.
#[allow(dead_code, reason = "not every test file needs each of these")]
pub(crate) fn ask_python(python: &Path, tasks: &[serde_json::Value]) -> Vec<serde_json::Value> {
    let mut interpreter = Interpreter::start(python);
    tasks.iter().map(|task| interpreter.ask(task)).collect()
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
