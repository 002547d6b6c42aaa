//! What this process learnt of its tokens, for the next call.

use std::sync::{Mutex, PoisonError};

use hf_oauth::coordinator::TokenFingerprint;
use hf_oauth::{Secret, UnixTime};

use crate::warning::Warning;

/// What was learnt in this process.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// A token that is not to be refreshed before then: its life is shorter than the margin, or it could not be.
    settled: Mutex<Option<(TokenFingerprint, UnixTime, Option<Warning>)>>,
}

impl Known {
    pub(crate) fn settled(&self, token: &Secret, now: UnixTime) -> Option<Option<Warning>> {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        let (fingerprint, until, warning) = settled.as_ref()?;
        (*fingerprint == TokenFingerprint::of(token) && now < *until).then(|| warning.clone())
    }

    pub(crate) fn settle(&self, token: &Secret, until: UnixTime, warning: Option<Warning>) {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        *settled = Some((TokenFingerprint::of(token), until, warning));
    }
}
