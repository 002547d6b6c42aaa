//! A refresh token becomes tokens: what is kept, what an answer is held to, and what an error means.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use hf_oauth_core::*;
use serde_json::{Value, json};
use support::token_answers::*;
use support::*;

#[test]
fn row_044_what_a_refresh_does_not_send_is_kept() {
    let bare = json!({ "id_token": null, "refresh_token": null, "scope": null, "access_token": "new" });
    let refreshed = refresh(ok(token_json(bare))).unwrap();
    assert!(refreshed.identity.is_none(), "nobody else: the identity at hand stays");
    assert_eq!(refreshed.tokens.access_token.expose(), "new");
    assert_eq!(refreshed.tokens.refresh_token.unwrap().expose(), "old-refresh");
    assert_eq!(refreshed.tokens.scope.to_string(), "openid jobs");

    let rotated = refresh(ok(token_json(json!({ "refresh_token": "new-refresh" })))).unwrap();
    assert_eq!(rotated.tokens.refresh_token.unwrap().expose(), "new-refresh");
    assert_eq!(rotated.identity.unwrap().subject(), "user-1");
    let nothing = Tokens::new("a".into(), None, NOW, Scopes::none());
    assert_eq!(
        Refresh::request(&app(), &hub(), "user-1", nothing).unwrap_err(),
        RefreshError::NoRefreshToken
    );
}

#[test]
fn row_044_a_refreshed_id_token_is_held_to_the_same_rules() {
    let with = |claims: Value| {
        let token = Attempt::new().with(claims).jwt();
        refresh(ok(token_json(json!({ "id_token": token }))))
    };
    assert!(with(json!({ "nonce": null })).is_ok(), "OpenID Connect Core section 12.2 lets the nonce go");
    for (claims, error) in [
        (json!({ "sub": "user-2" }), IdTokenError::OtherSubject),
        (json!({ "sub": "" }), IdTokenError::Subject),
        (json!({ "aud": "other" }), IdTokenError::Audience),
        (json!({ "azp": "other" }), IdTokenError::AuthorizedParty),
    ] {
        let error = RefreshError::IdentityMismatch(IdentityMismatch::IdToken(error));
        assert_eq!(with(claims.clone()).unwrap_err(), error, "{claims}");
        assert!(error.ends_session() && !error.is_retryable());
    }
    for (claims, error) in [
        (json!({ "exp": null }), IdTokenError::Expired { at: None }),
        (json!({ "iat": null }), IdTokenError::IssuedAt { at: None }),
        (json!({ "at_hash": "wrong" }), IdTokenError::AccessTokenHash),
    ] {
        assert_eq!(with(claims.clone()).unwrap_err(), RefreshError::IdToken(error), "{claims}");
    }
    let forged = TestKey::two().sign(
        &ring::signature::RSA_PKCS1_SHA256,
        &Attempt::new().header,
        &Attempt::new().claims,
    );
    let error = refresh(ok(token_json(json!({ "id_token": forged })))).unwrap_err();
    assert_eq!(error, RefreshError::IdToken(IdTokenError::Signature));
}

#[test]
fn row_220_what_a_login_says_of_itself_binds_the_id_tokens_of_its_refreshes() {
    let login = |claims: Value| Attempt::new().with(claims).run().unwrap().identity.login_claims();
    let plain = login(json!({}));
    let nonce = NonceHash::of(&parts().nonce);
    assert_eq!(plain, LoginClaims { nonce: Some(nonce), auth_time: None });
    assert_eq!(login(json!({ "auth_time": "x" })), plain);
    let timed = login(json!({ "auth_time": 1_799_999_000 }));
    assert_eq!(timed.auth_time, Some(at(-1_000)));

    let refused = |error| Err(RefreshError::IdentityMismatch(IdentityMismatch::IdToken(error)));
    for (login, claims, expected) in [
        (plain, json!({}), Ok(plain)),
        (plain, json!({ "nonce": null }), Ok(LoginClaims::default())),
        (
            plain,
            json!({ "nonce": null, "auth_time": 1 }),
            Ok(LoginClaims { nonce: None, auth_time: Some(at(1 - NOW.as_secs())) }),
        ),
        (plain, json!({ "nonce": "another" }), refused(IdTokenError::Nonce)),
        (plain, json!({ "nonce": "" }), refused(IdTokenError::Nonce)),
        (plain, json!({ "nonce": 7 }), refused(IdTokenError::Nonce)),
        (timed, json!({ "auth_time": 1_799_999_000 }), Ok(timed)),
        (timed, json!({}), Ok(plain)),
        (timed, json!({ "auth_time": 1_799_999_001 }), refused(IdTokenError::AuthTime)),
        (timed, json!({ "auth_time": "x" }), refused(IdTokenError::AuthTime)),
        (
            LoginClaims::default(),
            json!({ "nonce": "another", "auth_time": 1 }),
            Ok(LoginClaims { nonce: Some(NonceHash::of("another")), auth_time: Some(at(1 - NOW.as_secs())) }),
        ),
    ] {
        let token = Attempt::new().with(claims.clone()).jwt();
        let known = ExpectedIdentity::new("user-1").with_login_claims(login);
        let refreshed = refresh_of(known, ok(token_json(json!({ "id_token": token }))));
        let found = refreshed.map(|refreshed| refreshed.identity.unwrap().login_claims());
        assert_eq!(found, expected, "{login:?} {claims}");
    }
    assert!(!format!("{plain:?}").contains(&format!("{:?}", nonce.as_bytes())));
}

#[test]
fn row_054_a_refresh_token_that_has_ended_is_told_apart() {
    for (status, code) in
        [(400, "invalid_grant"), (401, "invalid_grant"), (400, "invalid_code"), (200, "invalid_grant")]
    {
        let error = refresh(Response::new(status, json!({ "error": code }).to_string())).unwrap_err();
        assert!(matches!(error, RefreshError::Ended(_)) && !error.is_retryable(), "{error:?}");
    }
    let error = receive(Response::new(400, r#"{"error":"invalid_grant"}"#)).unwrap_err();
    assert!(matches!(error, ExchangeError::InvalidGrant(_)) && !error.is_retryable());
}

#[test]
fn row_055_an_app_that_is_refused_is_not_the_users_token() {
    for (status, code) in [(401, "invalid_client"), (400, "invalid_client"), (400, "unauthorized_client")] {
        let error = refresh(Response::new(status, json!({ "error": code }).to_string())).unwrap_err();
        let RefreshError::ClientMisconfigured(_) = error else { panic!("{error:?}") };
        assert!(error.to_string().contains("OAUTH_CLIENT_SECRET"), "{error}");
        let error = receive(Response::new(status, json!({ "error": code }).to_string())).unwrap_err();
        assert!(matches!(error, ExchangeError::InvalidClient(_)));
    }
}

#[test]
fn row_054_a_gateway_that_fails_ends_nothing_whatever_its_page_says() {
    for status in [408, 429, 500, 502, 503, 504] {
        for code in ["invalid_grant", "invalid_code", "invalid_client", "unauthorized_client"] {
            let answer = || Response::new(status, json!({ "error": code }).to_string());
            let error = refresh(answer()).unwrap_err();
            assert!(matches!(error, RefreshError::Transient(_)), "{status} {code}: {error:?}");
            let error = receive(answer()).unwrap_err();
            assert!(matches!(error, ExchangeError::Backchannel(_)) && error.is_retryable(), "{error:?}");
        }
    }
    for status in [402, 404, 405, 410, 418] {
        let answer = Response::new(status, json!({ "error": "invalid_grant" }).to_string());
        assert!(!matches!(refresh(answer).unwrap_err(), RefreshError::Ended(_)), "{status}");
    }
}
