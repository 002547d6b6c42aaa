use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::code::DeviceCode;
use super::error::DeviceError;
use super::login::DeviceLogin;
use super::{LONGEST_DEVICE_CODE_LIFETIME, request};
use crate::{Issuer, Scopes, Secret, UnixTime};

/// A [`DeviceLogin`] as plain values, so that another process can go on with the same code. Keep it secret: whoever
/// has the device code gets the tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of DeviceLogin, by their protocol names")]
pub struct DeviceLoginParts {
    pub device_code: String,
    pub user_code: String,
    pub verification_uri: String,
    #[serde(default)]
    pub verification_uri_complete: Option<String>,
    pub issuer: String,
    pub client_id: String,
    pub scope: String,
    /// Seconds between polls.
    pub interval: i64,
    /// When the code ends, by the calendar: a monotonic clock does not outlive its process.
    pub expires_at: UnixTime,
}

impl fmt::Debug for DeviceLoginParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceLoginParts").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl DeviceLogin {
    /// The login as plain values; `at` and `now` are the same moment by the two clocks.
    pub fn to_parts(&self, at: Duration, now: UnixTime) -> DeviceLoginParts {
        let code = &self.code;
        DeviceLoginParts {
            device_code: self.device_code.expose().to_owned(),
            user_code: code.user_code.clone(),
            verification_uri: code.verification_uri.as_str().to_owned(),
            verification_uri_complete: code.verification_uri_complete.as_ref().map(ToString::to_string),
            issuer: self.issuer.as_str().to_owned(),
            client_id: self.client_id.clone(),
            scope: self.scopes.to_string(),
            interval: i64::try_from(self.interval.as_secs()).unwrap_or(i64::MAX),
            expires_at: now + self.expires_in(at),
        }
    }

    /// Takes it apart, as [`to_parts`](Self::to_parts) does.
    pub fn into_parts(self, at: Duration, now: UnixTime) -> DeviceLoginParts {
        self.to_parts(at, now)
    }

    /// Puts it together again, and holds it to the rules of the first answer: files get edited. The next poll is one
    /// interval away, because when the last one was is not known.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Expired`] when the code has ended, [`DeviceError::InvalidParts`] for an issuer that is none,
    /// otherwise as [`DeviceRequest::receive`](crate::DeviceRequest::receive).
    ///
    /// ```
    /// # use hf_oauth_core::*;
    /// # use std::time::Duration;
    /// # let (request, asked) = DeviceRequest::request(&App::new("app"), &Hub::huggingface(), &Scopes::none())?;
    /// # let answer = r#"{ "device_code": "d", "user_code": "M8HJ-FMGN", "verification_uri": "https://hf.co/oauth/device" }"#;
    /// # let login = asked.receive(request.read(Response::new(200, answer)), Duration::ZERO)?;
    /// let (at, now) = (Duration::from_secs(100), UnixTime::from_secs(1_800_000_000));
    /// let parts = login.into_parts(at, now);
    /// let again = DeviceLogin::from_parts(parts, Duration::ZERO, now)?;
    /// assert_eq!(again.expires_in(Duration::ZERO), Duration::from_secs(800));
    /// # Ok::<(), DeviceError>(())
    /// ```
    pub fn from_parts(parts: DeviceLoginParts, at: Duration, now: UnixTime) -> Result<Self, DeviceError> {
        let left = now.until(parts.expires_at).min(LONGEST_DEVICE_CODE_LIFETIME);
        if left.is_zero() {
            return Err(DeviceError::Expired);
        }
        let device_code = Secret::new(parts.device_code);
        if !device_code.is_header_safe(request::LONGEST_DEVICE_CODE) {
            return Err(DeviceError::MalformedDeviceCode);
        }
        let issuer = Issuer::parse(&parts.issuer).map_err(|source| DeviceError::InvalidParts { source })?;
        let code = DeviceCode::check(
            &issuer,
            parts.user_code,
            &parts.verification_uri,
            parts.verification_uri_complete.as_deref(),
            std::slice::from_ref(&device_code),
        )?;
        let interval = request::interval_kept(parts.interval);
        Ok(Self {
            code,
            device_code,
            issuer,
            client_id: parts.client_id,
            scopes: Scopes::from(parts.scope.as_str()),
            interval,
            poll_at: at.saturating_add(interval),
            expires_at: at.saturating_add(left),
            faults: 0,
            fault: None,
        })
    }
}
