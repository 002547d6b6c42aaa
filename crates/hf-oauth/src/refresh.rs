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
    ///
    /// ```
    /// # use hf_oauth_hub::{AppConfig, LocalHub};
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// # let hub = LocalHub::start().await?;
    /// # hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
    /// # use hf_oauth::{App, Client, Issuer, LoginOptions};
    /// # let client = Client::new(App::new("my-app")).with_issuer(Issuer::parse(hub.issuer())?);
    /// # let (url, pending) = client.login_url(&LoginOptions::new()).await?;
    /// # let login = client.handle_redirect(&hub.approve(&url, "ada").await?, pending).await?;
    /// let before = login.tokens.clone();
    /// let refreshed = client.refresh(login.identity.subject(), login.tokens).await?;
    /// assert_ne!(refreshed.tokens.access_token, before.access_token);
    /// assert_ne!(refreshed.tokens.refresh_token, before.refresh_token, "the Hub rotates");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
            Ok(keys) if keys.candidates(kid).is_empty() => Ok(refreshed.discard_id_token()),
            Ok(keys) => Ok(refreshed.verify(self.app(), &hub, &keys, &Rs256, self.policy, self.now())?),
            Err(_) => Ok(refreshed.discard_id_token()),
        }
    }

    /// Gets new tokens where nobody's identity was kept beside the old ones: an ID token that comes along says nothing
    /// to hold it to, and is left aside.
    ///
    /// # Errors
    ///
    /// As [`refresh`](Self::refresh).
    pub async fn refresh_tokens(&self, tokens: Tokens) -> Result<Tokens, RefreshError> {
        if tokens.refresh_token.is_none() {
            return Err(RefreshError::NoRefreshToken);
        }
        let hub = self.hub().await.map_err(as_refresh_error)?;
        let (request, refresh) = Refresh::request(self.app(), &hub, "", tokens)?;
        let (date, answer) = self.token_request(&request).await;
        Ok(refresh.receive(answer, self.now(), date)?.discard_id_token().tokens)
    }
}
