use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::bytes::hex;
use crate::error::NoEntropy;

/// 256 random bits that stand for a session in a cookie. Secret: who has it is signed in.
///
/// ```
/// use hf_oauth_session::SessionId;
///
/// let id = SessionId::random()?;
/// assert_eq!(SessionId::parse(&id.to_cookie_value()).as_ref(), Some(&id));
/// assert_eq!(SessionId::parse("s*"), None);
/// # Ok::<(), hf_oauth_session::NoEntropy>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId(Zeroizing<[u8; 32]>);

/// Tells an id from a sealed session, which begins with a digit.
const MARK: char = 's';
const LENGTH: usize = 44;

impl SessionId {
    /// A new id.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`].
    pub fn random() -> Result<Self, NoEntropy> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| NoEntropy)?;
        Ok(Self(bytes))
    }

    /// Reads a cookie's value. Anything but what [`to_cookie_value`](Self::to_cookie_value) gives is none, and never
    /// reaches a store.
    pub fn parse(value: &str) -> Option<Self> {
        if value.len() != LENGTH {
            return None;
        }
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(value.strip_prefix(MARK)?).ok()?);
        Some(Self(Zeroizing::new(decoded.as_slice().try_into().ok()?)))
    }

    /// The cookie's value.
    pub fn to_cookie_value(&self) -> String {
        format!("{MARK}{}", URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// The key of this session's record: a hash over the id and the app, so that neither a store's dump nor another
    /// app's id in the same store opens anything.
    pub fn store_key(&self, client_id: &str) -> StoreKey {
        let digest = Sha256::new()
            .chain_update("hf-oauth session ")
            .chain_update((client_id.len() as u64).to_be_bytes())
            .chain_update(client_id)
            .chain_update(*self.0)
            .finalize();
        StoreKey(digest.into())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(***)")
    }
}

/// The key of a record in a store: a hash, so it may be logged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({self})")
    }
}

/// Who has a lease: a random name for one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseHolder([u8; 16]);

impl LeaseHolder {
    /// A new name.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`].
    pub fn random() -> Result<Self, NoEntropy> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
        Ok(Self(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}
