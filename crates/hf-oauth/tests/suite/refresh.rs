//! Refreshing over the wire, and the two questions that a token can ask.

use hf_oauth::*;
use hf_oauth_hub::{AppConfig, Endpoint, Fault, RefreshMode};
use serde_json::{Value, json};

use crate::keys::name_keys;
use crate::support::*;

async fn refused(client: &Client, subject: &str, tokens: &Tokens) -> RefreshError {
    let error = client.refresh(subject, tokens.clone()).await.unwrap_err();
    let mut secrets = vec![tokens.access_token.expose().to_owned()];
    secrets.extend(tokens.refresh_token.iter().map(|token| token.expose().to_owned()));
    no_secret_in(&error, &secrets);
    error
}

#[tokio::test]
async fn a_refresh_rotates_and_says_who_it_is_again() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, old) = tokens(&client, &hub).await;
    hub.clock().advance(1_000);
    let refreshed = client.refresh(&subject, old.clone()).await.unwrap();
    assert_eq!(refreshed.identity.as_ref().map(VerifiedIdentity::subject), Some(subject.as_str()));
    assert_ne!(refreshed.tokens.refresh_token, old.refresh_token);
    assert_ne!(refreshed.tokens.access_token, old.access_token);
    assert_eq!(refreshed.tokens.expires_at, old.expires_at + std::time::Duration::from_secs(1_000));
    assert_eq!(refreshed.tokens.scope, old.scope);
    let user = client.userinfo(&refreshed.tokens.access_token).await.unwrap();
    assert_eq!(user.sub, subject);
    client.refresh(&subject, refreshed.tokens).await.unwrap();
    assert_eq!(asked(&hub, JWKS), 1);
}

#[tokio::test]
async fn row_044_no_refresh_token_and_no_id_token_keep_what_was() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, old) = tokens(&client, &hub).await;
    hub.set_refresh_mode(RefreshMode::Keep);
    hub.fault(Fault::json(json!({ "id_token": null, "scope": null })).on(Endpoint::Token).times(1));
    let kept = client.refresh(&subject, old.clone()).await.unwrap();
    assert_eq!(kept.tokens.refresh_token, old.refresh_token);
    assert_eq!(kept.tokens.scope, old.scope);
    assert!(kept.identity.is_none());
    let again = client.refresh(&subject, kept.tokens).await.unwrap();
    assert_eq!(again.identity.unwrap().subject(), subject);
}

/// Whatever an ID token can say that makes it somebody else's.
fn foreign() -> [(Value, &'static str); 6] {
    [
        (json!({ "sub": "somebody-else" }), "OtherSubject"),
        (json!({ "sub": null }), "Subject"),
        (json!({ "aud": "other" }), "Audience"),
        (json!({ "aud": ["app", "other"] }), "Audience"),
        (json!({ "azp": "other" }), "AuthorizedParty"),
        (json!({ "iss": "https://evil.example" }), "Issuer"),
    ]
}

#[tokio::test]
async fn row_166_an_answer_about_somebody_else_ends_the_session_whatever_its_key() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    hub.set_refresh_mode(RefreshMode::Keep);
    hub.clear_journal();
    let mut refreshes = 0;
    for (claims, expected) in foreign() {
        for key in [None, Some(Fault::header(json!({ "kid": "unknown" }))), Some(Fault::bad_signature())] {
            hub.fault(Fault::claims(claims.clone()).times(1));
            let key = key.map(|fault| hub.fault(fault.times(1)));
            let error = refused(&client, &subject, &tokens).await;
            assert!(
                format!("{error:?}").starts_with(&format!("IdentityMismatch(IdToken({expected}")),
                "{expected} {key:?}: {error:?}"
            );
            assert!(error.ends_session() && !error.is_retryable());
            refreshes += 1;
            hub.clear_faults();
        }
    }
    assert_eq!(asked(&hub, TOKEN), refreshes, "nothing is retried");
    assert_eq!((asked(&hub, JWKS), asked(&hub, USERINFO)), (0, 0), "nobody is asked anything about it");
    let other = client.refresh("another", tokens.clone()).await.unwrap_err();
    let mismatch = IdentityMismatch::IdToken(IdTokenError::OtherSubject);
    assert_eq!(other, RefreshError::IdentityMismatch(mismatch));
    client.refresh(&subject, tokens).await.unwrap();
}

#[tokio::test]
async fn row_166_userinfo_about_somebody_else_ends_the_session_with_and_without_an_id_token() {
    let hub = hub().await;
    let client = client(&hub);
    hub.set_refresh_mode(RefreshMode::Keep);
    let (subject, tokens) = tokens(&client, &hub).await;
    for id_token in [true, false] {
        if !id_token {
            hub.fault(Fault::json(json!({ "id_token": null })).on(Endpoint::Token).times(1));
        }
        hub.fault(Fault::json(json!({ "sub": "somebody-else" })).on(Endpoint::Userinfo).times(1));
        let error = refused(&client, &subject, &tokens).await;
        assert_eq!(error, RefreshError::IdentityMismatch(IdentityMismatch::Userinfo), "{id_token}");
        assert!(error.ends_session());
    }
    // What cannot be asked, or says nothing, is no fault of the refresh.
    for fault in [Fault::status(503), Fault::html(200), Fault::json(json!({ "sub": "" }))] {
        hub.fault(fault.on(Endpoint::Userinfo).times(1));
        assert!(client.refresh(&subject, tokens.clone()).await.unwrap().user_info.is_none());
    }
    let refreshed = client.refresh(&subject, tokens).await.unwrap();
    assert_eq!(refreshed.user_info.unwrap().sub, subject);
}

#[tokio::test]
async fn row_166_a_signature_that_is_wrong_by_new_keys_ends_the_session_and_an_unknown_key_does_not() {
    let hub = hub().await;
    hub.set_refresh_mode(RefreshMode::Keep);
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    hub.clear_journal();
    hub.fault(Fault::bad_signature().times(1));
    let error = refused(&client, &subject, &tokens).await;
    assert_eq!(error, RefreshError::IdToken(IdTokenError::Signature));
    assert!(error.ends_session());
    assert_eq!((asked(&hub, TOKEN), asked(&hub, JWKS)), (1, 1), "by keys that were fetched anew");
    hub.fault(Fault::header(json!({ "kid": "unknown" })).times(1));
    let kept = client.refresh(&subject, tokens).await.unwrap();
    assert!(kept.identity.is_none(), "the ID token says nothing");
    assert_eq!(kept.user_info.unwrap().sub, subject, "userinfo does");
}

#[tokio::test]
async fn row_213_a_key_rotated_without_an_id_or_under_the_same_one_drops_no_refreshed_token() {
    for kid in [Value::Null, json!("the-key")] {
        let hub = hub().await;
        let client = client(&hub);
        name_keys(&hub, &kid).await;
        let (subject, tokens) = tokens(&client, &hub).await;
        hub.rotate_keys();
        name_keys(&hub, &kid).await;
        let refreshed = client.refresh(&subject, tokens).await.unwrap();
        assert_eq!(refreshed.identity.unwrap().subject(), subject);
        assert_eq!((asked(&hub, TOKEN), asked(&hub, JWKS)), (1, 1), "{kid}");
    }
}

#[tokio::test]
async fn row_220_a_refreshed_id_token_of_another_login_is_refused() {
    let hub = hub().await;
    let client = client(&hub);
    hub.set_refresh_mode(RefreshMode::Keep);
    let (subject, tokens) = tokens(&client, &hub).await;
    let login = || {
        ExpectedIdentity::new(&*subject).with_nonce("the nonce").with_auth_time(UnixTime::from_secs(1_000))
    };
    for (claims, expected) in [
        (json!({ "nonce": "another" }), Some(IdTokenError::Nonce)),
        (json!({ "nonce": 7 }), Some(IdTokenError::Nonce)),
        (json!({ "nonce": null, "auth_time": 1_001 }), Some(IdTokenError::AuthTime)),
        (json!({ "nonce": null, "auth_time": "x" }), Some(IdTokenError::AuthTime)),
        (json!({ "nonce": "the nonce", "auth_time": 1_000 }), None),
        (json!({ "nonce": null, "auth_time": null }), None),
    ] {
        hub.fault(Fault::claims(claims.clone()).times(1));
        let result = client.refresh(login(), tokens.clone()).await.map(|_| ());
        let expected = expected.map(|error| RefreshError::IdentityMismatch(IdentityMismatch::IdToken(error)));
        assert_eq!(result.err(), expected, "{claims}");
    }
}

#[tokio::test]
async fn an_id_token_that_cannot_be_right_ends_the_session() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    hub.set_refresh_mode(RefreshMode::Keep);
    for (fault, expected) in [
        (Fault::claims(json!({ "exp": 1 })), "Expired"),
        (Fault::claims(json!({ "at_hash": "x" })), "AccessTokenHash"),
        (Fault::header(json!({ "alg": "none" })), "Algorithm"),
    ] {
        hub.fault(fault.times(1));
        let error = refused(&client, &subject, &tokens).await;
        assert!(format!("{error:?}").starts_with(&format!("IdToken({expected}")), "{expected}: {error:?}");
        assert!(error.ends_session());
    }
    client.refresh(&subject, tokens).await.unwrap();
}

#[tokio::test]
async fn row_180_what_was_kept_unconfirmed_is_confirmed_by_another_process_long_after() {
    let hub = hub().await;
    let (subject, old) = tokens(&client(&hub), &hub).await;
    let kept = client(&hub).send_refresh(&subject, old).await.unwrap().into_parts();
    assert_eq!(asked(&hub, USERINFO), 1, "of the login: nothing else was asked");
    hub.clock().advance(3_600);
    let unconfirmed = UnconfirmedTokens::from_parts(kept);
    let next_process = client(&hub);
    for _ in 0..2 {
        let refreshed = next_process.confirm_refresh(&unconfirmed).await.unwrap();
        assert_eq!(refreshed.identity.unwrap().subject(), subject);
        assert_eq!(refreshed.user_info.unwrap().sub, subject);
    }
    assert_eq!(asked(&hub, TOKEN), 2, "the login and one refresh");
}

#[tokio::test]
async fn a_refresh_whose_keys_cannot_be_had_keeps_the_new_tokens() {
    let hub = hub().await;
    let (subject, old) = tokens(&client(&hub), &hub).await;
    hub.fault(Fault::status(503).on(Endpoint::Jwks));
    let cold = client(&hub);
    let refreshed = cold.refresh(&subject, old).await.unwrap();
    assert!(refreshed.identity.is_none());
    hub.clear_faults();
    cold.refresh(&subject, refreshed.tokens).await.unwrap();
}

#[tokio::test]
async fn row_052_a_provider_that_is_away_keeps_the_refresh_token() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    let answers = [500, 502, 503, 504].map(|status| {
        [Fault::status(status), Fault::html(status), Fault::body(status, "text/plain", "")]
            .map(|f| (status, f))
    });
    for (status, fault) in
        answers.into_iter().flatten().chain([(429, Fault::status(429)), (200, Fault::html(200))])
    {
        hub.clear_journal();
        hub.fault(fault.on(Endpoint::Token).times(1));
        let error = refused(&client, &subject, &tokens).await;
        assert!(error.is_retryable(), "{status}: {error:?}");
        let RefreshError::Transient(error) = error else { panic!("{status}: {error:?}") };
        assert_eq!(error.status, Some(status));
        assert_eq!(asked(&hub, TOKEN), 1, "the pauses are the coordinator's");
    }
    client.refresh(&subject, tokens).await.unwrap();
}

#[tokio::test]
async fn row_052_a_fault_of_the_provider_that_says_invalid_grant_ends_no_session() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    for (status, error) in [(502, "invalid_grant"), (500, "invalid_grant"), (503, "invalid_client")] {
        let body = json!({ "error": error }).to_string();
        hub.fault(Fault::body(status, "application/json", body).on(Endpoint::Token).times(1));
        let refused = refused(&client, &subject, &tokens).await;
        assert!(matches!(refused, RefreshError::Transient(_)), "{status} {error}: {refused:?}");
        assert!(refused.is_retryable() && !refused.ends_session());
    }
    client.refresh(&subject, tokens).await.unwrap();
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_transient_and_the_next_says_ended() {
    let hub = hub().await;
    let client = client(&hub);
    for fault in [Fault::lost_answer(), Fault::cut_body()] {
        let (subject, tokens) = tokens(&client, &hub).await;
        hub.fault(fault.on(Endpoint::Token).times(1));
        let error = refused(&client, &subject, &tokens).await;
        let RefreshError::Transient(error) = error else { panic!("{error:?}") };
        assert_eq!(error.fault, BackchannelFault::Interrupted);
        assert!(matches!(refused(&client, &subject, &tokens).await, RefreshError::Ended(_)));
    }
}

#[tokio::test]
async fn row_054_a_refresh_token_that_ended_ends_the_session_with_one_request() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    hub.disconnect("ada", "app");
    hub.clear_journal();
    let error = refused(&client, &subject, &tokens).await;
    assert!(!error.is_retryable());
    let RefreshError::Ended(error) = error else { panic!("{error:?}") };
    assert_eq!((error.status, error.oauth().unwrap().code.as_str()), (Some(400), "invalid_grant"));
    assert_eq!(asked(&hub, TOKEN), 1);
    let nothing = Tokens::new("x".into(), None, client.now(), Scopes::default());
    assert_eq!(refused(&client, &subject, &nothing).await, RefreshError::NoRefreshToken);
    assert_eq!(asked(&hub, TOKEN), 1);
}

#[tokio::test]
async fn row_055_an_app_whose_secret_was_changed_keeps_its_users_refresh_tokens() {
    let hub = hub().await;
    let client = client_of(server_app(), &hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    let changed =
        |secret: &str| AppConfig::confidential("server", secret).redirect_uri("http://localhost/cb");
    hub.add_app(changed("another"));
    let error = refused(&client, &subject, &tokens).await;
    assert!(matches!(error, RefreshError::ClientMisconfigured(_)), "{error:?}");
    assert!(error.to_string().contains("OAUTH_CLIENT_SECRET"), "{error}");
    let error = failed(&client, &hub).await;
    assert_kind(&error, "Exchange(InvalidClient", "a login with the old secret");
    hub.add_app(changed(CLIENT_SECRET));
    client.refresh(&subject, tokens).await.unwrap();
}

#[tokio::test]
async fn userinfo_and_whoami_tell_whose_token_it_is() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    assert_eq!(client.userinfo(&tokens.access_token).await.unwrap().sub, subject);
    let who = client.whoami(&tokens.access_token).await.unwrap();
    assert_eq!((who.name.as_str(), who.id), ("ada", subject));
    for ended in [Secret::new("hf_oauth_local_made_up"), Secret::new("x\r\ny: z"), Secret::new("")] {
        let UserinfoError::Backchannel(error) = client.userinfo(&ended).await.unwrap_err() else { panic!() };
        assert_eq!(error.status, Some(401));
        assert!(!error.is_retryable());
        no_secret_in(&error, &[]);
        let ProviderError::Backchannel(error) = client.whoami(&ended).await.unwrap_err() else { panic!() };
        assert_eq!(error.status, Some(401));
        no_secret_in(&error, &[]);
    }
}
