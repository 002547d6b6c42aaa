//! A code for tokens (RFC 6749 section 4.1.3).

use super::client::Client;
use super::{Failure, Granted, issue};
use crate::keys::s256;
use crate::random::same;
use crate::request::Params;
use crate::state::{Code, Hub, Login};

pub(super) fn redeem(hub: &Hub, params: &Params, client: &Client) -> Result<Granted, Failure> {
    let code = params.one("code")?.ok_or_else(|| Failure::new("invalid_request", "code is missing"))?;
    let redirect_uri = params.one("redirect_uri")?;
    let verifier = params.one("code_verifier")?;
    let now = hub.now();
    // One lock from the look to the mark: of two requests at once only one finds the code unused.
    let mut state = hub.state();
    let unknown = || Failure::new("invalid_grant", "the code is unknown");
    let found = state.codes.get(code).ok_or_else(unknown)?;
    let index = found.login;
    let login = state.logins.get(index).cloned().ok_or_else(unknown)?;
    authenticate(client, &login, found)?;
    if found.redeemed {
        // Whoever came first may have stolen it (RFC 6749 section 4.1.2).
        state.revoke(index);
        let text = "the code was used before; all tokens that came from it are revoked";
        return Err(Failure::new("invalid_grant", text));
    }
    if now >= found.expires_at {
        return Err(Failure::new("invalid_grant", "the code has expired"));
    }
    if found.redirect_uri.as_deref() != redirect_uri {
        let text = "redirect_uri is not the one of the authorization request";
        return Err(Failure::new("invalid_grant", text));
    }
    verify(found, verifier)?;
    if login.revoked || state.user(&login.username).is_none() {
        return Err(Failure::new("invalid_grant", "the person has taken the consent back"));
    }
    let nonce = found.nonce.clone();
    if let Some(code) = state.codes.get_mut(code) {
        code.redeemed = true;
    }
    let mut granted = issue(hub, &mut state, index, login.scopes, true).ok_or_else(unknown)?;
    granted.nonce = nonce;
    Ok(granted)
}

/// The app of the code, with its secret; or nobody by name, with PKCE, as the Hub's own browser library does.
fn authenticate(client: &Client, login: &Login, code: &Code) -> Result<(), Failure> {
    match &client.app {
        Some(app) if app.client_id != login.client_id => {
            Err(Failure::new("invalid_grant", "the code belongs to another app"))
        }
        Some(_) if client.is_authenticated() || code.challenge.is_some() => Ok(()),
        None if code.challenge.is_some() => Ok(()),
        _ => Err(Failure::new("invalid_client", "neither the app's secret nor PKCE says who asks")),
    }
}

/// RFC 7636 section 4.6, and no verifier where there was no challenge (RFC 9700 section 4.8.2).
fn verify(code: &Code, verifier: Option<&str>) -> Result<(), Failure> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => {
            Err(Failure::new("invalid_grant", "a code_verifier, but the code was asked for without PKCE"))
        }
        (Some(_), None) => Err(Failure::new("invalid_grant", "code_verifier is missing")),
        (Some(challenge), Some(verifier)) if is_verifier(verifier) && same(challenge, &s256(verifier)) => {
            Ok(())
        }
        (Some(_), Some(_)) => {
            Err(Failure::new("invalid_grant", "code_verifier does not match the challenge"))
        }
    }
}

/// RFC 7636 section 4.1.
fn is_verifier(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(allowed)
}
