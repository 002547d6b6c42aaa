//! The part of a login's cookie that can be read without opening it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::UnixTime;

/// A login can be finished for 10 minutes ([`hf_oauth_core::PENDING_LOGIN_LIFETIME`]); its cookie stays a while longer, so that whoever
/// comes late is told so, and restarts with the return path.
const WAITING_KEPT: Duration = Duration::from_secs(30 * 60);
/// How long it is remembered that a login was finished: for the back button and for reloads.
const FINISHED_KEPT: Duration = Duration::from_secs(10 * 60);
/// How far the clocks of two instances may be apart.
const CLOCKS: Duration = Duration::from_secs(5 * 60);

/// Kind and time of a login's cookie, in front of what is sealed: `kind (1) ‖ seconds since 1970 (4)`.
///
/// Both are bound into the seal, so a record that opens has them as they were written. Before that they are a hint for
/// tidying up: a forged one keeps or deletes a cookie of the browser that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Label {
    /// Of two kinds, finished goes first.
    pub(super) kind: Kind,
    seconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Finished,
    Waiting,
}

impl Label {
    pub(super) const BYTES: usize = 5;

    /// Of a login that begins or ends now.
    pub(super) fn new(kind: Kind, now: UnixTime) -> Self {
        Self { kind, seconds: u32::try_from(now.as_secs().max(0)).unwrap_or(u32::MAX) }
    }

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let [a, b, c, d] = self.seconds.to_be_bytes();
        [self.kind.number(), a, b, c, d]
    }

    pub(super) fn from_bytes([kind, a, b, c, d]: [u8; Self::BYTES]) -> Option<Self> {
        let kind = [Kind::Finished, Kind::Waiting].into_iter().find(|it| it.number() == kind)?;
        Some(Self { kind, seconds: u32::from_be_bytes([a, b, c, d]) })
    }

    /// Of a cookie's value, none of it opened.
    pub(super) fn of_value(value: &str) -> Option<Self> {
        // Eight characters are six bytes.
        let mut bytes = [0; 6];
        URL_SAFE_NO_PAD.decode_slice(value.as_bytes().get(..8)?, &mut bytes).ok()?;
        Self::from_bytes(*bytes.first_chunk()?)
    }

    pub(super) fn at(self) -> UnixTime {
        UnixTime::from_secs(self.seconds.into())
    }

    /// How long the cookie is kept from [`at`](Self::at) on.
    pub(super) fn lifetime(self) -> Duration {
        match self.kind {
            Kind::Waiting => WAITING_KEPT,
            Kind::Finished => FINISHED_KEPT,
        }
    }

    /// Neither over nor of a time that is still to come.
    pub(super) fn is_current(self, now: UnixTime) -> bool {
        now < self.at() + self.lifetime() && self.at() < now + CLOCKS
    }
}

impl Kind {
    /// In people's cookies: 1 was a cookie without a label.
    fn number(self) -> u8 {
        match self {
            Self::Waiting => 2,
            Self::Finished => 3,
        }
    }
}
