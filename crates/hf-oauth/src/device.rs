//! Signing in with a code that is typed in elsewhere (RFC 8628), performed: ask, wait, poll.
//!
//! Dropping the future of any call here ends it; nothing goes on behind, and no lock is held while it waits.

use std::time::Duration;

use hf_oauth_core::{
    BackchannelError, DeviceCode, DeviceError, DeviceLogin, DeviceLoginParts, DevicePoll, DeviceRequest,
    DeviceResponse, DeviceSignIn, DeviceStep, Issuer, KeySet, Scopes, UnverifiedDeviceLogin,
};

use crate::client::Client;
use crate::error::{ProviderError, VerifyFailure};
use crate::platform::{Rs256, monotonic, sleep};

/// What to tell the person who waits.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceProgress<'a> {
    /// Show this; it comes first, once.
    Code(&'a DeviceCode),
    /// Not yet; it comes before every wait.
    Waiting {
        /// How long the code lives yet.
        left: Duration,
    },
    /// The provider wants to be asked less often.
    SlowedDown {
        /// The pause between polls from now on.
        interval: Duration,
    },
    /// A poll met a fault that may pass; it goes on.
    Fault(&'a BackchannelError),
}

impl Client {
    /// Asks for a code that a person types in elsewhere. Without scopes the Hub grants what the app may have.
    ///
    /// # Errors
    ///
    /// [`DeviceError`].
    pub async fn begin_device_login(&self, scopes: &Scopes) -> Result<DeviceLogin, DeviceError> {
        if self.app().client_id.trim().is_empty() {
            return Err(DeviceError::MissingClientId);
        }
        let hub = self.hub().await.map_err(as_device_error)?;
        let (request, asked) = DeviceRequest::request(self.app(), &hub, scopes)?;
        let answer = match self.transport.send(&request).await {
            Ok(response) => request.read::<DeviceResponse>(response),
            Err(error) => Err(error),
        };
        asked.receive(answer, monotonic())
    }

    /// Polls until the person has said yes or no, or the code has ended, and verifies the ID token where one comes.
    ///
    /// `progress` is called between the waits and must not block. To go on in another process after this one ended,
    /// keep [`device_login_parts`](Self::device_login_parts) first.
    ///
    /// # Errors
    ///
    /// [`DeviceError`]. Faults that may pass are none: they are told to `progress`.
    pub async fn finish_device_login(
        &self,
        mut login: DeviceLogin,
        mut progress: impl FnMut(DeviceProgress<'_>),
    ) -> Result<DeviceSignIn, DeviceError> {
        progress(DeviceProgress::Code(login.code()));
        loop {
            match login.next(monotonic()) {
                DeviceStep::Expired => return Err(DeviceError::Expired),
                DeviceStep::Wait { until } => {
                    progress(DeviceProgress::Waiting { left: login.expires_in(monotonic()) });
                    sleep(until).await;
                }
                DeviceStep::Poll => {
                    let interval = login.interval();
                    match self.poll(login).await? {
                        DevicePoll::Granted(granted) => return self.verified(granted).await,
                        DevicePoll::Pending(pending) => login = pending,
                    }
                    if login.interval() > interval {
                        progress(DeviceProgress::SlowedDown { interval: login.interval() });
                    }
                    if let Some(fault) = login.fault() {
                        progress(DeviceProgress::Fault(fault));
                    }
                }
            }
        }
    }

    /// [`begin_device_login`](Self::begin_device_login) and [`finish_device_login`](Self::finish_device_login) in one.
    ///
    /// ```
    /// # use hf_oauth_hub::LocalHub;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use hf_oauth::{App, Client, DeviceProgress, Issuer, Scopes};
    ///
    /// let client = Client::new(App::new(App::HUB_CLI_CLIENT_ID)); // or an app of your own
    /// # let hub = LocalHub::builder().device_interval(1).start().await?;
    /// # let client = client.with_issuer(Issuer::parse(hub.issuer())?);
    /// # let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    /// # let scopes = Scopes::none();
    /// # let login = async {
    /// let login = client
    ///     .device_login(&scopes, |progress| {
    ///         if let DeviceProgress::Code(code) = progress {
    ///             println!("Open {} and type {}", code.verification_uri, code.user_code);
    /// #           tell.send(code.user_code.clone()).unwrap();
    ///         }
    ///     })
    ///     .await?;
    /// let user = client.whoami(&login.tokens.access_token).await?;
    /// assert_eq!(user.name, "ada");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # let person = async { hub.approve_device(&told.recv().await.unwrap(), "ada").await.unwrap() };
    /// # tokio::join!(login, person).0
    /// # }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As both.
    pub async fn device_login(
        &self,
        scopes: &Scopes,
        progress: impl FnMut(DeviceProgress<'_>),
    ) -> Result<DeviceSignIn, DeviceError> {
        let login = self.begin_device_login(scopes).await?;
        self.finish_device_login(login, progress).await
    }

    /// What to keep of a login so that another process can go on with the same code. Secret.
    pub fn device_login_parts(&self, login: &DeviceLogin) -> DeviceLoginParts {
        login.to_parts(monotonic(), self.now())
    }

    /// How long the login's code lives yet.
    pub fn device_login_left(&self, login: &DeviceLogin) -> Duration {
        login.expires_in(monotonic())
    }

    /// Goes on with a login that was kept.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Expired`] when its code has ended, [`DeviceError::OtherLogin`] when it is of another provider or
    /// another app, otherwise as [`DeviceLogin::from_parts`].
    pub fn resume_device_login(&self, parts: DeviceLoginParts) -> Result<DeviceLogin, DeviceError> {
        // It was kept in a file, and comes to be shown.
        let issuer = Issuer::parse(&parts.issuer).map_err(|source| DeviceError::InvalidParts { source })?;
        if issuer != *self.issuer() || parts.client_id != self.app().client_id {
            return Err(DeviceError::OtherLogin { issuer: issuer.as_str().to_owned() });
        }
        DeviceLogin::from_parts(parts, monotonic(), self.now())
    }

    async fn poll(&self, login: DeviceLogin) -> Result<DevicePoll, DeviceError> {
        let hub = match self.hub().await {
            Ok(hub) => hub,
            // A provider that is away for a while is a poll that failed.
            Err(ProviderError::Backchannel(error)) => {
                return login.receive(Err(error), monotonic(), self.now(), None);
            }
            Err(ProviderError::Discovery(error)) => return Err(DeviceError::Provider(error)),
        };
        let request = login.poll_request(self.app(), &hub)?;
        let (date, answer) = self.token_request(&request).await;
        login.receive(answer, monotonic(), self.now(), date)
    }

    async fn verified(&self, granted: UnverifiedDeviceLogin) -> Result<DeviceSignIn, DeviceError> {
        let decoded = granted.decode()?;
        let hub = self.hub().await.map_err(as_device_error)?;
        let keys = match decoded.key_id() {
            Some(kid) => {
                let signed = |keys: &KeySet| decoded.check_signature(keys, &Rs256).map(|()| keys.clone());
                let verified = self.provider().verify(&self.transport, &hub, kid, signed).await;
                verified.map_err(|failure| match failure {
                    VerifyFailure::Keys(error) => as_device_error(error),
                    VerifyFailure::Refused(error) | VerifyFailure::Unsettled(error) => error.into(),
                })?
            }
            None => KeySet::default(),
        };
        Ok(decoded.verify(self.app(), &hub, &keys, &Rs256, self.policy, self.now())?)
    }
}

fn as_device_error(error: ProviderError) -> DeviceError {
    match error {
        ProviderError::Backchannel(error) => DeviceError::Backchannel(error),
        ProviderError::Discovery(error) => DeviceError::Provider(error),
    }
}
