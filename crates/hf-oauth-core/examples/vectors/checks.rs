//! The vectors, each a claim of the documentation.

mod fixed;
mod rs256;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::*;
use rs256::Verifier;
use sha2::{Digest as _, Sha256};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// Runs them all and says how many there are.
pub(crate) fn run() -> u8 {
    let mut vectors = Vectors(0);
    rs256(&mut vectors);
    authorization(&mut vectors);
    callback(&mut vectors);
    id_token(&mut vectors);
    keys(&mut vectors);
    text(&mut vectors);
    vectors.0
}

struct Vectors(u8);

impl Vectors {
    #[track_caller]
    fn check(&mut self, what: &str, holds: bool) {
        assert!(holds, "vector {} does not hold: {what}", self.0 + 1);
        self.0 += 1;
    }
}

fn rs256(vectors: &mut Vectors) {
    for (what, n, jws) in [
        ("RFC 7515 appendix A.2", fixed::RFC_7515_N, fixed::RFC_7515_JWS),
        ("RFC 7520 section 4.1", fixed::RFC_7520_N, fixed::RFC_7520_JWS),
    ] {
        let keys = key_set(n, "k");
        let (message, signature) = jws.rsplit_once('.').unwrap_or_default();
        let verifies = |message: &str, signature: &[u8]| {
            keys.candidates(None).iter().any(|key| Verifier.verify_rs256(key, message.as_bytes(), signature))
        };
        let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        vectors.check(what, verifies(message, &signature));
        vectors.check("another message is not what was signed", !verifies(&message[1..], &signature));
        signature[255] ^= 1;
        vectors.check("another signature is none", !verifies(message, &signature));
    }
}

fn authorization(vectors: &mut Vectors) {
    let s256 = |verifier: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    vectors.check(
        "RFC 7636 appendix B",
        s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
    let (request, pending) = begin();
    let param = |name: &str| {
        let mut values =
            request.params().iter().filter(|(key, _)| *key == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    };
    vectors.check("the seed's state", param("state") == Some(fixed::STATE));
    vectors.check("the seed's nonce", param("nonce") == Some(fixed::NONCE));
    vectors.check("the verifier's S256", param("code_challenge") == Some(fixed::CODE_CHALLENGE));
    vectors.check("and nothing but S256", param("code_challenge_method") == Some("S256"));
    let parts = pending.into_parts();
    vectors.check("the seed's verifier stays here", parts.code_verifier == fixed::CODE_VERIFIER);
    let again = PendingLogin::from_parts(parts.clone()).map(PendingLogin::into_parts);
    vectors.check("a login survives its strings", again == Ok(parts));
}

fn callback(vectors: &mut Vectors) {
    let accept = |pairs: &[(&str, &str)], now| {
        let params = CallbackParams::from_pairs(pairs.iter().copied())?;
        begin().1.accept(&Hub::huggingface(), params, now).map_err(|rejected| rejected.error)
    };
    let right = [("code", "c"), ("state", fixed::STATE)];
    vectors.check("an honest redirect is a grant", accept(&right, NOW).is_ok());
    let wrong = accept(&[("code", "c"), ("state", "guessed")], NOW);
    vectors.check("a wrong state", matches!(wrong, Err(CallbackError::StateMismatch)));
    let missing = accept(&[("code", "c")], NOW);
    vectors.check("no state", matches!(missing, Err(CallbackError::StateMissing)));
    let twice = accept(&[("code", "c"), ("code", "d"), ("state", fixed::STATE)], NOW);
    vectors.check(
        "a code that comes twice",
        matches!(twice, Err(CallbackError::DuplicateParameter { name: "code" })),
    );
    let late = accept(&right, NOW + PENDING_LOGIN_LIFETIME + Duration::from_secs(1));
    vectors.check("ten minutes and a second later", matches!(late, Err(CallbackError::StateExpired)));
    let mixed_up = accept(&[right[0], right[1], ("iss", "https://evil.example")], NOW);
    vectors
        .check("the answer of another issuer", matches!(mixed_up, Err(CallbackError::IssuerMismatch { .. })));
    let declined = accept(&[("error", "access_denied"), right[1]], NOW);
    vectors.check("a person who says no", matches!(declined, Err(CallbackError::Declined(_))));
}

fn id_token(vectors: &mut Vectors) {
    let valid = sign_in(fixed::VALID, NOW);
    let signed_in = valid.is_ok_and(|login| {
        login.identity.subject() == "user-1" && login.tokens.access_token.expose() == "hf_oauth_vector"
    });
    vectors.check("a signed ID token signs in", signed_in);

    let hour = UnixTime::from_secs(1_800_003_600);
    let expired = sign_in(fixed::VALID, hour + Duration::from_secs(60));
    vectors.check(
        "expired, leeway included",
        matches!(expired, Err(IdTokenError::Expired { at: Some(at) }) if at == hour),
    );
    let early = sign_in(fixed::VALID, NOW - Duration::from_secs(61));
    vectors.check("issued in the future", matches!(early, Err(IdTokenError::IssuedAt { .. })));

    let refused = |jwt: &str| sign_in(jwt, NOW).err();
    let is_issuer = matches!(refused(fixed::OTHER_ISSUER), Some(IdTokenError::Issuer { .. }));
    vectors.check("another issuer", is_issuer);
    vectors.check("another app", refused(fixed::OTHER_AUDIENCE) == Some(IdTokenError::Audience));
    vectors.check("another login", refused(fixed::OTHER_NONCE) == Some(IdTokenError::Nonce));
    let other_token = refused(fixed::OTHER_ACCESS_TOKEN);
    vectors.check("another access token", other_token == Some(IdTokenError::AccessTokenHash));

    let segments: Vec<&str> = fixed::VALID.split('.').collect();
    let [header, claims, signature] = segments[..] else { panic!("three segments") };
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let unsigned = refused(&format!("{none}.{claims}."));
    vectors.check("alg none", matches!(unsigned, Some(IdTokenError::Algorithm { .. })));
    let admin = URL_SAFE_NO_PAD.encode(r#"{"sub":"admin"}"#);
    let swapped = refused(&format!("{header}.{admin}.{signature}"));
    vectors.check("other claims under the signature", swapped == Some(IdTokenError::Signature));
    vectors.check(
        "two segments",
        matches!(refused(&format!("{header}.{claims}")), Some(IdTokenError::Malformed { .. })),
    );
}

fn keys(vectors: &mut Vectors) {
    let at = Duration::from_secs;
    let mut cache = KeyCache::new();
    vectors.check("no keys yet", cache.lookup(Some("k"), at(0)) == KeyLookup::Fetch);
    cache.fetched(key_set(fixed::KEY_N, "k"), at(0));
    cache.fetched(key_set(fixed::KEY_N, "k"), at(1));
    vectors.check("a known key", cache.lookup(Some("k"), at(60)) == KeyLookup::Known);
    let later = at(1) + KEYS_COOLDOWN;
    vectors.check("an unknown one cools down", cache.lookup(Some("x"), at(60)) == KeyLookup::CoolingDown);
    vectors.check("and is asked for once", cache.lookup(Some("x"), later) == KeyLookup::Fetch);
    let tried = cache.keys(later);
    let again = |cache: &KeyCache, time| cache.lookup_again(&tried, at(2), time);
    vectors.check("a failed signature asks once", again(&cache, later) == KeyLookup::Fetch);
    cache.signature_failed(later);
    vectors.check("and cools down", again(&cache, later) == KeyLookup::CoolingDown);
    vectors.check("a set without keys is none", !cache.fetched(KeySet::default(), later));
    vectors.check("and replaces none", cache.lookup(Some("k"), later) == KeyLookup::Known);
    let day = at(1) + KEYS_LIFETIME + KEYS_LIFETIME_WHILE_AWAY;
    vectors.check("old keys end", cache.keys(day).is_empty());
    vectors.check("512 bits are no key", key_set(&fixed::KEY_N[..86], "k").is_empty());
}

fn text(vectors: &mut Vectors) {
    vectors.check(
        "a path comes through",
        ReturnPath::parse("/a?b=//c#d").is_ok_and(|path| path.as_str() == "/a?b=//c#d"),
    );
    let elsewhere =
        ["//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example", "/.//evil.example"];
    vectors.check("no other site is a path", elsewhere.iter().all(|text| ReturnPath::parse(text).is_err()));
    let scopes = Scopes::from("openid profile openid brand-new");
    vectors.check("scopes keep order and pass on", scopes.to_string() == "openid profile brand-new");
    vectors.check("plain http is for loopback", EndpointUrl::parse("http://huggingface.co/").is_err());
    vectors.check("a secret does not print", format!("{:?}", Secret::new("canary")) == "Secret(***)");
}

fn app() -> App {
    App::new("vectors-app")
}

fn begin() -> (AuthorizationRequest, PendingLogin) {
    let seed = LoginSeed::from_random_bytes(std::array::from_fn(|index| index as u8));
    match authorize(&app(), &Hub::huggingface(), &LoginOptions::new(), &seed, NOW) {
        Ok(begun) => begun,
        Err(error) => panic!("{error}"),
    }
}

fn key_set(n: &str, kid: &str) -> KeySet {
    let json = format!(
        r#"{{"keys":[{{"kty":"RSA","use":"sig","alg":"RS256","kid":"{kid}","n":"{n}","e":"AQAB"}}]}}"#
    );
    match serde_json::from_str(&json) {
        Ok(jwks) => KeySet::from_jwks(jwks),
        Err(error) => panic!("{error}"),
    }
}

/// One login up to its ID token, with a JSON parser of the caller's, as a browser would bring one.
fn sign_in(id_token: &str, now: UnixTime) -> Result<VerifiedLogin, IdTokenError> {
    let hub = Hub::huggingface();
    let params = CallbackParams::from_pairs([("code", "c"), ("state", fixed::STATE)]);
    let grant = params.ok().and_then(|params| begin().1.accept(&hub, params, NOW).ok());
    let Some(Ok((_, exchange))) = grant.map(|grant| grant.exchange(&app(), &hub)) else { panic!("no grant") };
    let answer =
        format!(r#"{{"access_token":"hf_oauth_vector","token_type":"bearer","id_token":"{id_token}"}}"#);
    let Ok(answer) = serde_json::from_str(&answer) else { panic!("no token answer") };
    let Ok(login) = exchange.receive(Ok(answer), now, None) else { panic!("no tokens") };
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).ok();
    let decoded = login.decode_with(json, |bytes| serde_json::from_slice(bytes).ok())?;
    let keys = key_set(fixed::KEY_N, "vector-key");
    decoded.verify(&app(), &hub, &keys, &Verifier, IdTokenPolicy::default(), now)
}
