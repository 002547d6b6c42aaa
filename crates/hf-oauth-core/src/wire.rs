//! Bytes in and out: URLs, forms, JSON and `http` types. Only here; the checks work on typed values.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::backchannel::{
    BackchannelError, BackchannelFault, Body, LONGEST_BODY, OAuthError, Request, Response, redacted,
};
use crate::device::{DecodedDeviceLogin, UnverifiedDeviceLogin};
use crate::id_token::{IdTokenClaims, IdTokenError, IdTokenHeader, IdTokenPolicy};
use crate::login::authorize::AuthorizationRequest;
use crate::login::callback::{CallbackError, CallbackParams};
use crate::login::verify::{DecodedLogin, UnverifiedLogin};
use crate::refresh::{DecodedRefresh, RefreshError, UnconfirmedTokens, UnverifiedRefresh};
use crate::{App, Hub, Secret};

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
    /// The request as bytes.
    pub fn to_http(&self) -> http::Request<Vec<u8>> {
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
        // A success may carry an error too: some providers answer 200 with `{"error": …}`.
        if let Some(mut error) = oauth_error(&response.body, &self.secrets) {
            error.description = error.description.or_else(|| shown(&response.explanation, 300));
            return fail(BackchannelFault::OAuth(error));
        }
        if !(200..300).contains(&status) {
            return fail(match shown(&response.explanation, 300) {
                Some(code) => BackchannelFault::OAuth(OAuthError { code, description: None }),
                None => BackchannelFault::Status,
            });
        }
        if !is_object(&response.body) || !response.content_type.as_deref().is_none_or(is_json_type) {
            return fail(BackchannelFault::NotJson);
        }
        match serde_json::from_slice(&response.body) {
            Ok(value) => Ok(value),
            Err(error) => fail(BackchannelFault::Malformed { detail: shape_fault(&error) }),
        }
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

fn encoded(body: &Body) -> (&'static str, Vec<u8>) {
    match body {
        Body::Form(fields) => {
            let pairs = fields.iter().map(|(name, value)| (name, value.expose()));
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            ("application/x-www-form-urlencoded", form.into_bytes())
        }
        Body::Json(members) => {
            let object: Map<String, Value> =
                members.iter().map(|(name, value)| ((*name).to_owned(), value.expose().into())).collect();
            ("application/json", Value::Object(object).to_string().into_bytes())
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
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Any `error` but `null` is one, whatever its type: such a body is never a success. Secrets go before the text is
/// cut, or a part of one could stay.
fn oauth_error(body: &[u8], secrets: &[Secret]) -> Option<OAuthError> {
    let body: Map<String, Value> = is_object(body).then(|| serde_json::from_slice(body).ok())??;
    let text = |name| body.get(name).and_then(Value::as_str).map(|text| redacted(text, secrets));
    body.get("error").filter(|error| !error.is_null())?;
    Some(OAuthError::new(
        text("error").as_deref().unwrap_or("unreadable_error"),
        text("error_description").as_deref(),
    ))
}

/// What serde_json says, without the value that it may quote.
fn shape_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let names_a_member_only = text.starts_with("missing field") || text.starts_with("duplicate field");
    if names_a_member_only {
        crate::text::printable(&text, 100)
    } else {
        format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
    }
}
