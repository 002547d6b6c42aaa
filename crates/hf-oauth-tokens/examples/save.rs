//! Saves a token under a name and makes it the active one: `echo "$TOKEN" | cargo run --example save NAME`.

use hf_oauth_tokens::{NewLogin, TokenStore};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).ok_or("usage: save NAME < TOKEN")?;
    let mut token = String::new();
    std::io::stdin().read_line(&mut token)?;
    TokenStore::from_env().save(&NewLogin::new(name, token.trim()))?;
    Ok(())
}
