//! The keys that seal: the first seals, all open.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hf_oauth_core::Secret;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::NoEntropy;

const SHORTEST_KEY: usize = 32;
const SHORTEST_CLIENT_SECRET: usize = 16;
const FEWEST_DISTINCT_BYTES: usize = 8;

/// The keys of an app: the first seals, every one opens.
///
/// To rotate, first add the new key at the end, everywhere; then move it to the front; take the old one out after a
/// session's lifetime. An instance that does not know a key takes what it sealed for rubbish and deletes it, so with
/// one instance the first step can be left out, and with several it cannot.
///
/// ```
/// use hf_oauth_session::Keyring;
///
/// let ring = Keyring::new(["new-key-0123456789abcdefghijklmnopqrstuv", "old-key-0123456789abcdefghijklmnopqrstuv"])?;
/// assert_eq!(ring.len(), 2);
/// assert!(Keyring::new(["short"]).unwrap_err().to_string().contains("session key 1"));
/// # Ok::<(), hf_oauth_session::KeyringError>(())
/// ```
#[derive(Clone)]
pub struct Keyring(Arc<[SealingKey]>);

pub(crate) struct SealingKey {
    pub(crate) id: u8,
    pub(crate) cipher: XChaCha20Poly1305,
    pub(crate) restart: Zeroizing<[u8; 32]>,
}

impl Keyring {
    /// A ring of configured keys, each at least 32 bytes of random text (`openssl rand -base64 48`).
    ///
    /// # Errors
    ///
    /// [`KeyringError`] when there is none, or one is too short, blank or a repetition.
    pub fn new<K: Into<Secret>>(keys: impl IntoIterator<Item = K>) -> Result<Self, KeyringError> {
        let mut ring = Vec::new();
        for (index, key) in keys.into_iter().enumerate() {
            let key: Secret = key.into();
            let text = key.expose().trim();
            let position = index + 1;
            if text.is_empty() {
                return Err(KeyringError::Blank { position });
            }
            if text.len() < SHORTEST_KEY {
                return Err(KeyringError::TooShort { position, bytes: text.len() });
            }
            if is_repetitive(text) {
                return Err(KeyringError::Repetitive { position });
            }
            ring.push(SealingKey::derive(b"hf-oauth-session ring", text.as_bytes()));
        }
        if ring.is_empty() {
            return Err(KeyringError::Empty);
        }
        Ok(Self(ring.into()))
    }

    /// One key derived from the app's client secret with HKDF-SHA256 (RFC 5869), so that a Space needs no further
    /// setting. A new client secret signs everybody out; to avoid that, configure keys.
    ///
    /// # Errors
    ///
    /// [`KeyringError::ClientSecret`] when the secret is blank or shorter than 16 bytes.
    pub fn from_client_secret(secret: &Secret, client_id: &str) -> Result<Self, KeyringError> {
        let text = secret.expose().trim();
        if text.len() < SHORTEST_CLIENT_SECRET || is_repetitive(text) {
            return Err(KeyringError::ClientSecret { bytes: text.len() });
        }
        let salt = [b"hf-oauth-session client secret ", client_id.as_bytes()].concat();
        Ok(Self([SealingKey::derive(&salt, text.as_bytes())].into()))
    }

    /// One random key that nobody keeps: sessions end with the process.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`].
    pub fn random() -> Result<Self, NoEntropy> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|_| NoEntropy)?;
        Ok(Self([SealingKey::derive(b"hf-oauth-session random", key.as_ref())].into()))
    }

    /// This ring, which also opens what `older` sealed.
    #[must_use]
    pub fn also_opening(self, older: Keyring) -> Self {
        let keys = self.0.iter().chain(older.0.iter());
        Self(keys.map(SealingKey::copy).collect())
    }

    /// How many keys there are; at least one.
    #[expect(clippy::len_without_is_empty, reason = "a ring is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn first(&self) -> Option<&SealingKey> {
        self.0.first()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, SealingKey> {
        self.0.iter()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.0.len())
    }
}

impl SealingKey {
    fn derive(salt: &[u8], input: &[u8]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(salt), input);
        let mut okm = Zeroizing::new([0; 65]);
        // RFC 5869 section 2.3: an expansion fails beyond 255 digests only.
        let expanded = hkdf.expand(b"seal, restart, key id", okm.as_mut());
        debug_assert!(expanded.is_ok());
        let (mut seal, mut restart) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        seal.copy_from_slice(&okm[..32]);
        restart.copy_from_slice(&okm[32..64]);
        Self { id: okm[64], cipher: XChaCha20Poly1305::new((&*seal).into()), restart }
    }

    fn copy(&self) -> Self {
        Self { id: self.id, cipher: self.cipher.clone(), restart: self.restart.clone() }
    }
}

/// A key of few different bytes is no random one, whatever its length.
fn is_repetitive(text: &str) -> bool {
    let mut seen = [false; 256];
    text.bytes().for_each(|byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|seen| **seen).count() < FEWEST_DISTINCT_BYTES
}

/// Why keys cannot be used. Nothing starts with such keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyringError {
    /// No key at all.
    Empty,
    /// A key without any text.
    Blank {
        /// Which one, from 1.
        position: usize,
    },
    /// A key that is too short.
    TooShort {
        /// Which one, from 1.
        position: usize,
        /// How long it is.
        bytes: usize,
    },
    /// A key of a few different characters only.
    Repetitive {
        /// Which one, from 1.
        position: usize,
    },
    /// The client secret cannot serve: blank, too short or a repetition.
    ClientSecret {
        /// How long it is.
        bytes: usize,
    },
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("session keys: none is set")?,
            Self::Blank { position } => write!(f, "session key {position} is blank")?,
            Self::TooShort { position, bytes } => {
                write!(f, "session key {position} has {bytes} bytes, at least {SHORTEST_KEY} are needed")?;
            }
            Self::Repetitive { position } => {
                write!(f, "session key {position} repeats a few characters: it can be guessed")?;
            }
            Self::ClientSecret { bytes } => {
                return write!(
                    f,
                    "client secret (OAUTH_CLIENT_SECRET): {bytes} bytes, blank, short or repetitive: no session key can \
                     be derived from it. Set the app's real secret, or session keys"
                );
            }
        }
        f.write_str(". Make one with `openssl rand -base64 48`")
    }
}

impl std::error::Error for KeyringError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_079_short_blank_repeated_and_missing_keys_stop_the_start() {
        let refused = |keys: &[&str]| Keyring::new(keys.iter().copied()).unwrap_err();
        assert_eq!(refused(&[]), KeyringError::Empty);
        assert_eq!(refused(&[""]), KeyringError::Blank { position: 1 });
        assert_eq!(refused(&[&" ".repeat(64)]), KeyringError::Blank { position: 1 });
        let good = "0123456789abcdef0123456789abcdef";
        assert_eq!(refused(&[good, &good[1..]]), KeyringError::TooShort { position: 2, bytes: 31 });
        assert_eq!(refused(&[&"a".repeat(64)]), KeyringError::Repetitive { position: 1 });
        assert_eq!(refused(&[&"changeme".repeat(8)[..32]]), KeyringError::Repetitive { position: 1 });
        assert!(Keyring::new([good]).is_ok());
    }

    #[test]
    fn row_079_a_missing_client_secret_gives_no_key() {
        for bad in ["", "   ", "short", "aaaaaaaaaaaaaaaaaaaaaaaa", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
            let error = Keyring::from_client_secret(&Secret::new(bad), "app").unwrap_err();
            assert!(error.to_string().contains("OAUTH_CLIENT_SECRET"), "{error}");
        }
        assert!(Keyring::from_client_secret(&Secret::new("4f3c2b1a-9d8e-7f6a"), "app").is_ok());
    }

    #[test]
    fn row_062_neither_a_ring_nor_its_errors_show_a_key() {
        let key = "canary-0123456789abcdef0123456789";
        assert_eq!(format!("{:?}", Keyring::new([key]).unwrap()), "Keyring(1 keys)");
        let error = Keyring::new(["canary-short"]).unwrap_err();
        assert!(!format!("{error}{error:?}").contains("canary"));
    }
}
