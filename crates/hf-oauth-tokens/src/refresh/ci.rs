use hf_oauth::{Secret, UnixTime};

use super::TokenError;
use crate::TokenStore;
use crate::token::ResolvedToken;

/// What an exchange brought, for later calls in this process.
#[derive(Debug)]
pub(crate) struct Exchanged {
    _resource: String,
    _token: Secret,
    _until: UnixTime,
}

impl TokenStore {
    /// No falling back: who sets `HF_OIDC_RESOURCE` wants this token and no other.
    pub(super) async fn exchange_ci(&self, _resource: &str) -> Result<ResolvedToken, TokenError> {
        Err(TokenError::NoCiToken)
    }
}
