//! Asks the Hub, with the crate `hf-hub`, whose token this machine's user works with.
//!
//! `cargo run --manifest-path examples/hf-hub/Cargo.toml --bin hf_hub_terminal`, after `hf-oauth login`.

use hf_hub::HFClient;
use hf_oauth_tokens::TokenStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `hf-hub` reads the same token file by itself.
    let found = HFClient::builder().build()?;
    println!("found by hf-hub: {}", found.whoami().send().await?.username);
    // It refreshes nothing; a token that is near its end is given to it fresh.
    let token = TokenStore::from_env().fresh_token().await?;
    let given = HFClient::builder().token(token.token.expose()).build()?;
    println!("given to hf-hub: {}", given.whoami().send().await?.username);
    Ok(())
}
