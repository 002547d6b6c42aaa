//! The hub's time: the machine's, or one that only moves when it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a [`LocalHub`](crate::LocalHub) reads the time, in whole seconds since the Unix epoch.
///
/// Clones share the same time, so a test keeps one and moves it while the hub runs.
///
/// ```
/// use hf_oauth_hub::Clock;
///
/// let clock = Clock::manual(1_800_000_000);
/// let same = clock.clone();
/// clock.advance(60);
/// assert_eq!(same.now(), 1_800_000_060);
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Added to the machine's time, or the whole time of a manual clock.
    offset: AtomicI64,
    manual: bool,
}

impl Clock {
    /// The machine's clock, which [`advance`](Self::advance) can still shift.
    pub fn system() -> Self {
        Self { inner: Arc::new(Inner { offset: AtomicI64::new(0), manual: false }) }
    }

    /// A clock that stands at `unix_seconds` until it is moved.
    pub fn manual(unix_seconds: u64) -> Self {
        Self { inner: Arc::new(Inner { offset: AtomicI64::new(signed(unix_seconds)), manual: true }) }
    }

    /// Seconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        let offset = self.inner.offset.load(Ordering::SeqCst);
        u64::try_from(self.base().saturating_add(offset)).unwrap_or(0)
    }

    /// Moves the time by `seconds`, backwards where negative.
    pub fn advance(&self, seconds: i64) {
        let moved = |offset: i64| Some(offset.saturating_add(seconds));
        let _ = self.inner.offset.fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
    }

    /// Sets the time to `unix_seconds`; a system clock goes on running from there.
    pub fn set(&self, unix_seconds: u64) {
        let offset = signed(unix_seconds).saturating_sub(self.base());
        self.inner.offset.store(offset, Ordering::SeqCst);
    }

    /// Whether the time stands still by itself, so that nothing should wait for it.
    pub fn is_manual(&self) -> bool {
        self.inner.manual
    }

    fn base(&self) -> i64 {
        if self.inner.manual {
            return 0;
        }
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| signed(since.as_secs()))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// `2026-11-21T09:30:00.000Z`, the form in which the Hub's API gives times.
pub(crate) fn iso8601(unix_seconds: u64) -> String {
    let (days, rest) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3_600, rest % 3_600 / 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
}

/// Days since the epoch to a date, after Howard Hinnant's `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days.saturating_add(719_468);
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_hub_writes_them() {
        assert_eq!(iso8601(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso8601(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(iso8601(1_795_253_400), "2026-11-21T09:30:00.000Z");
    }

    #[test]
    fn a_clock_goes_back_but_never_before_the_epoch() {
        let clock = Clock::manual(100);
        clock.advance(-40);
        assert_eq!(clock.now(), 60);
        clock.advance(i64::MIN);
        assert_eq!(clock.now(), 0);
        clock.set(7);
        assert_eq!(clock.now(), 7);
    }

    #[test]
    fn a_system_clock_can_be_shifted() {
        let clock = Clock::system();
        let before = clock.now();
        clock.advance(1_000_000);
        assert!(clock.now() >= before + 1_000_000);
        clock.set(5);
        assert!(clock.now() < 100);
    }
}
