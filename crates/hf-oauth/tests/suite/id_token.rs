//! ID tokens as a provider would really get them wrong: signed by its own key, straight from its token endpoint.

use hf_oauth::*;
use hf_oauth_hub::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::raw::{Raw, Say};
use crate::support::*;

/// Each of these faults by itself: the error, one token request, and nobody asked userinfo.
async fn refused(table: impl IntoIterator<Item = (Fault, &'static str)>) {
    let hub = hub().await;
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    for (fault, expected) in table {
        hub.clear_journal();
        let what = format!("{fault:?}");
        hub.fault(fault.times(1));
        let error = failed(&client, &hub).await;
        assert_kind(&error, expected, &what);
        assert!(!error.is_retryable(), "{what}");
        assert_eq!((asked(&hub, TOKEN), asked(&hub, USERINFO)), (1, 0), "{what}");
        assert!(hub.faults().is_empty(), "{what} did not happen");
    }
    login(&client, &hub).await.unwrap();
}

async fn accepted(table: impl IntoIterator<Item = Fault>) {
    let hub = hub().await;
    let client = client(&hub);
    for fault in table {
        let what = format!("{fault:?}");
        hub.fault(fault.times(1));
        if let Err(error) = login(&client, &hub).await {
            panic!("{what}: {error}");
        }
        assert!(hub.faults().is_empty(), "{what} did not happen");
    }
}

async fn claims_refused(claims: impl IntoIterator<Item = Value>, expected: &'static str) {
    refused(claims.into_iter().map(|claims| (Fault::claims(claims), expected))).await;
}

fn at(seconds: i64) -> i64 {
    i64::try_from(NOW).unwrap() + seconds
}

#[tokio::test]
async fn row_019_a_spoiled_signature() {
    refused([(Fault::bad_signature(), "IdToken(Signature")]).await;
}

#[tokio::test]
async fn row_020_021_022_any_algorithm_but_rs256() {
    let names = ["none", "None", "nOnE", "NONE", "", "HS256", "hs256", "HS384", "HS512", "rs256", "Rs256"];
    let others = ["ES256", "ES384", "PS256", "RS384", "RS512", "EdDSA", "RS256 "];
    let headers = names.into_iter().chain(others).map(|alg| json!({ "alg": alg }));
    let odd = [json!({ "alg": null }), json!({ "alg": ["RS256"] }), json!({ "alg": 256 })];
    refused(headers.chain(odd).map(|header| (Fault::header(header), "IdToken(Algorithm"))).await;
}

#[tokio::test]
async fn row_020_an_unsigned_token_whose_third_part_is_empty() {
    // {"alg":"none"}.{} and {"alg":"RS256"}.{}
    for (token, expected) in [
        ("eyJhbGciOiJub25lIn0.e30.", "IdToken(Algorithm"),
        ("eyJhbGciOiJSUzI1NiJ9.e30.", "IdToken(Signature"),
    ] {
        refused([(Fault::json(json!({ "id_token": token })).on(Endpoint::Token), expected)]).await;
    }
}

#[tokio::test]
async fn row_024_keys_that_a_token_brings_along_are_neither_used_nor_fetched() {
    let attacker = Raw::start(|_, _| Say::json(&json!({ "keys": [] }))).await;
    let url = attacker.issuer();
    accepted([
        Fault::header(json!({ "jku": url, "x5u": url, "x5c": [url] })),
        Fault::header(json!({ "jwk": { "kty": "RSA", "n": "AQAB", "e": "AQAB" } })),
        Fault::header(json!({ "typ": null })),
    ])
    .await;
    let ids = [url.as_str(), "../../etc/passwd", "' OR 1=1 --", "\u{202e}\u{0}\r\n"];
    refused(ids.map(|kid| (Fault::header(json!({ "kid": kid })), "IdToken(UnknownKey"))).await;
    refused([(Fault::header(json!({ "crit": ["exp"], "exp": 1 })), "IdToken(Critical")]).await;
    assert!(attacker.requests().is_empty());
}

#[tokio::test]
async fn row_026_another_issuer() {
    let issuers = ["https://evil.example", "", "https://huggingface.co"].map(|iss| json!({ "iss": iss }));
    claims_refused(issuers, "IdToken(Issuer").await;
    claims_refused([json!({ "iss": null }), json!({ "iss": [1] })], "IdToken(Issuer").await;
    let hub = hub().await;
    hub.fault(Fault::claims(json!({ "iss": format!("{}/", hub.issuer()) })));
    assert_kind(&failed(&client(&hub), &hub).await, "IdToken(Issuer", "a slash more");
    assert_eq!(asked(&hub, USERINFO), 0);
}

#[tokio::test]
async fn row_027_028_another_audience_or_one_more() {
    let audiences = [json!("other"), json!(""), json!(7), json!({}), json!([]), json!(["app", "other"])];
    let more = [json!(["other"]), json!(["app", "app"]), json!("app "), json!("App"), json!([7])];
    claims_refused(audiences.into_iter().chain(more).map(|aud| json!({ "aud": aud })), "IdToken(Audience")
        .await;
    claims_refused([json!({ "aud": null })], "IdToken(Audience").await;
    let parties = [json!("other"), json!(""), json!(["app"])].map(|azp| json!({ "azp": azp }));
    claims_refused(parties, "IdToken(AuthorizedParty").await;
    accepted([Fault::claims(json!({ "aud": ["app"] })), Fault::claims(json!({ "azp": "app" }))]).await;
}

#[tokio::test]
async fn row_029_a_subject_that_is_none() {
    let subjects =
        [json!(""), json!(7), json!(["x"]), json!("x".repeat(256))].map(|sub| json!({ "sub": sub }));
    claims_refused(subjects, "IdToken(Subject").await;
    claims_refused([json!({ "sub": null })], "IdToken(Subject").await;
}

#[tokio::test]
async fn row_030_issued_never_too_early_or_too_late() {
    let times =
        [json!(null), json!("now"), json!(at(61)), json!(at(-361)), json!(at(-604_800)), json!(1e300)];
    claims_refused(times.map(|iat| json!({ "iat": iat })), "IdToken(IssuedAt").await;
    accepted([at(60), at(-360)].map(|iat| Fault::claims(json!({ "iat": iat })))).await;
}

#[tokio::test]
async fn row_031_expired_to_the_second_and_not_yet_valid() {
    let ends = [json!(null), json!("never"), json!(at(-60)), json!(0), json!(-1), json!(at(-86_400))];
    claims_refused(ends.map(|exp| json!({ "exp": exp })), "IdToken(Expired").await;
    claims_refused([json!(at(61)), json!("x")].map(|nbf| json!({ "nbf": nbf })), "IdToken(NotBefore").await;
    accepted([Fault::claims(json!({ "exp": at(-59) })), Fault::claims(json!({ "nbf": at(60) }))]).await;
}

#[tokio::test]
async fn row_034_the_nonce_of_another_login_or_none() {
    let nonces = [json!("x"), json!(""), json!(7), json!(null)].map(|nonce| json!({ "nonce": nonce }));
    claims_refused(nonces, "IdToken(Nonce").await;
}

#[tokio::test]
async fn row_034_a_code_of_another_login_is_no_login() {
    let hub = hub().await;
    let client = client(&hub);
    let (_, victim) = client.login_url(&LoginOptions::new()).await.unwrap();
    let (url, attacker) = client.login_url(&LoginOptions::new()).await.unwrap();
    let redirect = hub.approve(&url, "grace").await.unwrap();
    let attacker = attacker.into_parts();
    // Even one who knows the verifier: state and nonce are still the victim's.
    let parts = PendingLoginParts { code_verifier: attacker.code_verifier.clone(), ..victim.into_parts() };
    let injected = format!("{CALLBACK}?code={}&state={}", param(&redirect, "code").unwrap(), parts.state);
    let pending = PendingLogin::from_parts(parts).unwrap();
    let error = client.handle_redirect(&injected, pending).await.unwrap_err();
    no_secret_in(&error, &[attacker.code_verifier, attacker.nonce]);
    assert_kind(&error, "IdToken(Nonce", "an injected code");
    assert_eq!(asked(&hub, USERINFO), 0);
}

#[tokio::test]
async fn row_035_the_hash_of_another_access_token() {
    let hashes =
        [json!("AAAAAAAAAAAAAAAAAAAAAA"), json!(""), json!(7)].map(|hash| json!({ "at_hash": hash }));
    claims_refused(hashes, "IdToken(AccessTokenHash").await;
    let swapped = Fault::json(json!({ "access_token": "hf_oauth_local_swapped" })).on(Endpoint::Token);
    refused([(swapped, "IdToken(AccessTokenHash")]).await;
    accepted([Fault::claims(json!({ "at_hash": null }))]).await;
}

#[tokio::test]
async fn row_036_no_key_id_tries_the_keys_there_are() {
    accepted([Fault::header(json!({ "kid": null }))]).await;
    let hub = hub().await;
    let ours = reqwest::get(hub.url(JWKS)).await.unwrap().text().await.unwrap();
    let ours: Value = serde_json::from_str(&ours).unwrap();
    let mut other = ours["keys"][0].clone();
    let modulus = other["n"].as_str().unwrap().to_owned();
    other["kid"] = json!("another");
    other["n"] = json!(format!("z{}", &modulus[1..]));
    let elliptic = json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "ec" });
    let symmetric = json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" });
    let keys = json!({ "keys": [elliptic, other, symmetric, null, ours["keys"][0]] });
    hub.fault(Fault::json(keys).on(Endpoint::Jwks));
    hub.fault(Fault::header(json!({ "kid": null })));
    hub.clear_journal();
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    hub.fault(Fault::bad_signature());
    assert_kind(&failed(&client, &hub).await, "IdToken(Signature", "no key fits");
    assert_eq!(asked(&hub, JWKS), 2, "asked for once more before the signature is called wrong");
}

#[tokio::test]
async fn row_041_what_is_no_jws_is_refused_before_anything_is_asked() {
    let long = "A".repeat(100_000);
    let tokens = [
        "",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        "e30.e30",
        "W10.e30.AAAA",
        "e30=.e30.AAAA",
        " e30.e30.AAAA",
        &long,
    ];
    let hub = hub().await;
    let client = client(&hub);
    for token in tokens {
        hub.fault(Fault::json(json!({ "id_token": token })).on(Endpoint::Token).times(1));
        assert_kind(&failed(&client, &hub).await, "IdToken(", token);
    }
    hub.fault(Fault::json(json!({ "id_token": null })).on(Endpoint::Token).times(1));
    assert_kind(&failed(&client, &hub).await, "Exchange(IdTokenMissing", "no ID token");
    assert_eq!((asked(&hub, JWKS), asked(&hub, USERINFO)), (0, 0));
}
