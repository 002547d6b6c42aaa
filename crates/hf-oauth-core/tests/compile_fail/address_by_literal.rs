//! Addresses come from their checks alone.

use hf_oauth_core::{Issuer, RedirectUri, ReturnPath};

fn main() {
    let _ = ReturnPath("//evil.example".to_owned());
    let _ = RedirectUri("http://evil.example".to_owned());
    let _ = Issuer("http://evil.example".to_owned());
}
