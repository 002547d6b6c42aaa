//! The RSA key that signs ID tokens, its JWKS, and the signing.

use std::sync::{Arc, LazyLock, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::random::{hex, sha256};

/// A key that may still be in the making.
#[derive(Clone)]
pub(crate) struct KeyCell(Arc<OnceLock<Option<Arc<SigningKey>>>>);

/// The key that every hub of this process begins with: making one takes longer than starting a hub.
static OF_THE_PROCESS: LazyLock<KeyCell> = LazyLock::new(KeyCell::in_background);

impl KeyCell {
    pub(crate) fn of_the_process() -> Self {
        OF_THE_PROCESS.clone()
    }

    /// Begins to make a key in its own thread and gives the place where it will be.
    pub(crate) fn in_background() -> Self {
        let cell = Self(Arc::new(OnceLock::new()));
        let filled = cell.clone();
        // Without a thread the first reader makes the key.
        let _ = std::thread::Builder::new().name("hub-key".into()).spawn(move || filled.wait());
        cell
    }

    /// The key, once it is there; `None` if this machine cannot make one.
    pub(crate) async fn get(&self) -> Option<Arc<SigningKey>> {
        if let Some(key) = self.0.get() {
            return key.clone();
        }
        let cell = self.clone();
        tokio::task::spawn_blocking(move || cell.wait()).await.ok().flatten()
    }

    fn wait(&self) -> Option<Arc<SigningKey>> {
        self.0.get_or_init(|| SigningKey::generate().map(Arc::new)).clone()
    }
}

pub(crate) struct SigningKey {
    pair: KeyPair,
    kid: String,
}

impl SigningKey {
    fn generate() -> Option<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let kid = hex(&sha256(pair.public_key().as_ref())[..8]);
        Some(Self { pair, kid })
    }

    /// The JWK set with this key alone (RFC 7517).
    pub(crate) fn jwks(&self) -> Value {
        let public = self.pair.public_key();
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": number(public.modulus().big_endian_without_leading_zero()),
            "e": number(public.exponent().big_endian_without_leading_zero()),
        }] })
    }

    /// The JWS header of this key's tokens.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid })
    }

    /// A compact JWS over `header` and `claims` (RFC 7515 section 7.1).
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> Option<Jws> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).ok()?;
        Some(Jws { input, signature })
    }

    /// The claims of a compact JWS that this key has signed.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let header: Value = read(header)?;
        if header["alg"] != "RS256" || header["kid"] != self.kid.as_str() {
            return None;
        }
        let public = self.pair.public_key();
        let components = PublicKeyComponents {
            n: public.modulus().big_endian_without_leading_zero(),
            e: public.exponent().big_endian_without_leading_zero(),
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        components.verify(&RSA_PKCS1_2048_8192_SHA256, input.as_bytes(), &signature).ok()?;
        read(claims)
    }
}

pub(crate) struct Jws {
    input: String,
    signature: Vec<u8>,
}

impl Jws {
    /// Turns one bit, for clients that should notice.
    pub(crate) fn spoil(&mut self) {
        if let Some(byte) = self.signature.first_mut() {
            *byte ^= 1;
        }
    }

    pub(crate) fn compact(&self) -> String {
        format!("{}.{}", self.input, URL_SAFE_NO_PAD.encode(&self.signature))
    }
}

/// The left half of the access token's hash (OpenID Connect Core section 3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&sha256(access_token.as_bytes())[..16])
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
pub(crate) fn s256(code_verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(code_verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_matches_the_example_of_rfc_7636() {
        let challenge = s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_signature_holds_for_the_published_key_until_it_is_spoiled() {
        let key = SigningKey::generate().unwrap();
        let jwk = &key.jwks()["keys"][0];
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let public = PublicKeyComponents { n: bytes("n"), e: bytes("e") };
        let holds = |jws: &Jws| {
            public.verify(&RSA_PKCS1_2048_8192_SHA256, jws.input.as_bytes(), &jws.signature).is_ok()
        };
        let mut jws = key.sign(&key.header(), &json!({ "sub": "1" })).unwrap();
        assert!(holds(&jws));
        assert_eq!(key.verify(&jws.compact()), Some(json!({ "sub": "1" })));
        jws.spoil();
        assert!(!holds(&jws));
        assert_eq!(key.verify(&jws.compact()), None);
        let unsigned = key.sign(&json!({ "alg": "none" }), &json!({ "sub": "1" })).unwrap();
        assert_eq!(key.verify(&unsigned.compact()), None);
    }
}
