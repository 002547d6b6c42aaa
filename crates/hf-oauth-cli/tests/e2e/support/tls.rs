//! TLS in front of programs that speak plain HTTP, as a Space's own front does, with an authority made for the test.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::folder::Folder;
use super::front::exchange;

/// Whom nobody trusts but the programs that are given [`file`](Self::file), and browsers that trust anybody.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: Folder,
}

/// The front of one program, until the test's process ends.
pub(crate) struct Tls {
    pub(crate) port: u16,
    listener: TcpListener,
    config: Arc<ServerConfig>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = Folder::new();
        folder.file("authority.pem", &issuer.pem());
        Self { issuer, folder }
    }

    /// For `SSL_CERT_FILE`.
    pub(crate) fn file(&self) -> String {
        self.folder.path().join("authority.pem").to_str().unwrap().to_owned()
    }

    /// A port of its own, under that name; [`Tls::before`] says in front of what.
    pub(crate) fn front(&self, name: &str) -> Tls {
        let key = KeyPair::generate().unwrap();
        let names = [name.to_owned(), format!("*.{name}")];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        Tls { port, listener, config: Arc::new(config) }
    }
}

impl Tls {
    /// Begins to pass on to `port`.
    pub(crate) fn before(self, port: u16) {
        thread::spawn(move || {
            for browser in self.listener.incoming().map_while(Result::ok) {
                let config = Arc::clone(&self.config);
                // A browser that goes away in the middle, or does not like the certificate, is none of the test's business.
                thread::spawn(move || serve(browser, config, port));
            }
        });
    }
}

fn serve(browser: TcpStream, config: Arc<ServerConfig>, port: u16) -> Option<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(config).ok()?, browser);
    exchange(&mut stream, || port).ok()?;
    stream.conn.send_close_notify();
    stream.conn.complete_io(&mut stream.sock).ok()?;
    Some(())
}
