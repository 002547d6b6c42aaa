//! What the environment may change, each time in a process of its own: this test again, as a child.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use hf_oauth::*;

use crate::support::*;
use crate::tls::{Authority, TlsServer, accepting, expired, self_signed};

const ASK: &str = "HF_OAUTH_TEST_ASK";
const VARIABLES: [&str; 11] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
];

/// In the child: asks every issuer that the parent named, and says what came. False in the parent.
#[expect(clippy::print_stdout, reason = "how the child tells its parent")]
fn is_child() -> bool {
    let Ok(issuers) = std::env::var(ASK) else { return false };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for issuer in issuers.split(' ') {
        let client = Client::new(app()).with_issuer(Issuer::parse(issuer).unwrap());
        let outcome = match runtime.block_on(client.hub()) {
            Ok(hub) => format!("ok {}", hub.issuer()),
            Err(error) => {
                no_secret_in(&error, &[]);
                format!("{error:?}").replace('\n', " ")
            }
        };
        println!("\nASKED {outcome}");
    }
    true
}

/// The answers that a child gets who runs `test` with these variables and no other of their kind.
fn child(test: &str, variables: &[(&str, &str)], issuers: &[&str]) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    for name in VARIABLES {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).env(ASK, issuers.join(" ")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let answers: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("ASKED ")).map(str::to_owned).collect();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(answers.len(), issuers.len(), "{text}\n{errors}");
    answers
}

/// The authority's certificate in a file, removed with this.
struct CertFile(std::path::PathBuf);

impl CertFile {
    fn of(authority: &Authority, name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hf-oauth-{name}-{}.pem", std::process::id()));
        std::fs::write(&path, authority.pem()).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for CertFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn row_051_an_authority_in_ssl_cert_file_is_trusted_and_no_other() {
    if is_child() {
        return;
    }
    let test = "environment::row_051_an_authority_in_ssl_cert_file_is_trusted_and_no_other";
    let (authority, stranger) = (Authority::new("ours"), Authority::new("stranger"));
    let file = CertFile::of(&authority, "trust");
    let good = authority.server("localhost", |_| {});
    let bad = [
        (authority.server("localhost", expired), "Expired"),
        (authority.server("other.example", |_| {}), "NotValidForName"),
        (stranger.server("localhost", |_| {}), "UnknownIssuer"),
        (self_signed(), ""),
    ];
    let mut issuers = vec![good.issuer()];
    issuers.extend(bad.iter().map(|(server, _)| server.issuer()));
    let issuers: Vec<&str> = issuers.iter().map(String::as_str).collect();
    let answers = child(test, &[("SSL_CERT_FILE", file.path())], &issuers);
    assert_eq!(answers[0], format!("ok {}", good.issuer()));
    assert_eq!(good.served(), 1);
    for (answer, (server, _)) in answers[1..].iter().zip(&bad) {
        assert!(answer.contains("fault: Tls"), "{answer}");
        assert_eq!(server.served(), 0, "{answer}");
    }
    for (answer, (_, why)) in answers[1..].iter().zip(&bad) {
        let letters =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        assert!(letters(answer).contains(&letters(why)), "{why} in {answer}");
    }
    // Without the variable nobody vouches for the good one either.
    let answers = child(test, &[], &issuers[..1]);
    assert!(answers[0].contains("fault: Tls"), "{answers:?}");
}

#[test]
fn row_051_python_s_variable_is_honoured_where_ssl_cert_file_is_not_set() {
    if is_child() {
        return;
    }
    let test = "environment::row_051_python_s_variable_is_honoured_where_ssl_cert_file_is_not_set";
    let (authority, stranger) = (Authority::new("ours"), Authority::new("stranger"));
    let (ours, other) = (CertFile::of(&authority, "bundle"), CertFile::of(&stranger, "other"));
    let server = authority.server("localhost", |_| {});
    let ok = format!("ok {}", server.issuer());
    let ask = |variables: &[(&str, &str)]| child(test, variables, &[&server.issuer()]).remove(0);
    assert_eq!(ask(&[("REQUESTS_CA_BUNDLE", ours.path())]), ok);
    assert_eq!(ask(&[("REQUESTS_CA_BUNDLE", other.path()), ("SSL_CERT_FILE", ours.path())]), ok);
    assert_eq!(ask(&[("REQUESTS_CA_BUNDLE", ours.path()), ("SSL_CERT_FILE", "")]), ok);
    assert!(ask(&[("REQUESTS_CA_BUNDLE", other.path())]).contains("fault: Tls"));
    let executable = std::env::current_exe().unwrap();
    for unusable in ["/nowhere/bundle.pem", executable.to_str().unwrap()] {
        let answer = ask(&[("REQUESTS_CA_BUNDLE", unusable)]);
        assert!(answer.contains("fault: Tls") && answer.contains("REQUESTS_CA_BUNDLE"), "{answer}");
    }
    assert_eq!(server.served(), 3);
}

#[test]
fn row_051_a_connection_that_ends_after_the_handshake_is_an_interruption() {
    if is_child() {
        return;
    }
    let test = "environment::row_051_a_connection_that_ends_after_the_handshake_is_an_interruption";
    let authority = Authority::new("ours");
    let file = CertFile::of(&authority, "cut");
    let server = authority.cutting_server();
    let answers = child(test, &[("SSL_CERT_FILE", file.path())], &[&server.issuer()]);
    assert!(answers[0].contains("fault: Interrupted") && answers[0].contains("Some(200)"), "{answers:?}");
    assert_eq!(server.served(), 1);
}

/// A proxy that does as it is told, and remembers.
struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = asked.clone();
        let port = accepting(move |stream, _| tunnel(stream, &log));
        Self { address: format!("http://127.0.0.1:{port}"), asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// `CONNECT host:port` (RFC 9110 section 9.3.6); anything else and hosts elsewhere are 502.
fn tunnel(mut client: TcpStream, log: &Mutex<Vec<String>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    log.lock().unwrap().push(line.clone());
    let target =
        line.strip_prefix("CONNECT localhost:").and_then(|rest| rest.split(' ').next()?.parse::<u16>().ok());
    let Some(Ok(mut server)) = target.map(|port| TcpStream::connect(("127.0.0.1", port))) else {
        let _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
        return;
    };
    let _ = client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(std::net::Shutdown::Both);
}

#[test]
fn https_goes_by_way_of_https_proxy_unless_no_proxy_says_otherwise() {
    if is_child() {
        return;
    }
    let test = "environment::https_goes_by_way_of_https_proxy_unless_no_proxy_says_otherwise";
    let authority = Authority::new("ours");
    let file = CertFile::of(&authority, "proxy");
    let server: TlsServer = authority.server("localhost", |_| {});
    let (issuer, ok) = (server.issuer(), format!("ok {}", server.issuer()));
    let proxy = Proxy::start();
    let connect = format!("CONNECT localhost:{} HTTP/1.1", server.port);
    let trust = ("SSL_CERT_FILE", file.path());

    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        assert_eq!(child(test, &[trust, (name, &proxy.address)], &[&issuer]), [ok.as_str()], "{name}");
        assert_eq!(proxy.asked(), [connect.as_str()], "{name}");
    }
    for no_proxy in ["localhost", "example.com,localhost", "*"] {
        let variables = [trust, ("HTTPS_PROXY", &proxy.address), ("NO_PROXY", no_proxy)];
        assert_eq!(child(test, &variables, &[&issuer]), [ok.as_str()], "{no_proxy}");
        assert_eq!(proxy.asked(), [""; 0], "{no_proxy}");
    }
    let variables = [trust, ("HTTPS_PROXY", &proxy.address), ("NO_PROXY", "example.com")];
    child(test, &variables, &[&issuer]);
    assert_eq!(proxy.asked(), [connect.as_str()]);

    // The proxy sees a host and a port, never a path or a header; when it fails, that is no connection.
    let answers = child(test, &[("HTTPS_PROXY", &proxy.address)], &["https://hub.example/realm"]);
    assert!(answers[0].contains("fault: Connect"), "{answers:?}");
    assert_eq!(proxy.asked(), ["CONNECT hub.example:443 HTTP/1.1"]);
}

#[test]
fn loopback_http_never_goes_by_way_of_a_proxy() {
    if is_child() {
        return;
    }
    let test = "environment::loopback_http_never_goes_by_way_of_a_proxy";
    let proxy = Proxy::start();
    let variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"]
        .map(|name| (name, proxy.address.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let hub = runtime.block_on(hub());
    let numeric = runtime.block_on(async {
        let raw = crate::raw::failing_at(Step::Whoami, crate::raw::Say::Silence).await;
        (raw.issuer(), raw)
    });
    let answers = child(test, &variables, &[hub.issuer(), &numeric.0]);
    assert_eq!(answers, [format!("ok {}", hub.issuer()), format!("ok {}", numeric.0)]);
    assert_eq!(proxy.asked(), [""; 0]);
    assert_eq!(asked(&hub, DISCOVERY), 1);
}
