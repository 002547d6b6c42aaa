use std::time::Duration;

use serde::Deserialize;

use super::code::DeviceCode;
use super::error::DeviceError;
use super::login::DeviceLogin;
use super::{
    DEFAULT_DEVICE_CODE_LIFETIME, DEFAULT_POLL_INTERVAL, LONGEST_DEVICE_CODE_LIFETIME, LONGEST_POLL_INTERVAL,
    SHORTEST_DEVICE_CODE_LIFETIME,
};
use crate::backchannel::{BackchannelError, Request, Step};
use crate::client_auth::authenticated;
use crate::lenient::{lenient, seconds};
use crate::tokens::ExchangeError;
use crate::{App, Hub, Issuer, Scopes, Secret};

pub(super) const LONGEST_DEVICE_CODE: usize = 4096;

/// A code that was asked for: what the answer is held against. Not `Clone`.
#[derive(Debug)]
pub struct DeviceRequest {
    issuer: Issuer,
    client_id: String,
    scopes: Scopes,
    secrets: Vec<Secret>,
}

/// The device endpoint's answer as it comes (RFC 8628 section 3.2); unknown members are ignored.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the members are the specification's own")]
pub struct DeviceResponse {
    pub device_code: Secret,
    pub user_code: String,
    pub verification_uri: String,
    #[serde(default, deserialize_with = "lenient")]
    pub verification_uri_complete: Option<String>,
    /// Seconds; absent, `null` and garbage alike are `None`.
    #[serde(default, deserialize_with = "seconds")]
    pub expires_in: Option<i64>,
    /// Seconds; absent, `null` and garbage alike are `None`. More than a minute is taken for a minute.
    #[serde(default, deserialize_with = "seconds")]
    pub interval: Option<i64>,
}

impl DeviceRequest {
    /// The request for a code (RFC 8628 section 3.1). Without scopes the Hub grants what the app may have.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Unsupported`] when the provider has no device endpoint, [`DeviceError::MissingClientId`].
    ///
    /// ```
    /// use hf_oauth_core::{App, DeviceError, DeviceRequest, Hub, Scopes};
    ///
    /// let app = App::new(App::HUB_CLI_CLIENT_ID);
    /// let (request, _asked) = DeviceRequest::request(&app, &Hub::huggingface(), &Scopes::none())?;
    /// assert_eq!(request.endpoint().as_str(), "https://huggingface.co/oauth/device");
    /// # Ok::<(), DeviceError>(())
    /// ```
    pub fn request(app: &App, hub: &Hub, scopes: &Scopes) -> Result<(Request, Self), DeviceError> {
        if app.client_id.trim().is_empty() {
            return Err(DeviceError::MissingClientId);
        }
        let endpoint = hub
            .device_authorization_endpoint()
            .ok_or_else(|| DeviceError::Unsupported { issuer: hub.issuer().as_str().to_owned() })?;
        let scope = (!scopes.is_empty()).then(|| ("scope", Secret::new(scopes.to_string())));
        let request = authenticated(Step::DeviceAuthorization, app, endpoint, scope.into_iter().collect());
        let asked = Self {
            issuer: hub.issuer().clone(),
            client_id: app.client_id.clone(),
            scopes: scopes.clone(),
            secrets: request.secrets.clone(),
        };
        Ok((request, asked))
    }

    /// Takes the answer, which came `at` this reading of a monotonic clock.
    ///
    /// # Errors
    ///
    /// [`DeviceError`] when the provider refused, or sent what must not be shown to a person.
    pub fn receive(
        self,
        answer: Result<DeviceResponse, BackchannelError>,
        at: Duration,
    ) -> Result<DeviceLogin, DeviceError> {
        let answer =
            answer.map_err(|error| DeviceError::refused(ExchangeError::refused(error, &self.secrets)))?;
        if !answer.device_code.is_header_safe(LONGEST_DEVICE_CODE) {
            return Err(DeviceError::MalformedDeviceCode);
        }
        let secrets = [&self.secrets[..], std::slice::from_ref(&answer.device_code)].concat();
        let code = DeviceCode::check(
            &self.issuer,
            answer.user_code,
            &answer.verification_uri,
            answer.verification_uri_complete.as_deref(),
            &secrets,
        )?;
        let interval = interval(answer.interval, LONGEST_POLL_INTERVAL);
        Ok(DeviceLogin {
            code,
            device_code: answer.device_code,
            issuer: self.issuer,
            client_id: self.client_id,
            scopes: self.scopes,
            interval,
            poll_at: at.saturating_add(interval),
            expires_at: at.saturating_add(lifetime(answer.expires_in)),
            faults: 0,
            fault: None,
        })
    }
}

/// A pause that was kept may have been slowed down past what a provider may begin with.
pub(super) fn interval_kept(seconds: i64) -> Duration {
    interval(Some(seconds), LONGEST_DEVICE_CODE_LIFETIME)
}

/// Nothing, zero and less than nothing are no answers: the default then. A longer pause than anybody waits for is the
/// longest, not the default: the provider wants to be asked seldom (RFC 8628 section 3.2).
fn interval(seconds: Option<i64>, longest: Duration) -> Duration {
    let said = seconds.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
    said.map_or(DEFAULT_POLL_INTERVAL, Duration::from_secs).min(longest)
}

fn lifetime(seconds: Option<i64>) -> Duration {
    seconds.map_or(DEFAULT_DEVICE_CODE_LIFETIME, |seconds| {
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
            .clamp(SHORTEST_DEVICE_CODE_LIFETIME, LONGEST_DEVICE_CODE_LIFETIME)
    })
}
