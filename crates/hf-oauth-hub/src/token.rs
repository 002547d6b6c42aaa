//! `/oauth/token` (RFC 6749 section 3.2).

mod client;
mod code;
mod device;
mod exchange;
mod id_token;
mod refresh;

use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::config::AppConfig;
use crate::discovery::no_key;
use crate::keys::SigningKey;
use crate::request::{Duplicate, Params, Request};
use crate::state::{AccessToken, Hub, Login, RefreshToken, State};

use client::Client;

pub(crate) use client::identify;

/// An error of RFC 6749 section 5.2.
pub(crate) struct Failure {
    error: &'static str,
    description: String,
    /// Whether the client tried `Authorization: Basic` and must be told so.
    basic: bool,
}

impl Failure {
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), basic: false }
    }
}

impl From<Duplicate> for Failure {
    fn from(Duplicate(name): Duplicate) -> Self {
        // The name may be anything, and so may be a secret.
        let name = if name.len() <= 40 && name.is_ascii() { name } else { "a parameter".to_owned() };
        Self::new("invalid_request", format!("{name} was sent more than once"))
    }
}

pub(crate) async fn token(hub: &Hub, request: &Request) -> Answer {
    // Fetched first: nothing is given out that could not be finished.
    let Some(key) = hub.signing_key().await else { return no_key() };
    let params = request.form();
    let client = client::identify(hub, request, &params);
    let (client_id, auth) = client.as_ref().map_or((None, None), |client| {
        (client.app.as_ref().map(|app| app.client_id.clone()), Some(client.auth))
    });
    let granted = client.and_then(|client| grant(hub, &key, request, &params, &client));
    let mut made = Vec::new();
    let (answer, login) = match granted {
        Ok(granted) => {
            let login = granted.login.clone();
            match id_token::respond(hub, &key, granted, &mut made) {
                Some(body) => (Answer::json(StatusCode::OK, body), Some(login)),
                None => (no_key(), Some(login)),
            }
        }
        Err(failure) => (failed(&failure), None),
    };
    answer.no_store().with(header::PRAGMA, "no-cache").noting(|note| {
        note.auth = auth.unwrap_or_default();
        note.client_id = login.as_ref().map(|login| login.client_id.clone()).or(client_id);
        note.username = login.map(|login| login.username);
        note.faults.append(&mut made);
    })
}

/// Tokens that were just made.
pub(super) struct Granted {
    login: Login,
    access_token: String,
    refresh_token: Option<String>,
    scopes: Vec<String>,
    expires_in: u64,
    nonce: Option<String>,
    /// Of a token exchange (RFC 8693 section 2.2.1).
    issued_token_type: Option<&'static str>,
}

fn grant(
    hub: &Hub,
    key: &SigningKey,
    request: &Request,
    params: &Params,
    client: &Client,
) -> Result<Granted, Failure> {
    if request.is_json() {
        return exchange::for_ci(hub, key, &request.json_texts());
    }
    if !request.is_form() {
        let text = "the body must be application/x-www-form-urlencoded";
        return Err(Failure::new("invalid_request", text));
    }
    match params.one("grant_type")? {
        Some("authorization_code") => code::redeem(hub, params, client),
        Some("urn:ietf:params:oauth:grant-type:device_code") => device::poll(hub, params, client),
        Some(exchange::GRANT_TYPE) => exchange::for_member(hub, params, client),
        Some("refresh_token") => refresh::refresh(hub, params, client),
        Some(_) => Err(Failure::new("unsupported_grant_type", "the local Hub does not know this grant_type")),
        None => Err(Failure::new("invalid_request", "grant_type is missing")),
    }
}

/// Makes the tokens of one answer; whoever calls has checked everything.
fn issue(hub: &Hub, state: &mut State, index: usize, scopes: Vec<String>, refresh: bool) -> Option<Granted> {
    let now = hub.now();
    let login = state.logins.get(index)?;
    let app = state.app(&login.client_id)?;
    let expires_in = lifetime(hub, app);
    let refresh = refresh && app.refresh;
    let mut granted = issue_access(hub, state, index, scopes, expires_in)?;
    granted.refresh_token = refresh.then(|| {
        let token = format!("hf_oauth_local_refresh_{}", hub.random.token());
        let expires_at = now.saturating_add(hub.lifetimes.refresh_token);
        state.refresh.insert(token.clone(), RefreshToken { login: index, expires_at, used_at: None });
        token
    });
    Some(granted)
}

/// An access token alone.
fn issue_access(
    hub: &Hub,
    state: &mut State,
    index: usize,
    scopes: Vec<String>,
    expires_in: u64,
) -> Option<Granted> {
    let now = hub.now();
    let login = state.logins.get(index)?.clone();
    state.prune(now);
    let access_token = format!("hf_oauth_local_{}", hub.random.token());
    let access = AccessToken {
        login: index,
        scopes: scopes.clone(),
        created_at: now,
        expires_at: now.saturating_add(expires_in),
    };
    state.access.insert(access_token.clone(), access);
    Some(Granted {
        login,
        access_token,
        refresh_token: None,
        scopes,
        expires_in,
        nonce: None,
        issued_token_type: None,
    })
}

fn lifetime(hub: &Hub, app: &AppConfig) -> u64 {
    app.expiration_minutes.map_or(hub.lifetimes.access_token, |minutes| u64::from(minutes) * 60)
}

pub(crate) fn failed(failure: &Failure) -> Answer {
    let status =
        if failure.error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let body: Value = json!({ "error": failure.error, "error_description": failure.description });
    let answer = Answer::json(status, body).noting(|note| note.error = Some(failure.error.to_owned()));
    if failure.basic { answer.with(header::WWW_AUTHENTICATE, "Basic realm=\"local Hub\"") } else { answer }
}
