use crate::Secret;

/// The nonce that an ID token must carry.
#[derive(Debug)]
pub(crate) enum ExpectedNonce {
    /// This one: a browser login.
    Exactly(Secret),
    /// Whatever: a refreshed ID token may repeat the first one's nonce or leave it out (OpenID Connect Core
    /// section 12.2), and no browser was between to swap it.
    Any,
    /// This one or none: a refresh of a login whose nonce is still known (OpenID Connect Core section 12.2).
    AbsentOr(Secret),
    /// None: no nonce was sent, so one that is there is of another login.
    Absent,
}
