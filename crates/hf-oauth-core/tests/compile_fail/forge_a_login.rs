//! Userinfo and tokens do not make a verified login.

use hf_oauth_core::{ReturnPath, Tokens, VerifiedIdentity, VerifiedLogin};

fn forge(identity: VerifiedIdentity, tokens: Tokens) -> VerifiedLogin {
    VerifiedLogin { identity, tokens, app_state: None, return_path: ReturnPath::root() }
}

fn main() {}
