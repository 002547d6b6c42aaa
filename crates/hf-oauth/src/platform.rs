//! What differs between a server and a browser: the transport, the verifier, entropy. The only `cfg`s of targets in the crate.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod native;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use native::{Rs256, Transport, monotonic, sleep};

#[cfg(any(test, all(target_family = "wasm", target_os = "unknown")))]
mod rs256;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod web;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) use {
    rs256::Rs256,
    web::{Transport, monotonic, sleep},
};

use std::time::Duration;

use hf_oauth_core::UnixTime;
use web_time::{Instant, SystemTime, UNIX_EPOCH};

/// The system's clock.
pub(crate) fn now() -> UnixTime {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    UnixTime::from_secs(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
}

/// Time that never jumps, since this was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// As if it had been started so much earlier.
    #[cfg(test)]
    pub(crate) fn skip(&mut self, span: Duration) {
        self.0 = self.0.checked_sub(span).unwrap();
    }
}

/// 32 bytes of the system's random generator.
pub(crate) fn random_bytes() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
