//! The ID token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::*;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{
    ACCESS_TOKEN, CLIENT_ID, KEY, KEYS, NOW, PARTS, Verifier, app, assert_short_and_fit_to_be_shown,
    exchange, hub, sign, unsaid,
};

/// A whole token, or `{header}`, a line end and `{claims}`, which are then signed with the right key. Who is let in has
/// a signature over these very bytes and claims that hold by another reading of the specification.
pub fn id_token(data: &[u8]) -> bool {
    let jwt = match data.first() {
        Some(b'{') => {
            let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
            sign(&data[..end], data.get(end + 1..).unwrap_or_default())
        }
        _ => String::from_utf8_lossy(data).into_owned(),
    };
    let (request, exchange) = exchange(&app());
    let answer =
        json!({ "access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": 3600, "id_token": jwt });
    let answer = request.read(Response::new(200, answer.to_string()));
    let login = exchange.receive(answer, NOW, None).expect("the answer is sound but for its ID token");
    let verified = login
        .decode()
        .and_then(|login| login.verify(&app(), &hub(), &KEYS, &Verifier, IdTokenPolicy::default(), NOW));
    match verified {
        Ok(login) => {
            assert_eq!(
                login.identity.subject(),
                checked_again(&jwt).expect("a token that should be refused")
            );
            true
        }
        Err(error) => {
            assert_short_and_fit_to_be_shown(&error, &unsaid(data, &[ACCESS_TOKEN, &PARTS.nonce]));
            false
        }
    }
}

/// OpenID Connect Core section 3.1.3.7 once more, over plain values; the subject.
fn checked_again(jwt: &str) -> Option<String> {
    let (message, signature) = jwt.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, KEY.public_key())
        .verify(message.as_bytes(), &signature)
        .ok()?;
    let (header, claims) = message.split_once('.')?;
    let object =
        |text: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok() };
    let (header, claims) = (object(header)?, object(claims)?);
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
    let now = NOW.as_secs() as f64;
    let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(ACCESS_TOKEN)[..16]);
    let subject = claims["sub"].as_str()?;
    // What may be left out may be `null`.
    let said = |name: &str| claims.get(name).filter(|claim| !claim.is_null());
    let holds = header["alg"] == "RS256"
        && header.get("crit").is_none()
        && header.get("b64").is_none_or(|b64| *b64 == true)
        && header
            .get("typ")
            .is_none_or(|typ| typ.as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")))
        && header.get("kid").and_then(Value::as_str).is_none_or(|kid| kid == "k1")
        && claims["iss"] == Issuer::HUGGING_FACE
        && (claims["aud"] == CLIENT_ID || claims["aud"] == json!([CLIENT_ID]))
        && said("azp").is_none_or(|azp| azp == CLIENT_ID)
        && claims["nonce"] == PARTS.nonce.as_str()
        && said("at_hash").is_none_or(|found| *found == hash)
        && (1..=255).contains(&subject.len())
        && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && seconds("exp")? > now - 60.0
        && ((now - 360.0)..=(now + 61.0)).contains(&seconds("iat")?)
        && (said("nbf").is_none() || seconds("nbf")? < now + 61.0);
    holds.then(|| subject.to_owned())
}
