//! Cookies as text: what comes in, what goes out, and under which attributes.

mod attributes;
mod header;
mod limits;
mod policy;
mod set_cookie;

pub use header::CookieHeaders;
pub use limits::{COOKIES_LIMIT, SESSION_COOKIES_LIMIT};
pub(crate) use limits::{CROWDED, MOST_DELETIONS, pair_len, set_bytes};
pub use policy::{CookiePolicy, InvalidCookieName};
pub use set_cookie::SetCookie;
