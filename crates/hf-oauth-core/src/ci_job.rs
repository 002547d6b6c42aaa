//! The ID token that GitHub Actions makes for a job that asks
//! ([GitHub docs](https://docs.github.com/en/actions/reference/security/oidc)): what
//! [`TokenExchange::for_ci`](crate::TokenExchange::for_ci) exchanges.

use serde::Deserialize;

use crate::backchannel::{Request, Step};
use crate::{EndpointUrl, InvalidUrl, Secret};

/// The request by which a job asks for an ID token for `audience`: the Hub's issuer. `url` and `bearer` are the job's
/// `ACTIONS_ID_TOKEN_REQUEST_URL`, whose query is kept, and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
///
/// # Errors
///
/// [`InvalidUrl`] when `url` is neither `https` nor on this machine.
///
/// ```
/// use hf_oauth_core::ci_id_token_request;
///
/// let request = ci_id_token_request("https://ci.example/token?version=2", &"bearer".into(), "https://huggingface.co")?;
/// assert_eq!(
///     request.endpoint().as_str(),
///     "https://ci.example/token?version=2&audience=https%3A%2F%2Fhuggingface.co"
/// );
/// assert_eq!(request.authorization().unwrap().expose(), "Bearer bearer");
/// assert!(ci_id_token_request("http://ci.example/", &"bearer".into(), "https://huggingface.co").is_err());
/// # Ok::<(), hf_oauth_core::InvalidUrl>(())
/// ```
pub fn ci_id_token_request(url: &str, bearer: &Secret, audience: &str) -> Result<Request, InvalidUrl> {
    EndpointUrl::parse(url)?;
    let audience: String = form_urlencoded::byte_serialize(audience.as_bytes()).collect();
    let joint = if url.contains('?') { '&' } else { '?' };
    let endpoint = EndpointUrl::parse(&format!("{url}{joint}audience={audience}"))?;
    Ok(Request::get_as_user(Step::CiIdToken, endpoint, bearer))
}

/// The CI's answer.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct CiIdToken {
    /// The ID token.
    pub value: Secret,
}
