use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

/// A string that never prints: a token, a code, a verifier, a client secret.
///
/// `Debug` is redacted, there is no `Display` and no `Serialize`; comparison takes constant time; the memory is
/// zeroed on drop. [`expose`](Secret::expose) is the one way to the text.
///
/// ```
/// use hf_oauth_core::Secret;
///
/// let token = Secret::new("hf_oauth_abc");
/// assert_eq!(format!("{token:?}"), "Secret(***)");
/// assert_eq!(token.expose(), "hf_oauth_abc");
/// ```
#[derive(Clone)]
pub struct Secret(String);

/// Bytes in which secrets lie, such as an opened record or a provider's answer. As with [`Secret`], the memory is zeroed
/// on drop, spare room included. What outgrows it is moved by `Vec` and leaves a copy behind, so begin with room enough,
/// or use [`append_slice`](SecretBytes::append_slice).
///
/// ```
/// use hf_oauth_core::SecretBytes;
///
/// let mut record = SecretBytes::from(Vec::with_capacity(64));
/// record.extend_from_slice(b"canary");
/// assert_eq!(format!("{record:?}"), "SecretBytes(***)");
/// ```
#[derive(Clone, Default)]
pub struct SecretBytes(Vec<u8>);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when the text has no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when this may stand in an HTTP header: 1 to `longest` bytes of visible ASCII (RFC 6750 section 2.1 is
    /// narrower, providers are not).
    pub(crate) fn is_header_safe(&self, longest: usize) -> bool {
        (1..=longest).contains(&self.0.len()) && self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut std::mem::take(&mut self.0).into_bytes());
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// All of the capacity, which `clear` alone keeps. A fill and a barrier: `Zeroizing` writes byte by byte, twice, and that
/// takes longer than decrypting the same bytes.
fn wipe(bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.resize(bytes.capacity(), 0);
    zeroize::optimization_barrier(bytes.as_slice());
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl SecretBytes {
    /// Appends, and wipes what was outgrown.
    pub fn append_slice(&mut self, more: &[u8]) {
        let length = self.0.len() + more.len();
        if length > self.0.capacity() {
            let mut larger = Vec::with_capacity(length.max(2 * self.0.capacity()));
            larger.extend_from_slice(&self.0);
            wipe(&mut std::mem::replace(&mut self.0, larger));
        }
        self.0.extend_from_slice(more);
    }
}

impl AsRef<[u8]> for SecretBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Never fails.
impl std::io::Write for SecretBytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.append_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The bytes themselves, for who must have a `Vec`: from here on nobody wipes them.
impl From<SecretBytes> for Vec<u8> {
    fn from(mut bytes: SecretBytes) -> Self {
        std::mem::take(&mut bytes.0)
    }
}

impl Deref for SecretBytes {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for SecretBytes {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(***)")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_062_a_secret_does_not_print_even_inside_other_values() {
        let nested = Some(vec![Secret::new("canary-value")]);
        assert!(!format!("{nested:?}{nested:#?}").contains("canary"));
    }

    #[test]
    fn the_whole_room_of_a_secret_is_wiped_and_stays_where_it_is() {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(b"canary-value");
        let (place, room) = (bytes.as_ptr(), bytes.capacity());
        bytes.truncate(3);
        wipe(&mut bytes);
        assert_eq!((bytes.as_ptr(), bytes.len(), bytes.capacity()), (place, room, room));
        assert!(bytes.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn bytes_that_grow_are_all_there() {
        let mut bytes = SecretBytes::default();
        for round in 0..100_u8 {
            bytes.append_slice(&[round; 7]);
        }
        assert_eq!((bytes.len(), bytes[0], bytes[699]), (700, 0, 99));
        assert!(bytes.capacity() >= 700);
    }

    #[test]
    fn equality_looks_at_the_whole_text() {
        assert_eq!(Secret::new("abc"), Secret::new("abc"));
        assert_ne!(Secret::new("abc"), Secret::new("abd"));
        assert_ne!(Secret::new("abc"), Secret::new("abcd"));
    }
}
