//! Forgets a token, or all of them: `cargo run --example remove NAME`, `cargo run --example remove`.

use hf_oauth_tokens::TokenStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = TokenStore::from_env();
    match std::env::args().nth(1) {
        Some(name) => store.remove(&name)?,
        None => store.remove_all()?,
    };
    Ok(())
}
