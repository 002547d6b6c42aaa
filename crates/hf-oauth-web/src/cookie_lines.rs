//! The `Set-Cookie` lines of one answer.

use hf_oauth_session::SetCookie;

/// Lines of which no two are for the same cookie (RFC 6265 section 4.1.1): the later one takes the place of the other, as
/// it would in the browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct CookieLines(Vec<SetCookie>);

impl CookieLines {
    pub(crate) fn put(&mut self, lines: impl IntoIterator<Item = SetCookie>) {
        for line in lines {
            self.0.retain(|earlier| !earlier.is_same_cookie(&line));
            self.0.push(line);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SetCookie> {
        self.0.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for CookieLines {
    type Item = SetCookie;
    type IntoIter = std::vec::IntoIter<SetCookie>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
