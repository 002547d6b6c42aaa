//! Tokens stay locked until the ID token is verified.

use hf_oauth_core::{Tokens, UnverifiedLogin};

fn tokens(login: UnverifiedLogin) -> Tokens {
    login.tokens
}

fn main() {}
