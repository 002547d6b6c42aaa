//! One app, one provider, one login, and ID tokens signed with fixed test keys by a library that the client does not use.

#![allow(dead_code, reason = "every test file uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[cfg(feature = "wire")]
pub(crate) mod device;
#[cfg(feature = "wire")]
pub(crate) mod token_answers;

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::*;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_2048_8192_SHA256, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
pub(crate) const CLIENT_ID: &str = "test-app";
pub(crate) const ACCESS_TOKEN: &str = "hf_oauth_access";

pub(crate) fn at(seconds_from_now: i64) -> UnixTime {
    UnixTime::from_secs(NOW.as_secs() + seconds_from_now)
}

pub(crate) fn app() -> App {
    App::new(CLIENT_ID)
        .with_redirect_uri(RedirectUri::parse("https://app.example/oauth/huggingface/callback").unwrap())
}

pub(crate) fn hub() -> Hub {
    Hub::huggingface()
}

/// A provider whose metadata has these members too.
pub(crate) fn discover(members: Value) -> Result<Hub, DiscoveryError> {
    let mut document = json!({
        "issuer": "https://id.example",
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "jwks_uri": "https://id.example/jwks",
    });
    document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let issuer = Issuer::parse("https://id.example").unwrap();
    Hub::from_discovery(&issuer, serde_json::from_value(document).unwrap(), &[])
}

pub(crate) fn begin(app: &App, hub: &Hub, options: &LoginOptions) -> (AuthorizationRequest, PendingLogin) {
    authorize(app, hub, options, &LoginSeed::from_random_bytes([7; 32]), NOW).unwrap()
}

pub(crate) fn pending() -> PendingLogin {
    begin(&app(), &hub(), &LoginOptions::new()).1
}

/// Every call begins the same login, so its strings are known beforehand.
pub(crate) fn parts() -> PendingLoginParts {
    pending().into_parts()
}

pub(crate) fn honest_callback() -> CallbackParams {
    CallbackParams::from_pairs([("code", "the-code".to_owned()), ("state", parts().state)]).unwrap()
}

pub(crate) fn grant() -> Grant {
    pending().accept(&hub(), honest_callback(), NOW).unwrap()
}

pub(crate) fn exchange(app: &App) -> (Request, CodeExchange) {
    grant().exchange(app, &hub()).unwrap()
}

/// A token answer that is well-formed but for `members`; `null` removes one.
pub(crate) fn token_json(members: Value) -> Value {
    let mut answer = json!({
        "access_token": ACCESS_TOKEN,
        "token_type": "bearer",
        "expires_in": 28800,
        "scope": "openid profile",
        "id_token": Attempt::new().jwt(),
        "refresh_token": "refresh-1",
    });
    merge(&mut answer, members);
    answer
}

/// Puts `members` into an object; [`Value::Null`] takes a member out.
pub(crate) fn merge(object: &mut Value, members: Value) {
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => object.as_object_mut().unwrap().remove(name),
            value => object.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
}

pub(crate) fn ok(body: impl ToString) -> Response {
    Response::new(200, body.to_string())
}

/// A key to sign with. Fixed, worth nothing, used nowhere else.
pub(crate) struct TestKey(RsaKeyPair);

impl TestKey {
    pub(crate) fn one() -> Self {
        Self(RsaKeyPair::from_pkcs8(include_bytes!("keys/rsa-one.pk8")).unwrap())
    }

    pub(crate) fn two() -> Self {
        Self(RsaKeyPair::from_pkcs8(include_bytes!("keys/rsa-two.pk8")).unwrap())
    }

    pub(crate) fn public(&self) -> PublicKeyComponents<Vec<u8>> {
        self.0.public().into()
    }

    /// The public key as a JWK; `members` are put in, `null` takes one out.
    pub(crate) fn jwk(&self, members: Value) -> Value {
        let public = self.public();
        let mut jwk = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        });
        merge(&mut jwk, members);
        jwk
    }

    pub(crate) fn sign(&self, padding: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> String {
        jwt(header, claims, |message| {
            let mut signature = vec![0; self.0.public().modulus_len()];
            self.0.sign(padding, &SystemRandom::new(), message, &mut signature).unwrap();
            signature
        })
    }
}

/// An ES256 token (RFC 7518 section 3.4).
pub(crate) fn sign_es256(header: &Value, claims: &Value) -> String {
    let random = SystemRandom::new();
    let key = include_bytes!("keys/ec.pk8");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &random).unwrap();
    jwt(header, claims, |message| key.sign(&random, message).unwrap().as_ref().to_vec())
}

/// An HS256 token with any bytes as its key.
pub(crate) fn sign_hs256(key: &[u8], header: &Value, claims: &Value) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    jwt(header, claims, |message| ring::hmac::sign(&key, message).as_ref().to_vec())
}

pub(crate) fn jwt(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    raw_jwt(&header.to_string(), &claims.to_string(), sign)
}

/// For headers and claims that no `Value` can hold, such as duplicate members.
pub(crate) fn raw_jwt(header: &str, claims: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

pub(crate) fn key_set(keys: impl Into<Value>) -> KeySet {
    KeySet::from_jwks(serde_json::from_value(json!({ "keys": keys.into() })).unwrap())
}

/// Verifies for real, and counts how often it was asked.
#[derive(Default)]
pub(crate) struct Verifier(AtomicUsize);

impl Verifier {
    pub(crate) fn calls(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl SignatureVerifier for Verifier {
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        let public = PublicKeyComponents { n: key.modulus(), e: key.exponent() };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}

/// A login up to its ID token, right in everything unless a test says otherwise.
pub(crate) struct Attempt {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) keys: KeySet,
    pub(crate) now: UnixTime,
    pub(crate) server_date: Option<UnixTime>,
    pub(crate) policy: IdTokenPolicy,
    pub(crate) verifier: Verifier,
}

impl Attempt {
    pub(crate) fn new() -> Self {
        Self {
            header: json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" }),
            claims: json!({
                "iss": "https://huggingface.co", "aud": CLIENT_ID, "sub": "user-1", "nonce": parts().nonce,
                "iat": NOW.as_secs(), "exp": at(3600).as_secs(), "preferred_username": "ada",
            }),
            keys: key_set([TestKey::one().jwk(json!({ "kid": "k1" }))].as_slice()),
            now: NOW,
            server_date: None,
            policy: IdTokenPolicy::default(),
            verifier: Verifier::default(),
        }
    }

    /// With other claims; `null` removes one.
    pub(crate) fn with(mut self, members: Value) -> Self {
        merge(&mut self.claims, members);
        self
    }

    /// With another header; `null` removes a member.
    pub(crate) fn with_header(mut self, members: Value) -> Self {
        merge(&mut self.header, members);
        self
    }

    pub(crate) fn jwt(&self) -> String {
        TestKey::one().sign(&ring::signature::RSA_PKCS1_SHA256, &self.header, &self.claims)
    }

    pub(crate) fn run(self) -> Result<VerifiedLogin, IdTokenError> {
        let jwt = self.jwt();
        self.run_jwt(&jwt)
    }

    pub(crate) fn error(self) -> IdTokenError {
        self.run().unwrap_err()
    }

    pub(crate) fn run_jwt(&self, jwt: &str) -> Result<VerifiedLogin, IdTokenError> {
        let (request, exchange) = exchange(&app());
        let mut answer = json!({ "access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": 3600 });
        merge(&mut answer, json!({ "id_token": jwt }));
        let answer = request.read(ok(answer));
        let decoded = exchange.receive(answer, self.now, self.server_date).unwrap().decode()?;
        decoded.verify(&app(), &hub(), &self.keys, &self.verifier, self.policy, self.now)
    }
}
