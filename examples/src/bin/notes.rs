//! A user's own storage, keyed by `sub`: usernames change hands, the `sub` stays.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use hf_oauth_axum::{HuggingFace, SignedIn};

/// A database, in earnest.
type Notes = Arc<RwLock<HashMap<String, Vec<String>>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = HuggingFace::from_env().local_hub().start().await?;
    // Nobody reads or writes without being signed in; `SignedIn` as an argument says the same once more.
    let notes = Router::new().route("/notes", get(read).post(add)).route_layer(auth.guard());
    let app = auth.attach(notes.with_state(Notes::default()));
    axum::serve(hf_oauth_examples::listener().await?, app).await?;
    Ok(())
}

async fn read(user: SignedIn, State(notes): State<Notes>) -> String {
    let notes = notes.read().unwrap_or_else(PoisonError::into_inner);
    notes.get(user.subject()).map(|notes| notes.join("\n")).unwrap_or_default()
}

async fn add(user: SignedIn, State(notes): State<Notes>, note: String) {
    let mut notes = notes.write().unwrap_or_else(PoisonError::into_inner);
    notes.entry(user.subject().to_owned()).or_default().push(note);
}
