//! A token that was saved is the one that `hf-hub` sends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;

use hf_oauth_tokens::{Environment, NewLogin, TokenStore};

/// Answers two requests as the Hub would; what they were authorised with.
fn hub(listener: TcpListener) -> Vec<String> {
    (0..2)
        .map(|_| {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            assert_eq!(head[0], "GET /api/whoami-v2 HTTP/1.1");
            let body = r#"{"name": "ada", "type": "user"}"#;
            let headers = "Content-Type: application/json\r\nConnection: close";
            write!(stream, "HTTP/1.1 200 OK\r\n{headers}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
            head.iter().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or("none").to_owned()
        })
        .collect()
}

#[test]
fn hf_hub_finds_the_token_that_was_saved() {
    let home = tempfile::tempdir().unwrap();
    let store = TokenStore::new(Environment::from_pairs([("HF_HOME", home.path())]));
    store.save(&NewLogin::new("laptop", "hf_saved")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let hub = std::thread::spawn(|| hub(listener));
    let mut command = Command::new(env!("CARGO_BIN_EXE_hf-oauth-tokens-with-hf-hub"));
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_OIDC_RESOURCE", "HF_HUB_DISABLE_IMPLICIT_TOKEN"] {
        command.env_remove(name);
    }
    command.env("NO_PROXY", "127.0.0.1").env("HF_HOME", home.path()).env("HF_ENDPOINT", endpoint);
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "found by hf-hub: ada\ngiven to hf-hub: ada\n");
    assert_eq!(hub.join().unwrap(), ["Bearer hf_saved", "Bearer hf_saved"]);
}
