use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment in whole seconds since 1970-01-01T00:00:00Z. The core never reads a clock: callers pass one of these.
///
/// ```
/// use std::time::Duration;
/// use hf_oauth_core::UnixTime;
///
/// let now = UnixTime::from_secs(1_700_000_000);
/// assert_eq!((now + Duration::from_secs(60)).as_secs(), 1_700_000_060);
/// assert_eq!(now.until(now + Duration::from_secs(60)), Duration::from_secs(60));
/// assert_eq!((now + Duration::from_secs(60)).until(now), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// A moment from seconds since the epoch.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// How long from `self` to `later`; zero when that has passed.
    pub fn until(self, later: UnixTime) -> Duration {
        Duration::from_secs(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

impl std::ops::Add<Duration> for UnixTime {
    type Output = UnixTime;

    fn add(self, span: Duration) -> UnixTime {
        Self(self.0.saturating_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for UnixTime {
    type Output = UnixTime;

    fn sub(self, span: Duration) -> UnixTime {
        Self(self.0.saturating_sub(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
    }
}

impl From<SystemTime> for UnixTime {
    fn from(time: SystemTime) -> Self {
        Self(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
        })
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (unix seconds)", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_061_times_before_the_epoch_and_at_the_ends_do_not_panic() {
        let before = UNIX_EPOCH - Duration::from_secs(86_400);
        assert_eq!(UnixTime::from(before).as_secs(), -86_400);
        let end = UnixTime::from_secs(i64::MAX);
        assert_eq!(end + Duration::MAX, end);
        assert_eq!(UnixTime::from_secs(i64::MIN).until(end), Duration::from_secs(i64::MAX as u64));
        assert_eq!(UnixTime::from_secs(i64::MIN) - Duration::MAX, UnixTime::from_secs(i64::MIN));
    }
}
