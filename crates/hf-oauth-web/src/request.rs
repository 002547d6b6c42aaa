//! A request, as this crate looks at it.

use hf_oauth_session::CookieHeaders;

use crate::testing::TestUser;

/// A request, borrowed from the framework that received it: its head without its body.
///
/// An adapter makes one of what its framework gives. `target` is the request target as the client sent it, before
/// any router took a prefix off.
///
/// ```
/// use hf_oauth_web::{HeaderValues, Headers, Request};
///
/// struct Pairs(Vec<(&'static str, &'static str)>);
///
/// impl Headers for Pairs {
///     fn values(&self, name: &'static str) -> HeaderValues<'_> {
///         self.0.iter().filter(|(found, _)| *found == name).map(|(_, value)| value.as_bytes()).collect()
///     }
/// }
///
/// let headers = Pairs(vec![("host", "localhost:7860"), ("accept", "text/html")]);
/// let request = Request::new("GET", "/models?sort=new", &headers);
/// assert_eq!((request.path(), request.query()), ("/models", Some("sort=new")));
/// ```
#[derive(Clone, Copy)]
pub struct Request<'r> {
    method: &'r str,
    target: &'r str,
    authority: Option<&'r str>,
    headers: &'r dyn Headers,
    test_user: Option<&'r TestUser>,
}

/// The headers of a request, by name.
pub trait Headers: Sync {
    /// The values of the header `name`, which is in lower case, in the order in which they came.
    fn values(&self, name: &'static str) -> HeaderValues<'_>;
}

/// The values of one header. Most headers come once, and then nothing is allocated.
#[derive(Clone, Debug, Default)]
pub struct HeaderValues<'h> {
    first: Option<&'h [u8]>,
    others: std::vec::IntoIter<&'h [u8]>,
}

impl<'h> FromIterator<&'h [u8]> for HeaderValues<'h> {
    fn from_iter<I: IntoIterator<Item = &'h [u8]>>(values: I) -> Self {
        let mut values = values.into_iter();
        let first = values.next();
        Self { first, others: values.collect::<Vec<_>>().into_iter() }
    }
}

impl<'h> Iterator for HeaderValues<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        self.first.take().or_else(|| self.others.next())
    }
}

impl<'r> Request<'r> {
    /// A request with this method and target. `target` is a path with its query, or a whole URL (RFC 9112 section
    /// 3.2.2). It is taken apart when somebody asks: for most requests nobody does.
    pub fn new(method: &'r str, target: &'r str, headers: &'r dyn Headers) -> Self {
        Self { method, target, authority: None, headers, test_user: None }
    }

    /// With the authority of the request target, where the framework keeps it apart (`:authority` of HTTP/2).
    #[must_use]
    pub fn with_authority(mut self, authority: Option<&'r str>) -> Self {
        self.authority = authority;
        self
    }

    /// With the person whom a test of the app signed in.
    #[must_use]
    pub fn with_test_user(mut self, test_user: Option<&'r TestUser>) -> Self {
        self.test_user = test_user;
        self
    }

    /// The path of the target; never empty.
    pub fn path(&self) -> &'r str {
        self.origin_form().0
    }

    /// The query of the target, without its question mark.
    pub fn query(&self) -> Option<&'r str> {
        self.origin_form().1
    }

    /// Path and query.
    fn origin_form(&self) -> (&'r str, Option<&'r str>) {
        let (_, rest) = self.authority_and_rest();
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        (if path.is_empty() { "/" } else { path }, query)
    }

    /// The authority of a target in absolute form, and what follows it.
    fn authority_and_rest(&self) -> (Option<&'r str>, &'r str) {
        match self.target.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
                (Some(authority), rest)
            }
            _ => (None, self.target),
        }
    }

    pub(crate) fn method(&self) -> &'r str {
        self.method
    }

    pub(crate) fn test_user(&self) -> Option<&'r TestUser> {
        self.test_user
    }

    /// Path and query, as a place to come back to.
    pub(crate) fn path_and_query(&self) -> String {
        match self.origin_form() {
            (path, Some(query)) => format!("{path}?{query}"),
            (path, None) => path.to_owned(),
        }
    }

    pub(crate) fn values(&self, name: &'static str) -> HeaderValues<'r> {
        self.headers.values(name)
    }

    pub(crate) fn has(&self, name: &'static str) -> bool {
        self.values(name).next().is_some()
    }

    /// The value of a header that came exactly once, as text.
    pub(crate) fn header(&self, name: &'static str) -> Option<&'r str> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (Some(value), None) => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }

    pub(crate) fn cookies(&self) -> CookieHeaders<'r> {
        CookieHeaders::new(self.values("cookie"))
    }

    /// The host and port that the request is for. A target that names another than `Host` does, and two `Host`
    /// headers, are for none (RFC 9112 sections 3.2 and 3.2.2).
    pub(crate) fn host(&self) -> Option<&'r str> {
        match (self.has("host"), self.authority.or(self.authority_and_rest().0)) {
            (false, authority) => authority,
            (true, None) => self.header("host"),
            (true, Some(authority)) => {
                self.header("host").filter(|host| host.eq_ignore_ascii_case(authority))
            }
        }
    }

    /// True for methods that change nothing (RFC 9110 section 9.2.1).
    pub(crate) fn is_safe(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A query may hold a code.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// Headers of a test.
#[cfg(test)]
pub(crate) struct Pairs<'p>(pub(crate) &'p [(&'p str, &'p str)]);

#[cfg(test)]
impl Headers for Pairs<'_> {
    fn values(&self, name: &'static str) -> HeaderValues<'_> {
        self.0.iter().filter(|(found, _)| *found == name).map(|(_, value)| value.as_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_in_absolute_form_must_name_the_same_host() {
        let host = |target, headers: &[(&str, &str)]| {
            Request::new("GET", target, &Pairs(headers)).host().map(str::to_owned)
        };
        assert_eq!(host("/", &[("host", "localhost:7860")]).as_deref(), Some("localhost:7860"));
        assert_eq!(host("http://localhost/x", &[("host", "LOCALHOST")]).as_deref(), Some("LOCALHOST"));
        assert_eq!(host("http://localhost/x", &[]).as_deref(), Some("localhost"));
        assert_eq!(host("http://localhost/x", &[("host", "evil.example")]), None);
        assert_eq!(host("http://evil.example", &[("host", "localhost")]), None);
        assert_eq!(host("/", &[("host", "localhost"), ("host", "evil.example")]), None);
        assert_eq!(host("/", &[]), None);
        assert_eq!(
            host("/?next=http://evil.example/", &[("host", "localhost")]).as_deref(),
            Some("localhost")
        );
    }

    #[test]
    fn a_target_is_taken_apart() {
        let parts = |target| {
            let request = Request::new("GET", target, &Pairs(&[]));
            (request.path().to_owned(), request.query().map(str::to_owned))
        };
        assert_eq!(parts("/a?b=c?d"), ("/a".to_owned(), Some("b=c?d".to_owned())));
        assert_eq!(parts("http://localhost"), ("/".to_owned(), None));
        assert_eq!(parts("http://localhost?x"), ("/".to_owned(), Some("x".to_owned())));
        assert_eq!(parts("*"), ("*".to_owned(), None));
        assert_eq!(parts(""), ("/".to_owned(), None));
    }
}
