use super::error::DeviceError;
use crate::backchannel::redacted;
use crate::{EndpointUrl, Issuer, Secret};

const LONGEST_USER_CODE: usize = 64;

/// What the person is shown: safe for a terminal, and only addresses of the provider itself.
///
/// ```
/// # use hf_oauth_core::*;
/// # use std::time::Duration;
/// # let (request, asked) = DeviceRequest::request(&App::new("app"), &Hub::huggingface(), &Scopes::none())?;
/// let answer = r#"{ "device_code": "d", "user_code": "M8HJ-FMGN", "verification_uri": "https://hf.co/oauth/device" }"#;
/// let login = asked.receive(request.read(Response::new(200, answer)), Duration::ZERO)?;
/// assert_eq!(login.code().user_code, "M8HJ-FMGN");
/// assert_eq!(login.code().verification_uri.as_str(), "https://hf.co/oauth/device");
/// # Ok::<(), DeviceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceCode {
    /// What the person types in: printable ASCII, at most 64 characters.
    pub user_code: String,
    /// Where.
    pub verification_uri: EndpointUrl,
    /// The same page with the code filled in, for a QR code; the Hub sends none.
    pub verification_uri_complete: Option<EndpointUrl>,
}

impl DeviceCode {
    /// Checks what a provider sent (RFC 8628 sections 3.2 and 5.4). No error repeats one of the `secrets`.
    pub(super) fn check(
        issuer: &Issuer,
        user_code: String,
        verification_uri: &str,
        verification_uri_complete: Option<&str>,
        secrets: &[Secret],
    ) -> Result<Self, DeviceError> {
        let of_issuer = |name, text| of_issuer(issuer, name, text, secrets);
        let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if user_code.trim().is_empty()
            || user_code.len() > LONGEST_USER_CODE
            || !user_code.bytes().all(printable)
        {
            return Err(DeviceError::UnsafeUserCode);
        }
        Ok(Self {
            user_code,
            verification_uri: of_issuer("verification_uri", verification_uri)?,
            verification_uri_complete: verification_uri_complete
                .map(|uri| of_issuer("verification_uri_complete", uri))
                .transpose()?,
        })
    }
}

/// The issuer's own origin, or hf.co, which is the Hub's short name.
fn of_issuer(
    issuer: &Issuer,
    name: &'static str,
    text: &str,
    secrets: &[Secret],
) -> Result<EndpointUrl, DeviceError> {
    let url = EndpointUrl::parse(text).map_err(|source| {
        let source = source.quoting(&redacted(text, secrets));
        DeviceError::UnsafeVerificationUri { name, source }
    })?;
    let short = issuer.as_str() == Issuer::HUGGING_FACE && url.origin().to_string() == "https://hf.co";
    if url.origin() == issuer.url().origin() || short {
        return Ok(url);
    }
    // A host is told in lower case, and so is a secret that stands in it.
    let lower: Vec<_> =
        secrets.iter().map(|secret| Secret::new(secret.expose().to_ascii_lowercase())).collect();
    let (found, issuer) = (redacted(&url.origin().to_string(), &lower), issuer.as_str().to_owned());
    Err(DeviceError::ForeignVerificationUri { name, found, issuer })
}
