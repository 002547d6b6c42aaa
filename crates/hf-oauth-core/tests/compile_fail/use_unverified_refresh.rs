//! A refresh is locked until the ID token that came along is verified.

use hf_oauth_core::{DecodedRefresh, Tokens, UnconfirmedTokens, UnverifiedRefresh};

fn tokens(unverified: UnverifiedRefresh, unconfirmed: UnconfirmedTokens, decoded: DecodedRefresh) -> [Tokens; 3] {
    [unverified.tokens, unconfirmed.tokens, decoded.tokens]
}

fn main() {}
