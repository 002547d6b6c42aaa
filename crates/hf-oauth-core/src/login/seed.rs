//! Before the first step: what `state`, `nonce` and `code_verifier` are made of.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// 32 random bytes, of which `state`, `nonce` and `code_verifier` of one login are derived, and which attempt it is.
///
/// Each is `base64url(SHA-256(label || seed))`: 43 unreserved characters with 256 bits of entropy
/// (RFC 7636 section 7.1), and none of them tells another. Use a seed once.
#[derive(Clone)]
pub struct LoginSeed {
    bytes: zeroize::Zeroizing<[u8; 32]>,
    attempt: LoginAttempt,
}

/// Whether a login is somebody's first, or stands in for one whose cookie did not come back.
///
/// `state` says so, because a browser that keeps no cookie brings back nothing else. There is no key in it: anybody can
/// write such a `state`. What a forged one gains is one more visit to the provider, or a page that explains instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginAttempt {
    /// Nothing went before it.
    First,
    /// It was begun in place of a login that was lost: when it is lost as well, explain, and do not begin again.
    Restart,
}

impl LoginSeed {
    /// Takes 32 bytes of a cryptographic random generator; a first attempt.
    pub fn from_random_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes: zeroize::Zeroizing::new(bytes), attempt: LoginAttempt::First }
    }

    /// The same seed for a login that stands in for one that was lost.
    #[must_use]
    pub fn for_restart(self) -> Self {
        Self { attempt: LoginAttempt::Restart, ..self }
    }

    /// Which attempt the login is.
    pub fn attempt(&self) -> LoginAttempt {
        self.attempt
    }

    /// The bytes, to be kept sealed.
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The `state` that this seed gives: 43 characters that are secret, one for the attempt, and four that let
    /// [`LoginAttempt::of_state`] see whether all came back as they were sent.
    pub fn state(&self) -> String {
        let mut state = self.derive("state");
        state.push(self.attempt.mark());
        state.push_str(&LoginAttempt::check(&state));
        state
    }

    pub(super) fn derive(&self, label: &str) -> String {
        let digest = Sha256::new()
            .chain_update("hf-oauth login ")
            .chain_update(label)
            .chain_update(*self.bytes)
            .finalize();
        URL_SAFE_NO_PAD.encode(digest)
    }
}

impl fmt::Debug for LoginSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginSeed(***)")
    }
}

impl LoginAttempt {
    /// The attempt of a `state` that has the form of [`LoginSeed::state`]; `None` for any other text, such as a `state`
    /// that a provider or a proxy has cut, padded, or written in other letters.
    ///
    /// ```
    /// use hf_oauth_core::{LoginAttempt, LoginSeed};
    ///
    /// let seed = LoginSeed::from_random_bytes([7; 32]);
    /// assert_eq!(LoginAttempt::of_state(&seed.state()), Some(LoginAttempt::First));
    /// assert_eq!(LoginAttempt::of_state(&seed.state().to_lowercase()), None);
    /// assert_eq!(LoginAttempt::of_state(&seed.for_restart().state()), Some(LoginAttempt::Restart));
    /// ```
    pub fn of_state(state: &str) -> Option<Self> {
        let (marked, check) = state.split_at_checked(SECRET_CHARS + 1)?;
        let attempt = [Self::First, Self::Restart].into_iter().find(|it| marked.ends_with(it.mark()))?;
        (check == Self::check(marked)).then_some(attempt)
    }

    fn mark(self) -> char {
        match self {
            Self::First => '1',
            Self::Restart => '2',
        }
    }

    /// 24 bits of a hash: enough against accidents, and nothing against intent.
    fn check(marked: &str) -> String {
        let digest = Sha256::new().chain_update("hf-oauth state ").chain_update(marked).finalize();
        URL_SAFE_NO_PAD.encode(&digest[..3])
    }
}

/// The characters of `state` that come of the seed.
const SECRET_CHARS: usize = 43;
