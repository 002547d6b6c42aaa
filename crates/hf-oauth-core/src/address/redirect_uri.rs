use std::fmt;

use super::error::UrlFault;
use super::{EndpointUrl, InvalidUrl, Origin};

/// What a provider answers with. A redirect URI that carries one of them would have it twice in every answer, or would
/// let whoever wrote it speak for the provider.
const ANSWER_PARAMETERS: [&str; 10] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "access_token",
    "id_token",
    "token",
    "token_type",
    "response",
];

/// Where the provider sends the browser back to: `https`, or `http` on loopback, without a fragment
/// (RFC 6749 section 3.1.2, RFC 8252 section 7.3), and without a query parameter that the provider's answer may have.
/// Sent byte for byte as it was given, in both requests.
///
/// ```
/// use hf_oauth_core::RedirectUri;
///
/// assert!(RedirectUri::parse("https://app.example/oauth/huggingface/callback").is_ok());
/// assert!(RedirectUri::parse("http://app.example/oauth/huggingface/callback").is_err());
/// assert!(RedirectUri::parse("https://app.example/callback?tenant=7").is_ok());
/// assert!(RedirectUri::parse("https://app.example/callback?state=7").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(EndpointUrl);

impl RedirectUri {
    /// Checks a redirect URI.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] when it is neither `https` nor on loopback, has a fragment or a username, or a parameter such as
    /// `state` in its query.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let url = EndpointUrl::parse(text)?;
        let query = url.path_and_query().split_once('?').map_or("", |(_, query)| query);
        for parameter in query.split('&') {
            let name = decoded(parameter.split('=').next().unwrap_or(parameter));
            if let Some(name) = ANSWER_PARAMETERS.iter().find(|reserved| reserved.as_bytes() == name) {
                return Err(InvalidUrl::new(text, UrlFault::AnswerParameter(name)));
            }
        }
        Ok(Self(url))
    }

    /// The URI as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The app's own origin.
    pub fn origin(&self) -> &Origin {
        self.0.origin()
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Percent-decoded as a form's name is; what is no escape stays as it is.
fn decoded(name: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut rest = name.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        let escaped = match *after {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        decoded.push(escaped.map_or(*first, |(high, low)| 16 * high + low));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_220_a_redirect_uri_has_no_parameter_of_the_answer() {
        for name in ANSWER_PARAMETERS {
            let escaped: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
            for query in [
                name.to_owned(),
                format!("{name}="),
                format!("{name}=x"),
                format!("a=b&{name}=x&c"),
                format!("&&{name}"),
                format!("{escaped}=x"),
                format!("a?b=c&{escaped}"),
            ] {
                let error = RedirectUri::parse(&format!("https://app.example/cb?{query}")).unwrap_err();
                assert!(error.to_string().contains(&format!("{name:?}")), "{query}: {error}");
            }
        }
        for harmless in
            ["", "a=state", "State=x", "states=x", "a=b?code=c", "%73tat=x", "%zz=code", "%", "tenant=%2"]
        {
            assert!(RedirectUri::parse(&format!("http://localhost:1/cb?{harmless}")).is_ok(), "{harmless}");
        }
        assert!(RedirectUri::parse("https://app.example/state/code").is_ok());
    }

    #[test]
    fn a_name_is_decoded_as_a_form_is() {
        for name in ["state", "%73tate", "a%zz", "%", "%7", "%+1", "%25%32", "a%00"] {
            let (theirs, _) = url::form_urlencoded::parse(name.as_bytes()).next().unwrap();
            if !theirs.contains(char::REPLACEMENT_CHARACTER) && !name.contains('+') {
                assert_eq!(decoded(name), theirs.as_bytes(), "{name}");
            }
        }
    }
}
