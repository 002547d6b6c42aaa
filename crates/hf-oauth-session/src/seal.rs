//! Authenticated encryption of small records, with their end inside.
//!
//! `format (1) ‖ key id (1) ‖ nonce (24) ‖ encrypted(end (8) ‖ payload) ‖ tag (16)`

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use hf_oauth_core::{SecretBytes, UnixTime};

use crate::error::NoEntropy;
use crate::keyring::Keyring;

/// The format of sealed sessions, payloads included. A later version may have a higher one: whatever its payload is, it
/// keeps the outside of the record as it is, and the binding begins with its number.
pub(crate) const FORMAT: u8 = 1;
/// What sealing adds to a payload.
pub(crate) const OVERHEAD: usize = HEAD + END + TAG;

pub(crate) const NONCE: usize = 24;
const HEAD: usize = 2 + NONCE;
const END: usize = 8;
pub(crate) const TAG: usize = 16;

/// What a sealed record is for: it opens for nothing else.
pub(crate) struct Binding(Vec<u8>);

impl Binding {
    /// Lengths stand before the parts, so that no two lists give the same bytes.
    pub(crate) fn new(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut bytes = vec![FORMAT];
        for part in [purpose.as_bytes()].iter().chain(parts) {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same in another format.
    fn in_format(&self, format: u8) -> Self {
        Self([&[format], &self.0[1..]].concat())
    }
}

/// What came of opening.
pub(crate) enum Opened {
    /// The payload and its end; `old_key` when another key than the first opened it.
    Payload { payload: SecretBytes, end: UnixTime, old_key: bool },
    /// It is whole and has ended.
    Ended,
    /// A newer version of this crate sealed it, with a key of this ring.
    Newer,
    /// Another key's, another purpose's, damaged, or nothing of the library's.
    Unreadable,
}

impl Keyring {
    pub(crate) fn seal(
        &self,
        binding: &Binding,
        end: UnixTime,
        payload: &[u8],
    ) -> Result<Vec<u8>, NoEntropy> {
        self.seal_as(FORMAT, binding, end, payload)
    }

    fn seal_as(
        &self,
        format: u8,
        binding: &Binding,
        end: UnixTime,
        payload: &[u8],
    ) -> Result<Vec<u8>, NoEntropy> {
        let key = self.first().ok_or(NoEntropy)?;
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| NoEntropy)?;
        let mut sealed = Vec::with_capacity(OVERHEAD + payload.len());
        sealed.extend_from_slice(&[format, key.id]);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&end.as_secs().to_be_bytes());
        sealed.extend_from_slice(payload);
        encrypt(&key.sessions, nonce, binding.in_format(format).as_bytes(), &mut sealed, HEAD)?;
        Ok(sealed)
    }

    /// As a later version of this crate would seal it.
    #[cfg(test)]
    pub(crate) fn seal_as_newer(&self, binding: &Binding, end: UnixTime, payload: &[u8]) -> Vec<u8> {
        self.seal_as(FORMAT + 1, binding, end, payload).unwrap()
    }

    pub(crate) fn open(&self, binding: &Binding, sealed: &[u8], now: UnixTime) -> Opened {
        let Some((head, rest)) = sealed.split_at_checked(HEAD).filter(|(head, _)| head[0] >= FORMAT) else {
            return Opened::Unreadable;
        };
        let Ok(nonce) = <[u8; NONCE]>::try_from(&head[2..]) else { return Opened::Unreadable };
        // The number of a newer format is bound in as well: without a key nobody makes one that is kept.
        let binding = binding.in_format(head[0]);
        for (position, key) in self.iter().enumerate().filter(|(_, key)| key.id == head[1]) {
            let Some(mut payload) = decrypt(&key.sessions, nonce, binding.as_bytes(), rest) else { continue };
            let Some(end) = payload.first_chunk::<END>() else { return Opened::Unreadable };
            let end = UnixTime::from_secs(i64::from_be_bytes(*end));
            if now >= end {
                return Opened::Ended;
            }
            if head[0] > FORMAT {
                return Opened::Newer;
            }
            payload.drain(..END);
            return Opened::Payload { payload, end, old_key: position > 0 };
        }
        Opened::Unreadable
    }
}

/// Encrypts what follows the first `head` bytes, and appends the tag.
pub(crate) fn encrypt(
    cipher: &XChaCha20Poly1305,
    nonce: [u8; NONCE],
    bound: &[u8],
    sealed: &mut Vec<u8>,
    head: usize,
) -> Result<(), NoEntropy> {
    let tag = cipher
        .encrypt_inout_detached(&XNonce::from(nonce), bound, (&mut sealed[head..]).into())
        .map_err(|_| NoEntropy)?;
    sealed.extend_from_slice(&tag);
    Ok(())
}

/// What was encrypted, unless anything of it or of what is bound in is another.
pub(crate) fn decrypt(
    cipher: &XChaCha20Poly1305,
    nonce: [u8; NONCE],
    bound: &[u8],
    sealed: &[u8],
) -> Option<SecretBytes> {
    let (encrypted, tag) = sealed.split_last_chunk::<TAG>()?;
    let mut payload = SecretBytes::from(encrypted.to_vec());
    let buffer = payload.as_mut_slice().into();
    cipher.decrypt_inout_detached(&XNonce::from(nonce), bound, buffer, &Tag::from(*tag)).ok()?;
    Some(payload)
}
