//! The provider's signing keys: which of them count, and when to fetch them again.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::lenient::{Lenient, lenient};

/// How long after a fetch that brought no new key nobody fetches again, whatever key ids turn up.
pub const KEYS_COOLDOWN: Duration = Duration::from_secs(60);

/// How long keys are used before they are fetched again: a key that the provider withdrew must not live on.
pub const KEYS_LIFETIME: Duration = Duration::from_secs(3600);

const MOST_KEYS: usize = 64;
const MOST_CANDIDATES: usize = 16;
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// Verifies RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2). The client brings one; the core has no
/// asymmetric cryptography.
pub trait SignatureVerifier: Send + Sync {
    /// True when `signature` is `key`'s over `message`.
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool;
}

/// An RSA public key: big-endian numbers without leading zeros, 2,048 to 8,192 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaPublicKey {
    /// The modulus `n`.
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The exponent `e`.
    pub fn exponent(&self) -> &[u8] {
        &self.exponent
    }
}

/// A JWK set as it comes (RFC 7517 section 5): an entry that cannot be read is skipped.
#[derive(Debug, Deserialize)]
pub struct Jwks {
    keys: Vec<Lenient<Jwk>>,
}

#[derive(Debug, Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default, deserialize_with = "lenient")]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    n: String,
    e: String,
}

impl Jwk {
    fn into_key(self) -> Option<(Option<String>, RsaPublicKey)> {
        let for_signatures = self.kty == "RSA"
            && self.usage.is_none_or(|usage| usage == "sig")
            && self.alg.is_none_or(|alg| alg == "RS256")
            && self.key_ops.is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        let modulus = number(&self.n)?;
        let exponent = number(&self.e)?;
        let sound = MODULUS_BYTES.contains(&modulus.len())
            && modulus.first().is_some_and(|first| modulus.len() > *MODULUS_BYTES.start() || *first >= 0x80)
            && (1..=4).contains(&exponent.len())
            && exponent != [1]
            && [&modulus, &exponent].iter().all(|number| number.last().is_some_and(|last| last % 2 == 1));
        (for_signatures && sound).then_some((self.kid, RsaPublicKey { modulus, exponent }))
    }
}

fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    let start = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[start..].to_vec())
}

/// The keys of a provider that can sign ID tokens: RSA for signatures of 2,048 bits and more, at most 64 of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet(Vec<(Option<String>, RsaPublicKey)>);

impl KeySet {
    /// Picks the usable keys.
    pub fn from_jwks(jwks: Jwks) -> Self {
        Self(
            jwks.keys
                .into_iter()
                .filter_map(|entry| entry.0)
                .filter_map(Jwk::into_key)
                .take(MOST_KEYS)
                .collect(),
        )
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when no key is usable.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys to try: those with the token's key id, or without one in the token, every key; at most 16.
    pub fn candidates(&self, kid: Option<&str>) -> Vec<&RsaPublicKey> {
        let fits = |(key_id, _): &&(Option<String>, RsaPublicKey)| kid.is_none() || key_id.as_deref() == kid;
        self.0.iter().filter(fits).map(|(_, key)| key).take(MOST_CANDIDATES).collect()
    }
}

/// Decides when keys are fetched; whoever performs asks it. Times are monotonic, from any origin.
///
/// A key id that is not known asks for one fetch. One that brings no new key starts [`KEYS_COOLDOWN`], so a flood of
/// forged tokens fetches next to nothing; one that does was worth it, so keys that are rotated twice in a row (or a
/// provider that was started anew) are found at once. Keys older than [`KEYS_LIFETIME`] are fetched again,
/// and serve on when that fails.
///
/// ```
/// use std::time::Duration;
/// use hf_oauth_core::{KeyCache, KeyLookup, KeySet};
///
/// let mut cache = KeyCache::new();
/// let at = Duration::from_secs;
/// assert_eq!(cache.lookup(Some("k1"), at(0)), KeyLookup::Fetch);
/// cache.fetched(KeySet::default(), at(0));
/// assert_eq!(cache.lookup(Some("k1"), at(59)), KeyLookup::CoolingDown);
/// assert_eq!(cache.lookup(Some("k1"), at(60)), KeyLookup::Fetch);
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyCache {
    keys: KeySet,
    fetched_at: Option<Duration>,
    last_attempt: Option<Duration>,
}

/// What to do about a key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLookup {
    /// The keys at hand have it.
    Known,
    /// Fetch the keys, then ask again.
    Fetch,
    /// It is unknown, and a fetch a moment ago brought nothing new.
    CoolingDown,
}

impl KeyCache {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks a key id up.
    pub fn lookup(&self, kid: Option<&str>, now: Duration) -> KeyLookup {
        let known = !self.keys.candidates(kid).is_empty();
        let fresh = self.fetched_at.is_some_and(|fetched_at| now < fetched_at + KEYS_LIFETIME);
        let cooling_down = self.last_attempt.is_some_and(|last| now < last + KEYS_COOLDOWN);
        match (known, fresh, cooling_down) {
            (true, true, _) | (true, false, true) => KeyLookup::Known,
            (false, _, true) => KeyLookup::CoolingDown,
            (_, _, false) => KeyLookup::Fetch,
        }
    }

    /// Takes what a fetch brought.
    pub fn fetched(&mut self, keys: KeySet, now: Duration) {
        let brought_news = keys.0.iter().any(|key| !self.keys.0.contains(key));
        self.keys = keys;
        self.fetched_at = Some(now);
        self.last_attempt = (!brought_news).then_some(now);
    }

    /// A fetch brought nothing. The keys at hand serve on meanwhile; without any, the next login asks at once, so
    /// that a provider that comes back is found.
    pub fn fetch_failed(&mut self, now: Duration) {
        if !self.keys.is_empty() {
            self.last_attempt = Some(now);
        }
    }

    /// The keys at hand.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }
}

impl fmt::Display for KeyLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "known",
            Self::Fetch => "to be fetched",
            Self::CoolingDown => "unknown, fetched a moment ago",
        })
    }
}
