//! One app, one provider, one login, one key: everything that is the same for every input.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::*;
use hf_oauth_session::{CookiePolicy, CookieSessions, Keyring, PendingLogins};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
pub(crate) const CLIENT_ID: &str = "test-app";
pub(crate) const CLIENT_SECRET: &str = "client-secret-0123456789";
pub(crate) const CODE: &str = "authorization-code-0123456789";
pub(crate) const ACCESS_TOKEN: &str = "hf_oauth_access_0123456789";
pub(crate) const REFRESH_TOKEN: &str = "refresh-token-0123456789";
pub(crate) const REDIRECT_URI: &str = "https://app.example/oauth/huggingface/callback";

pub(crate) static PARTS: LazyLock<PendingLoginParts> = LazyLock::new(|| pending().into_parts());
pub(crate) static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| {
    let key = include_bytes!("../../crates/hf-oauth-core/tests/support/keys/rsa-one.pk8");
    RsaKeyPair::from_pkcs8(key).expect("the fixed test key")
});
pub(crate) static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::from_jwks(serde_json::from_value(json!({ "keys": [jwk()] })).expect("one key")));

pub(crate) static SESSIONS: LazyLock<CookieSessions> =
    LazyLock::new(|| CookieSessions::new(keyring(), CookiePolicy::https(), CLIENT_ID, hub().issuer()));
pub(crate) static LOGINS: LazyLock<PendingLogins> =
    LazyLock::new(|| PendingLogins::new(keyring(), CookiePolicy::https(), CLIENT_ID, hub().issuer()));

fn keyring() -> Keyring {
    Keyring::new(["fuzz-key-0123456789abcdefghijklmnopqrstuv"]).expect("one key")
}

pub(crate) fn app() -> App {
    App::new(CLIENT_ID).with_redirect_uri(RedirectUri::parse(REDIRECT_URI).expect("a redirect URI"))
}

pub(crate) fn hub() -> Hub {
    Hub::huggingface()
}

/// The same login at every call.
pub(crate) fn pending() -> PendingLogin {
    let seed = LoginSeed::from_random_bytes([7; 32]);
    authorize(&app(), &hub(), &LoginOptions::new(), &seed, NOW).expect("a login").1
}

pub(crate) fn exchange(app: &App) -> (Request, CodeExchange) {
    let params = CallbackParams::from_pairs([("code", CODE.to_owned()), ("state", PARTS.state.clone())]);
    let grant =
        pending().accept(&hub(), params.expect("an honest callback"), NOW).expect("an honest callback");
    grant.exchange(app, &hub()).expect("the same provider")
}

/// The public half of [`KEY`] as a JWK.
pub(crate) fn jwk() -> serde_json::Value {
    let public: PublicKeyComponents<Vec<u8>> = KEY.public().into();
    let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
    json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1", "n": n, "e": e })
}

/// A token with this header and these claims, whatever they are, signed by [`KEY`].
pub(crate) fn sign(header: &[u8], claims: &[u8]) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut signature = vec![0; KEY.public().modulus_len()];
    KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .expect("a signature");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Verifies for real.
pub(crate) struct Verifier;

impl SignatureVerifier for Verifier {
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
        let public = PublicKeyComponents { n: key.modulus(), e: key.exponent() };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}

/// An answer as a seed writes it: the status, a line end, the body.
pub(crate) fn response(data: &[u8]) -> Response {
    let line_end = data.iter().position(|byte| *byte == b'\n');
    let status = line_end.and_then(|end| std::str::from_utf8(&data[..end]).ok()?.parse().ok());
    match (line_end, status) {
        (Some(end), Some(status)) => Response::new(status, &data[end + 1..]),
        _ => Response::new(200, data),
    }
}

/// What an error says, and what its sources say, can be shown: one line without anything that moves a cursor or
/// reorders text, and nothing secret in it.
pub(crate) fn assert_fit_to_be_shown(error: &dyn std::error::Error, secrets: &[&str]) {
    let mut next = Some(error);
    while let Some(error) = next {
        for text in [error.to_string(), format!("{error:?}")] {
            let hostile = text.chars().find(|&c| {
                c.is_control()
                    || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            });
            assert_eq!(hostile, None, "{text:?}");
            for secret in secrets {
                assert!(!text.contains(secret), "{secret:?} is in {text:?}");
            }
        }
        next = error.source();
    }
}

/// [`assert_fit_to_be_shown`], and short whatever a stranger sent.
pub(crate) fn assert_short_and_fit_to_be_shown(error: &dyn std::error::Error, secrets: &[&str]) {
    assert_fit_to_be_shown(error, secrets);
    let texts = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
    let bytes = texts.map(|text| text.len()).max();
    assert!(bytes < Some(4_000), "{bytes:?} bytes: {error:.100}");
}

/// The secrets that the input does not have itself: libFuzzer learns them from comparisons and says them first.
pub(crate) fn unsaid<'a>(data: &[u8], secrets: &[&'a str]) -> Vec<&'a str> {
    let said = |secret: &str| {
        let letters = data.iter().filter(|byte| byte.is_ascii_graphic()).copied().collect::<Vec<_>>();
        letters.windows(secret.len()).any(|part| part == secret.as_bytes())
    };
    secrets.iter().copied().filter(|secret| !said(secret)).collect()
}
