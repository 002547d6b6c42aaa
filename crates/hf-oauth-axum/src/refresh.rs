//! Renewing a session's tokens: once for each refresh token, whoever asks and however often.

use std::sync::Arc;
use std::time::Duration;

use hf_oauth::{RefreshError, Secret, UnixTime};
use hf_oauth_session::Session;

use crate::auth::HuggingFace;
use crate::failure::{Failure, FailureCode};
use crate::flights::{FlightKey, flight_key};

/// A handler's token lasts at least this long. Below the shortest lifetime that a token is taken to have, so that a
/// provider with absurd lifetimes is not asked at every request.
const MARGIN: Duration = Duration::from_secs(30);
/// How long a spent refresh token leads to the new ones: for requests that were under way with the old cookie.
const GRACE: Duration = Duration::from_secs(120);
/// How long a refusal is believed without asking again.
const BACKOFF: Duration = Duration::from_secs(30);
/// How many renewals a cookie may be behind.
const MOST_BEHIND: usize = 8;

/// What became of one refresh token.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Renewed(Arc<Session>),
    /// The provider takes it no more.
    Ended,
    /// It may work later: `retry_after` as the provider wishes.
    Later {
        retry_after: Option<Duration>,
    },
    /// It was spent, and what came cannot be used.
    Lost,
}

/// A session as a handler may have it.
pub(crate) enum Freshness {
    Same(Arc<Session>),
    /// To be written into its cookies.
    New(Arc<Session>),
    Ended,
    /// Its token has ended, and the provider is away.
    Away(Box<Failure>),
}

/// The session with a token that has not ended, renewed if that is near.
pub(crate) async fn fresh(auth: &HuggingFace, session: Arc<Session>) -> Freshness {
    let now = auth.0.client.now();
    let (session, behind) = latest(auth, session, now);
    let kept = |session| if behind { Freshness::New(session) } else { Freshness::Same(session) };
    if now + MARGIN < session.expires_at() {
        return kept(session);
    }
    let valid = now < session.expires_at();
    let Some(token) = &session.tokens().refresh_token else {
        return if valid { kept(session) } else { Freshness::Ended };
    };
    let (client, old) = (auth.0.client.clone(), Arc::clone(&session));
    let work = || async move { renew(&client, &old).await };
    match auth.0.refreshes.join(key(token), now, work, Outcome::stands_for).await {
        Some(Outcome::Renewed(session)) => Freshness::New(session),
        Some(Outcome::Ended) => Freshness::Ended,
        Some(Outcome::Later { .. } | Outcome::Lost) | None if valid => kept(session),
        Some(Outcome::Lost) => Freshness::Ended,
        Some(Outcome::Later { retry_after }) => Freshness::Away(Box::new(away(retry_after))),
        None => Freshness::Away(Box::new(Failure::broken("a token refresh broke off"))),
    }
}

/// What a late cookie's session has become in the meantime.
fn latest(auth: &HuggingFace, mut session: Arc<Session>, now: UnixTime) -> (Arc<Session>, bool) {
    for behind in 0..MOST_BEHIND {
        let token = session.tokens().refresh_token.as_ref();
        match token.and_then(|token| auth.0.refreshes.outcome(&key(token), now)) {
            Some(Outcome::Renewed(newer)) if newer.tokens() != session.tokens() => session = newer,
            _ => return (session, behind > 0),
        }
    }
    (session, true)
}

async fn renew(client: &hf_oauth::Client, session: &Session) -> Outcome {
    match client.refresh(session.subject(), session.tokens().clone()).await {
        Ok(refreshed) => Outcome::Renewed(Arc::new(session.clone().refreshed(refreshed, client.now()))),
        Err(error) => {
            let outcome = Outcome::of(&error);
            match outcome {
                Outcome::Ended => tracing::info!(%error, "a session ended"),
                _ if matches!(error, RefreshError::ClientMisconfigured(_)) => {
                    tracing::error!(%error, "sessions cannot be renewed");
                }
                _ => tracing::warn!(%error, "a session could not be renewed"),
            }
            outcome
        }
    }
}

impl Outcome {
    fn of(error: &RefreshError) -> Self {
        match error {
            RefreshError::NoRefreshToken | RefreshError::Ended(_) => Self::Ended,
            RefreshError::Transient(error) => Self::Later { retry_after: error.retry_after },
            // The user's token is as good as before: an operator has to act.
            RefreshError::ClientMisconfigured(_) | RefreshError::Provider(_) => {
                Self::Later { retry_after: None }
            }
            _ => Self::Lost,
        }
    }

    fn stands_for(&self) -> Duration {
        match self {
            Self::Renewed(_) => GRACE,
            Self::Ended | Self::Lost => BACKOFF,
            Self::Later { retry_after } => {
                retry_after.unwrap_or(BACKOFF).clamp(Duration::from_secs(1), Duration::from_secs(300))
            }
        }
    }
}

fn away(retry_after: Option<Duration>) -> Failure {
    let failure = Failure::new(
        FailureCode::SessionUnavailable,
        "Hugging Face is away. You are still signed in: try again in a moment.",
    );
    Failure { retry_after: Some(retry_after.unwrap_or(BACKOFF)), ..failure }
}

fn key(token: &Secret) -> FlightKey {
    flight_key("refresh", token.expose())
}
