//! The way back: forged, repeated, late, lost.

use std::time::Duration;

use futures_util::future::join;
use http::Method;

use crate::adapter::Adapter;
use crate::browser::{Browser, NAVIGATION};
use crate::world::{CALLBACK, LOGIN, World};

async fn row_001_a_callback_with_a_missing_or_wrong_state_costs_no_request_and_no_login(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("grace").await;
    let started = browser.get(LOGIN).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    world.hub.clear_journal();
    for (query, code) in
        [("code=evil", "state_missing"), ("code=evil&state=", "state_missing"), ("state=x", "")]
    {
        let answer = browser.get(&format!("{CALLBACK}?{query}")).await;
        if code.is_empty() {
            assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"), "signed in already");
        } else {
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{query}");
        }
    }
    let forged = browser.get(&format!("{CALLBACK}?code=evil&state=guessed")).await;
    assert_eq!((forged.status.as_u16(), forged.location()), (303, "/"));
    assert!(world.hub.journal().entries().is_empty(), "nobody was asked");
    assert_eq!(browser.get("/me").await.json()["name"], "grace", "the session is as it was");

    let finished = browser.get(&back).await;
    assert_eq!(finished.status, 303);
    assert_eq!(browser.get("/me").await.json()["name"], "ada", "the pending login was not used up");
}

async fn row_003_the_same_callback_twice_is_one_token_request_and_leads_to_the_app(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    assert_eq!(browser.get(&back).await.location(), "/me");
    for _ in 0..3 {
        let again = browser.get(&back).await;
        assert_eq!((again.status.as_u16(), again.location()), (303, "/me"));
    }
    assert_eq!(world.token_requests(), 1);

    browser.forget("hf_oauth_7860_login");
    let forgotten = browser.get(&back).await;
    assert_eq!((forgotten.status.as_u16(), forgotten.location()), (303, "/"), "and no new login");

    let mut signed_out = Browser::new(&world.app);
    let page = signed_out.get(&back).await;
    assert_eq!(page.status, 303, "somebody else's browser begins its own login");
    assert!(page.location().starts_with(&world.hub.url("/oauth/authorize?")));
    assert_eq!(world.token_requests(), 1);
}

async fn row_003_a_reload_while_the_code_is_exchanged_is_one_token_request(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(LOGIN).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    world.hub.fault(hf_oauth_hub::Fault::latency(Duration::from_millis(100)));
    let ask = || browser.ask(Method::GET, &back, NAVIGATION, "");
    let (first, second) = join(ask(), ask()).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (303, 303), "{}", second.body);
    assert_eq!(world.token_requests(), 1);
    browser.take_cookies(&second);
    assert_eq!(browser.get("/me").await.json()["name"], "ada");
}

async fn row_003_a_used_login_without_a_session_is_explained(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(LOGIN).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    browser.get(&back).await;
    browser.jar.retain(|(name, _), _| name.contains("_login_"));
    let page = browser.get(&back).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_used"));
    assert_eq!(world.token_requests(), 1);
}

async fn row_005_a_login_ends_after_ten_minutes_and_can_be_begun_again(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    world.clock.advance(601);
    let page = browser.get(&back).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_expired"));
    assert!(page.body.contains(&format!("href=\"{LOGIN}?_target_url=%2Fme\"")), "{}", page.body);
    assert_eq!(world.token_requests(), 0);
    assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
}

async fn row_005_whoever_is_signed_in_meanwhile_goes_on(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    world.clock.advance(601);
    world.sign_in(&mut browser, "ada", "/").await;
    let late = browser.get(&back).await;
    assert_eq!((late.status.as_u16(), late.location()), (303, "/me"));
    assert_eq!(world.token_requests(), 1);
}

async fn row_006_duplicate_parameters_are_refused_and_the_login_goes_on(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(LOGIN).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    for more in ["&code=x", "&state=x", "&iss=a&iss=b", "&error=a&error=b", "&id_token=x", "&access_token=x"]
    {
        let page = browser.get(&format!("{back}{more}")).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "malformed_redirect"), "{more}");
    }
    let wrong = browser.get(&format!("{back}&iss=https://evil.example")).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (400, "issuer_mismatch"));
    assert_eq!(world.token_requests(), 0);
    assert_eq!(browser.get(&back).await.status, 303);
}

async fn row_017_nothing_is_read_out_of_state(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(LOGIN).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    let (_, state) = back.split_once("state=").unwrap();
    for forged in [
        "%7B%22nonce%22:%22n%22,%22redirectUri%22:%22https://evil.example/%22,%22state%22:%22/evil%22%7D"
            .to_owned(),
        format!("{state}.eyJyZXR1cm4iOiIvL2V2aWwifQ"),
        "https://evil.example/".to_owned(),
    ] {
        let answer =
            browser.get(&format!("{CALLBACK}?code=c&state={forged}&_target_url=//evil.example")).await;
        // A restart; or, once in 256 times, the page for those whom a restart did not help.
        match answer.status.as_u16() {
            303 => {
                let location = answer.location();
                assert!(location.starts_with(&world.hub.url("/oauth/authorize?")), "{location}");
                assert!(!location.contains("evil"), "{location}");
            }
            status => {
                assert_eq!((status, answer.code().as_str()), (400, "login_lost"));
                assert!(!answer.body.contains("evil"), "{}", answer.body);
            }
        }
    }
    assert_eq!(world.token_requests(), 0);
    assert_eq!(browser.get(&format!("{back}&_target_url=//evil.example")).await.location(), "/");
}

async fn row_089_a_browser_that_drops_every_cookie_gets_a_page_after_two_round_trips(adapter: Adapter) {
    for world in [World::new(adapter).await, World::https(adapter).await, World::space(adapter).await] {
        let mut browser = world.browser();
        browser.keeps_cookies = false;
        let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
        let restarted = world.come_back(&mut browser, started.location(), "ada").await;
        assert_eq!(restarted.status, 303);
        assert!(restarted.location().starts_with(&world.hub.url("/oauth/authorize?")));
        let page = world.come_back(&mut browser, restarted.location(), "ada").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_lost"));
        assert_eq!(page.body.matches("target=\"_blank\"").count(), 1, "{}", page.body);
        for cause in ["cookies are blocked", "inside another page", "clock", "new keys"] {
            assert!(page.body.contains(cause), "{cause}");
        }
        assert_eq!(world.token_requests(), 0);
    }
}

async fn row_091_no_counter_in_a_link_forces_or_stops_the_way_out(adapter: Adapter) {
    let world = World::new(adapter).await;
    for number in ["abc", "-1", "1000000000", "0", "2"] {
        let mut browser = world.browser();
        browser.keeps_cookies = false;
        let more = format!("_nb_redirects={number}&after_restart={number}");
        let started = browser.get(&format!("{LOGIN}?{more}")).await;
        let back = world.hub.approve(started.location(), "ada").await.unwrap();
        let restarted = browser.get(&format!("{back}&{more}")).await;
        assert_eq!(restarted.status, 303, "not forced by {number}");
        let back = world.hub.approve(restarted.location(), "ada").await.unwrap();
        let page = browser.get(&format!("{back}&{more}")).await;
        assert_eq!(
            (page.status.as_u16(), page.code().as_str()),
            (400, "login_lost"),
            "not stopped by {number}"
        );
    }
}

async fn whoever_says_no_is_told_so_and_can_go_on(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let back = world.hub.deny(started.location(), "ada").await.unwrap();
    let page = browser.get(&back).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "access_denied"));
    assert!(page.body.contains("?_target_url=%2Fme"), "{}", page.body);
    assert!(browser.cookie_names().is_empty());
    // A browser without cookies is not sent back to the consent page that it just left.
    let lost = Browser::new(&world.app).get(&back).await;
    assert_eq!((lost.status.as_u16(), lost.code().as_str()), (400, "login_lost"));
    assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
}

on_every_adapter! {
    row_001_a_callback_with_a_missing_or_wrong_state_costs_no_request_and_no_login,
    row_003_the_same_callback_twice_is_one_token_request_and_leads_to_the_app,
    row_003_a_reload_while_the_code_is_exchanged_is_one_token_request,
    row_003_a_used_login_without_a_session_is_explained,
    row_005_a_login_ends_after_ten_minutes_and_can_be_begun_again,
    row_005_whoever_is_signed_in_meanwhile_goes_on,
    row_006_duplicate_parameters_are_refused_and_the_login_goes_on,
    row_017_nothing_is_read_out_of_state,
    row_089_a_browser_that_drops_every_cookie_gets_a_page_after_two_round_trips,
    row_091_no_counter_in_a_link_forces_or_stops_the_way_out,
    whoever_says_no_is_told_so_and_can_go_on,
}
