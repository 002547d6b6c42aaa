//! How the last refresh of a name went, for the processes that come next: times and a hash, no secret.
//!
//! It stands in `hf-oauth.refreshes`, a section for each name, and counts while the name has the very token and the very
//! end that it was written about. Without it everything goes as in Python.

use std::time::Duration;

use hf_oauth::coordinator::Held;
use hf_oauth::{Secret, UnixTime};

use super::policy::{MARGIN, RECHECK, policy};
use crate::lock::Lock;
use crate::store::TokenStore;
use crate::tables::{EXPIRES_AT, change_table, fingerprint, read_table, unix_time};

const SHA256: &str = "token_sha256";
const OBTAINED_AT: &str = "obtained_at";
const FAILED_AT: &str = "failed_at";
const RETRY_AFTER: &str = "retry_after";

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    obtained_at: Option<UnixTime>,
    failed_at: Option<UnixTime>,
    retry_after: Duration,
}

impl Mark {
    /// A refresh brought it.
    pub(super) fn obtained(now: UnixTime) -> Self {
        Self { obtained_at: Some(now), ..Self::default() }
    }

    /// It could not be refreshed; the Hub asks for this pause.
    pub(super) fn failed(now: UnixTime, retry_after: Option<Duration>) -> Self {
        Self { failed_at: Some(now), retry_after: retry_after.unwrap_or_default(), ..Self::default() }
    }

    /// True while more than half of a short life is left.
    pub(super) fn is_young(&self, end: UnixTime, now: UnixTime) -> bool {
        let obtained_at = self.obtained_at.filter(|at| *at <= now);
        obtained_at.is_some_and(|at| !policy().is_due(&Held::new(None, end).obtained_at(at), now))
    }

    /// True while nobody should ask again.
    pub(super) fn is_paused(&self, end: UnixTime, now: UnixTime) -> bool {
        let pause = if now < end { RECHECK } else { self.retry_after.min(RECHECK) };
        self.failed_at.is_some_and(|at| at <= now && now < at + pause)
    }
}

impl TokenStore {
    /// What is known of this token; nothing where that cannot be read.
    pub(super) fn mark(&self, name: &str, about: &Secret, end: UnixTime) -> Mark {
        let Ok(table) = read_table(&self.places.refreshes) else { return Mark::default() };
        let section = table.ini.section(name).filter(|section| {
            section.get(SHA256) == Some(&fingerprint(Some(about)))
                && unix_time(section, EXPIRES_AT) == Some(end)
        });
        let Some(section) = section else { return Mark::default() };
        let seconds = section.get(RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
        Mark {
            obtained_at: unix_time(section, OBTAINED_AT),
            failed_at: unix_time(section, FAILED_AT),
            retry_after: Duration::from_secs(seconds.unwrap_or_default()),
        }
    }

    /// Best effort: what cannot be kept costs a refresh, as in Python.
    pub(super) fn set_mark(&self, _lock: &Lock, name: &str, about: &Secret, end: UnixTime, mark: Mark) {
        if mark.obtained_at.is_some_and(|at| at.until(end) >= 2 * MARGIN) {
            // The day counts anyway.
            return;
        }
        let seconds = |at: Option<UnixTime>| at.map(|at| at.as_secs().to_string());
        let (obtained_at, failed_at) = (seconds(mark.obtained_at), seconds(mark.failed_at));
        let retry_after = Some(mark.retry_after.as_secs()).filter(|seconds| *seconds > 0);
        let retry_after = retry_after.map(|seconds| seconds.to_string());
        let _ = change_table(&self.places.refreshes, |ini| {
            ini.set(
                name,
                &[
                    (SHA256, Some(&fingerprint(Some(about)))),
                    (EXPIRES_AT, Some(&end.as_secs().to_string())),
                    (OBTAINED_AT, obtained_at.as_deref()),
                    (FAILED_AT, failed_at.as_deref()),
                    (RETRY_AFTER, retry_after.as_deref()),
                ],
            )
        });
    }
}
