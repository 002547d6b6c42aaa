//! One refresh, whoever asks: the driver of `hf-oauth` over the token files and the lock that Python takes.

mod attempt;
mod ci;
mod error;
mod files;
mod github;
mod marks;
mod policy;

use hf_oauth::{App, Client};

pub use error::TokenError;
pub use github::CiError;

use crate::endpoint::Endpoint;
use crate::store::TokenStore;
use crate::token::{Renewal, ResolvedToken, Winner};
use crate::warning::Warning;
use attempt::attempt;
use policy::{MARGIN, now};

impl TokenStore {
    /// The token to use now: resolved, refreshed once where it has less than a day left, exchanged in CI.
    ///
    /// Of a token that a refresh of ours brought and that lives less than two days, half the life counts instead of the
    /// day: Python refreshes such a token in every process. After a refresh that failed, a token that is valid is used
    /// for five minutes without another, by every process; one that has ended is asked for again, unless the Hub said
    /// how long to wait (`Retry-After`, five minutes at most).
    ///
    /// A refresh token is sent when a rehearsal has shown that what it brings can be kept: links, other owners and full
    /// disks cost no login. Nothing is ever deleted. What could not be refreshed and has not ended is used as it is, with a warning. Let it
    /// run to its end: a refresh that was sent is the only copy of the new token until it is kept.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub async fn fresh_token(&self) -> Result<ResolvedToken, TokenError> {
        let resolution = self.resolve().map_err(TokenError::Store)?;
        let mut resolved = match resolution.winner {
            Winner::Nothing => return Err(TokenError::NotSignedIn),
            Winner::CiExchange { resource } => return self.exchange_ci(&resource).await,
            Winner::Token(token) => token,
        };
        resolved.warnings.extend(resolution.warnings);
        let now = now();
        let (Some(end), Some(name)) = (resolved.expires_at, resolved.name.clone()) else {
            return Ok(resolved);
        };
        if resolved.renewal == Renewal::None && end <= now {
            return Err(TokenError::Ended { name, source: None });
        }
        if resolved.renewal == Renewal::None || now + MARGIN < end {
            return Ok(resolved);
        }
        let mark = self.mark(&name, &resolved.token, end);
        if mark.is_young(end, now) {
            return Ok(resolved);
        }
        if now < end
            && let Some(warning) = self.known.settled(&resolved.token, now)
        {
            resolved.warnings.extend(warning);
            return Ok(resolved);
        }
        if mark.is_paused(end, now) {
            if end <= now {
                return Err(TokenError::Unavailable { refresh: None, store: None });
            }
            let why = "a moment ago it could not be, and the Hub is not asked again so soon".to_owned();
            resolved.warnings.push(Warning::NotRefreshed { why });
            return Ok(resolved);
        }
        let client = match self.client(&resolved.renewal) {
            Err(error) if now < end => {
                // Said once.
                resolved.warnings.retain(|warning| !matches!(warning, Warning::UnusableEndpoint { .. }));
                resolved.warnings.push(Warning::NotRefreshed { why: error.to_string() });
                return Ok(resolved);
            }
            client => client?,
        };
        attempt(self, client, name, resolved).await
    }

    fn client(&self, renewal: &Renewal) -> Result<Client, TokenError> {
        let (client_id, endpoint) = match renewal {
            Renewal::Own { client_id, issuer } => (client_id.as_str(), Endpoint::new(issuer)),
            _ => (self.shared_client(), self.places.endpoint.clone()),
        };
        let issuer = endpoint.issuer().map_err(|_| TokenError::BadEndpoint { endpoint })?;
        Ok(Client::new(App::new(client_id)).with_issuer(issuer))
    }
}
