//! Signing in from a terminal: the person types a short code into a browser that may be on another machine (RFC 8628).
#![expect(clippy::print_stdout, reason = "a terminal is what this talks to")]

use hf_oauth::{App, Client, DeviceProgress, Issuer, Scopes};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issuer = std::env::var("OPENID_PROVIDER_URL").unwrap_or_else(|_| Issuer::HUGGING_FACE.to_owned());
    let client = Client::new(App::new(App::HUB_CLI_CLIENT_ID)).with_issuer(Issuer::parse(&issuer)?);
    let login = client
        .device_login(&Scopes::none(), |progress| {
            if let DeviceProgress::Code(code) = progress {
                println!("Open {} and type {}", code.verification_uri, code.user_code);
            }
        })
        .await?;
    // `login.tokens` is what to keep; the crate `hf-oauth-tokens` keeps it where Python's tools find it too.
    println!("Signed in as {}", client.whoami(&login.tokens.access_token).await?.name);
    Ok(())
}
