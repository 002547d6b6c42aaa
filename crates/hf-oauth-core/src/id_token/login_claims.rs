use super::nonce::NonceHash;
use crate::UnixTime;

/// What the ID token of a login says of the login itself. A later ID token of the same login repeats it or leaves it out
/// (OpenID Connect Core section 12.2), so keep it beside the tokens for
/// [`ExpectedIdentity`](crate::ExpectedIdentity::with_login_claims).
///
/// The default knows nothing, as after a login without an ID token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginClaims {
    /// The nonce that was sent with the login, where the ID token has it.
    pub nonce: Option<NonceHash>,
    /// When the user authenticated at the provider, where the ID token says so (`auth_time`).
    pub auth_time: Option<UnixTime>,
}
