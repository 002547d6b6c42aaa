//! A server that says bytes, and a provider made of it that fails at one step.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hf_oauth::{
    BackchannelError, Client, DiscoveryDocument, Hub, Issuer, LoginOptions, RefreshError, Secret, Step,
    Tokens, UnixTime, UserinfoError,
};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::*;

pub(crate) const STEPS: [Step; 6] =
    [Step::Discovery, Step::CodeExchange, Step::Refresh, Step::Keys, Step::Userinfo, Step::Whoami];

/// What is said to a request.
#[derive(Clone)]
pub(crate) enum Say {
    /// These bytes, then the connection ends.
    Bytes(Vec<u8>),
    /// Nothing, for ever.
    Silence,
    /// The first at once, then the second one byte at a time with this pause between, again and again.
    Drip(Vec<u8>, Vec<u8>, Duration),
    /// The first, then the second again and again, until nobody listens.
    Endless(Vec<u8>, Vec<u8>),
}

impl Say {
    pub(crate) fn json(body: &serde_json::Value) -> Self {
        let body = body.to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}", body.len());
        Self::Bytes(format!("{head}\r\nconnection: close\r\n\r\n{body}").into_bytes())
    }
}

/// Ends when it is dropped.
pub(crate) struct Raw {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    sent: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Raw {
    /// `answer` sees the request line.
    pub(crate) async fn start(answer: impl Fn(&str, u16) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, sent, answer) =
            (Arc::<Mutex<Vec<String>>>::default(), Arc::default(), Arc::new(answer));
        let (log, count) = (requests.clone(), Arc::clone(&sent));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, count, answer) = (log.clone(), Arc::clone(&count), answer.clone());
                tokio::spawn(async move {
                    let Some(line) = request_line(&mut stream).await else { return };
                    log.lock().unwrap().push(line.clone());
                    say(&mut stream, answer(&line, port), &count).await;
                });
            }
        });
        Self { port, requests, sent, task }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The request lines so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// How many bytes of endless bodies were taken from this server, its own buffers included.
    pub(crate) fn sent(&self) -> usize {
        *self.sent.lock().unwrap()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn request_line(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
        });
        if body.len() >= length.unwrap_or(0) {
            return head.lines().next().map(str::to_owned);
        }
    }
}

async fn say(stream: &mut TcpStream, say: Say, sent: &Mutex<usize>) {
    match say {
        Say::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Say::Silence => std::future::pending().await,
        Say::Drip(head, bytes, pause) => {
            let mut written = stream.write_all(&head).await;
            for byte in bytes.iter().cycle() {
                if written.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
                written = stream.write_all(&[*byte]).await;
            }
        }
        Say::Endless(head, chunk) => {
            let mut next = head;
            while stream.write_all(&next).await.is_ok() {
                *sent.lock().unwrap() += next.len();
                next.clone_from(&chunk);
            }
        }
    }
}

/// What a provider at this port says of itself.
pub(crate) fn metadata(issuer: &str) -> serde_json::Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}{TOKEN}"),
        "jwks_uri": format!("{issuer}{JWKS}"),
        "userinfo_endpoint": format!("{issuer}{USERINFO}"),
    })
}

pub(crate) fn known_hub(issuer: &str) -> Hub {
    let document: DiscoveryDocument = serde_json::from_value(metadata(issuer)).unwrap();
    Hub::from_discovery(&Issuer::parse(issuer).unwrap(), document, &[]).unwrap()
}

/// A provider that answers as one should, but at one step.
pub(crate) async fn failing_at(step: Step, fault: Say) -> Raw {
    Raw::start(move |line, port| {
        let at = |path: &str| line.split(' ').nth(1).is_some_and(|target| target == path);
        let faulty = match step {
            Step::Discovery => at(DISCOVERY),
            Step::CodeExchange | Step::Refresh => at(TOKEN),
            Step::Keys => at(JWKS),
            Step::Userinfo => at(USERINFO),
            _ => at("/api/whoami-v2"),
        };
        if faulty {
            return fault.clone();
        }
        if at(DISCOVERY) {
            return Say::json(&metadata(&format!("http://127.0.0.1:{port}")));
        }
        // {"alg":"RS256","kid":"k"}.{}.AAAA
        let id_token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.AAAA";
        Say::json(&json!({ "access_token": "canary-access", "token_type": "bearer", "id_token": id_token }))
    })
    .await
}

/// Performs a step at such a provider, which must fail there.
pub(crate) async fn perform(step: Step, raw: &Raw) -> BackchannelError {
    let issuer = Issuer::parse(&raw.issuer()).unwrap();
    let client = Client::new(server_app()).with_issuer(issuer);
    let access_token = Secret::new("canary-access");
    let error = match step {
        Step::Discovery | Step::CodeExchange | Step::Keys => {
            let begun = client.login_url(&LoginOptions::new()).await;
            let failed = match begun {
                Err(error) => error,
                Ok((url, pending)) => {
                    let redirect =
                        format!("{CALLBACK}?code=canary-code&state={}", param(&url, "state").unwrap());
                    let (pending, secrets) = secrets_of(pending, &redirect);
                    let error = client.handle_redirect(&redirect, pending).await.unwrap_err();
                    no_secret_in(&error, &secrets);
                    error
                }
            };
            failed.backchannel().cloned()
        }
        Step::Refresh => {
            let old = Tokens::new(
                access_token,
                Some(Secret::new("canary-refresh")),
                UnixTime::from_secs(0),
                Default::default(),
            );
            match client.refresh("subject", old).await.unwrap_err() {
                RefreshError::Transient(error)
                | RefreshError::Unusable(hf_oauth::ExchangeError::Backchannel(error)) => Some(error),
                other => panic!("{other:?}"),
            }
        }
        Step::Userinfo => match client.userinfo(&access_token).await.unwrap_err() {
            UserinfoError::Backchannel(error) => Some(error),
            other => panic!("{other:?}"),
        },
        _ => match client.whoami(&access_token).await.unwrap_err() {
            hf_oauth::ProviderError::Backchannel(error) => Some(error),
            other => panic!("{other:?}"),
        },
    };
    let error = error.expect("the request itself must have failed");
    no_secret_in(&error, &[]);
    assert_eq!(error.step, step);
    assert!(error.endpoint.starts_with(&raw.issuer()), "{error}");
    error
}
