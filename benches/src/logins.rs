//! Whole logins against a local Hub in this process: address, consent, callback, exchange, keys, ID token, userinfo.

use std::time::{Duration, Instant};

use hf_oauth::{App, Client, Issuer, LoginOptions, RedirectUri};
use hf_oauth_benches::{Fault, output};
use hf_oauth_hub::{AppConfig, LocalHub, UserConfig};

const SECRET: &str = "a-client-secret-for-benches-1a2b3c4d";
const REDIRECT: &str = "http://localhost:7860/oauth/huggingface/callback";
/// What the person's browser asks for, not the app.
const FRONT: &[&str] = &["/oauth/authorize", "/login"];

/// Prints `{"logins": ..., "seconds": ..., "first": [...], "next": [...]}`: the back-channel requests of the first and
/// of a later login.
pub(crate) fn run(seconds: f64) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = AppConfig::confidential("bench", SECRET).redirect_uri(REDIRECT).consent_granted();
        let hub = LocalHub::builder().user(UserConfig::new("ada")).app(app).start().await?;
        let app =
            App::new("bench").with_client_secret(SECRET).with_redirect_uri(RedirectUri::parse(REDIRECT)?);
        let client = Client::new(app).with_issuer(Issuer::parse(hub.issuer())?);
        let first = one(&client, &hub).await?;
        let next = one(&client, &hub).await?;
        let (start, mut logins) = (Instant::now(), 0_u32);
        let span = Duration::from_secs_f64(seconds);
        while start.elapsed() < span {
            one(&client, &hub).await?;
            logins += 1;
        }
        let taken = start.elapsed().as_secs_f64();
        let line = serde_json::json!({ "logins": logins, "seconds": taken, "first": first, "next": next });
        output::line(&line.to_string());
        Ok(())
    })
}

/// One login; the paths that the app itself asked for.
async fn one(client: &Client, hub: &LocalHub) -> Result<Vec<String>, Fault> {
    hub.clear_journal();
    let (url, pending) = client.login_url(&LoginOptions::new()).await?;
    let back = hub.approve(&url, "ada").await?;
    client.handle_redirect(&back, pending).await?;
    let journal = hub.journal();
    let paths = journal.entries().iter().map(|entry| entry.path.clone());
    Ok(paths.filter(|path| !FRONT.iter().any(|front| path.starts_with(front))).collect())
}
