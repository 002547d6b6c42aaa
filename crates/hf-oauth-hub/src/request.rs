//! A request as the endpoints see it: read whole, within bounds.

use std::net::IpAddr;

use http::{HeaderMap, Method, header};
use hyper::body::Bytes;
use serde_json::{Map, Value};
use url::{Host, Url, form_urlencoded};

pub(crate) struct Request {
    pub(crate) method: Method,
    /// Below the issuer's path.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether it came from this machine.
    pub(crate) from_loopback: bool,
}

impl Request {
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn query_params(&self) -> Params {
        Params::parse(self.query.as_bytes())
    }

    /// The form in the body; empty if the body is something else.
    pub(crate) fn form(&self) -> Params {
        if self.is_form() { Params::parse(&self.body) } else { Params::default() }
    }

    pub(crate) fn is_form(&self) -> bool {
        self.media_type().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    pub(crate) fn is_json(&self) -> bool {
        self.media_type().eq_ignore_ascii_case("application/json")
    }

    /// The texts of the JSON object in the body, in place of a form's fields; empty if the body is something else.
    pub(crate) fn json_texts(&self) -> Params {
        let object = self.is_json().then(|| serde_json::from_slice::<Map<String, Value>>(&self.body));
        let members = object.and_then(Result::ok).unwrap_or_default().into_iter();
        Params(members.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect())
    }

    pub(crate) fn media_type(&self) -> &str {
        let content_type = self.header(header::CONTENT_TYPE).unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim()
    }

    /// The values of a cookie, which may have been sent several times.
    pub(crate) fn cookies(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter_map(move |(key, value)| (key == name).then_some(value))
    }

    /// The token of `Authorization: Bearer` (RFC 6750 section 2.1).
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(header::AUTHORIZATION)?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// Whether an address leads to this machine, by a name that every browser takes for it (RFC 6761 section 6.3) or by number.
pub(crate) fn is_on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a host leads to this machine, whoever answers for its name.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Parameters in the order in which they came.
#[derive(Clone, Default)]
pub(crate) struct Params(pub(crate) Vec<(String, String)>);

/// A parameter that may be sent once came several times (RFC 6749 section 3.1).
#[derive(Debug)]
pub(crate) struct Duplicate(pub(crate) String);

impl Params {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A single value; an empty one counts as absent (RFC 6749 section 3.1).
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Duplicate> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Duplicate(name.to_owned())),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    pub(crate) fn first(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}
