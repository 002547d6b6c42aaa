//! The hub's own address.

use url::Url;

use super::StartError;
use crate::request::is_on_this_machine;
use crate::state::Issuer;

/// Beyond this machine only where it is bound there.
pub(super) fn read_issuer(text: &str, bound_elsewhere: bool) -> Result<Issuer, StartError> {
    let invalid = |reason| StartError::Issuer { issuer: text.to_owned(), reason };
    let url = Url::parse(text).map_err(|_| invalid("it is no absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("it is neither http nor https"));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(invalid(
            "an issuer has no credentials, query or fragment (OpenID Connect Discovery section 3)",
        ));
    }
    if !bound_elsewhere && !is_on_this_machine(&url) {
        return Err(invalid("it is not on this machine: the local Hub lets anybody sign in as anybody"));
    }
    // The parser gives a slash to an address without path; only who wrote one has it in the issuer.
    let written = if text.ends_with('/') { url.as_str() } else { url.as_str().trim_end_matches('/') };
    Ok(Issuer { text: written.to_owned(), url })
}
