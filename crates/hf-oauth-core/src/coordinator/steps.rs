use std::time::Duration;

use super::policy::{Held, RefreshFailure, TokenFingerprint};

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Action {
    /// Try to take the lease of this session for so long, without waiting for it: answer
    /// [`Event::LeaseAcquired`], [`Event::LeaseBusy`] or [`Event::LeaseUnavailable`].
    AcquireLease {
        /// When the lease ends by itself, should its holder die.
        lease: Duration,
    },
    /// Sleep, then answer [`Event::Tick`].
    Wait {
        /// For how long.
        span: Duration,
    },
    /// Read what the back end holds now: answer [`Event::Current`] or [`Event::StoreFailed`].
    ReadCurrent,
    /// Send the refresh token with this fingerprint: that of what was read last. Answer [`Event::Unconfirmed`],
    /// [`Event::Refreshed`] where tokens need no confirmation, [`Event::Failed`], or, if nothing was sent because what
    /// comes of it could not be kept, [`Event::StoreFailed`].
    SendRefresh {
        /// Which token.
        fingerprint: TokenFingerprint,
    },
    /// Keep the new tokens beside the old ones, unconfirmed, if nothing has changed since the last read: before
    /// anything else is asked of anybody. Answer as to [`Write`](Self::Write).
    KeepUnconfirmed,
    /// Make the lease last so long from now: answer [`Event::LeaseAcquired`], [`Event::LeaseBusy`] when somebody else
    /// has it by now, or [`Event::LeaseUnavailable`].
    RenewLease {
        /// When the lease ends by itself, should its holder die.
        lease: Duration,
    },
    /// Confirm the unconfirmed tokens, those of the answer or those that were read last: answer [`Event::Refreshed`]
    /// or [`Event::Failed`]. To do so twice does no harm.
    Confirm,
    /// Write the new tokens if nothing has changed since the last read: answer [`Event::Written`],
    /// [`Event::Conflict`] or [`Event::StoreFailed`].
    Write,
    /// Give the lease back: answer [`Event::Released`], also where that failed, since a lease ends by itself.
    Release,
    /// The end.
    Done(Outcome),
}

/// What came of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The lease is ours.
    LeaseAcquired,
    /// Somebody else has the lease.
    LeaseBusy,
    /// The lease's back end does not answer.
    LeaseUnavailable,
    /// What the back end holds; `None` when the session is gone.
    Current(Option<Held>),
    /// The back end does not answer.
    StoreFailed,
    /// New tokens came, which nobody may use before they are confirmed.
    Unconfirmed,
    /// New tokens came and may be used.
    Refreshed(Held),
    /// No tokens came.
    Failed(RefreshFailure),
    /// What was to be written or kept is.
    Written,
    /// Somebody else wrote since the last read.
    Conflict,
    /// The lease is given back, or given up.
    Released,
    /// The time to wait is over.
    Tick,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The tokens at hand are good.
    UseHeld,
    /// The tokens read last are good: somebody else refreshed.
    Adopt,
    /// The tokens of the answer are good.
    Refreshed {
        /// False when they could not be written: use them, tell the operator.
        saved: bool,
    },
    /// There is no way but signing in again: the refresh token has ended, or there is none and the access token has,
    /// or the session is gone, or the answer of the refresh was about somebody else.
    SignInAgain,
    /// The access token has ended and cannot be refreshed now. The session stays.
    Unavailable {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The access token has ended, and the provider refuses the app's own credentials. The session stays; tell the
    /// operator.
    Misconfigured,
}
