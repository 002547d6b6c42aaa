//! Refreshing over the wire, and the two questions that a token can ask.

use hf_oauth::*;
use hf_oauth_hub::{AppConfig, Endpoint, Fault, RefreshMode};
use serde_json::json;

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

#[tokio::test]
async fn a_refreshed_id_token_is_held_to_the_same_rules() {
    let hub = hub().await;
    let client = client(&hub);
    let (subject, tokens) = tokens(&client, &hub).await;
    hub.set_refresh_mode(RefreshMode::Keep);
    for (fault, expected) in [
        (Fault::claims(json!({ "sub": "somebody-else" })), "OtherSubject"),
        (Fault::claims(json!({ "aud": "other" })), "Audience"),
        (Fault::claims(json!({ "iss": "https://evil.example" })), "Issuer"),
        (Fault::claims(json!({ "exp": 1 })), "Expired"),
        (Fault::claims(json!({ "at_hash": "x" })), "AccessTokenHash"),
        (Fault::header(json!({ "alg": "none" })), "Algorithm"),
        (Fault::bad_signature(), "Signature"),
    ] {
        hub.fault(fault.times(1));
        let error = refused(&client, &subject, &tokens).await;
        assert!(format!("{error:?}").starts_with(&format!("IdToken({expected}")), "{expected}: {error:?}");
    }
    assert_eq!(refused(&client, "another", &tokens).await, RefreshError::IdToken(IdTokenError::OtherSubject));
    client.refresh(&subject, tokens).await.unwrap();
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
