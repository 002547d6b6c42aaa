//! A refresh is locked until the ID token that came along is verified.

use hf_oauth_core::{DecodedRefresh, Tokens, UnverifiedRefresh};

fn tokens(unverified: UnverifiedRefresh, decoded: DecodedRefresh) -> [Tokens; 2] {
    [unverified.tokens, decoded.tokens]
}

fn main() {}
