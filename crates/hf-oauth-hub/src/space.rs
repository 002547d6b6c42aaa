//! A Space as a running hub knows it: its page, its frame, and what its process finds in the environment.

use std::fmt;

use http::{StatusCode, header};
use url::{Host, Url};

use crate::answer::Answer;
use crate::config::{AppConfig, SpaceConfig};
use crate::random::{Random, hex, sha256};
use crate::request::Request;

/// A Space of a running hub.
///
/// ```
/// use hf_oauth_hub::{LocalHub, SpaceConfig};
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// let hub = LocalHub::builder().space(SpaceConfig::new("http://127.0.0.1:7860")).start().await?;
/// let space = &hub.spaces()[0];
/// assert_eq!(space.page(), hub.url("/spaces/local/space"));
/// assert!(space.environment().contains(&("SPACE_HOST", "127.0.0.1:7860".to_owned())));
/// # Ok::<(), hf_oauth_hub::StartError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Space {
    id: String,
    page: String,
    origin: String,
    hosts: String,
    issuer: String,
    client_id: String,
    client_secret: String,
    scopes: String,
}

impl Space {
    /// `OWNER/NAME`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The address of the hub's page that shows it.
    pub fn page(&self) -> &str {
        &self.page
    }

    /// Where the app is served, as in the frame.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What the Hub puts into the environment of a Space with `hf_oauth: true`, the secret included.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("OAUTH_CLIENT_ID", self.client_id.clone()),
            ("OAUTH_CLIENT_SECRET", self.client_secret.clone()),
            ("OAUTH_SCOPES", self.scopes.clone()),
            ("OPENID_PROVIDER_URL", self.issuer.clone()),
            ("SPACE_ID", self.id.clone()),
            ("SPACE_HOST", self.hosts.clone()),
        ]
    }

    /// Its place below `/spaces/`, for links.
    pub(crate) fn path(&self) -> String {
        format!("/spaces/{}", self.id)
    }

    /// The Space and the app that belongs to it.
    pub(crate) fn new(
        config: &SpaceConfig,
        id: String,
        url: &Url,
        issuer: &str,
        random: &Random,
    ) -> (Self, AppConfig) {
        let origin = url.origin().ascii_serialization();
        let client_id = config.client_id.clone().unwrap_or_else(|| uuid(&id));
        let client_secret = config.client_secret.clone().unwrap_or_else(|| random.token());
        let app = config.app(&id, &client_id, &client_secret, &origin);
        let own_host = origin.split_once("://").map_or("", |(_, host)| host);
        let hosts: Vec<&str> =
            std::iter::once(own_host).chain(config.custom_domains.iter().map(String::as_str)).collect();
        let space = Self {
            page: format!("{}/spaces/{id}", issuer.trim_end_matches('/')),
            hosts: hosts.join(","),
            origin,
            issuer: issuer.to_owned(),
            client_id,
            client_secret,
            scopes: app.scopes.join(" "),
            id,
        };
        (space, app)
    }

    /// The environment as a POSIX shell reads it.
    pub(crate) fn exports(&self) -> String {
        let line = |(name, value): (&str, String)| format!("export {name}={}\n", quoted(&value));
        self.environment().into_iter().map(line).collect()
    }
}

/// `GET /spaces/OWNER/NAME/environment`, for `eval`. It has a secret in it, so that it is for programs of this machine.
pub(crate) fn environment(space: &Space, request: &Request) -> Answer {
    let by_a_page =
        request.headers.contains_key(header::ORIGIN) || request.headers.contains_key("sec-fetch-site");
    if by_a_page || !request.from_loopback {
        let text = "The environment has a secret in it: ask for it with curl, on this machine.\n";
        return Answer::text(StatusCode::FORBIDDEN, text);
    }
    Answer::text(StatusCode::OK, space.exports()).no_store()
}

/// Whether browsers take two addresses for one site, whatever their ports and schemes. Without a list of public suffixes two
/// names count as one site that share their last two labels: a rehearsal that is refused can be moved, one that rehearses
/// nothing is not noticed.
pub(crate) fn is_same_site(one: &Url, other: &Url) -> bool {
    match (one.host(), other.host()) {
        (Some(Host::Domain(one)), Some(Host::Domain(other))) => last_labels(one) == last_labels(other),
        (one, other) => one == other,
    }
}

fn last_labels(name: &str) -> &str {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    dots.nth(1).map_or(name, |at| &name[at + 1..])
}

/// An id that looks like the Hub's and follows from the Space's, so that it stays the same from start to start.
fn uuid(id: &str) -> String {
    let mut bytes = sha256(format!("hf-oauth-hub space {id}").as_bytes());
    // A UUID of RFC 9562 section 5.8, whose bits are made as one likes.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes[..16]);
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

/// One word of a shell.
pub(crate) fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").field("id", &self.id).field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_told_apart_as_browsers_do() {
        let same = |one: &str, other: &str| {
            let parse = |host: &str| Url::parse(&format!("http://{host}:7860")).unwrap();
            is_same_site(&parse(one), &parse(other))
        };
        for (one, other) in [
            ("localhost", "LOCALHOST"),
            ("127.0.0.1", "127.1"),
            ("[::1]", "[0:0::1]"),
            ("a.example.com", "b.example.com"),
            ("example.com", "a.example.com"),
            ("x.a.localhost", "a.localhost"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("localhost", "127.0.0.1"),
            ("127.0.0.1", "127.0.0.2"),
            ("127.0.0.1", "[::1]"),
            ("localhost", "a.localhost"),
            ("a.localhost", "b.localhost"),
            ("a.example.com", "a.example.org"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_shell_reads_every_value_as_one_word() {
        assert_eq!(quoted("http://localhost:5555"), "http://localhost:5555");
        assert_eq!(quoted("openid profile"), "'openid profile'");
        assert_eq!(quoted("[::1]:7860"), "'[::1]:7860'");
        assert_eq!(quoted("it's $(reboot) `x` \\ \""), r#"'it'\''s $(reboot) `x` \ "'"#);
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_client_id_looks_like_the_hubs_and_stays() {
        let id = uuid("local/space");
        assert_eq!(id, uuid("local/space"));
        assert_ne!(id, uuid("local/space-2"));
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!((&id[14..15], "89ab".contains(&id[19..20])), ("8", true), "{id}");
    }
}
