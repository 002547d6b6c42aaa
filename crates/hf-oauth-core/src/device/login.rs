use std::time::Duration;

use super::code::DeviceCode;
use super::error::DeviceError;
use super::verify::UnverifiedDeviceLogin;
use crate::backchannel::{BackchannelError, BackchannelFault, Request, Step};
use crate::client_auth::authenticated;
use crate::tokens::{ExchangeError, TokenResponse};
use crate::{App, Hub, Issuer, Scopes, Secret, UnixTime};

/// What `slow_down` adds, for this and all later polls (RFC 8628 section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// The longest wait after faults, unless the provider asked for more.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A code that is out, and a person who may type it in. Not `Clone`: it is polled by one.
///
/// ```
/// use std::time::Duration;
/// use hf_oauth_core::{App, DeviceError, DevicePoll, DeviceRequest, DeviceStep, Hub, Response, Scopes, UnixTime};
///
/// let (app, hub, second) = (App::new("app"), Hub::huggingface(), Duration::from_secs(1));
/// let (request, asked) = DeviceRequest::request(&app, &hub, &Scopes::none())?;
/// let answer = r#"{ "device_code": "d", "user_code": "M8HJ-FMGN", "verification_uri": "https://hf.co/oauth/device" }"#;
/// let login = asked.receive(request.read(Response::new(200, answer)), Duration::ZERO)?;
///
/// assert_eq!(login.next(second), DeviceStep::Wait { until: 5 * second });
/// assert_eq!(login.next(5 * second), DeviceStep::Poll);
/// let poll = login.poll_request(&app, &hub)?;
/// let answer = poll.read(Response::new(400, r#"{ "error": "slow_down" }"#));
/// let now = UnixTime::from_secs(1_800_000_000);
/// let DevicePoll::Pending(login) = login.receive(answer, 6 * second, now, None)? else { panic!() };
/// assert_eq!(login.next(6 * second), DeviceStep::Wait { until: 16 * second });
/// assert_eq!(login.next(900 * second), DeviceStep::Expired);
/// # Ok::<(), DeviceError>(())
/// ```
#[derive(Debug)]
pub struct DeviceLogin {
    pub(super) code: DeviceCode,
    pub(super) device_code: Secret,
    pub(super) issuer: Issuer,
    pub(super) client_id: String,
    pub(super) scopes: Scopes,
    pub(super) interval: Duration,
    pub(super) poll_at: Duration,
    pub(super) expires_at: Duration,
    /// How many polls in a row met a fault.
    pub(super) faults: u32,
    pub(super) fault: Option<BackchannelError>,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStep {
    /// Nothing before this reading of the clock.
    Wait {
        /// When to ask [`DeviceLogin::next`] again: the next poll, or the code's end.
        until: Duration,
    },
    /// Send [`DeviceLogin::poll_request`].
    Poll,
    /// The code has ended: begin again.
    Expired,
}

/// What a poll brought.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, moved once a poll; not large on 32 bits"
)]
pub enum DevicePoll {
    /// Not yet; or a fault that may pass ([`DeviceLogin::fault`]).
    Pending(DeviceLogin),
    /// The person said yes.
    Granted(UnverifiedDeviceLogin),
}

impl DeviceLogin {
    /// What the person is shown.
    pub fn code(&self) -> &DeviceCode {
        &self.code
    }

    /// The provider that gave the code.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// How long the code lives yet.
    pub fn expires_in(&self, at: Duration) -> Duration {
        self.expires_at.saturating_sub(at)
    }

    /// The pause between polls, which `slow_down` lengthens for good.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The fault that the last poll met, if it met one that may pass.
    pub fn fault(&self) -> Option<&BackchannelError> {
        self.fault.as_ref()
    }

    /// What to do at this moment.
    pub fn next(&self, at: Duration) -> DeviceStep {
        if at >= self.expires_at {
            DeviceStep::Expired
        } else if at >= self.poll_at {
            DeviceStep::Poll
        } else {
            DeviceStep::Wait { until: self.poll_at.min(self.expires_at) }
        }
    }

    /// The request that asks whether the person has said yes (RFC 8628 section 3.4).
    ///
    /// # Errors
    ///
    /// [`DeviceError::OtherLogin`] when the code is of another provider or another app: it is not sent there.
    pub fn poll_request(&self, app: &App, hub: &Hub) -> Result<Request, DeviceError> {
        if self.issuer != *hub.issuer() || self.client_id != app.client_id {
            return Err(DeviceError::OtherLogin { issuer: self.issuer.as_str().to_owned() });
        }
        let form = vec![("grant_type", Secret::new(GRANT_TYPE)), ("device_code", self.device_code.clone())];
        Ok(authenticated(Step::DevicePoll, app, hub.token_endpoint(), form))
    }

    /// Takes the answer to a poll, which came `at` this reading of the monotonic clock and `now` by the calendar.
    ///
    /// # Errors
    ///
    /// [`DeviceError`], each of which is the end of this login. What may pass is none: `authorization_pending`,
    /// `slow_down`, the network, a 5xx, a 429, a page where JSON should be.
    pub fn receive(
        mut self,
        answer: Result<TokenResponse, BackchannelError>,
        at: Duration,
        now: UnixTime,
        server_date: Option<UnixTime>,
    ) -> Result<DevicePoll, DeviceError> {
        let error = match answer {
            Ok(answer) => {
                let (tokens, id_token) = answer.into_tokens(&self.scopes, now, &[self.device_code])?;
                return Ok(DevicePoll::Granted(UnverifiedDeviceLogin { tokens, id_token, server_date }));
            }
            Err(error) => error,
        };
        let refused = error.refusal().is_some();
        let pause = match error.oauth().map(|oauth| oauth.code.as_str()) {
            Some("authorization_pending") => {
                (self.faults, self.fault) = (0, None);
                self.interval
            }
            Some("slow_down") => {
                (self.faults, self.fault) = (0, None);
                self.interval = self.interval.saturating_add(SLOW_DOWN);
                self.interval
            }
            Some("access_denied") if refused => return Err(DeviceError::Declined(error)),
            Some("expired_token") if refused => return Err(DeviceError::Expired),
            _ if may_pass(&error) => {
                self.faults = self.faults.saturating_add(1);
                let doubled = self.interval.saturating_mul(2_u32.saturating_pow(self.faults));
                self.fault = Some(error.clone());
                doubled.min(LONGEST_BACKOFF.max(self.interval))
            }
            _ => {
                let secrets = [self.device_code];
                return Err(DeviceError::refused(ExchangeError::refused(error, &secrets)));
            }
        };
        self.poll_at = at.saturating_add(pause.max(error.retry_after.unwrap_or_default()));
        Ok(DevicePoll::Pending(self))
    }
}

/// The code is still out, and only its end is final: whatever did not come from the token endpoint itself may pass, a
/// captive network's page or certificate too.
fn may_pass(error: &BackchannelError) -> bool {
    match error.fault {
        BackchannelFault::Status | BackchannelFault::Redirected | BackchannelFault::Tls { .. } => true,
        _ => error.is_retryable(),
    }
}
