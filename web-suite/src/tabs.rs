//! Several logins of one browser at once.

use crate::adapter::Adapter;
use crate::browser::{FETCH, NAVIGATION};
use crate::world::{LOGIN, World};
use http::Method;

/// Begins logins in many tabs from one empty jar, as a restored session does, and finishes them in this order.
async fn finish_in(world: &World, order: &[usize]) {
    let mut browser = world.browser();
    let mut tabs = Vec::new();
    for tab in 0..order.len() {
        // All are asked before the first answer is there.
        let link = format!("{LOGIN}?_target_url=/me%3Ftab%3D{tab}");
        tabs.push(browser.ask(Method::GET, &link, NAVIGATION, "").await);
    }
    tabs.iter().for_each(|answer| browser.take_cookies(answer));
    for tab in order {
        let back = world.come_back(&mut browser, tabs[*tab].location(), "ada").await;
        assert_eq!(
            (back.status.as_u16(), back.location()),
            (303, format!("/me?tab={tab}").as_str()),
            "{order:?}"
        );
        assert_eq!(browser.get("/me").await.json()["name"], "ada");
    }
}

async fn row_071_five_and_ten_tabs_finish_in_any_order(adapter: Adapter) {
    let world = World::new(adapter).await;
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]] {
        finish_in(&world, &order).await;
    }
    for order in
        [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [3, 9, 0, 7, 5, 1, 8, 2, 6, 4]]
    {
        finish_in(&world, &order).await;
    }
}

async fn row_071_tabs_of_two_people_do_not_mix(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let first = browser.get(LOGIN).await;
    let second = browser.get(LOGIN).await;
    world.come_back(&mut browser, second.location(), "grace").await;
    assert_eq!(browser.get("/me").await.json()["name"], "grace");
    world.come_back(&mut browser, first.location(), "ada").await;
    assert_eq!(browser.get("/me").await.json()["name"], "ada", "the one who finished last");
}

async fn row_072_two_hundred_navigations_leave_ten_pending_logins_and_a_short_header(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let mut last = String::new();
    for page in 0..200 {
        let closed = browser.get(&format!("/closed?page={page}&{}", "x".repeat(200))).await;
        last = browser.get(closed.location()).await.location().to_owned();
        assert!(browser.cookie_names().len() <= 10, "{}", browser.cookie_names().len());
        assert!(browser.cookies().join("; ").len() <= 6_500);
    }
    assert_eq!(world.come_back(&mut browser, &last, "ada").await.status, 303, "the newest one is there");
}

async fn row_072_a_thousand_scripts_leave_no_cookie(adapter: Adapter) {
    let world = World::new(adapter).await;
    let browser = world.browser();
    for _ in 0..1_000 {
        let answer = browser.ask(Method::GET, "/me", FETCH, "").await;
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (401, 0));
    }
}

on_every_adapter! {
    row_071_five_and_ten_tabs_finish_in_any_order,
    row_071_tabs_of_two_people_do_not_mix,
    row_072_two_hundred_navigations_leave_ten_pending_logins_and_a_short_header,
    row_072_a_thousand_scripts_leave_no_cookie,
}
