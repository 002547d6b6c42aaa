//! The credential helper, asked by git itself.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use super::machine::Machine;
use crate::support::environment::binary;
use crate::support::program::bare;

fn git(args: &[&str]) -> Command {
    let mut command = bare("git");
    command.args(["-c", "credential.helper=", "-c"]);
    command.arg(format!("credential.helper=!'{}' git-credential", binary().display()));
    command.args(args).env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

#[test]
fn git_is_given_the_token_for_the_hub_alone() {
    let machine = Machine::signed_in().with("HF_ENDPOINT", "");
    let filled = machine.run_with(git(&["credential", "fill"]), "protocol=https\nhost=huggingface.co\n\n");
    assert_eq!(filled.code, 0, "{filled:?}");
    assert!(filled.out.contains("username=hf_user\npassword=hf_oauth_bbbbbbbbbbbbbbbbwork\n"), "{filled:?}");
    for question in ["protocol=https\nhost=example.com\n\n", "protocol=http\nhost=huggingface.co\n\n"] {
        let other = machine.run_with(git(&["credential", "fill"]), question);
        assert!(other.code != 0 && !other.out.contains("bbbb"), "{other:?}");
        assert!(!other.err.contains("hf-oauth"), "silence, so that git asks others: {other:?}");
    }
}

#[test]
fn store_and_erase_never_touch_the_login() {
    let machine = Machine::signed_in().with("HF_ENDPOINT", "");
    let files = || (machine.read("token"), machine.read("stored_tokens"));
    let before = files();
    let credential =
        "protocol=https\nhost=huggingface.co\nusername=hf_user\npassword=hf_oauth_bbbbbbbbbbbbbbbbwork\n\n";
    for action in ["approve", "reject"] {
        assert_eq!(machine.run_with(git(&["credential", action]), credential).code, 0);
        assert_eq!(files(), before, "{action}");
    }
    let refused = machine.ask(["git-credential", "get"], "protocol=https\r\nhost=huggingface.co\r\n\r\n");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:?}");
}

#[test]
fn row_198_an_operation_that_nobody_here_knows_is_ignored_in_silence() {
    let machine = Machine::signed_in().with("HF_ENDPOINT", "");
    let files = || (machine.read("token"), machine.read("stored_tokens"));
    let before = files();
    let question = "protocol=https\nhost=huggingface.co\n\n";
    for operation in ["capability", "of-a-newer-git", "GET", "get ", ""] {
        for question in [question, "", "nonsense\r\n", "capability[]=state\nstate[]=x\n\n"] {
            let done = machine.ask(["git-credential", operation], question);
            let silent = (done.code, done.out.as_str(), done.err.as_str());
            assert_eq!(silent, (0, "", ""), "{operation:?} {question:?}");
        }
    }
    assert_eq!(files(), before);
    // Attributes that nobody here knows change nothing of the answer.
    let asked = format!("capability[]=authtype\nstate[]=hf:1\nnew=thing\n{question}");
    let answered = machine.ask(["git-credential", "get"], asked);
    assert_eq!((answered.code, answered.err.as_str()), (0, ""));
    assert_eq!(answered.out, "username=hf_user\npassword=hf_oauth_bbbbbbbbbbbbbbbbwork\n");
}

#[test]
fn row_198_git_itself_asks_what_helpers_can_and_goes_on() {
    let machine = Machine::signed_in().with("HF_ENDPOINT", "");
    let asked = machine.run_with(git(&["credential", "capability"]), "");
    assert!(!asked.err.contains("hf-oauth") && !asked.err.contains("error:"), "{asked:?}");
    let filled = machine.run_with(git(&["credential", "fill"]), "protocol=https\nhost=huggingface.co\n\n");
    assert_eq!((filled.code, filled.err.as_str()), (0, ""), "{filled:?}");
}

#[test]
fn a_clone_is_made_with_the_token() {
    let machine = Machine::signed_in();
    let root = machine.home.path().join("repositories");
    let setup = r#"git init -q --bare "$1/model.git" && git init -q work && cd work &&
        git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one && git push -q "$1/model.git" HEAD:main &&
        git -C "$1/model.git" symbolic-ref HEAD refs/heads/main"#;
    let mut shell = bare("sh");
    shell.args(["-c", setup, "sh", root.to_str().unwrap()]);
    let made = machine.run_with(shell, "");
    assert_eq!(made.code, 0, "{made:?}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, root.to_str().unwrap());
        }
    });
    let machine = machine.with("HF_ENDPOINT", &url);
    let cloned = machine.run_with(git(&["clone", "-q", &format!("{url}/model.git"), "cloned"]), "");
    assert_eq!(cloned.code, 0, "{cloned:?}");
    assert!(machine.home.path().join("cloned/.git/HEAD").exists());

    assert_eq!(machine.run(["logout", "--all"]).code, 0);
    let refused = machine.run_with(git(&["clone", "-q", &format!("{url}/model.git"), "again"]), "");
    assert!(refused.code != 0 && refused.err.contains("not signed in"), "{refused:?}");
}

/// One request and its answer by `git http-backend` (CGI), for whoever sends the token by Basic authentication.
fn answer(mut stream: TcpStream, root: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    use base64::Engine as _;
    let expected = base64::engine::general_purpose::STANDARD.encode("hf_user:hf_oauth_bbbbbbbbbbbbbbbbwork");
    if header("authorization") != Some(format!("Basic {expected}")) {
        let refusal = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"Hub\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(refusal.as_bytes()).unwrap();
        return;
    }
    let mut line = head.split_whitespace();
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut backend = bare("git");
    backend.arg("http-backend").env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    backend.envs([("REQUEST_METHOD", method), ("PATH_INFO", path), ("QUERY_STRING", query)]);
    backend
        .env("CONTENT_TYPE", header("content-type").unwrap_or_default())
        .env("CONTENT_LENGTH", length.to_string());
    backend.env("HTTP_CONTENT_ENCODING", header("content-encoding").unwrap_or_default());
    backend.env("GIT_PROTOCOL", header("git-protocol").unwrap_or_default());
    let mut child = backend.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&body).unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n").unwrap();
    stream.write_all(&said).unwrap();
}
