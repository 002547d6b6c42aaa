//! Cookies as text: what comes in, what goes out, and under which attributes.

mod header;
mod policy;
mod set_cookie;

pub use header::CookieHeaders;
pub use policy::{CookiePolicy, InvalidCookieName};
pub use set_cookie::SetCookie;
