//! The way to the token store: which token is in use, and what the store's errors mean for a person.

use std::pin::pin;
use std::time::{Duration, SystemTime};

use hf_oauth::UnixTime;
use hf_oauth_tokens::{Renewal, ResolvedToken, TokenSource, TokenStore, Winner};
use tokio::runtime::Runtime;

use crate::failure::{Failure, Kind};
use crate::interrupt::{Interrupt, interrupted};
use crate::output;

/// Python refreshes what has less than a day left; before that nothing needs the network.
const REFRESH_MARGIN: Duration = Duration::from_secs(24 * 3600);

/// More than the wait for the store's lock and a refresh take together.
const TO_FINISH: Duration = Duration::from_secs(90);

/// The token that is in use, refreshed if it is about to end. Most of the time this only reads two files.
pub(super) fn fresh(store: &TokenStore) -> Result<ResolvedToken, Failure> {
    let now = now();
    let token = match store.resolve()?.winner {
        Winner::Nothing => return Err(not_signed_in()),
        Winner::Token(token) if !is_due(&token, now) => token,
        Winner::Token(_) => runtime()?.block_on(uninterrupted(store))?,
        // Nothing is kept of an exchange, so nothing is lost with it.
        _ => runtime()?.block_on(store.fresh_token())?,
    };
    warn(&token);
    match token.expires_at {
        Some(ends) if ends <= now => Err(expired(&token)),
        _ => Ok(token),
    }
}

/// Runs to its end in spite of a signal: the Hub has replaced the refresh token before its new one is kept, and whoever
/// ends in between signs the person out. A second signal ends it at once. Nothing listens unless there is a wait.
async fn uninterrupted(store: &TokenStore) -> Result<ResolvedToken, Failure> {
    let mut fresh = pin!(store.fresh_token());
    let interrupt = tokio::select! {
        biased;
        token = &mut fresh => return Ok(token?),
        interrupt = interrupted() => interrupt,
    };
    output::tell(
        "Ends as soon as the token that is being refreshed is kept; once more, to end now and perhaps lose the login.",
    );
    tokio::select! {
        biased;
        token = fresh => {
            if let Ok(token) = token {
                warn(&token);
            }
        }
        _ = interrupted() => {}
        () = tokio::time::sleep(TO_FINISH) => {}
    }
    Err(ended_by(interrupt))
}

pub(super) fn ended_by(interrupt: Interrupt) -> Failure {
    Failure::interrupted(interrupt, "interrupted").next("run the same command again")
}

fn warn(token: &ResolvedToken) {
    for warning in &token.warnings {
        output::tell(&format!("warning: {warning}"));
    }
}

fn is_due(token: &ResolvedToken, now: UnixTime) -> bool {
    token.renewal != Renewal::None && token.expires_at.is_some_and(|ends| ends <= now + REFRESH_MARGIN)
}

/// Where a token is from, in a sentence.
pub(super) fn from(source: TokenSource) -> String {
    match source {
        TokenSource::TokenFile => "in the token file".to_owned(),
        TokenSource::CiExchange => "exchanged for HF_OIDC_RESOURCE".to_owned(),
        variable => format!("in {variable}"),
    }
}

/// A source's name for programs.
pub(super) fn code(source: TokenSource) -> &'static str {
    match source {
        TokenSource::CiExchange => "ci_exchange",
        TokenSource::HfToken => "hf_token",
        TokenSource::HuggingFaceHubToken => "hugging_face_hub_token",
        TokenSource::TokenFile => "token_file",
        _ => "other",
    }
}

pub(super) fn not_signed_in() -> Failure {
    Failure::new(Kind::NotSignedIn, "not signed in").next("hf-oauth login")
}

pub(super) fn expired(token: &ResolvedToken) -> Failure {
    Failure::new(Kind::TokenExpired, format_args!("the token {} has expired", from(token.source)))
        .next(renewed_by(token.source))
}

/// What gives a token where this one is no good.
pub(super) fn renewed_by(source: TokenSource) -> String {
    match source {
        TokenSource::TokenFile => "hf-oauth login --force".to_owned(),
        TokenSource::CiExchange => "run the job again, or check its trusted publisher on the Hub".to_owned(),
        variable => format!("unset {variable}, or set it to a token that is good"),
    }
}

/// One thread is enough for one question.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| {
        Failure::new(Kind::Failed, "no network here: the runtime does not start").because(error)
    })
}

pub(super) fn now() -> UnixTime {
    SystemTime::now().into()
}
