//! The provider's signing keys: which of them count, and when to fetch them again.

mod cache;

pub use cache::{KEYS_COOLDOWN, KEYS_LIFETIME, KEYS_LIFETIME_WHILE_AWAY, KeyCache, KeyLookup};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::lenient::{Lenient, Object, lenient};

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
    keys: Vec<Lenient<Object<Jwk>>>,
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
        Self(jwks.keys.into_iter().filter_map(|entry| entry.0?.0.into_key()).take(MOST_KEYS).collect())
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
    ///
    /// A set of one key that has no id gives that key for every id: an id is a hint (RFC 7515 section 4.1.4), and
    /// there is no other key to be meant.
    pub fn candidates(&self, kid: Option<&str>) -> Vec<&RsaPublicKey> {
        if let [(None, only)] = self.0.as_slice() {
            return vec![only];
        }
        let fits = |(key_id, _): &&(Option<String>, RsaPublicKey)| kid.is_none() || key_id.as_deref() == kid;
        self.0.iter().filter(fits).map(|(_, key)| key).take(MOST_CANDIDATES).collect()
    }

    /// True when one of these keys is not among the `others`.
    fn has_more_than(&self, others: &Self) -> bool {
        self.0.iter().any(|key| !others.0.contains(key))
    }
}
