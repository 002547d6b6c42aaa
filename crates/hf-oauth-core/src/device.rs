//! Signing in on a machine without a browser: a short code, typed in elsewhere (RFC 8628).
//!
//! ```text
//! App + Hub ─ request ─▶ DeviceRequest ─ receive ─▶ DeviceLogin ─┬ next ─▶ DeviceStep::{Wait, Poll, Expired}
//!                                                      ▲         └ poll_request, receive ─▶ DevicePoll
//!                                                      └──────────────── Pending(DeviceLogin) ──┤
//!           DeviceSignIn ◀─ verify ─ DecodedDeviceLogin ◀─ decode ─ Granted(UnverifiedDeviceLogin)
//! ```
//!
//! Nothing here sleeps. `at` is a reading of a monotonic clock that the caller chooses: it says when to poll, and when
//! the code ends, whatever the provider goes on saying. The next poll is counted from the last answer, so time that was
//! slept through brings one poll and no burst.
//!
//! # Architecture invariant
//!
//! A [`DeviceCode`] holds no text that a terminal or a browser could be tricked with, and only addresses of the
//! provider itself: whoever has one may show it as it is.

mod code;
mod error;
mod login;
mod parts;
mod request;
mod verify;

pub use code::DeviceCode;
pub use error::DeviceError;
pub use login::{DeviceLogin, DevicePoll, DeviceStep};
pub use parts::DeviceLoginParts;
pub use request::{DeviceRequest, DeviceResponse};
pub use verify::{DecodedDeviceLogin, DeviceSignIn, UnverifiedDeviceLogin};

use std::time::Duration;

/// How long to wait between polls where the provider does not say (RFC 8628 section 3.2).
pub const DEFAULT_POLL_INTERVAL: Duration = Duration::from_secs(5);

/// What a code is taken to live where the provider does not say.
pub const DEFAULT_DEVICE_CODE_LIFETIME: Duration = Duration::from_secs(900);

/// A poll a minute is the least that a person waits for.
const LONGEST_POLL_INTERVAL: Duration = Duration::from_secs(60);

const SHORTEST_DEVICE_CODE_LIFETIME: Duration = Duration::from_secs(30);
const LONGEST_DEVICE_CODE_LIFETIME: Duration = Duration::from_secs(3600);
