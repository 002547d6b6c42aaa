//! The keys that seal: the first seals, all open.

mod strength;

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hf_oauth_core::Secret;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::NoEntropy;
use strength::LEAST_BITS;

const SHORTEST_KEY: usize = 32;

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
    /// Seals sessions.
    pub(crate) sessions: XChaCha20Poly1305,
    /// Seals pending logins.
    pub(crate) logins: XChaCha20Poly1305,
}

impl Keyring {
    /// A ring of configured keys, each at least 32 bytes of random text (`openssl rand -base64 48`).
    ///
    /// # Errors
    ///
    /// [`KeyringError`] when there is none, or one is blank, too short or easy to guess. What is easy to guess is
    /// estimated by length, characters and repetition: an estimate from above, which takes a sentence for random text.
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
            let bits = strength::estimate(text);
            if bits < LEAST_BITS {
                return Err(KeyringError::Guessable { position, bits });
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
    /// # What the secret opens
    ///
    /// Whoever has one cookie of this app, their own, can try secrets against it on their own machine, some hundred
    /// thousand a second and unseen. The secret that is found opens and makes every cookie of the app: it signs in as
    /// anybody. The Hub's client secrets are random UUIDs (122 bits), which nobody finds; one that a person made up may be
    /// found. So what is weaker than 112 bits is refused, and where the secret is not the Hub's, configure keys.
    ///
    /// # Errors
    ///
    /// [`KeyringError::ClientSecret`] when the secret is blank or easy to guess.
    pub fn from_client_secret(secret: &Secret, client_id: &str) -> Result<Self, KeyringError> {
        let text = secret.expose().trim();
        let bits = strength::estimate(text);
        if bits < LEAST_BITS {
            return Err(KeyringError::ClientSecret { bits });
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
        // RFC 5869 section 2.3: an expansion fails beyond 255 digests only. The label is as it was when the second
        // key was for restarts: another label would sign everybody out.
        let expanded = hkdf.expand(b"seal, restart, key id", okm.as_mut());
        debug_assert!(expanded.is_ok());
        let cipher = |half: usize| {
            let mut key = Zeroizing::new([0; 32]);
            key.copy_from_slice(&okm[32 * half..32 * (half + 1)]);
            XChaCha20Poly1305::new((&*key).into())
        };
        Self { id: okm[64], sessions: cipher(0), logins: cipher(1) }
    }

    fn copy(&self) -> Self {
        Self { id: self.id, sessions: self.sessions.clone(), logins: self.logins.clone() }
    }
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
    /// A key that is long and easy to guess all the same: a repetition, or a few different characters.
    Guessable {
        /// Which one, from 1.
        position: usize,
        /// The strength that it has at most.
        bits: u32,
    },
    /// The client secret cannot serve: it is blank or easy to guess.
    ClientSecret {
        /// The strength that it has at most.
        bits: u32,
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
            Self::Guessable { position, bits } => {
                write!(
                    f,
                    "session key {position} can be guessed: at most {bits} bits strong, {LEAST_BITS} are needed"
                )?;
            }
            Self::ClientSecret { bits } => {
                write!(
                    f,
                    "client secret (OAUTH_CLIENT_SECRET): at most {bits} bits strong, and {LEAST_BITS} are needed to \
                     derive the session key from it: whoever has a cookie could guess it. Set the secret that Hugging \
                     Face shows for the app (a UUID), or session keys of their own in OAUTH_SESSION_KEYS"
                )?;
            }
        }
        f.write_str(". Make one with `openssl rand -base64 48`")
    }
}

impl std::error::Error for KeyringError {}

#[cfg(test)]
mod tests;
