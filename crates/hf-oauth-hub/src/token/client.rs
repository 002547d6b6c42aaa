//! Who asks (RFC 6749 section 2.3).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::header;

use super::Failure;
use crate::config::AppConfig;
use crate::journal::Auth;
use crate::random::same;
use crate::request::{Params, Request};
use crate::state::Hub;

/// The client of a token request.
pub(crate) struct Client {
    /// None where the request names none: only a PKCE verifier can stand in for that.
    pub(crate) app: Option<AppConfig>,
    pub(crate) auth: Auth,
}

impl Client {
    /// Whether the client showed its secret, or has none.
    pub(crate) fn is_authenticated(&self) -> bool {
        let public = self.app.as_ref().is_some_and(AppConfig::is_public);
        public || matches!(self.auth, Auth::Basic | Auth::Post)
    }
}

pub(crate) fn identify(hub: &Hub, request: &Request, params: &Params) -> Result<Client, Failure> {
    let client_id = params.one("client_id")?;
    let secret = params.one("client_secret")?;
    let refused = |basic: bool, description: &str| Failure {
        error: "invalid_client",
        description: description.to_owned(),
        basic,
    };
    if let Some(value) = request.header(header::AUTHORIZATION) {
        if secret.is_some() {
            return Err(Failure::new("invalid_request", "the secret was sent in two ways"));
        }
        let pairs =
            basic(value).ok_or_else(|| refused(true, "the Authorization header is no Basic credentials"))?;
        let found = pairs.iter().find_map(|(id, secret)| Some((hub.state().app(id).cloned()?, id, secret)));
        if client_id.is_some_and(|client_id| !pairs.iter().any(|(id, _)| id == client_id)) {
            return Err(Failure::new("invalid_request", "client_id and the Authorization header disagree"));
        }
        let (app, id, _) =
            found.ok_or_else(|| refused(true, "no such app is registered at the local Hub"))?;
        let right = pairs.iter().any(|(other, secret)| other == id && holds(&app, secret));
        let auth = if app.is_public() { Auth::ClientId } else { Auth::Basic };
        return if right {
            Ok(Client { app: Some(app), auth })
        } else {
            Err(refused(true, "the secret is wrong"))
        };
    }
    let Some(client_id) = client_id else {
        if secret.is_some() {
            return Err(refused(false, "a secret without a client_id"));
        }
        let auth = if params.one("code_verifier")?.is_some() { Auth::Pkce } else { Auth::None };
        return Ok(Client { app: None, auth });
    };
    let app = hub.state().app(client_id).cloned();
    let app = app.ok_or_else(|| refused(false, "no such app is registered at the local Hub"))?;
    match secret {
        None => Ok(Client { app: Some(app), auth: Auth::ClientId }),
        Some(secret) if holds(&app, secret) => Ok(Client { app: Some(app), auth: Auth::Post }),
        Some(_) => Err(refused(false, "the secret is wrong")),
    }
}

/// A public app has no secret; some clients send an empty one for it.
fn holds(app: &AppConfig, secret: &str) -> bool {
    match &app.client_secret {
        Some(right) => same(right, secret),
        None => secret.is_empty(),
    }
}

/// Id and secret as they were sent, then form-decoded: both are in use (RFC 6749 section 2.3.1 asks for the latter).
fn basic(value: &str) -> Option<Vec<(String, String)>> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let encoded = encoded.trim().trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(encoded).or_else(|_| STANDARD.decode(encoded)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let raw = (id.to_owned(), secret.to_owned());
    let decoded = (form_decoded(id), form_decoded(secret));
    let mixed = (raw.0.clone(), decoded.1.clone());
    Some(vec![raw, decoded, mixed])
}

fn form_decoded(text: &str) -> String {
    // A name without `=` or `&` in it, so that the whole text is read as one name.
    let protected = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(protected.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
