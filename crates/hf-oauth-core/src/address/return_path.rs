use std::fmt;

/// Where in the app the person goes after signing in: path, query and fragment on the app's own origin, never
/// another site.
///
/// Resolved by a browser against any page of the app it stays on the app's origin: it begins with exactly one
/// slash, has no backslash, no control character, no dot segment, no encoded slash or control character at its start, and is at most
/// [`ReturnPath::LONGEST`] bytes of ASCII.
///
/// ```
/// use hf_oauth_core::ReturnPath;
///
/// assert_eq!(ReturnPath::parse("/models?sort=new#top").unwrap().as_str(), "/models?sort=new#top");
/// assert!(ReturnPath::parse("//evil.example").is_err());
/// assert!(ReturnPath::parse("/\\evil.example").is_err());
/// assert_eq!(ReturnPath::parse_or_root("https://evil.example").as_str(), "/");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// The most bytes that one may have: it travels in a cookie.
    pub const LONGEST: usize = 1_024;

    /// The app's front page.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Checks a return path.
    ///
    /// # Errors
    ///
    /// [`InvalidReturnPath`] when a browser could take it for another site, or it is too long.
    pub fn parse(text: &str) -> Result<Self, InvalidReturnPath> {
        let bytes = text.as_bytes();
        let path_len = bytes.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(bytes.len());
        let path = &text.get(..path_len).ok_or(InvalidReturnPath)?;
        let safe = bytes.len() <= Self::LONGEST
            && bytes.first() == Some(&b'/')
            && bytes.get(1) != Some(&b'/')
            && bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\')
            && !begins_with_encoded_slash(path)
            && !path.split('/').any(is_dot_segment);
        if safe { Ok(Self(text.to_owned())) } else { Err(InvalidReturnPath) }
    }

    /// The checked path, or the front page.
    pub fn parse_or_root(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|_| Self::root())
    }

    /// The text, ready for a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path alone, without query and fragment.
    pub fn path(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or("/")
    }
}

impl Default for ReturnPath {
    fn default() -> Self {
        Self::root()
    }
}

impl fmt::Debug for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A return path that could lead off the app's own origin, or is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidReturnPath;

impl fmt::Display for InvalidReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the return path must begin with a single slash and stay on this site: at most {} bytes of ASCII without \
             backslashes, control characters and dot segments",
            ReturnPath::LONGEST
        )
    }
}

impl std::error::Error for InvalidReturnPath {}

/// `/%2f…`, `/%5c…` and `/%09/…` are harmless to a browser, but not behind a proxy that decodes once more: a browser
/// drops the tab, and two slashes are left.
fn begins_with_encoded_slash(path: &str) -> bool {
    let start = path.get(1..4).unwrap_or_default().to_ascii_lowercase();
    matches!(start.as_str(), "%2f" | "%5c") || start.starts_with("%0") || start.starts_with("%1")
}

/// `.` and `..`, percent-encoded forms included: browsers resolve them, which can leave `//host` behind.
fn is_dot_segment(segment: &str) -> bool {
    segment.len() <= 6 && matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_069_paths_a_header_or_a_cookie_cannot_carry_are_refused() {
        let long = format!("/{}", "a".repeat(16_384));
        for bad in
            ["/a\r\nSet-Cookie: x=1", "/a\rb", "/a\0b", "/caf\u{e9}", "/a b", "", "a", "?x", long.as_str()]
        {
            assert!(ReturnPath::parse(bad).is_err(), "{bad:?}");
        }
        let longest = format!("/{}", "a".repeat(ReturnPath::LONGEST - 1));
        assert!(ReturnPath::parse(&longest).is_ok());
    }

    #[test]
    fn honest_paths_come_through_byte_for_byte() {
        for good in [
            "/",
            "/a",
            "/a//b",
            "/a?x=https://other.example/%2F..#/../b",
            "/%E2%9C%93?q=%20",
            "/a.b/..c",
            "/?next=//x",
        ] {
            assert_eq!(ReturnPath::parse(good).unwrap().as_str(), good);
        }
    }
}
