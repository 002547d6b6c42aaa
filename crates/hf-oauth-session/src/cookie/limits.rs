//! How much of the `Cookie` header all cookies of the library take together.
//!
//! Proxies take 8 KB for a line of headers (nginx: `large_client_header_buffers 4 8k`) and answer 400 beyond it.

use super::set_cookie::SetCookie;

/// The most bytes of the `Cookie` header that the cookies of one session take.
pub const SESSION_COOKIES_LIMIT: usize = 5_120;

/// The bytes of the `Cookie` header that session and pending logins are laid out for, together. A login that begins may
/// take a tenth of what the session leaves of them.
pub const COOKIES_LIMIT: usize = 6_500;

/// Beyond this, pending logins are made smaller or deleted. It is more than [`COOKIES_LIMIT`], because logins that began
/// before there was a session took their tenth of everything; and it leaves room for cookies of the app.
pub(crate) const CROWDED: usize = 7_400;

/// How many lines of one answer tidy up, for the session's cookies and for logins each: what is left goes with the
/// next answers. A response's head stays below 8 KB then, whatever cookies came.
pub(crate) const MOST_DELETIONS: usize = 8;

/// What a cookie takes in the `Cookie` header, with `=` and `; `.
pub(crate) fn pair_len(name: usize, value: usize) -> usize {
    name + 1 + value + 2
}

/// What the cookies that these lines set will take in the `Cookie` header.
pub(crate) fn set_bytes(lines: &[SetCookie]) -> usize {
    let set = lines.iter().filter(|line| !line.is_deletion());
    set.map(|line| pair_len(line.name.len(), line.value.len())).sum()
}
