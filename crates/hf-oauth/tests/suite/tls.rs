//! Servers that speak TLS, well or badly.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use hf_oauth::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

use crate::raw::metadata;
use crate::support::*;

/// A certificate authority of this test's own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A server of metadata on a port of its own, and how many requests reached it through TLS.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    served: Arc<AtomicUsize>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server with a certificate of this authority.
    pub(crate) fn server(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsServer {
        self.server_with(host, change, Answer::Whole)
    }

    /// A trusted one, whose connections end in the middle of the answer.
    pub(crate) fn cutting_server(&self) -> TlsServer {
        self.server_with("localhost", |_| {}, Answer::Cut)
    }

    fn server_with(
        &self,
        host: &str,
        change: impl FnOnce(&mut CertificateParams),
        kind: Answer,
    ) -> TlsServer {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        TlsServer::start(certificate.der().clone(), &key, kind)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Whole,
    Cut,
}

pub(crate) fn self_signed() -> TlsServer {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    TlsServer::start(certificate.der().clone(), &key, Answer::Whole)
}

pub(crate) fn expired(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
}

impl TlsServer {
    fn start(certificate: CertificateDer<'static>, key: &KeyPair, kind: Answer) -> Self {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let (config, served) = (Arc::new(config), Arc::<AtomicUsize>::default());
        let count = served.clone();
        let port = accepting(move |stream, port| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            answer(rustls::StreamOwned::new(connection, stream), port, kind, &count);
        });
        Self { port, served }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub(crate) fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }
}

type TlsStream = rustls::StreamOwned<ServerConnection, TcpStream>;

fn answer(mut stream: TlsStream, port: u16, kind: Answer, served: &AtomicUsize) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    served.fetch_add(1, Ordering::SeqCst);
    let body = metadata(&format!("https://localhost:{port}")).to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    let sent = if kind == Answer::Cut { &body[..body.len() / 2] } else { &body };
    let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{sent}", body.len());
    if kind == Answer::Cut {
        let _ = stream.flush();
        return;
    }
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

/// Serves every connection in a thread of its own for as long as the process lives.
pub(crate) fn accepting(serve: impl Fn(TcpStream, u16) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            thread::spawn(move || serve(stream, port));
        }
    });
    port
}

async fn tls_error(issuer: &str) -> String {
    let client = Client::new(server_app()).with_issuer(Issuer::parse(issuer).unwrap());
    let error = client.login_url(&LoginOptions::new()).await.unwrap_err();
    no_secret_in(&error, &[]);
    assert!(!error.is_retryable(), "{error:?}");
    let text = error.to_string();
    let BackchannelFault::Tls { detail } = &error.backchannel().unwrap().fault else { panic!("{error:?}") };
    assert!(text.contains(issuer) && text.contains("SSL_CERT_FILE"), "{text}");
    detail.clone()
}

#[tokio::test]
async fn row_051_certificates_that_nobody_vouches_for_get_no_request() {
    let stranger = Authority::new("stranger");
    for server in [self_signed(), stranger.server("localhost", |_| {}), stranger.server("localhost", expired)]
    {
        tls_error(&server.issuer()).await;
        assert_eq!(server.served(), 0);
    }
}

#[tokio::test]
async fn row_051_plaintext_on_an_https_port() {
    let port = accepting(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    tls_error(&format!("https://localhost:{port}")).await;
}

#[tokio::test]
async fn row_051_a_handshake_that_is_cut() {
    let at_once = accepting(|mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
    });
    // The beginning of a ServerHello.
    let in_the_middle = accepting(|mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&[0x16, 0x03, 0x03, 0x00, 0x7a, 0x02, 0x00]);
    });
    for port in [at_once, in_the_middle] {
        tls_error(&format!("https://localhost:{port}")).await;
    }
}
