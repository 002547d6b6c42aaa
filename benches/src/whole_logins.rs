//! Whole logins against a local Hub in the same process and thread, by whoever is given.

use std::time::{Duration, Instant};

use hf_oauth_hub::{AppConfig, LocalHub, UserConfig};
use serde_json::{Value, json};

use crate::Fault;

/// The app's id.
pub const CLIENT_ID: &str = "bench";
/// The app's secret.
pub const CLIENT_SECRET: &str = "a-client-secret-for-benches-1a2b3c4d";
/// The person whom [`LocalHub::approve`] is told.
pub const PERSON: &str = "ada";

/// What the person's browser asks for, not the app.
const FRONT: &[&str] = &["/oauth/authorize", "/login"];

/// A Hub that knows the app and the person, who has consented.
///
/// # Errors
///
/// Those of [`LocalHub`].
pub async fn hub(redirect_uri: &str) -> Result<LocalHub, Fault> {
    let app = AppConfig::confidential(CLIENT_ID, CLIENT_SECRET)
        .redirect_uri(redirect_uri)
        .space(redirect_uri.ends_with('/'))
        .consent_granted();
    Ok(LocalHub::builder().user(UserConfig::new(PERSON)).app(app).start().await?)
}

/// `{"logins": ..., "seconds": ..., "first": [...], "next": [...]}`: how many in so long, and the paths that the app itself
/// asked the Hub for in its first and in a later login.
///
/// # Errors
///
/// Those of `one`, which is one login.
pub async fn measure(
    hub: &LocalHub,
    seconds: f64,
    mut one: impl AsyncFnMut() -> Result<(), Fault>,
) -> Result<Value, Fault> {
    let mut asked = Vec::new();
    for _ in 0..2 {
        hub.clear_journal();
        one().await?;
        let journal = hub.journal();
        let paths = journal.entries().iter().map(|entry| entry.path.clone());
        let paths = paths.filter(|path| !FRONT.iter().any(|front| path.starts_with(front)));
        asked.push(paths.collect::<Vec<_>>());
    }
    let (start, mut logins) = (Instant::now(), 0_u32);
    let span = Duration::from_secs_f64(seconds);
    while start.elapsed() < span {
        hub.clear_journal();
        one().await?;
        logins += 1;
    }
    let taken = start.elapsed().as_secs_f64();
    Ok(json!({ "logins": logins, "seconds": taken, "first": asked[0], "next": asked[1] }))
}
