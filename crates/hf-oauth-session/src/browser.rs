//! A browser's cookie jar, for tests: one cookie a name and partition, lines above 4,096 bytes dropped.

use std::collections::BTreeMap;

use crate::cookie::{CookieHeaders, SetCookie};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Browser(pub(crate) BTreeMap<(String, bool), String>);

impl Browser {
    pub(crate) fn apply(&mut self, set_cookies: &[SetCookie]) {
        for set_cookie in set_cookies {
            let line = set_cookie.header_value();
            assert!(line.len() < 4_096, "a browser drops this line: {} bytes", line.len());
            assert!(line.is_ascii() && !line.contains(['\r', '\n']));
            let key = (set_cookie.name().to_owned(), line.contains("Partitioned"));
            if set_cookie.is_deletion() {
                self.0.remove(&key);
            } else {
                let value = line.split(['=', ';']).nth(1).unwrap().to_owned();
                self.0.insert(key, value);
            }
        }
    }

    pub(crate) fn header(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|((name, _), value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub(crate) fn with<T>(&self, use_cookies: impl FnOnce(&CookieHeaders<'_>) -> T) -> T {
        let header = self.header();
        use_cookies(&CookieHeaders::new([header.as_bytes()]))
    }
}
