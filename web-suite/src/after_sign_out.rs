//! What was under way, kept or forged must not undo what a person decided.

use http::Method;

use crate::adapter::Adapter;
use crate::orgs::ENGINE;
use crate::world::{LOGIN, LOGOUT, World};

const OURS: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];
/// A token of the local Hub, less a minute: time to renew it.
const NEARLY: i64 = 28_800 - 60;

async fn row_107_an_answer_under_way_signs_nobody_in_again(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let mut tab = world.browser();
    tab.jar = browser.jar.clone();
    world.clock.advance(NEARLY);
    let under_way = tokio::spawn(async move { tab.fetch("/slow").await });
    let _ = world.gate.entered.acquire().await.unwrap();
    assert_eq!(world.refreshes(), 1, "its answer would carry new cookies");
    browser.send(Method::POST, LOGOUT, OURS, "").await;
    world.gate.open.add_permits(1);
    let late = under_way.await.unwrap();
    assert_eq!(late.status, 200);
    assert_eq!(late.set_cookies(), Vec::<&str>::new(), "the sign-out stands");
}

async fn row_107_no_older_cookie_leads_back_in_after_a_sign_out(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let mut older = world.browser();
    older.jar = browser.jar.clone();
    world.clock.advance(NEARLY);
    assert_eq!(browser.fetch("/me").await.status, 200);
    assert_eq!(older.fetch("/me").await.status, 200, "an older cookie finds the new tokens");
    older.jar = world.signed_in("grace").await.jar;
    let mut older = world.browser();
    older.jar = browser.jar.clone();
    browser.send(Method::POST, LOGOUT, OURS, "").await;
    let back = older.fetch("/me").await;
    assert_eq!(back.status, 401);
    assert!(older.cookie_names().is_empty(), "and it is taken away: {:?}", older.cookie_names());
}

async fn row_107_a_session_that_was_opened_a_moment_ago_ends_with_the_sign_out(adapter: Adapter) {
    let world = World::https(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let mut copy = world.browser();
    copy.jar = browser.jar.clone();
    for _ in 0..3 {
        assert_eq!(copy.fetch("/me").await.status, 200);
    }
    browser.send(Method::POST, LOGOUT, OURS, "").await;
    assert_eq!(copy.fetch("/me").await.status, 401);
    assert!(!copy.cookie_names().contains(&"__Host-hf_oauth"), "and it is taken away");
}

async fn signing_out_of_an_app_that_is_closed_everywhere_does_not_sign_in_again(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    browser.send(Method::POST, &format!("{LOGOUT}?_target_url=/closed"), OURS, "").await;
    let page = browser.get("/closed").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (401, "unauthenticated"));
    assert!(page.body.contains(&format!("{LOGIN}?_target_url=%2Fclosed")), "a way on: {}", page.body);
    assert_eq!(world.sign_in(&mut browser, "ada", "/closed").await.location(), "/closed");
    assert_eq!(browser.get("/closed").await.status, 200);
    assert!(!browser.cookie_names().iter().any(|name| name.ends_with("_left")));
}

async fn row_088_a_foreign_form_is_from_nobody_in_a_space(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut browser = world.signed_in("ada").await;
    for foreign in [
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[("origin", "https://other.hf.space"), ("sec-fetch-site", "same-site")],
        &[("origin", "null")],
        &[],
    ] {
        let refused = browser.send(Method::POST, "/form", foreign, "").await;
        assert_eq!(refused.status, 401, "{foreign:?}");
        assert_eq!(refused.set_cookies(), Vec::<&str>::new(), "nobody is signed out by it either");
    }
    assert_eq!(browser.send(Method::POST, "/form", OURS, "").await.status, 200);
    let origin = [("origin", "https://ada-app.hf.space")];
    assert_eq!(browser.send(Method::POST, "/form", &origin, "").await.status, 200);
    assert_eq!(browser.get("/me").await.status, 200);
}

async fn row_088_a_foreign_web_socket_is_nobodys_in_a_space(adapter: Adapter) {
    let world = World::space(adapter).await;
    let browser = world.signed_in("ada").await;
    let handshake = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
    for (from, status) in [
        (&[("origin", "https://evil.hf.space"), ("sec-fetch-site", "same-site")][..], 401),
        (&[("origin", "https://evil.example")], 401),
        (&[("origin", "https://ada-app.hf.space"), ("sec-fetch-site", "same-origin")], 200),
        (&[("origin", "https://ada-app.hf.space")], 200),
    ] {
        let headers = [&handshake[..], from].concat();
        let answer = browser.ask(Method::GET, "/me", &headers, "").await;
        assert_eq!(answer.status, status, "{from:?}");
        assert_eq!(answer.set_cookies(), Vec::<&str>::new(), "nobody is signed out by it");
    }
}

async fn row_088_row_107_headers_alone_say_who_it_is_by_the_same_rules(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let cookie = browser.cookies().join("; ");
    let who = async |origin: Option<&str>| {
        let mut asking = world.browser();
        asking.keeps_cookies = false;
        let headers: Vec<_> =
            [("cookie", cookie.as_str())].into_iter().chain(origin.map(|it| ("origin", it))).collect();
        asking.ask(Method::GET, "/lax", &headers, "").await.json()["name"].as_str().map(str::to_owned)
    };
    assert_eq!(who(None).await.as_deref(), Some("ada"));
    assert_eq!(who(Some("https://ada-app.hf.space")).await.as_deref(), Some("ada"));
    assert_eq!((who(Some("https://evil.hf.space")).await, who(Some("null")).await), (None, None));
    browser.send(Method::POST, LOGOUT, OURS, "").await;
    assert_eq!(who(None).await, None, "a copy of the cookie, after the sign-out");
}

async fn row_107_a_request_that_is_late_for_another_sign_in_takes_nothing_away(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let mut poll = world.browser();
    poll.jar = browser.jar.clone();
    // It was sent with the cookie of before, and is answered after the new one is set.
    world.sign_in(&mut browser, "grace", "/").await;
    let late = poll.fetch("/me").await;
    assert_eq!(late.status, 401, "not who it was");
    assert_eq!(late.set_cookies(), Vec::<&str>::new());
    browser.take_cookies(&late);
    assert_eq!(browser.fetch("/me").await.status, 200, "still signed in");
}

async fn two_guards_one_behind_the_other_are_content_after_two_questions(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let mut asked = 0;
    let mut granted: &[&str] = &[];
    let mut page = browser.get("/both").await;
    while page.status == 303 {
        asked += 1;
        assert!(asked < 10, "no end of it");
        let url = if page.location().starts_with(LOGIN) {
            let login = page.location().to_owned();
            browser.get(&login).await.location().to_owned()
        } else {
            page.location().to_owned()
        };
        let back = world.hub.approve_with_orgs(&url, "ada", granted).await.unwrap();
        browser.get(&back).await;
        granted = &[ENGINE];
        page = browser.get("/both").await;
    }
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "in"));
    assert!(asked <= 3, "the sign-in, and one question a guard: {asked}");
}

on_every_adapter! {
    row_107_an_answer_under_way_signs_nobody_in_again,
    row_107_no_older_cookie_leads_back_in_after_a_sign_out,
    row_107_a_session_that_was_opened_a_moment_ago_ends_with_the_sign_out,
    signing_out_of_an_app_that_is_closed_everywhere_does_not_sign_in_again,
    row_088_a_foreign_form_is_from_nobody_in_a_space,
    row_088_a_foreign_web_socket_is_nobodys_in_a_space,
    row_088_row_107_headers_alone_say_who_it_is_by_the_same_rules,
    row_107_a_request_that_is_late_for_another_sign_in_takes_nothing_away,
    two_guards_one_behind_the_other_are_content_after_two_questions,
}
