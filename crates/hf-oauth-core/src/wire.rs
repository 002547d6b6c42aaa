//! Bytes in and out: URLs, forms, JSON and `http` types. Only here; the checks work on typed values.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::Serializer as _;
use serde_json::Value;

use crate::backchannel::{
    BackchannelError, BackchannelFault, Body, LONGEST_BODY, OAuthError, Request, Response, redacted,
};
use crate::device::{DecodedDeviceLogin, UnverifiedDeviceLogin};
use crate::id_token::{IdTokenClaims, IdTokenError, IdTokenHeader, IdTokenPolicy};
use crate::login::authorize::AuthorizationRequest;
use crate::login::callback::{CallbackError, CallbackParams};
use crate::login::exchange::UnverifiedLogin;
use crate::login::verify::DecodedLogin;
use crate::refresh::{DecodedRefresh, RefreshError, UnconfirmedTokens, UnverifiedRefresh};
use crate::{App, Hub, Secret, SecretBytes};

impl AuthorizationRequest {
    /// The URL to send the browser to.
    pub fn url(&self) -> String {
        let separator = if self.endpoint.as_str().contains('?') { '&' } else { '?' };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.params).finish();
        format!("{}{separator}{query}", self.endpoint)
    }
}

impl CallbackParams {
    /// Reads a query string, without the `?`.
    ///
    /// # Errors
    ///
    /// As [`from_pairs`](Self::from_pairs).
    pub fn from_query(query: &str) -> Result<Self, CallbackError> {
        Self::from_pairs(form_urlencoded::parse(query.as_bytes()))
    }

    /// Reads a whole redirect URL, or its path and query.
    ///
    /// # Errors
    ///
    /// [`CallbackError::Malformed`] when it is neither; [`CallbackError::UnexpectedParameter`] for tokens in the
    /// fragment; otherwise as [`from_pairs`](Self::from_pairs).
    pub fn from_url(redirect: &str) -> Result<Self, CallbackError> {
        // Pasted text may end in a line break. Inside of an address no browser sends one, and parsers disagree on it.
        let redirect = redirect.trim_ascii();
        let (address, fragment) = redirect.split_once('#').unwrap_or((redirect, ""));
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        let is_address = place.is_empty() || place.starts_with('/') || place.contains(':');
        if !is_address || redirect.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
            return Err(CallbackError::Malformed);
        }
        // An implicit answer comes in the fragment: refused there too, whatever else the app keeps in it.
        if let Err(error @ CallbackError::UnexpectedParameter { .. }) = Self::from_query(fragment) {
            return Err(error);
        }
        Self::from_query(query)
    }
}

impl Request {
    /// The request as bytes, which are wiped when they are dropped: there may be a secret in them.
    pub fn to_http(&self) -> http::Request<SecretBytes> {
        let (content_type, body) = self.body.as_ref().map(encoded).unzip();
        let mut request = http::Request::new(body.unwrap_or_default());
        *request.method_mut() = if content_type.is_some() { http::Method::POST } else { http::Method::GET };
        // An `EndpointUrl` is a subset of what `Uri` takes.
        if let Ok(uri) = self.endpoint.as_str().parse() {
            *request.uri_mut() = uri;
        }
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(mut value) =
            self.authorization.as_ref().and_then(|text| HeaderValue::from_str(text.expose()).ok())
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        request
    }

    /// Reads the answer to this request: a JSON object with a success status, or an error that says what came.
    ///
    /// # Errors
    ///
    /// [`BackchannelError`].
    ///
    /// ```
    /// use hf_oauth_core::{BackchannelFault, DiscoveryDocument, Hub, Issuer, Response};
    ///
    /// let request = Hub::discovery_request(&Issuer::parse("https://huggingface.co")?);
    /// let page = Response::new(502, "<html>Bad gateway</html>");
    /// let error = request.read::<DiscoveryDocument>(page).unwrap_err();
    /// assert_eq!(error.fault, BackchannelFault::Status);
    /// assert!(error.is_retryable());
    /// # Ok::<(), hf_oauth_core::InvalidUrl>(())
    /// ```
    pub fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, BackchannelError> {
        let status = response.status;
        // Secrets go before the text is cut, or a part of one could stay.
        let shown = |text: &Option<String>, longest| {
            let text = redacted(text.as_deref()?, &self.secrets);
            Some(crate::text::printable(&text, longest)).filter(|text| !text.is_empty())
        };
        let fail = |fault| {
            let error = self.error(fault);
            let request_id = shown(&response.request_id, 80).map(String::into_boxed_str);
            Err(BackchannelError {
                status: Some(status),
                retry_after: response.retry_after,
                request_id,
                ..error
            })
        };
        if response.body.len() > LONGEST_BODY {
            return fail(BackchannelFault::BodyTooLarge);
        }
        if (300..400).contains(&status) {
            return fail(BackchannelFault::Redirected);
        }
        // RFC 8259 section 8.1 lets a parser ignore the byte order mark that no sender may add.
        let body = response.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&response.body);
        // A success may carry an error too: some providers answer 200 with `{"error": …}`.
        if let Some(mut error) = oauth_error(body, &self.secrets) {
            error.description = error.description.or_else(|| shown(&response.explanation, 300));
            return fail(BackchannelFault::OAuth(error));
        }
        if !(200..300).contains(&status) {
            return fail(match shown(&response.explanation, 300) {
                Some(code) => BackchannelFault::OAuth(OAuthError { code, description: None }),
                None => BackchannelFault::Status,
            });
        }
        if is_jwt(response.content_type.as_deref(), body) {
            let detail = "a JWT, which was not asked for, where a JSON object should be".to_owned();
            return fail(BackchannelFault::Malformed { detail });
        }
        if !is_object(body) || !response.content_type.as_deref().is_none_or(is_json_type) {
            return fail(BackchannelFault::NotJson);
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        let value = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| shape_fault(&error, &self.secrets))
            .and_then(|value| match json.end() {
                Ok(()) => Ok(value),
                Err(_) => Err("something stands behind the JSON object".to_owned()),
            });
        value.or_else(|detail| fail(BackchannelFault::Malformed { detail }))
    }
}

impl UnverifiedLogin {
    /// Reads the ID token.
    ///
    /// # Errors
    ///
    /// As [`decode_with`](Self::decode_with).
    pub fn decode(self) -> Result<DecodedLogin, IdTokenError> {
        self.decode_with(json::<IdTokenHeader>, json::<IdTokenClaims>)
    }
}

impl UnverifiedRefresh {
    /// Reads the ID token, where one came, and checks all of it but its signature.
    ///
    /// # Errors
    ///
    /// As [`check_with`](Self::check_with).
    pub fn check(
        self,
        app: &App,
        hub: &Hub,
        policy: IdTokenPolicy,
    ) -> Result<UnconfirmedTokens, RefreshError> {
        self.check_with(app, hub, policy, json::<IdTokenHeader>, json::<IdTokenClaims>)
    }
}

impl UnconfirmedTokens {
    /// Reads the ID token, where one came.
    ///
    /// # Errors
    ///
    /// As [`decode_with`](Self::decode_with).
    pub fn decode(&self) -> Result<DecodedRefresh, RefreshError> {
        self.decode_with(json::<IdTokenHeader>, json::<IdTokenClaims>)
    }
}

impl UnverifiedDeviceLogin {
    /// Reads the ID token, where one came.
    ///
    /// # Errors
    ///
    /// As [`decode_with`](Self::decode_with).
    pub fn decode(self) -> Result<DecodedDeviceLogin, IdTokenError> {
        self.decode_with(json::<IdTokenHeader>, json::<IdTokenClaims>)
    }
}

/// With room enough from the start, or copies of secrets would be left behind.
fn encoded(body: &Body) -> (&'static str, SecretBytes) {
    match body {
        Body::Form(fields) => {
            let longest =
                fields.iter().map(|(name, value)| 3 * (name.len() + value.expose().len()) + 2).sum();
            let pairs = fields.iter().map(|(name, value)| (name, value.expose()));
            let room = String::with_capacity(longest);
            let form = form_urlencoded::Serializer::new(room).extend_pairs(pairs).finish();
            ("application/x-www-form-urlencoded", form.into_bytes().into())
        }
        Body::Json(members) => {
            let mut json = SecretBytes::default();
            let pairs = members.iter().map(|(name, value)| (name, value.expose()));
            // Texts into memory: neither can fail.
            let _ = serde_json::Serializer::new(&mut json).collect_map(pairs);
            ("application/json", json)
        }
    }
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// serde reads a struct from an array as well: only an object will do.
fn is_object(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

/// `application/json` and its kin, such as `application/jwk-set+json`.
fn is_json_type(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A signed or encrypted answer, such as userinfo of a client that is registered for one (OpenID Connect Core section
/// 5.3.2): `eyJ` is the beginning of a header.
fn is_jwt(content_type: Option<&str>, body: &[u8]) -> bool {
    let named = content_type.is_some_and(|content_type| essence(content_type) == "application/jwt");
    let dots = body.iter().filter(|byte| **byte == b'.').count();
    named || (body.trim_ascii().starts_with(b"eyJ") && matches!(dots, 2 | 4))
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Any `error` but `null` is one, whatever its type: such a body is never a success. Secrets go before the text is
/// cut, or a part of one could stay.
fn oauth_error(body: &[u8], secrets: &[Secret]) -> Option<OAuthError> {
    if !is_object(body) {
        return None;
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let members = json.deserialize_map(ErrorMembers::default()).ok()?;
    json.end().ok()?;
    let text = |member: &Option<Value>| member.as_ref()?.as_str().map(|text| redacted(text, secrets));
    members.error.as_ref().filter(|error| !error.is_null())?;
    Some(OAuthError::new(
        text(&members.error).as_deref().unwrap_or("unreadable_error"),
        text(&members.error_description).as_deref(),
    ))
}

/// The two members of an error. All others are skipped where they stand: most answers are no errors, and have tokens.
#[derive(Default)]
struct ErrorMembers {
    error: Option<Value>,
    error_description: Option<Value>,
}

impl<'de> Visitor<'de> for ErrorMembers {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "error" => self.error = Some(map.next_value()?),
                "error_description" => self.error_description = Some(map.next_value()?),
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(self)
    }
}

/// Which member is of another shape, and what serde_json says, without the value that it may quote.
fn shape_fault(error: &serde_path_to_error::Error<serde_json::Error>, secrets: &[Secret]) -> String {
    let (member, error) = (error.path().to_string(), error.inner());
    let text = error.to_string();
    if text.starts_with("missing field") || text.starts_with("duplicate field") {
        return crate::text::printable(&text, 100);
    }
    let place = format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column());
    if member == "." {
        return place;
    }
    // The name may be the provider's own.
    format!("the member {:?}: {place}", crate::text::printable(&redacted(&member, secrets), 80))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_secrets_is_written_in_one_place() {
        let value = "a b+%\u{e9}/=\n~".repeat(100);
        let fields = vec![("code", Secret::new(value.clone())), ("code_verifier", Secret::new("v"))];
        let (_, form) = encoded(&Body::Form(fields));
        assert!(form.starts_with(b"code=a+b%2B%25%C3%A9%2F%3D%0A"));
        let room = 3 * ("code".len() + value.len()) + 2 + 3 * ("code_verifier".len() + 1) + 2;
        assert_eq!(form.capacity(), room, "it outgrew its room, and left a copy behind");
    }

    #[test]
    fn an_object_is_written_as_json() {
        let members = vec![("subject_token", Secret::new("a\"b\\")), ("resource", Secret::new("me"))];
        let (_, json) = encoded(&Body::Json(members));
        assert_eq!(json.as_slice(), br#"{"subject_token":"a\"b\\","resource":"me"}"#);
    }
}
