//! Tokens that end, and the ones that come after them.

use futures_util::future::join_all;
use hf_oauth_hub::{AppConfig, Endpoint, Fault, UserConfig};
use http::Method;

use crate::adapter::Adapter;
use crate::browser::FETCH;
use crate::world::{CALLBACK, LOGOUT, SECRET, World};

/// The local Hub's tokens live that long.
const LIFE: i64 = 28_800;

fn token(answer: &crate::browser::Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["token"].as_str().unwrap().to_owned()
}

async fn row_103_a_hundred_requests_on_an_ended_token_are_one_refresh(adapter: Adapter) {
    for (parallel, passed) in [(2, LIFE), (5, LIFE + 3_600), (100, LIFE), (20, LIFE - 60)] {
        let world = World::new(adapter).await;
        let mut browser = world.signed_in("ada").await;
        let old = token(&browser.fetch("/me").await);
        world.clock.advance(passed);
        let answers = join_all((0..parallel).map(|_| browser.ask(Method::GET, "/me", FETCH, ""))).await;
        let tokens: Vec<_> = answers.iter().map(token).collect();
        assert_eq!(world.refreshes(), 1, "{parallel}");
        if passed >= LIFE {
            assert!(tokens.iter().all(|new| *new != old && *new == tokens[0]), "one new token for all");
        }
        answers.iter().for_each(|answer| browser.take_cookies(answer));
        assert_ne!(token(&browser.fetch("/me").await), old);
        assert_eq!(world.refreshes(), 1);
    }
}

async fn row_107_a_late_answer_with_the_older_cookie_costs_nothing(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let older = browser.jar.clone();
    world.clock.advance(LIFE);
    let answers = join_all((0..20).map(|_| browser.ask(Method::GET, "/me", FETCH, ""))).await;
    answers.iter().for_each(|answer| browser.take_cookies(answer));
    let new = token(&browser.fetch("/me").await);
    // An answer that was under way sets the older cookie again.
    browser.jar = older;
    world.clock.advance(30);
    let late = browser.fetch("/me").await;
    assert_eq!(token(&late), new, "adopted");
    assert!(!late.set_cookies().is_empty(), "and written again");
    assert_eq!(token(&browser.fetch("/me").await), new);
    assert_eq!(world.refreshes(), 1);
}

async fn row_044_where_refresh_tokens_stay_the_new_session_is_written_once(adapter: Adapter) {
    let world = World::new(adapter).await;
    world.hub.set_refresh_mode(hf_oauth_hub::RefreshMode::Keep);
    let mut browser = world.signed_in("ada").await;
    let older = browser.jar.clone();
    world.clock.advance(LIFE);
    let renewed = browser.fetch("/me").await;
    let new = token(&renewed);
    assert!(!renewed.set_cookies().is_empty());
    world.clock.advance(30);
    let next = browser.fetch("/me").await;
    assert_eq!((token(&next), next.set_cookies()), (new.clone(), Vec::new()), "it has the newest already");
    browser.jar = older;
    assert_eq!(token(&browser.fetch("/me").await), new, "an older cookie still finds it");
    assert_eq!(world.refreshes(), 1);
}

async fn row_107_after_the_logout_the_older_cookie_leads_nowhere(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let older = browser.jar.clone();
    world.clock.advance(LIFE);
    token(&browser.fetch("/me").await);
    browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    browser.jar = older;
    // Its refresh token is spent, which is what the Hub says.
    assert_eq!(browser.fetch("/me").await.status, 401);
}

async fn row_109_a_hub_that_is_away_costs_no_session_while_the_token_is_valid(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let old = token(&browser.fetch("/me").await);
    world.hub.fault(Fault::status(503).on(Endpoint::Token));
    world.clock.advance(LIFE - 100);
    for _ in 0..10 {
        assert_eq!(token(&browser.fetch("/me").await), old);
    }
    assert_eq!(world.refreshes(), 1, "one attempt, then a pause");
    world.clock.advance(3);
    token(&browser.fetch("/me").await);
    token(&browser.fetch("/me").await);
    assert_eq!(world.refreshes(), 2);

    world.clock.advance(97);
    for _ in 0..3 {
        let away = browser.fetch("/me").await;
        assert_eq!((away.status.as_u16(), away.code().as_str()), (503, "session_unavailable"));
        assert!(away.header("retry-after").is_some() && away.set_cookies().is_empty(), "the session is kept");
        assert_eq!(
            browser.get("/").await.body,
            "Ada Lovelace, and the Hub is away",
            "and nobody looks signed out"
        );
        assert_eq!(browser.get("/closed").await.code(), "session_unavailable");
    }
    world.hub.clear_faults();
    world.clock.advance(300);
    assert_ne!(token(&browser.fetch("/me").await), old, "and goes on");
}

async fn row_109_without_a_refresh_token_the_end_is_the_end(adapter: Adapter) {
    let world = World::new(adapter).await;
    world.hub.add_app(
        AppConfig::confidential("app", SECRET)
            .redirect_uri(format!("http://localhost{CALLBACK}"))
            .refresh(false),
    );
    let mut browser = world.signed_in("ada").await;
    world.clock.advance(LIFE);
    let answer = browser.fetch("/me").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "unauthenticated"));
    assert!(!browser.cookie_names().contains(&"hf_oauth_7860"));
    assert_eq!(world.refreshes(), 0);
}

async fn row_054_an_ended_refresh_token_ends_that_session_alone_with_one_question(adapter: Adapter) {
    let world = World::new(adapter).await;
    let (mut ended, mut other) = (world.signed_in("ada").await, world.signed_in("grace").await);
    world.hub.disconnect("ada", "app");
    world.clock.advance(LIFE);
    let answers = join_all((0..10).map(|_| ended.ask(Method::GET, "/me", FETCH, ""))).await;
    assert!(answers.iter().all(|answer| answer.status == 401));
    assert_eq!(world.refreshes(), 1, "no storm");
    ended.take_cookies(&answers[0]);
    assert!(!ended.cookie_names().contains(&"hf_oauth_7860"));
    assert_eq!(ended.get("/me").await.status, 303, "one sign-in");
    assert_eq!(other.fetch("/me").await.status, 200);
}

async fn row_055_a_refused_app_burns_nobody_s_token(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let config = |secret: &str| {
        AppConfig::confidential("app", secret).redirect_uri(format!("http://localhost{CALLBACK}"))
    };
    world.hub.add_app(config("rotated-by-the-operator"));
    world.clock.advance(LIFE);
    let refused = browser.fetch("/me").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (503, "app_misconfigured"));
    assert!(refused.set_cookies().iter().all(|line| line.contains("_login_")), "the session is kept");
    world.hub.add_app(config(SECRET));
    world.clock.advance(10);
    assert_eq!(browser.fetch("/me").await.status, 200, "as good as before");
}

async fn row_045_tokens_of_a_minute_are_not_refreshed_at_every_request(adapter: Adapter) {
    let world = World::new(adapter).await;
    world.hub.add_app(
        AppConfig::confidential("app", SECRET)
            .redirect_uri(format!("http://localhost{CALLBACK}"))
            .expiration_minutes(1),
    );
    let mut browser = world.signed_in("ada").await;
    for _ in 0..60 {
        world.clock.advance(1);
        assert_eq!(browser.fetch("/me").await.status, 200);
    }
    assert!((1..=2).contains(&world.refreshes()), "{}", world.refreshes());
}

async fn row_108_an_answer_that_was_lost_after_the_hub_rotated_is_at_most_one_sign_in(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    world.hub.fault(Fault::lost_answer().on(Endpoint::Token).times(1));
    world.clock.advance(LIFE);
    let away = browser.fetch("/me").await;
    assert_eq!((away.status.as_u16(), away.code().as_str()), (503, "session_unavailable"));
    world.clock.advance(5);
    assert_eq!(browser.get("/me").await.status, 303, "the Hub says that the token was used: sign in");
    assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
}

async fn the_hub_s_refusal_at_the_logout_route_keeps_nobody_in(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    world.hub.fault(Fault::status(503));
    world.clock.advance(LIFE);
    let out = browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!(out.status, 303);
    assert_eq!(browser.cookie_names(), ["hf_oauth_7860_left"]);
    assert_eq!(world.refreshes(), 0);
}

async fn who_left_an_organisation_is_out_of_it_with_the_next_tokens(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    assert_eq!(browser.fetch("/engine").await.status, 200);
    world.hub.add_user(UserConfig::new("ada").name("Ada King"));
    assert_eq!(browser.fetch("/engine").await.status, 200, "as it was at the sign-in");
    // While userinfo is away nothing is lost: neither the new tokens nor what was known.
    world.hub.fault(Fault::status(503).on(Endpoint::Userinfo).times(1));
    world.clock.advance(LIFE);
    assert_eq!(browser.fetch("/engine").await.status, 200);
    assert_eq!(world.refreshes(), 1);
    world.clock.advance(LIFE);
    let gone = browser.fetch("/engine").await;
    assert_eq!((gone.status.as_u16(), gone.code().as_str()), (403, "org_missing"));
    assert_eq!(browser.get("/").await.body, "Ada King", "still signed in");
}

on_every_adapter! {
    row_103_a_hundred_requests_on_an_ended_token_are_one_refresh,
    row_107_a_late_answer_with_the_older_cookie_costs_nothing,
    row_044_where_refresh_tokens_stay_the_new_session_is_written_once,
    row_107_after_the_logout_the_older_cookie_leads_nowhere,
    row_109_a_hub_that_is_away_costs_no_session_while_the_token_is_valid,
    row_109_without_a_refresh_token_the_end_is_the_end,
    row_054_an_ended_refresh_token_ends_that_session_alone_with_one_question,
    row_055_a_refused_app_burns_nobody_s_token,
    row_045_tokens_of_a_minute_are_not_refreshed_at_every_request,
    row_108_an_answer_that_was_lost_after_the_hub_rotated_is_at_most_one_sign_in,
    the_hub_s_refusal_at_the_logout_route_keeps_nobody_in,
    who_left_an_organisation_is_out_of_it_with_the_next_tokens,
}
