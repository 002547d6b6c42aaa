//! Prints the token that this machine's user works with, refreshed where that is due: `cargo run --example token`.

use hf_oauth_tokens::TokenStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = TokenStore::from_env().fresh_token().await?;
    for warning in &token.warnings {
        tell(&format!("warning: {warning}"))?;
    }
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{}", token.token.expose())?;
    Ok(())
}

fn tell(line: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{line}")
}
