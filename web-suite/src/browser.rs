//! A browser without a screen: a cookie jar over a bare HTTP/1.1 connection, with the headers that real ones send.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;

use crate::adapter::App;

/// One browser; its clone has the same cookies and then goes its own way.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    app: App,
    host: String,
    /// By name and whether it is partitioned.
    pub(crate) jar: BTreeMap<(String, bool), String>,
    /// Drops every cookie that it is given.
    pub(crate) keeps_cookies: bool,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What a browser sends when somebody follows a link.
pub(crate) const NAVIGATION: &[(&str, &str)] = &[
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-site", "none"),
];

/// What a script sends.
pub(crate) const FETCH: &[(&str, &str)] = &[
    ("accept", "*/*"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-site", "same-origin"),
];

impl Browser {
    pub(crate) fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            host: "localhost:7860".to_owned(),
            jar: BTreeMap::new(),
            keeps_cookies: true,
        }
    }

    /// Lets the next requests go to another server behind the same address.
    pub(crate) fn through(&mut self, app: &App) {
        self.app = app.clone();
    }

    pub(crate) fn at(mut self, host: &str) -> Self {
        self.host = host.to_owned();
        self
    }

    /// Follows a link to a path, or to a URL of this site.
    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        self.send(Method::GET, target, NAVIGATION, "").await
    }

    pub(crate) async fn fetch(&mut self, target: &str) -> Answer {
        self.send(Method::GET, target, FETCH, "").await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let answer = self.ask(method, target, headers, body).await;
        self.take_cookies(&answer);
        answer
    }

    /// As [`send`](Self::send), but the answer never reaches the jar: the connection broke.
    pub(crate) async fn ask(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path_of(target));
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", &self.host);
        }
        for (name, value) in headers.iter().filter(|(name, _)| *name != "cookie") {
            request = request.header(*name, *value);
        }
        let extra =
            headers.iter().filter(|(name, _)| *name == "cookie").map(|(_, value)| (*value).to_owned());
        let cookies: Vec<_> = self.cookies().into_iter().chain(extra).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        send(&self.app, request.body(Full::from(body.to_owned())).unwrap()).await
    }

    /// What this browser would send.
    pub(crate) fn cookies(&self) -> Vec<String> {
        self.jar.iter().map(|((name, _), value)| format!("{name}={value}")).collect()
    }

    pub(crate) fn cookie_names(&self) -> Vec<&str> {
        self.jar.keys().map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn take_cookies(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            assert!(line.len() <= 4_096, "{} bytes", line.len());
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (name.to_owned(), attributes.contains("; Partitioned"));
            if attributes.contains("Max-Age=0") {
                self.jar.remove(&key);
            } else if self.keeps_cookies {
                self.jar.insert(key, value.to_owned());
            }
        }
        let header: usize = self.cookies().iter().map(|cookie| cookie.len() + 2).sum();
        assert!(header < 8_192, "the Cookie header has {header} bytes");
    }

    /// Forgets the cookies whose names contain this.
    pub(crate) fn forget(&mut self, part: &str) {
        self.jar.retain(|(name, _), _| !name.contains(part));
    }
}

/// Sends one request as it is, over a connection of its own.
pub(crate) async fn send(app: &App, request: Request<Full<Bytes>>) -> Answer {
    let stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_headers(2_000)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    driver.abort();
    let body = String::from_utf8(bytes.to_vec()).unwrap();
    let answer = Answer { status: parts.status, headers: parts.headers, body };
    answer.sets_no_cookie_twice();
    answer
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no Location: {} {}", self.status, self.body))
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// RFC 6265 section 4.1.1. A browser may keep one name twice, by partition.
    fn sets_no_cookie_twice(&self) {
        let mut seen = BTreeSet::new();
        for line in self.set_cookies() {
            let (name, rest) = line.split_once('=').unwrap();
            assert!(seen.insert((name, rest.contains("; Partitioned"))), "{name} twice: {}", self.status);
        }
    }

    /// True when the request was no HTTP to the server, so that no app saw it.
    pub(crate) fn is_the_server_s_own_refusal(&self) -> bool {
        self.status == StatusCode::BAD_REQUEST
            && self.body.is_empty()
            && self.header("content-type").is_none()
    }

    /// The bytes of the head: status line and header lines.
    pub(crate) fn head_bytes(&self) -> usize {
        let lines =
            self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
        "HTTP/1.1 200 \r\n\r\n".len() + lines.sum::<usize>()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The code of a page or of JSON.
    pub(crate) fn code(&self) -> String {
        if self.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            let (_, rest) =
                self.body.split_once("<code>").unwrap_or_else(|| panic!("no code: {}", self.body));
            rest.split('<').next().unwrap().to_owned()
        } else {
            self.json()["error"].as_str().unwrap().to_owned()
        }
    }
}

/// A browser sends path and query; where the host is another one, the test made a mistake.
fn path_of(target: &str) -> String {
    match target.strip_prefix("http://").or_else(|| target.strip_prefix("https://")) {
        None => target.to_owned(),
        Some(rest) => rest[rest.find('/').unwrap()..].to_owned(),
    }
}

/// A `GET` without a browser, as little of HTTP as it takes; gives the whole answer.
pub(crate) async fn bare_get(url: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The values of a parameter of an address.
pub(crate) fn param(url: &str, wanted: &str) -> Vec<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().filter(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).collect()
}
