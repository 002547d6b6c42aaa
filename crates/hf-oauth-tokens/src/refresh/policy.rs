//! When a token is refreshed: as in Python, where it says.

use std::time::Duration;

use hf_oauth::UnixTime;
use hf_oauth::coordinator::RefreshPolicy;

use crate::lock::PATIENCE;

/// As in Python: a token with less than a day left is refreshed.
pub(super) const MARGIN: Duration = Duration::from_secs(24 * 3600);
/// As in Python: for so long a refresh, or its failure, is not looked into again in this process.
pub(super) const RECHECK: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(50);

pub(super) fn policy() -> RefreshPolicy {
    let mut policy = RefreshPolicy::default().with_margin(MARGIN);
    // As Python, everyone waits for whoever refreshes: then all go on with the same token.
    policy.serve_while_waiting = Duration::from_secs(u64::from(u32::MAX));
    policy.poll = POLL;
    policy.patience = PATIENCE;
    // As in Python: a lock that cannot be opened is not waited for.
    policy.patience_without_store = Duration::ZERO;
    policy
}

pub(super) fn now() -> UnixTime {
    std::time::SystemTime::now().into()
}
