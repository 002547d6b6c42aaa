//! Refreshes whose answer is not what it should be.

use futures_util::future::join_all;
use hf_oauth_hub::{Endpoint, Fault};
use http::Method;
use serde_json::json;

use crate::adapter::Adapter;
use crate::browser::FETCH;
use crate::world::World;

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

on_every_adapter! {
    row_166_tokens_of_somebody_else_never_enter_a_session,
    row_166_keys_and_userinfo_that_cannot_be_had_keep_the_session,
}
