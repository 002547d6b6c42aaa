//! What guards ask for: each thing once a session, and then an explanation.

use hf_oauth_hub::{Endpoint, Fault, OrgConfig, UserConfig};
use serde_json::json;

use crate::adapter::Adapter;
use crate::browser::Browser;
use crate::orgs::ENGINE;
use crate::world::{CALLBACK, LOGIN, World};

/// Opens a page whose guard may ask, and comes back from the question without having granted anything: whether it
/// asked, and what the page says in the end.
async fn open(world: &World, browser: &mut Browser, username: &str, path: &str) -> (bool, String) {
    let first = browser.get(path).await;
    if first.status != 303 {
        return (false, first.code());
    }
    assert!(first.location().starts_with(&world.hub.url("/oauth/authorize?")), "{}", first.location());
    world.hub.fault(Fault::json(json!({ "scope": "openid profile" })).on(Endpoint::Token).times(1));
    let back = world.hub.approve_with_orgs(first.location(), username, &[]).await.unwrap();
    let returned = browser.get(&back).await;
    assert_eq!((returned.status.as_u16(), returned.location()), (303, path));
    let page = browser.get(path).await;
    assert_eq!(page.status, 403, "no second question");
    (true, page.code())
}

async fn row_170_two_guards_in_turns_ask_once_each(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(LOGIN).await;
    let back = world.hub.approve_with_orgs(started.location(), "ada", &[]).await.unwrap();
    browser.get(&back).await;
    for turn in 0..4 {
        for (path, code) in [("/engine", "org_missing"), ("/jobs", "scope_missing"), ("/last", "org_missing")]
        {
            assert_eq!(
                open(&world, &mut browser, "ada", path).await,
                (turn == 0, code.to_owned()),
                "{path} {turn}"
            );
        }
    }
    assert_eq!(browser.fetch("/me").await.status, 200, "still signed in");
    assert!(browser.fetch("/me").await.json()["state"].is_null(), "nothing of it is in the app's own data");
    // A new sign-in is a new session: what was asked is asked again, and granted now.
    world.sign_in(&mut browser, "ada", "/engine").await;
    let asked = browser.get("/engine").await;
    let back = world.hub.approve_with_orgs(asked.location(), "ada", &[ENGINE]).await.unwrap();
    assert_eq!(browser.get(&back).await.location(), "/engine");
    assert_eq!(browser.get("/engine").await.status, 200);
    let asked = browser.get("/jobs").await;
    assert_eq!(world.come_back(&mut browser, asked.location(), "ada").await.location(), "/jobs");
    assert_eq!(browser.get("/jobs").await.status, 200);
}

async fn row_170_with_a_thousand_organisations_a_guard_asks_once(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut many = UserConfig::new("many");
    many.orgs = (0..1_000).map(|number| OrgConfig::new(format!("org-{number}"))).collect();
    world.hub.add_user(many);
    let mut browser = world.signed_in("many").await;
    assert_eq!(browser.fetch("/me").await.json()["all_orgs"], false);
    for turn in 0..3 {
        let first = browser.get("/engine").await;
        if first.status == 303 {
            assert_eq!(turn, 0, "asked again");
            let returned = world.come_back(&mut browser, first.location(), "many").await;
            // Such a session leaves no room for the way back.
            assert!(matches!(returned.location(), "/" | "/engine"), "{}", returned.location());
        } else {
            assert_ne!(turn, 0, "never asked");
        }
        let page = browser.get("/engine").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "org_missing"));
    }
    assert_eq!(browser.fetch("/engine").await.code(), "org_missing");
}

async fn row_170_whoever_declines_is_not_asked_again(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let asked = browser.get("/jobs").await;
    let back = world.hub.deny(asked.location(), "ada").await.unwrap();
    let page = browser.get(&back).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "access_denied"));
    for _ in 0..2 {
        let page = browser.get("/jobs").await;
        assert_eq!(
            (page.status.as_u16(), page.code().as_str()),
            (403, "scope_missing"),
            "no second question"
        );
    }
    assert_eq!(browser.fetch("/me").await.status, 200, "still signed in");
    assert_eq!(browser.get("/last").await.status, 303, "what nobody asked for yet");
}

async fn row_170_what_the_provider_will_not_give_is_not_asked_for_at_every_visit(adapter: Adapter) {
    let world = World::new(adapter).await;
    for (error, told, again) in [
        ("invalid_scope", (502, "provider_refused"), (403, "scope_missing")),
        // A provider that is away has refused nothing.
        ("temporarily_unavailable", (503, "provider_unavailable"), (303, "")),
    ] {
        let mut browser = world.signed_in("ada").await;
        let asked = browser.get("/jobs").await;
        let url = url::Url::parse(asked.location()).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let page = browser.get(&format!("{CALLBACK}?error={error}&state={state}")).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), told, "{error}");
        let page = browser.get("/jobs").await;
        assert_eq!(page.status.as_u16(), again.0, "{error}");
        assert!(again.1.is_empty() || page.code() == again.1, "{error}");
        assert_eq!(browser.fetch("/me").await.status, 200, "still signed in");
    }
}

on_every_adapter! {
    row_170_what_the_provider_will_not_give_is_not_asked_for_at_every_visit,
    row_170_whoever_declines_is_not_asked_again,
    row_170_two_guards_in_turns_ask_once_each,
    row_170_with_a_thousand_organisations_a_guard_asks_once,
}
