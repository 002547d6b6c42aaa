//! Saves a token under a name and makes it the active one: `echo "$TOKEN" | cargo run --example save NAME`.
//!
//! After the token may stand a refresh token and the seconds that the token lives, and after the name the client that
//! got it and its Hub.

use std::io::Read as _;
use std::time::{Duration, SystemTime};

use hf_oauth_tokens::{NewLogin, TokenStore};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("usage: save NAME [CLIENT_ID HUB] < TOKEN")?;
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let mut words = input.split_whitespace();
    let mut login = NewLogin::new(name, words.next().unwrap_or_default());
    if let (Some(refresh_token), Some(seconds)) = (words.next(), words.next()) {
        let end = SystemTime::now() + Duration::from_secs(seconds.parse()?);
        login = login.with_refresh_token(refresh_token).with_expires_at(end.into());
    }
    if let (Some(client_id), Some(hub)) = (arguments.next(), arguments.next()) {
        login = login.with_client(client_id, hub);
    }
    TokenStore::from_env().save(&login)?;
    Ok(())
}
