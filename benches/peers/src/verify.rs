//! ID tokens verified a second, signature and claims, key known: the same token for all, in turns, one thread.

use std::time::{Duration, Instant};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_benches::{Fault, now, output, person};
use hf_oauth_core::{
    App, CallbackParams, Hub, IdTokenPolicy, KeySet, LoginOptions, LoginSeed, RsaPublicKey,
    SignatureVerifier, TokenResponse, UnixTime, authorize,
};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet};
use openidconnect::{ClientId, IssuerUrl, Nonce};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::json;

const TURN: Duration = Duration::from_millis(200);

/// As `hf-oauth` does it.
struct AwsLc;

impl SignatureVerifier for AwsLc {
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents { n: key.modulus(), e: key.exponent() };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}

/// Prints how many a second by whom: the median of the turns.
pub(crate) fn run(seconds: f64) -> Result<(), Fault> {
    let (app, hub) = (App::new("bench"), Hub::huggingface());
    let (at, seed) = (UnixTime::from_secs(now()), LoginSeed::from_random_bytes([7; 32]));
    let options = LoginOptions::new();
    let pending = || authorize(&app, &hub, &options, &seed, at).map(|(_, pending)| pending);
    let nonce = pending()?.into_parts().nonce;

    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048)?;
    let [n, e] = [key.n(), key.e()].map(|number| URL_SAFE_NO_PAD.encode(number.to_bytes_be()));
    let jwks = json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1", "n": n, "e": e}]});
    let someone = person(7, at.as_secs());
    let claims = json!({
        "iss": "https://huggingface.co", "aud": "bench", "sub": someone.sub, "nonce": nonce,
        "iat": at.as_secs(), "exp": at.as_secs() + 3_600, "auth_time": at.as_secs(),
        "name": someone.name, "preferred_username": someone.preferred_username, "email": someone.email,
        "email_verified": true, "profile": someone.profile, "picture": someone.picture,
        "orgs": someone.orgs.iter().map(|org| json!({"sub": org.sub, "name": org.name, "roleInOrg": org.role})).collect::<Vec<_>>(),
    });
    let header = jsonwebtoken::Header {
        kid: Some("k1".into()),
        ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256)
    };
    let signing = jsonwebtoken::EncodingKey::from_rsa_der(key.to_pkcs1_der()?.as_bytes());
    let id_token = jsonwebtoken::encode(&header, &claims, &signing)?;

    // Ours: the claims of the whole login, from the answer of the token endpoint on.
    let keys = KeySet::from_jwks(serde_json::from_value(jwks.clone())?);
    let answer = json!({
        "access_token": someone.access_token, "token_type": "bearer", "expires_in": 28_800, "id_token": id_token,
    });
    let mut ours = |spent: &mut Duration| -> Result<(), Fault> {
        let params = CallbackParams::from_pairs([("code", "c".to_owned()), ("state", seed.state())])?;
        let (_, exchange) = pending()?
            .accept(&hub, params, at)
            .map_err(|error| format!("{error:?}"))?
            .exchange(&app, &hub)?;
        let answer: TokenResponse = serde_json::from_value(answer.clone())?;
        let unverified = exchange.receive(Ok(answer), at, None)?;
        let start = Instant::now();
        let login = unverified.decode()?.verify(&app, &hub, &keys, &AwsLc, IdTokenPolicy::default(), at)?;
        *spent += start.elapsed();
        std::hint::black_box(login);
        Ok(())
    };

    let set: CoreJsonWebKeySet = serde_json::from_value(jwks)?;
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new("bench".into()),
        IssuerUrl::new("https://huggingface.co".into())?,
        set,
    );
    let nonce = Nonce::new(nonce);
    let mut openidconnect = |spent: &mut Duration| -> Result<(), Fault> {
        let start = Instant::now();
        let token: CoreIdToken = id_token.parse()?;
        std::hint::black_box(token.claims(&verifier, &nonce)?);
        *spent += start.elapsed();
        Ok(())
    };

    let decoding = jsonwebtoken::DecodingKey::from_rsa_components(&n, &e)?;
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&["bench"]);
    validation.set_issuer(&["https://huggingface.co"]);
    let mut jsonwebtoken = |spent: &mut Duration| -> Result<(), Fault> {
        let start = Instant::now();
        let data = jsonwebtoken::decode::<serde_json::Value>(&id_token, &decoding, &validation)?;
        std::hint::black_box(data);
        *spent += start.elapsed();
        Ok(())
    };

    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < seconds {
        rates[0].push(turn(&mut ours)?);
        rates[1].push(turn(&mut openidconnect)?);
        rates[2].push(turn(&mut jsonwebtoken)?);
    }
    let [ours, openidconnect, jsonwebtoken] = rates.map(median);
    output::line(
        &json!({"hf-oauth": ours, "openidconnect": openidconnect, "jsonwebtoken": jsonwebtoken}).to_string(),
    );
    Ok(())
}

fn turn(one: &mut dyn FnMut(&mut Duration) -> Result<(), Fault>) -> Result<f64, Fault> {
    let (mut spent, mut count) = (Duration::ZERO, 0.0);
    while spent < TURN {
        one(&mut spent)?;
        count += 1.0;
    }
    Ok(count / spent.as_secs_f64())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}
