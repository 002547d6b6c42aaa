//! Authenticated encryption of small records, with their end inside.
//!
//! `format (1) ‖ key id (1) ‖ nonce (24) ‖ encrypted(end (8) ‖ payload) ‖ tag (16)`

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{Tag, XNonce};
use hf_oauth_core::{SecretBytes, UnixTime};

use crate::error::NoEntropy;
use crate::keyring::Keyring;

/// The format of everything sealed, payloads included. A higher one is of a newer version of this crate.
pub(crate) const FORMAT: u8 = 1;
/// What sealing adds to a payload.
pub(crate) const OVERHEAD: usize = HEAD + END + TAG;

const NONCE: usize = 24;
const HEAD: usize = 2 + NONCE;
const END: usize = 8;
const TAG: usize = 16;

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
}

/// What came of opening.
pub(crate) enum Opened {
    /// The payload and its end; `old_key` when another key than the first opened it.
    Payload { payload: SecretBytes, end: UnixTime, old_key: bool },
    /// It is whole and has ended.
    Ended,
    /// A newer version of this crate made it.
    Newer,
    /// Another key's, another purpose's, damaged, or nothing of ours.
    Unreadable,
}

impl Keyring {
    pub(crate) fn seal(
        &self,
        binding: &Binding,
        end: UnixTime,
        payload: &[u8],
    ) -> Result<Vec<u8>, NoEntropy> {
        let key = self.first().ok_or(NoEntropy)?;
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| NoEntropy)?;
        let mut sealed = Vec::with_capacity(OVERHEAD + payload.len());
        sealed.extend_from_slice(&[FORMAT, key.id]);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&end.as_secs().to_be_bytes());
        sealed.extend_from_slice(payload);
        let tag = key
            .cipher
            .encrypt_inout_detached(&XNonce::from(nonce), &binding.0, (&mut sealed[HEAD..]).into())
            .map_err(|_| NoEntropy)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    pub(crate) fn open(&self, binding: &Binding, sealed: &[u8], now: UnixTime) -> Opened {
        match sealed {
            [format, ..] if *format > FORMAT => return Opened::Newer,
            [FORMAT, ..] if sealed.len() >= OVERHEAD => {}
            _ => return Opened::Unreadable,
        }
        let (head, rest) = sealed.split_at(HEAD);
        let (encrypted, tag) = rest.split_at(rest.len() - TAG);
        let (Ok(nonce), Ok(tag)) = (<[u8; NONCE]>::try_from(&head[2..]), <[u8; TAG]>::try_from(tag)) else {
            return Opened::Unreadable;
        };
        for (position, key) in self.iter().enumerate().filter(|(_, key)| key.id == head[1]) {
            let mut payload = SecretBytes::from(encrypted.to_vec());
            let opened = key.cipher.decrypt_inout_detached(
                &XNonce::from(nonce),
                &binding.0,
                payload.as_mut_slice().into(),
                &Tag::from(tag),
            );
            if opened.is_err() {
                continue;
            }
            let end = payload.first_chunk::<END>().map(|end| i64::from_be_bytes(*end)).unwrap_or(i64::MIN);
            let end = UnixTime::from_secs(end);
            if now >= end {
                return Opened::Ended;
            }
            payload.drain(..END);
            return Opened::Payload { payload, end, old_key: position > 0 };
        }
        Opened::Unreadable
    }
}
