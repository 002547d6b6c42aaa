//! A login that is to begin, as a value: whoever finds that one must begin returns it, and one place begins it.

use hf_oauth::LoginOptions;
use hf_oauth_session::RequirementId;

use crate::reply::Reply;

/// What a route or a guard comes to.
pub(crate) enum Step {
    Answer(Reply),
    Begin(Begin),
}

/// A login that is to begin.
#[derive(Debug)]
pub(crate) struct Begin {
    pub(crate) options: LoginOptions,
    /// What guards have asked this session for, to be remembered by the next one.
    pub(crate) asked: Vec<RequirementId>,
    pub(crate) attempt: Attempt,
}

/// Whether a login stands in for one whose cookie was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    First,
    Restart,
}

impl Begin {
    /// A login that somebody asked for.
    pub(crate) fn first(options: LoginOptions) -> Self {
        Self { options, asked: Vec::new(), attempt: Attempt::First }
    }

    /// A login in place of one whose cookie was lost, and with it everything that was known of it.
    pub(crate) fn restart() -> Self {
        Self { options: LoginOptions::new(), asked: Vec::new(), attempt: Attempt::Restart }
    }
}

impl From<Reply> for Step {
    fn from(reply: Reply) -> Self {
        Self::Answer(reply)
    }
}
