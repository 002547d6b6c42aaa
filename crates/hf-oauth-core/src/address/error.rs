use std::fmt;

/// Why an address was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidUrl {
    url: String,
    fault: UrlFault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UrlFault {
    Scheme,
    Authority,
    Fragment,
    Character,
    PlainHttp,
    Query,
    NotAnOrigin,
    AnswerParameter(&'static str),
}

impl InvalidUrl {
    pub(super) fn new(url: &str, fault: UrlFault) -> Self {
        // What stands before an `@` may be a password.
        let shown = match url.rsplit_once('@') {
            Some((_, after)) => format!("***@{after}"),
            None => url.to_owned(),
        };
        // So may a query be that nobody may call.
        let shown = match (fault, shown.split_once('?')) {
            (UrlFault::Query, Some((before, _))) => format!("{before}?..."),
            _ => shown,
        };
        Self { url: crate::text::printable(&shown, 200), fault }
    }

    /// The same fault, quoting `url`: the address with its secrets covered, which must be before it is cut.
    pub(crate) fn quoting(self, url: &str) -> Self {
        Self::new(url, self.fault)
    }
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.fault {
            UrlFault::Scheme => "it must begin with https:// (or http:// on localhost)",
            UrlFault::Authority => "its host or port is malformed, or it carries a username",
            UrlFault::Fragment => "it must not have a fragment (#...)",
            UrlFault::Character => "it has a character that a URL may not have",
            UrlFault::PlainHttp => "plain http is for localhost, 127.0.0.1 and [::1] only: use https",
            UrlFault::Query => "it must not have a query (?...)",
            UrlFault::NotAnOrigin => "only scheme, host and port are wanted here",
            UrlFault::AnswerParameter(name) => {
                return write!(
                    f,
                    "the address {:?} cannot be used: its query must not carry {name:?}, which the provider's answer does",
                    self.url
                );
            }
        };
        write!(f, "the address {:?} cannot be used: {why}", self.url)
    }
}

impl std::error::Error for InvalidUrl {}
