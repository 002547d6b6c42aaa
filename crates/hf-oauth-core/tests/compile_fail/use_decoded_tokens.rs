//! Reading the ID token is not verifying it.

use hf_oauth_core::{DecodedLogin, Tokens};

fn tokens(login: DecodedLogin) -> Tokens {
    login.tokens
}

fn main() {}
