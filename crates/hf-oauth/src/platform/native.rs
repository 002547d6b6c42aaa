use std::error::Error as _;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use bytes::Bytes;
use hf_oauth_core::{
    BackchannelError, BackchannelFault, LONGEST_BODY, Request, Response, RsaPublicKey, SecretBytes,
    SignatureVerifier,
};
use reqwest::header::CONTENT_ENCODING;
// The runtime's clock, which tests can move.
use tokio::time::Instant;

/// RS256 by AWS-LC.
#[derive(Debug)]
pub(crate) struct Rs256;

impl SignatureVerifier for Rs256 {
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents { n: key.modulus(), e: key.exponent() };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}

/// HTTP/1.1 by reqwest: rustls with the platform's trust store, no redirects, no cookies, no decompression.
///
/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured, and `SSL_CERT_FILE` and `SSL_CERT_DIR` on
/// systems whose trust store is files, `REQUESTS_CA_BUNDLE` on all. Plain http, which is loopback alone, never goes by way of a proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transport {
    // Made at the first use: reading the trust store takes milliseconds that a start should not.
    internet: Arc<OnceLock<Result<reqwest::Client, String>>>,
    loopback: Arc<OnceLock<Result<reqwest::Client, String>>>,
}

impl Transport {
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, BackchannelError> {
        let deadline = request.step().deadline();
        let plain = !request.endpoint().origin().is_secure();
        let client = if plain { self.loopback() } else { self.internet() };
        let client =
            client.map_err(|detail| request.error(BackchannelFault::Tls { detail: detail.clone() }))?;
        // Wiped when reqwest is done with it.
        let body = |bytes: SecretBytes| reqwest::Body::from(Bytes::from_owner(bytes));
        let built = reqwest::Request::try_from(request.to_http().map(body));
        let mut sent = built.map_err(|_| request.error(BackchannelFault::Connect))?;
        *sent.timeout_mut() = Some(deadline);
        let fault = |error: reqwest::Error| request.error(classify(&error, !plain, deadline));
        let mut answer = client.execute(sent).await.map_err(fault)?;

        let mut response = Response::new(answer.status().as_u16(), Vec::new());
        super::super::headers::read_into(&mut response, answer.headers());
        let with_status = |fault| request.error(fault).with_status(response.status);
        if answer.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(with_status(BackchannelFault::Compressed));
        }
        let mut body = SecretBytes::default();
        while let Some(chunk) = answer.chunk().await.map_err(|error| {
            let fault = classify(&error, !plain, deadline);
            with_status(if fault == BackchannelFault::Connect {
                BackchannelFault::Interrupted
            } else {
                fault
            })
        })? {
            if body.len() + chunk.len() > LONGEST_BODY {
                return Err(with_status(BackchannelFault::BodyTooLarge));
            }
            body.append_slice(&chunk);
        }
        response.body = body;
        Ok(response)
    }

    fn internet(&self) -> Result<&reqwest::Client, &String> {
        self.internet
            .get_or_init(|| {
                let client = client().https_only(true);
                built(match ca_bundle()? {
                    Some(authorities) => client.tls_certs_only(authorities),
                    None => client,
                })
            })
            .as_ref()
    }

    fn loopback(&self) -> Result<&reqwest::Client, &String> {
        self.loopback.get_or_init(|| built(client().no_proxy().tls_certs_only([]))).as_ref()
    }
}

/// Time that never jumps, since the process first asked.
pub(crate) fn monotonic() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Waits until [`monotonic`] has reached `until`.
pub(crate) async fn sleep(until: Duration) {
    tokio::time::sleep(until.saturating_sub(monotonic())).await;
}

/// The certificates in `REQUESTS_CA_BUNDLE`, which Python's tools go by, in place of the platform's trust store;
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` are read by the store itself and go before.
fn ca_bundle() -> Result<Option<Vec<reqwest::Certificate>>, String> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if set("SSL_CERT_FILE").or_else(|| set("SSL_CERT_DIR")).is_some() {
        return Ok(None);
    }
    let Some(path) = set("REQUESTS_CA_BUNDLE") else { return Ok(None) };
    let fail = |why: String| format!("REQUESTS_CA_BUNDLE ({}): {why}", path.display());
    let pem = std::fs::read(&path).map_err(|error| fail(error.to_string()))?;
    match reqwest::Certificate::from_pem_bundle(&pem) {
        Ok(authorities) if authorities.is_empty() => Err(fail("no certificate in it".to_owned())),
        Ok(authorities) => Ok(Some(authorities)),
        Err(_) => Err(fail("not a bundle of PEM certificates".to_owned())),
    }
}

fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .user_agent(concat!("hf-oauth/", env!("CARGO_PKG_VERSION")))
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, String> {
    builder.build().map_err(|error| error.source().map_or_else(|| error.to_string(), ToString::to_string))
}

fn classify(error: &reqwest::Error, tls: bool, after: Duration) -> BackchannelFault {
    if error.is_timeout() {
        return BackchannelFault::Timeout { after };
    }
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return BackchannelFault::Tls { detail: error.to_string() };
        }
        let io = cause.downcast_ref::<io::Error>();
        // After the handshake, a connection that ends is an answer that was cut.
        if tls && error.is_connect() && io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            return BackchannelFault::Tls { detail: "the connection ended in the handshake".to_owned() };
        }
        // What an `io::Error` wraps is not its source: that is the source of what it wraps.
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    if error.is_connect() { BackchannelFault::Connect } else { BackchannelFault::Interrupted }
}
