use hf_oauth_core::{BackchannelError, CiIdToken, Request, Secret};

use crate::client::Client;

impl Client {
    /// Asks the CI for a job's ID token, by a request of [`ci_id_token_request`](hf_oauth_core::ci_id_token_request).
    ///
    /// # Errors
    ///
    /// [`BackchannelError`].
    ///
    /// ```
    /// # use hf_oauth_hub::LocalHub;
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// # let hub = LocalHub::start().await?;
    /// # let job = hub.ci_environment("ada/model");
    /// # let set = |wanted: &str| job.iter().find(|(name, _)| *name == wanted).unwrap().1.clone();
    /// use hf_oauth::{App, Client, ci_id_token_request};
    ///
    /// let client = Client::new(App::new(App::HUB_CLI_CLIENT_ID));
    /// let (url, bearer) = (set("ACTIONS_ID_TOKEN_REQUEST_URL"), set("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
    /// let request = ci_id_token_request(&url, &bearer.into(), hub.issuer())?;
    /// assert_eq!(client.ci_id_token(&request).await?.expose().split('.').count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn ci_id_token(&self, request: &Request) -> Result<Secret, BackchannelError> {
        let response = self.transport.send(request).await?;
        Ok(request.read::<CiIdToken>(response)?.value)
    }
}
