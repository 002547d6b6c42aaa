use hf_oauth::coordinator::{Backoff, Outcome};
use hf_oauth::refresh::{Driven, drive};
use hf_oauth::{Client, Secret};

use super::error::TokenError;
use super::files::{ClientExchange, Entry, Files};
use super::policy::{RECHECK, now, policy};
use crate::error::StoreError;
use crate::known::Known;
use crate::store::TokenStore;
use crate::token::ResolvedToken;
use crate::warning::Warning;

/// One attempt at having a fresh token of this name.
pub(super) async fn attempt(
    store: &TokenStore,
    client: Client,
    name: String,
    resolved: ResolvedToken,
) -> Result<ResolvedToken, TokenError> {
    let first = resolved.token.clone();
    let mut files = Files::new(store, &name, &first);
    let entry = match files.read() {
        Ok(Some(entry)) => entry,
        // Gone, or changed, since it was resolved a moment ago.
        Ok(None) => return Ok(resolved),
        Err(error) => return Err(TokenError::Store(error)),
    };
    let driven = drive(&mut files, &ClientExchange(client), policy(), entry, Backoff::none()).await;
    finish(&store.known, &name, &first, resolved, driven)
}

fn finish(
    known: &Known,
    name: &str,
    first: &Secret,
    mut resolved: ResolvedToken,
    driven: Driven<Entry, StoreError>,
) -> Result<ResolvedToken, TokenError> {
    let Driven { outcome, record, error, backend_error, .. } = driven;
    let now = now();
    let failure = error.map(Box::new);
    let why = failure.as_ref().map(ToString::to_string);
    let why = why.or_else(|| backend_error.as_ref().map(ToString::to_string));
    let is_valid = record.expires_at.is_none_or(|end| now < end);
    // Somebody else refreshed it, be it just before this attempt began.
    let by_another = outcome == Outcome::Adopt || record.token != *first;
    (resolved.token, resolved.expires_at, resolved.renewal) =
        (record.token, record.expires_at, record.renewal);
    let warning = match outcome {
        Outcome::Refreshed { saved: true } => None,
        Outcome::Refreshed { saved: false } => Some(Warning::NotKept { why: why.unwrap_or_default() }),
        Outcome::Adopt | Outcome::UseHeld if by_another => None,
        Outcome::UseHeld | Outcome::SignInAgain | Outcome::Unavailable { .. } | Outcome::Misconfigured
            if is_valid =>
        {
            let why = why.unwrap_or_else(|| "another process is at it".to_owned());
            Some(Warning::NotRefreshed { why })
        }
        Outcome::SignInAgain => return Err(TokenError::Ended { name: name.to_owned(), source: failure }),
        Outcome::Misconfigured => return Err(TokenError::Refused { source: failure }),
        _ => return Err(TokenError::Unavailable { refresh: failure, store: backend_error }),
    };
    known.settle(&resolved.token, now + RECHECK, warning.clone());
    resolved.warnings.extend(warning);
    Ok(resolved)
}
