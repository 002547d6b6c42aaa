//! Refreshes whose answer is not what it should be.

use futures_util::future::join_all;
use hf_oauth_hub::{Endpoint, Fault};
use http::Method;
use serde_json::json;

use crate::adapter::Adapter;
use crate::browser::FETCH;
use crate::log;
use crate::world::{NOW, World};

/// The local Hub's tokens live that long.
const LIFE: i64 = 28_800;

async fn row_166_tokens_of_somebody_else_never_enter_a_session(adapter: Adapter) {
    let other = || json!({ "sub": "somebody-else" });
    let unknown = || Fault::header(json!({ "kid": "unknown" }));
    let no_id_token = || Fault::json(json!({ "id_token": null })).on(Endpoint::Token);
    let userinfo = || Fault::json(other()).on(Endpoint::Userinfo);
    for faults in [
        vec![Fault::claims(other())],
        vec![Fault::claims(other()), unknown()],
        vec![Fault::claims(json!({ "aud": "other" })), unknown()],
        vec![Fault::claims(json!({ "iss": "https://evil.example" })), unknown()],
        vec![Fault::bad_signature()],
        vec![userinfo()],
        vec![userinfo(), unknown()],
        vec![userinfo(), no_id_token()],
    ] {
        let what = format!("{faults:?}");
        let world = World::new(adapter).await;
        let mut browser = world.signed_in("ada").await;
        let older = browser.jar.clone();
        faults.into_iter().for_each(|fault| world.hub.fault(fault.always()));
        world.clock.advance(LIFE);
        let answers = join_all((0..5).map(|_| browser.ask(Method::GET, "/me", FETCH, ""))).await;
        for answer in answers {
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "unauthenticated"), "{what}");
            browser.take_cookies(&answer);
        }
        assert!(!browser.cookie_names().contains(&"hf_oauth_7860"), "{what}");
        // A copy of the cookie leads nowhere either, and nothing is sent again.
        browser.jar = older;
        assert_eq!(browser.fetch("/me").await.status, 401, "{what}");
        assert_eq!(world.refreshes(), 1, "{what}");
        world.hub.clear_faults();
        assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me", "{what}");
        assert_eq!(browser.fetch("/me").await.status, 200, "{what}");
    }
}

async fn row_166_keys_and_userinfo_that_cannot_be_had_keep_the_session(adapter: Adapter) {
    for away in [
        vec![Fault::status(503).on(Endpoint::Userinfo)],
        vec![Fault::status(503).on(Endpoint::Jwks), Fault::header(json!({ "kid": "unknown" }))],
        vec![Fault::json(json!({ "id_token": null })).on(Endpoint::Token)],
    ] {
        let what = format!("{away:?}");
        let world = World::new(adapter).await;
        let mut browser = world.signed_in("ada").await;
        let old = browser.fetch("/me").await.json()["token"].clone();
        away.into_iter().for_each(|fault| world.hub.fault(fault.always()));
        world.clock.advance(LIFE);
        let renewed = browser.fetch("/me").await;
        assert_eq!(renewed.status, 200, "{what}");
        assert_ne!(renewed.json()["token"], old, "{what}");
        assert_eq!(world.refreshes(), 1, "{what}");
    }
}

async fn row_166_an_answer_that_is_not_to_be_trusted_is_one_warning(adapter: Adapter) {
    let (log, _guard) = log::listen();
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    world.hub.fault(Fault::claims(json!({ "sub": "somebody-else" })));
    world.clock.advance(LIFE);
    log.take();
    let answers = join_all((0..5).map(|_| browser.ask(Method::GET, "/me", FETCH, ""))).await;
    assert!(answers.iter().all(|answer| answer.status == 401));
    assert_eq!(browser.fetch("/me").await.status, 401);
    let log = log.take();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    let [warning] = warnings[..] else { panic!("{warnings:#?}") };
    assert!(warning.contains("a session was ended") && warning.contains("is not to be trusted"), "{warning}");
    assert!(warning.contains("another user"), "why: {warning}");
    assert!(!log.contains(" ERROR "), "{log}");
}

async fn row_220_a_refreshed_id_token_of_another_login_ends_the_session(adapter: Adapter) {
    const AUTH_TIME: u64 = NOW - 1_000;
    let auth_time = |at: u64| json!({ "auth_time": at });
    for (at_login, other) in [
        (json!({}), json!({ "nonce": "of-another-login" })),
        (json!({}), json!({ "nonce": 7 })),
        (auth_time(AUTH_TIME), auth_time(AUTH_TIME + 1)),
        (auth_time(AUTH_TIME), json!({ "auth_time": "then" })),
        (auth_time(AUTH_TIME), json!({ "auth_time": AUTH_TIME, "nonce": "of-another-login" })),
    ] {
        let (log, _guard) = log::listen();
        let what = format!("{at_login} {other}");
        let world = World::new(adapter).await;
        world.hub.fault(Fault::claims(at_login.clone()).times(1));
        let mut browser = world.signed_in("ada").await;
        // What is left out and what is repeated is fine, twice over: the session remembers its login.
        for same in [json!({ "nonce": null, "auth_time": null }), at_login] {
            world.clock.advance(LIFE);
            world.hub.fault(Fault::claims(same).times(1));
            assert_eq!(browser.fetch("/me").await.status, 200, "{what}");
        }
        assert_eq!(world.refreshes(), 2);
        world.clock.advance(LIFE);
        world.hub.fault(Fault::claims(other).times(1));
        log.take();
        let ended = browser.fetch("/me").await;
        assert_eq!((ended.status.as_u16(), ended.code().as_str()), (401, "unauthenticated"), "{what}");
        assert!(!browser.cookie_names().contains(&"hf_oauth_7860"), "{what}");
        assert!(log.take().contains("is not to be trusted"), "{what}");
        assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me", "{what}");
        assert_eq!(browser.fetch("/me").await.status, 200, "{what}");
    }
}

on_every_adapter! {
    row_166_tokens_of_somebody_else_never_enter_a_session,
    row_166_keys_and_userinfo_that_cannot_be_had_keep_the_session,
    row_166_an_answer_that_is_not_to_be_trusted_is_one_warning,
    row_220_a_refreshed_id_token_of_another_login_ends_the_session,
}
