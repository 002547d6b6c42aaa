use hf_oauth_core::{ExchangedToken, Scopes, Secret, TokenExchange, TokenExchangeError};

use crate::client::Client;
use crate::error::ProviderError;

impl Client {
    /// Exchanges a CI job's ID token for a token that may publish to `resource`
    /// ([Hub docs](https://huggingface.co/docs/hub/trusted-publishers)): a repository such as `datasets/ns/name`, or a
    /// username. The app's own credentials are not sent. Nothing is kept: one call, one exchange.
    ///
    /// # Errors
    ///
    /// [`TokenExchangeError`]; a resource that is none costs no request.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use hf_oauth::{App, Client, TokenExchangeError};
    ///
    /// let client = Client::new(App::new(App::HUB_CLI_CLIENT_ID));
    /// let error = client.exchange_ci_token("not/a/resource/at/all", &"the CI's token".into()).await.unwrap_err();
    /// assert!(matches!(error, TokenExchangeError::InvalidResource { .. }));
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn exchange_ci_token(
        &self,
        resource: &str,
        id_token: &Secret,
    ) -> Result<ExchangedToken, TokenExchangeError> {
        TokenExchange::check_resource(resource)?;
        let hub = self.hub().await.map_err(as_exchange_error)?;
        let (request, exchange) = TokenExchange::for_ci(&hub, resource, id_token)?;
        let (_, answer) = self.token_request(&request).await;
        exchange.receive(answer, self.now())
    }

    /// Gets a token for the member of the app's own organisation who has this e-mail address (RFC 8693). The app needs
    /// its secret. Without scopes the Hub grants what the app may have.
    ///
    /// # Errors
    ///
    /// [`TokenExchangeError`].
    pub async fn exchange_for_member(
        &self,
        email: &str,
        scopes: &Scopes,
    ) -> Result<ExchangedToken, TokenExchangeError> {
        if self.app().client_secret.is_none() {
            return Err(TokenExchangeError::MissingClientSecret);
        }
        let hub = self.hub().await.map_err(as_exchange_error)?;
        let (request, exchange) = TokenExchange::for_member(self.app(), &hub, email, scopes)?;
        let (_, answer) = self.token_request(&request).await;
        exchange.receive(answer, self.now())
    }
}

fn as_exchange_error(error: ProviderError) -> TokenExchangeError {
    match error {
        ProviderError::Backchannel(error) => TokenExchangeError::Backchannel(error),
        ProviderError::Discovery(error) => TokenExchangeError::Provider(error),
    }
}
