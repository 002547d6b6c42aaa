use std::fmt;

use hf_oauth_core::{
    CallbackParams, KeySet, LoginOptions, LoginSeed, PendingLogin, PendingLoginParts, UnixTime,
    VerifiedLogin, authorize,
};

use crate::client::Client;
use crate::error::LoginError;
use crate::platform::{Rs256, random_bytes};

/// What came back and what was kept, for those who keep strings: see [`Client::handle_redirect_params`].
///
/// There is no `Default`: the provider that the login was begun with must be said, or a login begun with one provider
/// would send its code and its verifier to another (RFC 9700 section 4.4). Begin with
/// [`begun_with`](Self::begun_with).
///
/// ```compile_fail,E0277
/// # use hf_oauth::RedirectParams;
/// let params = RedirectParams { code: "c0de", state: "kept", stored_state: "kept", ..Default::default() };
/// ```
#[derive(Clone, Copy)]
pub struct RedirectParams<'a> {
    /// `code` of the redirect.
    pub code: &'a str,
    /// `state` of the redirect.
    pub state: &'a str,
    /// `iss` of the redirect, if it had one (RFC 9207).
    pub iss: Option<&'a str>,
    /// `error` of the redirect, if it had one: the person said no, or the provider did.
    pub error: Option<&'a str>,
    /// `error_description` of the redirect, if it had one.
    pub error_description: Option<&'a str>,
    /// The issuer that was kept: the provider that the browser was sent to.
    pub stored_issuer: &'a str,
    /// The `state` that was kept.
    pub stored_state: &'a str,
    /// The `nonce` that was kept.
    pub nonce: &'a str,
    /// The `code_verifier` that was kept.
    pub code_verifier: &'a str,
    /// When the login was begun, if that was kept: then it ends after ten minutes.
    pub begun_at: Option<UnixTime>,
    /// What was asked for, if that was not the app's scopes; separated by spaces.
    pub scope: Option<&'a str>,
}

impl<'a> RedirectParams<'a> {
    /// A login that was begun with this provider, everything else still empty.
    pub fn begun_with(stored_issuer: &'a str) -> Self {
        Self {
            code: "",
            state: "",
            iss: None,
            error: None,
            error_description: None,
            stored_issuer,
            stored_state: "",
            nonce: "",
            code_verifier: "",
            begun_at: None,
            scope: None,
        }
    }
}

/// Nearly all of it is secret.
impl fmt::Debug for RedirectParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedirectParams").field("iss", &self.iss).finish_non_exhaustive()
    }
}

impl Client {
    /// Begins a login: the URL to send the browser to, and what to keep until it comes back.
    ///
    /// # Errors
    ///
    /// [`LoginError::Authorize`] before any request when the app has no client id; [`LoginError::Provider`] when the
    /// provider's metadata is needed and cannot be had.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use hf_oauth::{App, Client, LoginOptions};
    ///
    /// let client = Client::new(App::new("my-client-id"));
    /// let (url, pending) = client.login_url(&LoginOptions::new()).await?;
    /// assert!(url.starts_with("https://huggingface.co/oauth/authorize?"));
    /// let to_keep = pending.into_parts(); // in a session, a sealed cookie: where only this browser brings it back
    /// assert_eq!(to_keep.issuer, "https://huggingface.co");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn login_url(&self, options: &LoginOptions) -> Result<(String, PendingLogin), LoginError> {
        let seed = new_seed()?;
        self.login_url_with_seed(options, &seed).await
    }

    /// As [`login_url`](Self::login_url), with a seed that the caller keeps instead of the pending login.
    ///
    /// # Errors
    ///
    /// As [`login_url`](Self::login_url).
    pub async fn login_url_with_seed(
        &self,
        options: &LoginOptions,
        seed: &LoginSeed,
    ) -> Result<(String, PendingLogin), LoginError> {
        if self.app().client_id.trim().is_empty() {
            return Err(hf_oauth_core::AuthorizeError::MissingClientId.into());
        }
        let hub = self.hub().await?;
        let (request, pending) = authorize(self.app(), &hub, options, seed, self.now())?;
        Ok((request.url(), pending))
    }

    /// Finishes a login: checks the redirect, exchanges the code, verifies the ID token, asks userinfo.
    ///
    /// `redirect` is the URL that the browser was sent back to, whole or from its path on.
    ///
    /// # Errors
    ///
    /// [`LoginError`]. A redirect that is not this login's costs no request and gives `pending` back
    /// ([`LoginError::into_pending`]); after that the code is used up.
    ///
    /// ```
    /// # use hf_oauth_hub::{AppConfig, LocalHub};
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// # let hub = LocalHub::start().await?;
    /// # hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
    /// # use hf_oauth::{App, CallbackError, Client, Issuer, LoginError, LoginOptions};
    /// # let client = Client::new(App::new("my-app")).with_issuer(Issuer::parse(hub.issuer())?);
    /// let (url, pending) = client.login_url(&LoginOptions::new()).await?;
    ///
    /// // A forged redirect uses nothing up:
    /// let error = client.handle_redirect("/callback?code=evil&state=guessed", pending).await.unwrap_err();
    /// assert!(matches!(error, LoginError::Callback(CallbackError::StateMismatch, _)));
    /// let pending = error.into_pending().unwrap();
    ///
    /// // The real one:
    /// # let redirect = hub.approve(&url, "ada").await?;
    /// let info = client.handle_redirect(&redirect, pending).await?.into_info();
    /// assert_eq!(info.user_info.preferred_username.as_deref(), Some("ada"));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn handle_redirect(
        &self,
        redirect: &str,
        pending: PendingLogin,
    ) -> Result<VerifiedLogin, LoginError> {
        match CallbackParams::from_url(redirect) {
            Ok(params) => self.finish(params, pending).await,
            Err(error) => Err(LoginError::Callback(error, Some(Box::new(pending)))),
        }
    }

    /// Finishes a login as [`handle_redirect`](Self::handle_redirect) does, from parameters that were read already.
    ///
    /// # Errors
    ///
    /// As [`handle_redirect`](Self::handle_redirect).
    pub async fn finish(
        &self,
        params: CallbackParams,
        pending: PendingLogin,
    ) -> Result<VerifiedLogin, LoginError> {
        // A redirect that is not ours must not even cost the request for metadata.
        if let Err(error) = pending.check_without_metadata(self.issuer(), &params, self.now()) {
            return Err(LoginError::Callback(error, Some(Box::new(pending))));
        }
        let hub = self.hub().await?;
        let grant = pending.accept(&hub, params, self.now())?;
        let (request, exchange) = grant.exchange(self.app(), &hub)?;
        let (date, answer) = self.token_request(&request).await;
        let login = exchange.receive(answer, self.now(), date)?.decode()?;
        let signed = |keys: &KeySet| login.check_signature(keys, &Rs256).map(|()| keys.clone());
        let keys = self.provider().verify(&self.transport, &hub, login.key_id(), signed).await?;
        let mut login = login.verify(self.app(), &hub, &keys, &Rs256, self.policy, self.now())?;
        if hub.userinfo_endpoint().is_some() {
            let user_info = self.userinfo(&login.tokens.access_token).await?;
            login.identity = login.identity.with_userinfo(user_info)?;
        }
        Ok(login)
    }

    /// Finishes a login for those who kept strings.
    ///
    /// # Errors
    ///
    /// As [`handle_redirect`](Self::handle_redirect); [`LoginError::Authorize`] when one of the kept strings is empty.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use hf_oauth::{App, CallbackError, Client, LoginError, RedirectParams};
    ///
    /// let client = Client::new(App::new("my-client-id"));
    /// let params = RedirectParams {
    ///     state: "kept",
    ///     error: Some("access_denied"),
    ///     stored_state: "kept",
    ///     nonce: "kept as well",
    ///     code_verifier: "kept as well",
    ///     ..RedirectParams::begun_with("https://huggingface.co") // what was kept, not what this client is for
    /// };
    /// let error = client.handle_redirect_params(params).await.unwrap_err();
    /// assert!(matches!(error, LoginError::Callback(CallbackError::Declined(_), _)));
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn handle_redirect_params(
        &self,
        params: RedirectParams<'_>,
    ) -> Result<VerifiedLogin, LoginError> {
        let pending = PendingLogin::from_parts(PendingLoginParts {
            state: params.stored_state.to_owned(),
            nonce: params.nonce.to_owned(),
            code_verifier: params.code_verifier.to_owned(),
            redirect_uri: self.app().redirect_uri.as_ref().map(|uri| uri.as_str().to_owned()),
            issuer: params.stored_issuer.to_owned(),
            return_path: "/".to_owned(),
            app_state: None,
            scope: params.scope.map_or_else(|| self.app().scopes.to_string(), str::to_owned),
            begun_at: params.begun_at.unwrap_or_else(|| self.now()).as_secs(),
        })?;
        let optional =
            [("iss", params.iss), ("error", params.error), ("error_description", params.error_description)];
        let present = [("code", params.code), ("state", params.state)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .chain(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        self.finish(CallbackParams::from_pairs(present)?, pending).await
    }
}

/// A new seed from the system's random generator.
///
/// # Errors
///
/// [`LoginError::Entropy`].
pub fn new_seed() -> Result<LoginSeed, LoginError> {
    random_bytes().map(LoginSeed::from_random_bytes).map_err(|_| LoginError::Entropy)
}
