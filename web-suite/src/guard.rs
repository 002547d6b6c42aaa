//! Guards: scopes and organisations, asked for once and explained.

use hf_oauth_hub::{Endpoint, Fault, OrgConfig, UserConfig};
use hf_oauth_web::{InvalidOrgId, Requirement};
use http::Method;
use serde_json::json;

use crate::adapter::Adapter;
use crate::browser::{FETCH, param};
use crate::orgs::{ENGINE, LAST, PARK};
use crate::world::World;

async fn a_missing_scope_is_asked_for_and_the_page_is_there(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let refused = browser.fetch("/jobs").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "scope_missing"));

    let asked = browser.get("/jobs?x=1").await;
    assert_eq!(asked.status, 303);
    assert_eq!(param(asked.location(), "prompt"), ["consent"]);
    assert_eq!(param(asked.location(), "scope"), ["openid profile jobs"]);
    assert!(param(asked.location(), "orgIds").is_empty());
    assert_eq!(world.come_back(&mut browser, asked.location(), "ada").await.location(), "/jobs?x=1");
    let me = browser.get("/jobs?x=1").await;
    assert_eq!(me.json()["scope"], "openid profile jobs");
    assert!(me.json()["state"].is_null(), "the guard's mark is not the app's state");
}

async fn a_scope_that_is_not_granted_is_explained_and_not_asked_for_again(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let asked = browser.get("/jobs").await;
    world.hub.fault(Fault::json(json!({ "scope": "openid profile" })).on(Endpoint::Token).times(1));
    let back = world.come_back(&mut browser, asked.location(), "ada").await;
    assert_eq!((back.status.as_u16(), back.location()), (303, "/jobs"), "the guard says what came of it");
    let page = browser.get(back.location()).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "scope_missing"));
    assert!(
        page.body.contains("jobs") && page.body.contains("Switch account") && page.body.contains("Try again")
    );
    let again = browser.get("/jobs").await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (403, "scope_missing"), "no loop");
    assert_eq!(browser.fetch("/me").await.status, 200, "still signed in");

    // "Try again" is a new sign-in, after which it is asked for once more.
    let back = world.sign_in(&mut browser, "ada", "/jobs").await;
    assert_eq!(back.location(), "/jobs");
    let asked = browser.get("/jobs").await;
    assert_eq!(world.come_back(&mut browser, asked.location(), "ada").await.location(), "/jobs");
    assert_eq!(browser.get("/jobs").await.status, 200);
}

async fn an_organisation_that_was_not_ticked_is_asked_for(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(crate::world::LOGIN).await;
    let back = world.hub.approve_with_orgs(started.location(), "ada", &[]).await.unwrap();
    browser.get(&back).await;
    let asked = browser.get("/engine").await;
    assert_eq!(param(asked.location(), "orgIds"), [ENGINE]);
    assert_eq!(param(asked.location(), "prompt"), ["consent"]);
    let back = world.hub.approve_with_orgs(asked.location(), "ada", &[ENGINE]).await.unwrap();
    assert_eq!(browser.get(&back).await.location(), "/engine");
    assert_eq!(browser.get("/engine").await.status, 200);
}

async fn row_096_absent_and_empty_and_other_organisations_are_all_denied(adapter: Adapter) {
    let world = World::new(adapter).await;
    assert_eq!(world.signed_in("ada").await.fetch("/engine").await.status, 200);
    let empty = world.signed_in("grace").await.fetch("/engine").await;
    assert_eq!((empty.status.as_u16(), empty.code().as_str()), (403, "org_missing"));
    let other = world.signed_in("linus").await.fetch("/engine").await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (403, "org_missing"));

    world.hub.fault(Fault::json(json!({ "orgs": null })).on(Endpoint::Userinfo));
    let absent = world.signed_in("ada").await.fetch("/engine").await;
    assert_eq!((absent.status.as_u16(), absent.code().as_str()), (403, "org_unknown"));
}

async fn row_096_only_the_id_counts_and_an_empty_one_is_refused(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut impostor = OrgConfig::new("engine").role("admin");
    impostor.sub = Some("dddddddddddddddddddddddd".to_owned());
    let mut renamed = OrgConfig::new("analytical");
    renamed.sub = Some(ENGINE.to_owned());
    world.hub.add_user(UserConfig::new("eve").org(impostor));
    world.hub.add_user(UserConfig::new("mary").org(renamed));
    assert_eq!(world.signed_in("eve").await.fetch("/engine").await.code(), "org_missing");
    assert_eq!(world.signed_in("mary").await.fetch("/engine").await.status, 200);
    for bad in ["", " ", "a b", "a\n"] {
        assert_eq!(Requirement::new().with_org(bad).unwrap_err(), InvalidOrgId, "{bad:?}");
    }
}

async fn row_096_a_restricted_membership_is_none_yet_and_says_what_to_do(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("alan").await;
    let refused = browser.fetch("/park").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "org_restricted"));
    assert_eq!(refused.json()["restrictions"], json!(["sso"]));
    let page = browser.get("/park").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "org_restricted"), "no consent helps");
    assert!(page.body.contains("single sign-on"), "{}", page.body);

    for (org, expected) in [
        (json!({ "sub": PARK, "missingMFA": true }), "mfa"),
        (json!({ "sub": PARK, "pendingSSO": true }), "sso"),
        (json!({ "sub": PARK, "securityRestrictions": ["ip"] }), "ip"),
        (json!({ "sub": PARK, "securityRestrictions": ["brand-new"] }), "brand-new"),
        (json!({ "sub": PARK, "securityRestrictions": { "odd": 1 } }), "unreadable"),
    ] {
        world.hub.fault(Fault::json(json!({ "orgs": [org] })).on(Endpoint::Userinfo).times(1));
        let refused = world.signed_in("alan").await.fetch("/park").await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "org_restricted"), "{expected}");
        assert_eq!(refused.json()["restrictions"], json!([expected]));
    }
}

async fn row_096_organisations_that_did_not_fit_into_the_cookie_are_asked_for_at_the_hub(adapter: Adapter) {
    let world = World::new(adapter).await;
    let orgs: Vec<_> = (0..600)
        .map(|number| OrgConfig::new(format!("org-{number}")))
        .chain([{
            let mut engine = OrgConfig::new("zz-engine");
            engine.sub = Some(LAST.to_owned());
            engine
        }])
        .collect();
    let mut many = UserConfig::new("many");
    many.orgs = orgs;
    world.hub.add_user(many);
    let mut browser = world.signed_in("many").await;
    assert_eq!(browser.fetch("/me").await.json()["all_orgs"], false);
    let mut guarded = world.browser();
    guarded.jar = browser.jar.clone();
    assert_eq!(guarded.fetch("/last").await.status, 200);
    assert_eq!(guarded.fetch("/engine").await.code(), "org_missing");
    assert_eq!(guarded.fetch("/last").await.status, 200);
    assert_eq!(
        world.hub.journal().count("/oauth/userinfo"),
        2,
        "that of the sign-in, and one for all guards"
    );
    world.hub.fault(Fault::status(503).on(Endpoint::Userinfo));
    world.clock.advance(60);
    let away = guarded.fetch("/last").await;
    assert_eq!((away.status.as_u16(), away.code().as_str()), (503, "provider_unavailable"));
}

async fn row_097_userinfo_may_lack_almost_everything_and_have_more(adapter: Adapter) {
    let world = World::new(adapter).await;
    for drift in [
        json!({ "isPro": null, "orgs": null, "name": null, "picture": null, "profile": null, "website": null }),
        json!({ "isPro": "yes", "orgs": "none", "can_pay": true, "email_verified": "true" }),
        json!({ "plan": { "tier": "galactic" }, "badges": [1, 2], "orgs": [{ "sub": ENGINE, "roleInOrg": "emperor", "new": 1 }] }),
        json!({ "orgs": [{ "name": "no sub" }, 7, { "sub": ENGINE }] }),
    ] {
        world.hub.fault(Fault::json(drift.clone()).on(Endpoint::Userinfo).times(1));
        let mut browser = world.signed_in("ada").await;
        assert_eq!(browser.fetch("/me").await.json()["sub"], UserConfig::new("ada").sub(), "{drift}");
        assert_eq!(browser.get("/").await.status, 200);
    }
    world.hub.fault(Fault::json(json!({ "sub": "somebody else" })).on(Endpoint::Userinfo).times(1));
    let page = world.sign_in(&mut world.browser(), "ada", "/").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (502, "identity_refused"));
}

async fn nothing_from_the_network_is_a_person_of_a_test(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let headers = [FETCH, &[("x-test-user", "ada"), ("testuser", "ada")]].concat();
    assert_eq!(browser.send(Method::GET, "/me", &headers, "").await.status, 401);
}

on_every_adapter! {
    a_missing_scope_is_asked_for_and_the_page_is_there,
    a_scope_that_is_not_granted_is_explained_and_not_asked_for_again,
    an_organisation_that_was_not_ticked_is_asked_for,
    row_096_absent_and_empty_and_other_organisations_are_all_denied,
    row_096_only_the_id_counts_and_an_empty_one_is_refused,
    row_096_a_restricted_membership_is_none_yet_and_says_what_to_do,
    row_096_organisations_that_did_not_fit_into_the_cookie_are_asked_for_at_the_hub,
    row_097_userinfo_may_lack_almost_everything_and_have_more,
    nothing_from_the_network_is_a_person_of_a_test,
}
