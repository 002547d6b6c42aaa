//! A server of the same API that answers instead: what it says is passed back piece by piece.
//!
//! Nothing of the client's head goes along but the kind of its body: no token, no cookie. `http` only, for a model
//! server on this machine or beside it: a provider that wants TLS wants a token as well, and there is none to give.

use std::io;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, BodyStream, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use url::{Host, Url};

use crate::answer::{Answer, Body};
use crate::request::Request;

const CONNECT: Duration = Duration::from_secs(10);
/// Models take their time before the first word.
const FIRST_WORD: Duration = Duration::from_secs(300);
/// What of the upstream's head is the client's business.
const PASSED: [HeaderName; 3] =
    [header::CONTENT_TYPE, header::RETRY_AFTER, HeaderName::from_static("x-request-id")];

/// Where chats go.
pub(crate) struct Upstream {
    url: Url,
    host: String,
    port: u16,
    authority: HeaderValue,
}

impl Upstream {
    /// The address of a server, with or without `/v1`.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut url = Url::parse(text).map_err(|_| "it is no absolute URL")?;
        if url.scheme() != "http" {
            return Err("it is not http, and there is no token to show to a provider beyond");
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err("it has credentials, a query or a fragment");
        }
        let base = url.path().trim_end_matches('/');
        let base = base.strip_suffix("/v1").unwrap_or(base).to_owned();
        url.set_path(&format!("{base}/v1/chat/completions"));
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err("it has no host"),
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let authority = HeaderValue::from_str(url.authority()).map_err(|_| "its host cannot be sent")?;
        Ok(Self { host, port, authority, url })
    }

    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// What the upstream answers, errors included; 502 and 504 where it does not.
    pub(crate) async fn pass_on(&self, request: &Request) -> Answer {
        match tokio::time::timeout(FIRST_WORD, self.ask(request)).await {
            Ok(Ok(response)) => passed_back(response),
            Ok(Err(error)) => self.unanswered(StatusCode::BAD_GATEWAY, &error.to_string()),
            Err(_) => self.unanswered(StatusCode::GATEWAY_TIMEOUT, "it took too long to begin"),
        }
    }

    async fn ask(&self, request: &Request) -> Result<http::Response<Incoming>, io::Error> {
        let connected = TcpStream::connect((self.host.as_str(), self.port));
        let stream = tokio::time::timeout(CONNECT, connected).await??;
        let _ = stream.set_nodelay(true);
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        // Ends with the answer, or as soon as the client lets go of it.
        tokio::spawn(connection);
        let mut asked = http::Request::new(Full::new(request.body.clone()));
        *asked.method_mut() = Method::POST;
        *asked.uri_mut() = self.url.path().parse().map_err(io::Error::other)?;
        asked.headers_mut().insert(header::HOST, self.authority.clone());
        for name in [header::CONTENT_TYPE, header::ACCEPT] {
            if let Some(value) = request.headers.get(&name) {
                asked.headers_mut().insert(name, value.clone());
            }
        }
        sender.send_request(asked).await.map_err(io::Error::other)
    }

    fn unanswered(&self, status: StatusCode, reason: &str) -> Answer {
        tracing::warn!(upstream = %self.url, reason, "no answer from the inference upstream");
        let error = format!("The inference upstream {} gave no answer: {reason}", self.url);
        Answer::json(status, json!({ "error": error }))
    }
}

fn passed_back(response: http::Response<Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    let mut answer = Answer::empty(head.status);
    for name in PASSED {
        if let Some(value) = head.headers.get(&name) {
            answer.headers.insert(name, value.clone());
        }
    }
    let pieces = BodyStream::new(body.map_err(io::Error::other));
    let pieces = pieces.try_filter_map(async |frame| Ok::<Option<Bytes>, io::Error>(frame.into_data().ok()));
    answer.body = Body::Stream(Box::pin(pieces));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_may_end_in_v1_or_before_it() {
        for (given, asked) in [
            ("http://localhost:8080", "http://localhost:8080/v1/chat/completions"),
            ("http://localhost:8080/", "http://localhost:8080/v1/chat/completions"),
            ("http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"),
            ("http://[::1]:1/models", "http://[::1]:1/models/v1/chat/completions"),
        ] {
            assert_eq!(
                Upstream::parse(given).map(|upstream| upstream.url().to_owned()),
                Ok(asked.to_owned())
            );
        }
        for none in ["localhost", "https://example.com", "http://a:b@c", "http://a/?b", "ftp://a"] {
            assert!(Upstream::parse(none).is_err(), "{none}");
        }
    }
}
