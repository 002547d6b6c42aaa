//! Refreshing tokens: the two steps of [`Client`], and the one driver that takes them once, whoever asks.
//!
//! Whoever keeps sessions or tokens where others find them too (several requests, several processes, several
//! instances) implements [`Backend`] for that place and [`Exchange`] for what is kept, and calls [`drive`]:
//!
//! ```text
//!             ┌───────────────────────────── drive ─────────────────────────────┐
//! Coordinator │ AcquireLease  ReadCurrent  SendRefresh  KeepUnconfirmed  Confirm │ Write        Release
//! (pure)      └──────┬────────────┬────────────┬───────────────┬───────────┬─────┘   │            │
//!                    ▼            ▼            ▼               ▼           ▼         ▼            ▼
//! Backend         acquire ─ one trip ─┐     prepare          write         ·       write       release
//! Exchange           ·            ·   │       send             ·        confirm      ·            ·
//!                                 └───┘     (spends the      (now nothing  (keys,
//!                                           refresh token)   can be lost)  userinfo)
//! ```
//!
//! The memory of a process, a file under a lock and a store with leases differ in their [`Backend`] alone.

mod backend;
mod driver;

use hf_oauth_core::{
    ExpectedIdentity, Hub, IdTokenError, KeySet, Refresh, RefreshError, Refreshed, Tokens, UnconfirmedTokens,
};

pub use backend::{Acquired, Backend, BackendError, Change, Exchange, Failure, Fence, Sent, Stored};
pub use driver::{Driven, drive};

use crate::client::Client;
use crate::error::{VerifyFailure, as_refresh_error};
use crate::platform::Rs256;

impl Client {
    /// Gets new tokens for a user, who is named by the subject or by more ([`ExpectedIdentity`]; RFC 6749 section 6).
    /// Where the provider sends no new refresh token the old one is kept; an ID token that comes along is held to the
    /// rules of the login and to the same `sub`, and so is userinfo, which is asked with the new access token.
    ///
    /// The refresh token is sent once, and providers rotate: let one task do it, let it run to its end, and keep what
    /// it brings. The error says what a failure means for the session. Where what comes must survive the process take
    /// the two steps apart: [`send_refresh`](Self::send_refresh) and [`confirm_refresh`](Self::confirm_refresh).
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
    pub async fn refresh(
        &self,
        user: impl Into<ExpectedIdentity>,
        tokens: Tokens,
    ) -> Result<Refreshed, RefreshError> {
        let unconfirmed = self.send_refresh(user, tokens).await?;
        self.confirm_refresh(&unconfirmed).await
    }

    /// Sends the refresh token, and checks at once whose the answer is: `iss`, `aud`, `sub` and all else of the ID
    /// token that needs no key. Keep what comes before anything else is awaited, give it to nobody, and
    /// [confirm](Self::confirm_refresh) it.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]. After [`RefreshError::IdentityMismatch`] and [`RefreshError::IdToken`] nothing is to be
    /// retried.
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
    /// let unconfirmed = client.send_refresh(login.identity.subject(), login.tokens).await?;
    /// let kept = unconfirmed.into_parts(); // sealed, in a store
    ///
    /// // This process, or the next one:
    /// let unconfirmed = hf_oauth::UnconfirmedTokens::from_parts(kept);
    /// let refreshed = client.confirm_refresh(&unconfirmed).await?;
    /// assert_eq!(refreshed.user_info.unwrap().preferred_username.as_deref(), Some("ada"));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn send_refresh(
        &self,
        user: impl Into<ExpectedIdentity>,
        tokens: Tokens,
    ) -> Result<UnconfirmedTokens, RefreshError> {
        if tokens.refresh_token.is_none() {
            return Err(RefreshError::NoRefreshToken);
        }
        let user = user.into();
        let hub = self.hub().await.map_err(as_refresh_error)?;
        let (request, refresh) = Refresh::request(self.app(), &hub, user, tokens)?;
        let (date, answer) = self.token_request(&request).await;
        refresh.receive(answer, self.now(), date)?.check(self.app(), &hub, self.policy)
    }

    /// Confirms new tokens: verifies the signature of their ID token, then asks userinfo whose they are. Keys and
    /// userinfo that cannot be had are no reason to lose the tokens: the old refresh token is spent. To confirm the
    /// same tokens twice does no harm.
    ///
    /// # Errors
    ///
    /// [`RefreshError::IdToken`] when the signature is wrong under the provider's newest keys, and
    /// [`RefreshError::IdentityMismatch`] when userinfo is about somebody else: the session has ended.
    pub async fn confirm_refresh(&self, unconfirmed: &UnconfirmedTokens) -> Result<Refreshed, RefreshError> {
        let refreshed = match self.hub().await {
            Ok(hub) => self.verify_refresh(&hub, unconfirmed).await?,
            Err(_) => unconfirmed.decode()?.discard_id_token(),
        };
        match self.userinfo(&refreshed.tokens.access_token).await {
            Ok(user_info) => refreshed.with_userinfo(user_info),
            Err(_) => Ok(refreshed),
        }
    }

    /// Gets new tokens where nobody's identity was kept beside the old ones: an ID token that comes along says nothing
    /// to hold it to, and is left aside. So they need no confirmation.
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
        Ok(refresh.receive(answer, self.now(), date)?.discard_id_token())
    }

    /// With the keys that can be had. Unless they are newer than the answer, a signature that is wrong by them says
    /// little.
    async fn verify_refresh(
        &self,
        hub: &Hub,
        unconfirmed: &UnconfirmedTokens,
    ) -> Result<Refreshed, RefreshError> {
        let decoded = unconfirmed.decode()?;
        let Some(kid) = decoded.key_id() else { return Ok(decoded.discard_id_token()) };
        let signed = |keys: &KeySet| decoded.check_signature(keys, &Rs256).map(|()| keys.clone());
        match self.provider().verify(&self.transport, hub, kid, signed).await {
            Ok(keys) => Ok(decoded.verify(self.app(), hub, &keys, &Rs256, self.policy)?),
            Err(VerifyFailure::Refused(error @ IdTokenError::Signature)) => Err(error.into()),
            Err(_) => Ok(decoded.discard_id_token()),
        }
    }
}
