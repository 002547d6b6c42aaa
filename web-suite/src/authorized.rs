//! An app for members of certain organisations: who comes in, who stays, and what the others are told.

use hf_oauth_hub::{Endpoint, Fault, OrgConfig, UserConfig};
use hf_oauth_web::{App, HuggingFace};
use http::Method;
use serde_json::json;

use crate::adapter::Adapter;
use crate::browser::{Browser, param};
use crate::orgs::{ENGINE, LAST, PARK};
use crate::world::{LOGIN, SECRET, Settings, World};

fn members(settings: Settings) -> Settings {
    settings.with_authorized_orgs([ENGINE, PARK]).unwrap()
}

async fn a_member_of_one_of_the_organisations_comes_in(adapter: Adapter) {
    let world = World::with(adapter, members).await;
    let mut browser = world.signed_in("ada").await;
    assert_eq!(browser.get("/me").await.json()["name"], "ada");
    assert_eq!(browser.fetch("/lax").await.json()["name"], "ada");
}

async fn row_096_whoever_is_no_full_member_is_not_let_in_and_told_why(adapter: Adapter) {
    let world = World::with(adapter, members).await;
    let absent = Fault::json(json!({ "orgs": null })).on(Endpoint::Userinfo);
    let empty = Fault::json(json!({ "orgs": [] })).on(Endpoint::Userinfo);
    let renamed = json!([{ "sub": LAST, "name": "engine", "preferred_username": "engine" }]);
    let renamed = Fault::json(json!({ "orgs": renamed })).on(Endpoint::Userinfo);
    for (who, fault, code, says) in [
        ("grace", None, "org_missing", "in none of them"),
        ("alan", None, "org_restricted", "single sign-on"),
        ("ada", Some(absent), "org_unknown", "not told which organisations"),
        ("ada", Some(empty), "org_missing", "in none of them"),
        ("ada", Some(renamed), "org_missing", "in none of them"),
    ] {
        if let Some(fault) = fault {
            world.hub.fault(fault.times(1));
        }
        let mut browser = world.browser();
        let page = world.sign_in(&mut browser, who, "/me").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (403, code), "{who}");
        assert!(page.body.contains(says), "{who}: {}", page.body);
        assert!(browser.jar.is_empty(), "{who}: nothing is kept: {:?}", browser.cookie_names());
        assert_eq!(browser.fetch("/me").await.status, 401, "{who}");
        // The Hub would go straight through with what was granted: it is told to ask, and about which.
        let again = format!("{LOGIN}?_target_url=%2Fme&_ask=1");
        assert!(page.body.contains(&again.replace('&', "&#38;")), "{}", page.body);
        let asked = browser.get(&again).await;
        for part in ["prompt=consent", ENGINE, PARK] {
            assert!(asked.location().contains(part), "{}", asked.location());
        }
    }
}

async fn row_096_every_restriction_keeps_a_member_out_and_says_what_to_do(adapter: Adapter) {
    let world = World::with(adapter, members).await;
    for (restriction, says) in [
        ("mfa", "two-factor"),
        ("sso", "single sign-on"),
        ("ip", "networks"),
        ("token-policy", "token policy"),
        ("brand-new", "brand-new"),
    ] {
        let org = json!({ "sub": ENGINE, "securityRestrictions": [restriction] });
        world.hub.fault(Fault::json(json!({ "orgs": [org] })).on(Endpoint::Userinfo).times(1));
        let mut browser = world.browser();
        let page = world.sign_in(&mut browser, "ada", "/me").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "org_restricted"), "{restriction}");
        assert!(page.body.contains(says), "{restriction}: {}", page.body);
        assert_eq!(browser.fetch("/me").await.status, 401);
    }
    // A full member of the one is not kept out by the other.
    let orgs = json!([{ "sub": PARK, "securityRestrictions": ["sso"] }, { "sub": ENGINE }]);
    world.hub.fault(Fault::json(json!({ "orgs": orgs })).on(Endpoint::Userinfo).times(1));
    assert_eq!(world.signed_in("ada").await.fetch("/me").await.status, 200);
}

async fn row_096_who_left_is_out_with_the_next_tokens_and_no_setting_is_forgotten(adapter: Adapter) {
    let world = World::with(adapter, members).await;
    let mut browser = world.signed_in("ada").await;
    world.hub.fault(Fault::json(json!({ "orgs": [] })).on(Endpoint::Userinfo).times(1));
    world.clock.advance(28_600);
    assert_eq!(browser.fetch("/me").await.status, 401);
    assert!(!browser.cookie_names().contains(&"hf_oauth_7860"), "{:?}", browser.cookie_names());

    // A session from before the setting, or from before it was another: it counts as soon as the app is started anew.
    let mut browser = world.signed_in("ada").await;
    let elsewhere = world.restarted(|settings| settings.with_authorized_orgs([LAST]).unwrap()).await;
    let mut there = Browser::new(&elsewhere);
    there.jar = browser.jar.clone();
    assert_eq!(there.fetch("/lax").await.json(), json!(null));
    let sent = there.get("/me").await;
    assert_eq!(sent.status, 401, "they signed in a moment ago, and are nobody here: {}", sent.body);
    assert!(!there.cookie_names().contains(&"hf_oauth_7860"));
    let posted = there.send(Method::POST, "/form", &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!(posted.status, 401);
    assert_eq!(browser.fetch("/me").await.status, 200);
}

async fn row_096_of_a_thousand_organisations_the_authorised_one_is_kept(adapter: Adapter) {
    let world = World::with(adapter, |settings| settings.with_authorized_orgs([LAST]).unwrap()).await;
    let mut many = UserConfig::new("many");
    many.orgs = (0..1_500).map(|number| OrgConfig::new(format!("org-{number}"))).collect();
    let mut last = OrgConfig::new("last");
    last.sub = Some(LAST.to_owned());
    many.orgs.push(last);
    world.hub.add_user(many);
    let mut browser = world.signed_in("many").await;
    let me = browser.fetch("/me").await;
    assert_eq!((me.status.as_u16(), me.json()["all_orgs"].as_bool()), (200, Some(false)));
    // And so it is when the tokens are renewed.
    world.clock.advance(28_600);
    for _ in 0..2 {
        assert_eq!(browser.fetch("/me").await.status, 200);
    }
    assert_eq!(world.refreshes(), 1);
    // What was not kept proves nothing.
    let other = world.restarted(|settings| settings.with_authorized_orgs([PARK]).unwrap()).await;
    browser.through(&other);
    assert_eq!(browser.fetch("/me").await.status, 401);
}

async fn row_095_who_takes_the_name_of_an_organisation_or_of_a_member_does_not_come_in(adapter: Adapter) {
    let world = World::with(adapter, members).await;
    let mut taker = UserConfig::new("taker").name("Ada Lovelace");
    taker.orgs = vec![OrgConfig::new(ENGINE), OrgConfig::new("Engine & <Sons>")];
    world.hub.add_user(taker);
    let mut browser = world.browser();
    let page = world.sign_in(&mut browser, "taker", "/me").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "org_missing"));
    assert!(browser.jar.is_empty());
}

async fn the_page_of_an_app_s_own_check_comes_after_membership(adapter: Adapter) {
    let world = World::with(adapter, |settings| {
        members(settings).on_sign_in(async |_, _| Err(hf_oauth_web::SignInError::refused("Not today.")))
    })
    .await;
    let of = async |who| world.sign_in(&mut world.browser(), who, "/").await.code();
    assert_eq!(of("grace").await, "org_missing");
    assert_eq!(of("ada").await, "sign_in_refused");
}

/// A Hub whose consent takes the place of the one before it would take the organisation away with the next scope.
async fn row_096_a_member_who_is_asked_for_more_is_asked_for_the_organisation_again(adapter: Adapter) {
    let world = World::with(adapter, members).await;
    let mut browser = world.signed_in("ada").await;
    let asked = browser.get("/jobs").await;
    assert_eq!(param(asked.location(), "prompt"), ["consent"]);
    // Those of the two that she has shown, and no other of hers.
    assert_eq!(param(asked.location(), "orgIds"), [ENGINE]);
    let back = world.hub.approve_with_orgs(asked.location(), "ada", &[ENGINE]).await.unwrap();
    assert_eq!(browser.get(&back).await.location(), "/jobs");
    assert_eq!(browser.get("/jobs").await.status, 200);
}

#[tokio::test]
async fn row_096_a_forgotten_list_lets_nobody_in() {
    let settings = || HuggingFace::new(App::new("app").with_client_secret(SECRET));
    let empty: [&str; 0] = [];
    assert!(settings().with_authorized_orgs(empty).is_err());
    for bad in ["", " ", "a b", "\u{e9}"] {
        assert!(settings().with_authorized_orgs([ENGINE, bad]).is_err(), "{bad:?}");
    }
}

on_every_adapter! {
    a_member_of_one_of_the_organisations_comes_in,
    row_096_whoever_is_no_full_member_is_not_let_in_and_told_why,
    row_096_every_restriction_keeps_a_member_out_and_says_what_to_do,
    row_096_who_left_is_out_with_the_next_tokens_and_no_setting_is_forgotten,
    row_096_of_a_thousand_organisations_the_authorised_one_is_kept,
    row_096_a_member_who_is_asked_for_more_is_asked_for_the_organisation_again,
    row_095_who_takes_the_name_of_an_organisation_or_of_a_member_does_not_come_in,
    the_page_of_an_app_s_own_check_comes_after_membership,
}
