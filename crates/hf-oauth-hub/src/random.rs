//! Codes, tokens and ids nobody can guess.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A keyed counter: the operating system's randomness is asked once, at the start, so that nothing
/// after the start can fail for want of it.
pub(crate) struct Random {
    key: hmac::Key,
    counter: AtomicU64,
}

impl Random {
    pub(crate) fn seeded() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &seed), counter: AtomicU64::new(0) })
    }

    /// 256 bits, base64url.
    pub(crate) fn token(&self) -> String {
        let counter = self.counter.fetch_add(1, Ordering::Relaxed);
        self.seal(&["token", &counter.to_string()])
    }

    /// 40 bits for a person to type, without letters and digits that look alike (RFC 8628 section 6.1).
    pub(crate) fn user_code(&self) -> String {
        const ALPHABET: [char; 32] = [
            'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U',
            'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7', '8', '9',
        ];
        let bytes = sha256(self.token().as_bytes());
        let mut code: String =
            bytes.iter().take(8).map(|byte| ALPHABET[usize::from(*byte) % ALPHABET.len()]).collect();
        code.insert(4, '-');
        code
    }

    /// Binds `parts` to this hub: only it can make the same text again.
    pub(crate) fn seal(&self, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            // The length first, so that ("ab", "c") and ("a", "bc") differ.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(context.sign())
    }
}

/// Compared in constant time.
pub(crate) fn same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// 24 hexadecimal digits like the Hub's ids, the same for the same name everywhere.
pub(crate) fn hub_id(kind: &str, name: &str) -> String {
    hex(&sha256(format!("hf-oauth-hub {kind} {name}").as_bytes())[..12])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_seals_repeat() {
        let random = Random::seeded().unwrap();
        assert_ne!(random.token(), random.token());
        assert_eq!(random.seal(&["a", "b"]), random.seal(&["a", "b"]));
        assert_ne!(random.seal(&["ab", "c"]), random.seal(&["a", "bc"]));
        assert_ne!(random.seal(&["a"]), Random::seeded().unwrap().seal(&["a"]));
    }

    #[test]
    fn ids_look_like_the_hubs_and_follow_from_the_name() {
        let id = hub_id("user", "ada");
        assert_eq!(id.len(), 24);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(id, hub_id("user", "ada"));
        assert_ne!(id, hub_id("org", "ada"));
    }
}
