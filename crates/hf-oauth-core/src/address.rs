//! Addresses as types: what may be called, redirected to, or returned to. Their only constructors validate.
//!
//! The grammar is a strict subset of RFC 3986 on which every URL parser agrees: no userinfo, no backslash, no
//! percent-encoding in the host, no control characters, no fragment. What it refuses, no legitimate provider sends.

mod error;
mod issuer;
mod redirect_uri;
mod return_path;

pub use error::InvalidUrl;
pub use issuer::Issuer;
pub use redirect_uri::RedirectUri;
pub use return_path::{InvalidReturnPath, ReturnPath};

use std::fmt;

use serde::{Serialize, Serializer};

use error::UrlFault;

/// Scheme, host and port (RFC 6454).
///
/// ```
/// use hf_oauth_core::Origin;
///
/// let origin: Origin = "https://router.huggingface.co".parse().unwrap();
/// assert_eq!(origin.to_string(), "https://router.huggingface.co");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The host, in lower case; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// True for `https`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// True for `localhost`, `127.0.0.0/8` and `[::1]`.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host == "[::1]"
            || self.host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    }
}

impl std::str::FromStr for Origin {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let url = EndpointUrl::parse(text)?;
        if url.path_and_query().is_empty() || url.path_and_query() == "/" {
            Ok(url.origin)
        } else {
            Err(InvalidUrl::new(text, UrlFault::NotAnOrigin))
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, default) = if self.secure { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == default { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// An address that may be called: `https`, or `http` on loopback.
///
/// ```
/// use hf_oauth_core::EndpointUrl;
///
/// assert!(EndpointUrl::parse("https://huggingface.co/oauth/token").is_ok());
/// assert!(EndpointUrl::parse("http://localhost:5555/oauth/token").is_ok());
/// assert!(EndpointUrl::parse("http://example.com/oauth/token").is_err());
/// assert!(EndpointUrl::parse("https://user@example.com/").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EndpointUrl {
    text: String,
    origin: Origin,
    authority_end: usize,
}

impl EndpointUrl {
    /// Checks an absolute URL.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when it is not `https`, or `http` on loopback, or strays from the grammar of this module.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let fail = |fault| InvalidUrl::new(text, fault);
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(fail(UrlFault::Scheme)),
        };
        let authority_len = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(authority_len);
        let (host, port) = split_authority(authority).ok_or_else(|| fail(UrlFault::Authority))?;
        if tail.contains('#') {
            return Err(fail(UrlFault::Fragment));
        }
        if !tail.bytes().all(is_url_byte) {
            return Err(fail(UrlFault::Character));
        }
        let origin = Origin { secure, host, port: port.unwrap_or(if secure { 443 } else { 80 }) };
        if !secure && !origin.is_loopback() {
            return Err(fail(UrlFault::PlainHttp));
        }
        Ok(Self { text: text.to_owned(), origin, authority_end: text.len() - tail.len() })
    }

    /// The URL as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What follows the authority.
    pub fn path_and_query(&self) -> &str {
        &self.text[self.authority_end..]
    }

    /// The URL without its query: what errors and logs may say.
    pub fn without_query(&self) -> &str {
        self.text.split('?').next().unwrap_or(&self.text)
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for EndpointUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

fn split_authority(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = if authority.starts_with('[') {
        let end = authority.find(']')? + 1;
        let (host, port) = authority.split_at(end);
        host[1..end - 1].parse::<std::net::Ipv6Addr>().ok()?;
        (host, port)
    } else {
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        // A last label of digits is an IPv4 address to browsers, in forms such as `127.1` or `0x7f.1` too: only the
        // dotted quad reads the same everywhere.
        let last = host.rsplit('.').next()?;
        let numeric =
            last.bytes().all(|byte| byte.is_ascii_digit()) || last.to_ascii_lowercase().starts_with("0x");
        let well_formed = host.len() <= 253 && host.split('.').all(label);
        if !well_formed || (numeric && host.parse::<std::net::Ipv4Addr>().is_err()) {
            return None;
        }
        (host, port)
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits)
            if (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Some(digits.parse::<u16>().ok()?)
        }
        _ => return None,
    };
    Some((host.to_ascii_lowercase(), port))
}

fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_049_only_https_and_loopback_http_can_be_called() {
        for good in [
            "https://huggingface.co/oauth/token",
            "https://example.com:8443/a?b=c%20d",
            "http://localhost:1/x",
            "http://127.0.0.1/",
            "http://127.9.9.9:80/",
            "http://[::1]:5555",
        ] {
            assert!(EndpointUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com/",
            "http://10.0.0.1/token",
            "http://192.168.1.1/token",
            "http://169.254.169.254/latest/meta-data",
            "http://0.0.0.0/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "//huggingface.co/",
            "https:huggingface.co/",
            "https://user@huggingface.co/",
            "https://user:pw@huggingface.co/",
            "https://huggingface.co\\@evil.example/",
            "https://huggingface.co#@evil.example/",
            "https://huggingface.co/a\nb",
            "https://huggingface.co/a b",
            "https:///path",
            "https://a..b/",
            "https://ex%61mple.com/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://localhost.evil.example/",
            "http://[::ffff:127.0.0.1]/",
            "https://[::1/",
            "https://host:99999/",
            "https://host:/",
            "https://höst/",
            "HTTPS://example.com/",
            "",
        ] {
            assert!(EndpointUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[cfg(feature = "wire")]
    #[test]
    fn what_is_accepted_means_the_same_to_a_browser() {
        for text in [
            "https://Example.com:443/x",
            "http://localhost:80",
            "https://a-b.c_d.example/?q",
            "http://[::1]:7/",
        ] {
            let ours = EndpointUrl::parse(text).unwrap();
            let theirs = url::Url::parse(text).unwrap();
            assert_eq!(ours.origin().to_string(), theirs.origin().ascii_serialization(), "{text}");
        }
    }
}
