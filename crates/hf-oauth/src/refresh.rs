use hf_oauth_core::{Refresh, RefreshError, Refreshed, Tokens};

use crate::client::Client;
use crate::error::as_refresh_error;
use crate::platform::Rs256;

impl Client {
    /// Gets new tokens for the user `subject` (RFC 6749 section 6). Where the provider sends no new refresh token the
    /// old one is kept; an ID token that comes along is held to the rules of the login and to the same `sub`.
    ///
    /// The refresh token is sent once, and providers rotate: let one task do it, let it run to its end, and keep what
    /// it brings. The error says what a failure means for the session.
    ///
    /// # Errors
    ///
    /// [`RefreshError`].
    pub async fn refresh(&self, subject: &str, tokens: Tokens) -> Result<Refreshed, RefreshError> {
        if tokens.refresh_token.is_none() {
            return Err(RefreshError::NoRefreshToken);
        }
        let hub = self.hub().await.map_err(as_refresh_error)?;
        let (request, refresh) = Refresh::request(self.app(), &hub, subject, tokens)?;
        let (date, answer) = self.token_request(&request).await;
        let refreshed = refresh.receive(answer, self.now(), date)?.decode()?;
        let Some(kid) = refreshed.key_id() else { return Ok(refreshed.discard_id_token()) };
        // The old refresh token is spent by now: that the keys cannot be had is no reason to lose the new one.
        match self.provider().keys(&self.transport, &hub, kid).await {
            Ok(keys) => Ok(refreshed.verify(self.app(), &hub, &keys, &Rs256, self.policy, self.now())?),
            Err(_) => Ok(refreshed.discard_id_token()),
        }
    }
}
