//! What handlers, guards and failing middlewares answer, and the cookies on it.

use hf_oauth_hub::{Endpoint, Fault};

use crate::world::{LIFE, World};

#[actix_web::test]
async fn a_handler_that_demands_somebody_sends_browsers_to_sign_in_and_tells_programs() {
    let world = World::new().await;
    let sent = world.browser().get("/me?tab=2").await;
    assert_eq!(sent.status, 303);
    assert_eq!(sent.header("location"), "/oauth/huggingface/login?_target_url=%2Fme%3Ftab%3D2");
    let told = world.browser().fetch("/me").await;
    assert_eq!((told.status, told.header("content-type")), (401, "application/json"));
    assert!(told.body.contains(r#""error":"unauthenticated""#), "{}", told.body);
    assert_eq!(world.signed_in().await.get("/me").await.body, "Ada Lovelace");
}

#[actix_web::test]
async fn while_the_hub_is_away_a_visitor_is_still_somebody_and_an_option_is_not() {
    let world = World::new().await;
    let mut ada = world.signed_in().await;
    world.clock.advance(LIFE);
    world.hub.fault(Fault::status(503).on(Endpoint::Token));
    let me = ada.get("/me").await;
    assert_eq!(me.status, 503);
    assert!(!me.header("retry-after").is_empty() && me.body.contains("still signed in"), "{}", me.body);
    assert_eq!(ada.get("/").await.body, "Ada Lovelace, no token");
    assert_eq!(ada.get("/optional").await.body, "nobody", "as the documentation warns");
    world.hub.clear_faults();
    world.clock.advance(60);
    assert_eq!(ada.get("/").await.body, "Ada Lovelace, all well");
}

#[actix_web::test]
async fn the_cookies_of_a_renewed_session_are_on_every_answer_that_a_handler_or_a_middleware_gives() {
    for (path, status, body) in [
        ("/me", 200, "Ada Lovelace"),
        ("/own", 200, "one cookie"),
        ("/fails", 409, "Ada Lovelace is in the way"),
        ("/broken", 502, "broken"),
        ("/jobs", 303, ""),
        ("/nowhere", 404, ""),
    ] {
        let world = World::new().await;
        let mut ada = world.signed_in().await;
        world.clock.advance(LIFE);
        let answer = ada.get(path).await;
        assert_eq!((answer.status, answer.body.as_str(), world.refreshes()), (status, body, 1), "{path}");
        let cookies = answer.set_cookies();
        let written = |cookie: &&str| {
            cookie.starts_with("hf_oauth_") && !cookie.contains("_login_") && !cookie.contains("Max-Age=0")
        };
        assert_eq!(cookies.iter().copied().filter(written).count(), 1, "{path}: {cookies:?}");
        assert_eq!(cookies.contains(&"mine=1; Path=/"), path == "/own", "{path}: none is replaced");
        assert_eq!(answer.headers.get_all("cache-control").iter().count(), 1, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store, private", "{path}");
        let next = ada.get("/me").await;
        assert_eq!(
            (next.body.as_str(), world.refreshes()),
            ("Ada Lovelace", 1),
            "{path}: with the new token"
        );
        assert!(next.set_cookies().is_empty(), "{path}");
    }
}

#[actix_web::test]
async fn a_hundred_requests_at_two_workers_are_one_refresh() {
    let world = World::new().await;
    let ada = world.signed_in().await;
    world.clock.advance(LIFE);
    let asking = (0..100).map(|_| {
        let mut browser = ada.clone();
        actix_web::rt::spawn(async move { browser.fetch("/me").await.body })
    });
    for answer in asking.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap(), "Ada Lovelace");
    }
    assert_eq!(world.refreshes(), 1);
}

#[actix_web::test]
async fn a_guard_closes_scopes_and_resources() {
    let world = World::new().await;
    let (mut nobody, mut ada) = (world.browser(), world.signed_in().await);
    assert_eq!(
        nobody.get("/closed/me").await.header("location"),
        "/oauth/huggingface/login?_target_url=%2Fclosed%2Fme"
    );
    assert_eq!(nobody.fetch("/closed/me").await.status, 401);
    assert_eq!(ada.get("/closed/me").await.body, "Ada Lovelace");

    let lacking = ada.fetch("/jobs").await;
    assert_eq!(lacking.status, 403, "{}", lacking.body);
    let asked = ada.get("/jobs").await;
    assert!(asked.header("location").contains("jobs"), "{} {}", asked.status, asked.body);
    let back = world.hub.approve(asked.header("location"), "ada").await.unwrap();
    assert_eq!(ada.get(&back).await.header("location"), "/jobs");
    assert_eq!(ada.get("/jobs").await.body, "Ada Lovelace");
}
