use std::fmt;
use std::time::Duration;

use super::attributes::Attributes;
use super::header::CookieHeaders;
use super::set_cookie::SetCookie;

/// Names and attributes of the cookies, by where the app runs. Every cookie is `HttpOnly; Path=/` without `Domain`.
///
/// | policy | name | attributes |
/// |---|---|---|
/// | [`http`](Self::http) | `hf_oauth_7860`: cookies ignore ports, so the name carries it | `SameSite=Lax` |
/// | [`https`](Self::https) | `__Host-hf_oauth` | `Secure; SameSite=Lax` |
/// | [`space`](Self::space) | `__Host-hf_oauth` | `Secure; SameSite=None; Partitioned`: the app is shown in a frame of another site |
/// | [`space_on_loopback`](Self::space_on_loopback) | `__Host-hf_oauth_7860` | the same, on `http` of this machine |
///
/// ```
/// use hf_oauth_session::CookiePolicy;
///
/// assert_eq!(CookiePolicy::http(7860).session_name(), "hf_oauth_7860");
/// assert_eq!(CookiePolicy::https().session_name(), "__Host-hf_oauth");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookiePolicy {
    base: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Http { port: u16 },
    Https,
    Space,
    SpaceOnLoopback { port: u16 },
}

impl CookiePolicy {
    /// Plain http on this machine, for developing; `port` is the app's.
    pub fn http(port: u16) -> Self {
        Self::of(Kind::Http { port })
    }

    /// An app with an https address of its own.
    pub fn https() -> Self {
        Self::of(Kind::Https)
    }

    /// A Space, which is shown in a frame on huggingface.co.
    pub fn space() -> Self {
        Self::of(Kind::Space)
    }

    /// A Space that is rehearsed on this machine, on plain http, shown in a frame of another site of this machine; `port` is
    /// the app's.
    ///
    /// Chromium and Firefox keep `Secure` and `__Host-` cookies of loopback hosts without TLS; Safari does not.
    pub fn space_on_loopback(port: u16) -> Self {
        Self::of(Kind::SpaceOnLoopback { port })
    }

    fn of(kind: Kind) -> Self {
        Self { base: "hf_oauth".to_owned(), kind }
    }

    /// With another name than `hf_oauth`, for several apps on one host.
    ///
    /// # Errors
    ///
    /// [`InvalidCookieName`] unless it is 1 to 40 letters, digits, `-` and `_`; the prefix `__Host-` is added here.
    pub fn with_name(mut self, name: &str) -> Result<Self, InvalidCookieName> {
        let sound = (1..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !name.starts_with("__");
        if !sound {
            return Err(InvalidCookieName { name: name.chars().take(60).collect() });
        }
        self.base = name.to_owned();
        Ok(self)
    }

    /// The name of the session cookie; a second part has `_2` at its end.
    pub fn session_name(&self) -> String {
        match self.kind {
            Kind::Http { port } => format!("{}_{port}", self.base),
            Kind::Https | Kind::Space => format!("__Host-{}", self.base),
            Kind::SpaceOnLoopback { port } => format!("__Host-{}_{port}", self.base),
        }
    }

    /// A word for logs: `http`, `https`, `space` or `space on loopback`.
    pub fn profile(&self) -> &'static str {
        match self.kind {
            Kind::Http { .. } => "http",
            Kind::Https => "https",
            Kind::Space => "space",
            Kind::SpaceOnLoopback { .. } => "space on loopback",
        }
    }

    pub(crate) fn chunk_name(&self, index: usize) -> String {
        let name = self.session_name();
        if index == 0 { name } else { format!("{name}_{}", index + 1) }
    }

    /// What every pending login's cookie name begins with.
    pub(crate) fn pending_prefix(&self) -> String {
        format!("{}_login_", self.session_name())
    }

    pub(crate) fn sign_out_note_name(&self) -> String {
        format!("{}_left", self.session_name())
    }

    pub(crate) fn restart_note_name(&self) -> String {
        format!("{}_restart", self.session_name())
    }

    /// The names of the session's cookies that came, each once, further parts than this version writes included.
    pub(crate) fn session_names_in(&self, cookies: &CookieHeaders<'_>) -> Vec<String> {
        let session_name = self.session_name();
        let mut names: Vec<String> = Vec::new();
        for (found, _) in cookies.pairs_from(&session_name) {
            let is_part = matches!(found.as_bytes()[session_name.len()..], [] | [b'_', b'2'..=b'9']);
            if is_part && !names.iter().any(|name| name == found) {
                names.push(found.to_owned());
            }
        }
        names
    }

    /// How many value bytes fit into one `Set-Cookie` line under this name.
    pub(crate) fn room(&self, name: &str) -> usize {
        LONGEST_LINE.saturating_sub(name.len() + 1 + LONGEST_MAX_AGE + self.attributes().text().len())
    }

    pub(crate) fn set(&self, name: String, value: String, max_age: Duration) -> SetCookie {
        // A whole second at least: zero is a deletion.
        let max_age = max_age.clamp(Duration::from_secs(1), LONGEST_LIFE);
        SetCookie { name, value, max_age, attributes: self.attributes() }
    }

    /// Deletes a cookie in every jar that it may be in: with the attributes it is set with, and on https in the
    /// other kind of partition, where an earlier setting may have left one.
    pub(crate) fn delete(&self, name: &str) -> impl Iterator<Item = SetCookie> {
        let variants: &[Attributes] = match self.kind {
            Kind::Http { .. } => &[Attributes::Lax],
            Kind::Https => &[Attributes::SecureLax, Attributes::Partitioned],
            Kind::Space | Kind::SpaceOnLoopback { .. } => &[Attributes::Partitioned, Attributes::SecureNone],
        };
        variants.iter().map(move |attributes| SetCookie {
            name: name.to_owned(),
            value: String::new(),
            max_age: Duration::ZERO,
            attributes: *attributes,
        })
    }

    /// Deletes as many of these cookies as so many lines do, each in every jar.
    pub(crate) fn delete_some<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        most_lines: usize,
    ) -> Vec<SetCookie> {
        let mut lines = Vec::new();
        for name in names {
            let more: Vec<_> = self.delete(name).collect();
            if lines.len() + more.len() > most_lines {
                break;
            }
            lines.extend(more);
        }
        lines
    }

    /// True where a browser may keep one name twice, by partition.
    pub(crate) fn has_two_jars(&self) -> bool {
        !matches!(self.kind, Kind::Http { .. })
    }

    fn attributes(&self) -> Attributes {
        match self.kind {
            Kind::Http { .. } => Attributes::Lax,
            Kind::Https => Attributes::SecureLax,
            Kind::Space | Kind::SpaceOnLoopback { .. } => Attributes::Partitioned,
        }
    }
}

/// Browsers drop a line of more than 4,096 bytes, name, value and attributes together.
const LONGEST_LINE: usize = 4_095;
/// `; Max-Age=` and nine digits.
const LONGEST_MAX_AGE: usize = 19;
/// Browsers cut a cookie's life at 400 days (RFC 6265bis section 5.5).
const LONGEST_LIFE: Duration = Duration::from_secs(400 * 86_400);

/// A name that cannot be a cookie's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCookieName {
    /// The name, at most 60 characters of it.
    pub name: String,
}

impl fmt::Display for InvalidCookieName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cookie name {:?}: 1 to 40 letters, digits, - and _ are possible; __Host- is added where it belongs",
            self.name
        )
    }
}

impl std::error::Error for InvalidCookieName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_075_no_name_smuggles_attributes_or_a_prefix() {
        for bad in
            ["", "a;Domain=x", "a=b", "__Secure-x", "__Host-x", "a b", "ä", "a\r\nX: y", &"a".repeat(41)]
        {
            assert!(CookiePolicy::https().with_name(bad).is_err(), "{bad:?}");
        }
        assert_eq!(CookiePolicy::https().with_name("shop").unwrap().session_name(), "__Host-shop");
    }

    #[test]
    fn two_rehearsed_spaces_on_one_host_have_cookies_of_their_own() {
        let names = [7860, 7861].map(|port| CookiePolicy::space_on_loopback(port).session_name());
        assert_eq!(names, ["__Host-hf_oauth_7860", "__Host-hf_oauth_7861"]);
    }

    #[test]
    fn row_075_every_line_has_the_attributes_of_its_profile_deletions_too() {
        for (policy, attributes) in [
            (CookiePolicy::http(1), "; Path=/; HttpOnly; SameSite=Lax"),
            (CookiePolicy::https(), "; Path=/; Secure; HttpOnly; SameSite=Lax"),
            (CookiePolicy::space(), "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
            (CookiePolicy::space_on_loopback(1), "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
        ] {
            let name = policy.session_name();
            let set = policy.set(name.clone(), "v".to_owned(), Duration::from_secs(9));
            assert_eq!(set.header_value(), format!("{name}=v; Max-Age=9{attributes}"));
            let deletions: Vec<_> = policy.delete(&name).map(|cookie| cookie.header_value()).collect();
            assert_eq!(deletions[0], format!("{name}=; Max-Age=0{attributes}"));
            for line in deletions {
                assert!(!line.contains("Domain"));
                assert_eq!(line.contains("Secure"), name.starts_with("__Host-"), "{line}");
            }
        }
    }
}
