/// The `Cookie` headers of a request, as bytes: HTTP/2 may split them over several.
///
/// Names match to the byte: nothing but spaces and tabs around a pair is ever trimmed, so no foreign character makes
/// another name ours, and a sibling that is not UTF-8 hides nothing (RFC 6265 section 5.4, RFC 9113 section 8.2.3).
///
/// ```
/// use hf_oauth_session::CookieHeaders;
///
/// let cookies = CookieHeaders::new([&b"a=1; b=2"[..], &b"c=3; a=4"[..]]);
/// assert_eq!(cookies.values("a").collect::<Vec<_>>(), ["1", "4"]);
/// ```
#[derive(Clone, Default)]
pub struct CookieHeaders<'a> {
    first: Option<&'a [u8]>,
    others: Vec<&'a [u8]>,
}

impl<'a> CookieHeaders<'a> {
    /// Takes the values of all `Cookie` headers.
    pub fn new(headers: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut headers = headers.into_iter();
        Self { first: headers.next(), others: headers.collect() }
    }

    /// A request without cookies.
    pub fn none() -> Self {
        Self::default()
    }

    /// True when no `Cookie` header came.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Every value of this name, in the order in which they came: one name may come several times (another path,
    /// another partition).
    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + use<'a, 's> {
        self.pairs_from(name).filter(move |(found, _)| *found == name).map(|(_, value)| value)
    }

    /// Every pair whose name and value are ASCII.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a, '_> {
        self.pairs_from("")
    }

    /// The pairs whose names begin so.
    pub(crate) fn pairs_from<'s>(
        &'s self,
        prefix: &'s str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a, 's> {
        // What is not ours is not looked at any further.
        let ours = self.raw_pairs().filter(move |(name, _)| name.starts_with(prefix.as_bytes()));
        ours.filter_map(|(name, value)| Some((ascii(name)?, ascii(value)?)))
    }

    pub(crate) fn raw_pairs(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a, '_> {
        self.first.iter().chain(&self.others).flat_map(|header| split(header)).filter_map(|pair| {
            let pair = trim_blanks(pair);
            let middle = memchr::memchr(b'=', pair)?;
            Some((&pair[..middle], &pair[middle + 1..]))
        })
    }
}

/// What lies between semicolons.
fn split(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let (pair, after) = match memchr::memchr(b';', bytes) {
            Some(end) => (&bytes[..end], Some(&bytes[end + 1..])),
            None => (bytes, None),
        };
        rest = after;
        Some(pair)
    })
}

impl std::fmt::Debug for CookieHeaders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CookieHeaders({} cookies)", self.pairs().count())
    }
}

fn ascii(bytes: &[u8]) -> Option<&str> {
    if bytes.is_ascii() { std::str::from_utf8(bytes).ok() } else { None }
}

/// Space and tab alone (OWS): `trim` would take off U+0085 and U+2000 too.
fn trim_blanks(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(headers: &[&[u8]], name: &str) -> Vec<String> {
        CookieHeaders::new(headers.iter().copied()).values(name).map(str::to_owned).collect()
    }

    #[test]
    fn row_076_foreign_names_are_never_trimmed_into_ours() {
        for smuggled in [
            "\u{2000}__Host-s=evil".as_bytes(),
            "\u{a0}__Host-s=evil".as_bytes(),
            "\u{85}__Host-s=evil".as_bytes(),
            b"\x85__Host-s=evil",
            b"\xa0__Host-s=evil",
            b"\x0b__Host-s=evil",
            b"\x0c__Host-s=evil",
            b"__Host-s =evil",
            b"__host-s=evil",
            b"=__Host-s=evil",
            b"\"__Host-s\"=evil",
            b"a=\"x; b=y\" ,__Host-s=evil",
        ] {
            assert!(values(&[smuggled], "__Host-s").is_empty(), "{:?}", String::from_utf8_lossy(smuggled));
        }
    }

    #[test]
    fn row_076_a_version_attribute_changes_no_rule() {
        assert_eq!(values(&[b"$Version=1; s=\"a\\073b\"; $Path=/"], "s"), ["\"a\\073b\""]);
    }

    #[test]
    fn row_076_ours_is_read_beside_hostile_siblings_and_over_several_headers() {
        let headers: &[&[u8]] = &[b"x=\xff\xfe; ;;=; s=1", b"lonely", b"\ts=2 ", b"s="];
        assert_eq!(values(headers, "s"), ["1", "2", ""]);
    }

    #[test]
    fn row_062_cookies_do_not_print() {
        let cookies = CookieHeaders::new([&b"s=canary"[..]]);
        assert_eq!(format!("{cookies:?}"), "CookieHeaders(1 cookies)");
    }
}
