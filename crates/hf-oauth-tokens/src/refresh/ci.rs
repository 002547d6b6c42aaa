use std::sync::PoisonError;

use hf_oauth::{App, Client, Issuer, Secret, UnixTime};

use super::{TokenError, exchanged, now};
use crate::TokenStore;
use crate::token::ResolvedToken;

/// What an exchange brought, for later calls in this process.
#[derive(Debug)]
pub(crate) struct Exchanged {
    resource: String,
    token: Secret,
    until: UnixTime,
}

impl TokenStore {
    /// No falling back: who sets `HF_OIDC_RESOURCE` wants this token and no other. The CI's token is
    /// `HF_OIDC_ID_TOKEN`; none is asked of the CI itself.
    pub(super) async fn exchange_ci(&self, resource: &str) -> Result<ResolvedToken, TokenError> {
        if let Some(kept) = &*self.known.ci.lock().unwrap_or_else(PoisonError::into_inner)
            && kept.resource == resource
            && now() < kept.until
        {
            return Ok(exchanged(kept.token.clone(), Some(kept.until)));
        }
        let id_token = self.environment.get("HF_OIDC_ID_TOKEN").and_then(|token| token.to_str());
        let id_token = id_token.filter(|token| !token.is_empty()).ok_or(TokenError::NoCiToken)?;
        let endpoint = &self.places.endpoint;
        let issuer =
            Issuer::parse(endpoint).map_err(|_| TokenError::BadEndpoint { endpoint: endpoint.clone() })?;
        let client = Client::new(App::new(App::HUB_CLI_CLIENT_ID)).with_issuer(issuer);
        let brought = client.exchange_ci_token(resource, &id_token.into()).await;
        let brought = brought.map_err(|error| TokenError::CiExchange(Box::new(error)))?;
        let (token, until) = (brought.access_token, brought.expires_at);
        let kept = Exchanged { resource: resource.to_owned(), token: token.clone(), until };
        *self.known.ci.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(exchanged(token, Some(until)))
    }
}
