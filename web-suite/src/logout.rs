//! Signing out: all of it, and by nobody else.

use http::Method;

use crate::adapter::Adapter;
use crate::world::{LOGIN, LOGOUT, World};

async fn row_086_logout_takes_every_cookie_in_every_jar(adapter: Adapter) {
    for world in [World::new(adapter).await, World::https(adapter).await, World::space(adapter).await] {
        let mut browser = world.signed_in("linus").await;
        browser.get(LOGIN).await;
        browser.get(LOGIN).await;
        // What an earlier version left: in the other jar, and parts that nobody writes any more.
        let (name, partitioned) =
            browser.jar.keys().find(|(name, _)| !name.contains("_login_")).unwrap().clone();
        let base = name.trim_end_matches("_2").to_owned();
        if base.starts_with("__Host-") {
            browser.jar.insert((base.clone(), !partitioned), "legacy".to_owned());
        }
        browser.jar.insert((format!("{base}_2"), partitioned), "part".to_owned());
        browser.jar.insert((format!("{base}_5"), partitioned), "part".to_owned());
        let out = browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
        assert_eq!((out.status.as_u16(), out.location()), (303, "/"));
        let note = format!("{base}_left");
        assert_eq!(browser.cookie_names(), [note.as_str()]);
        assert!(out.set_cookies().iter().all(|line| line.contains("Max-Age=0") || line.starts_with(&note)));
        assert_eq!(browser.fetch("/me").await.status, 401);
    }
}

async fn row_086_other_browsers_stay_signed_in(adapter: Adapter) {
    let world = World::new(adapter).await;
    let (mut one, mut other) = (world.signed_in("ada").await, world.signed_in("ada").await);
    one.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!(one.fetch("/me").await.status, 401);
    assert_eq!(other.fetch("/me").await.status, 200);
}

async fn row_088_no_other_site_signs_anybody_out(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut browser = world.signed_in("ada").await;
    for headers in [
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[("origin", "https://huggingface.co"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://other.hf.space"), ("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://ada-app.hf.space")],
        &[("origin", "https://ada-app.hf.space.evil.example")],
        &[("origin", "https://ada-app.hf.space"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none")],
        &[("referer", "https://ada-app.hf.space/")],
        &[],
    ] {
        let answer = browser.send(Method::POST, LOGOUT, headers, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "cross_site_logout"),
            "{headers:?}"
        );
        assert_eq!(browser.fetch("/me").await.status, 200);
    }
    for headers in [
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors")][..],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
        &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")],
        &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")],
        &[("sec-fetch-site", "same-origin"), ("sec-purpose", "prefetch")],
        &[("sec-fetch-site", "same-origin"), ("sec-purpose", "prefetch;prerender")],
        &[("sec-fetch-site", "same-origin"), ("purpose", "prefetch")],
        &[("accept", "text/html")],
    ] {
        let answer = browser.send(Method::GET, LOGOUT, headers, "").await;
        assert_eq!(answer.status, 200, "a page that asks: {headers:?}");
        assert!(answer.body.contains("<form method=\"post\""), "{headers:?}");
        assert_eq!(browser.fetch("/me").await.status, 200);
    }
}

async fn row_088_the_app_itself_does(adapter: Adapter) {
    let world = World::https(adapter).await;
    for (method, headers) in [
        (Method::POST, &[("origin", "https://app.example.com")][..]),
        (Method::POST, &[("sec-fetch-site", "same-origin"), ("origin", "null")]),
        (
            Method::GET,
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ],
        ),
    ] {
        let mut browser = world.signed_in("ada").await;
        let answer = browser.send(method, &format!("{LOGOUT}?_target_url=/bye"), headers, "").await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/bye"), "{headers:?}");
        assert_eq!(browser.fetch("/me").await.status, 401);
    }
}

async fn the_page_that_asks_lets_its_own_form_say_where_it_comes_from(adapter: Adapter) {
    let world = World::new(adapter).await;
    let page = world.signed_in("ada").await.get(&format!("{LOGOUT}?_target_url=/bye")).await;
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert!(page.body.contains(&format!("action=\"{LOGOUT}?_target_url=%2Fbye\"")), "{}", page.body);
    assert!(page.header("content-security-policy").unwrap().contains("form-action 'self'"));
}

async fn a_closed_page_after_the_logout_asks_before_the_hub_signs_in_again_without_a_word(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    let page = browser.get("/me").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (401, "unauthenticated"));
    assert!(page.body.contains(&format!("href=\"{LOGIN}?_target_url=%2Fme\"")), "{}", page.body);
    assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
    assert!(!browser.cookie_names().contains(&"hf_oauth_7860_left"));
}

async fn an_answer_that_was_under_way_at_the_logout_signs_nobody_in_again(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    world.clock.advance(28_800);
    let slow = browser.clone();
    let mut slow_tab = world.browser();
    slow_tab.jar = slow.jar;
    let waiting = async { slow_tab.fetch("/slow").await };
    let leaving = async {
        // The handler is at work: the session was refreshed before it.
        let _ = world.gate.entered.acquire().await.unwrap();
        browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
        world.gate.open.add_permits(1);
    };
    let (late, ()) = futures_util::future::join(waiting, leaving).await;
    assert_eq!(late.status, 200);
    assert!(
        !late
            .set_cookies()
            .iter()
            .any(|line| line.starts_with("hf_oauth_7860=") && !line.contains("Max-Age=0"))
    );
    browser.take_cookies(&late);
    assert_eq!(browser.fetch("/me").await.status, 401);
}

async fn row_088_in_a_space_a_form_of_another_site_is_nobody_s(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let foreign =
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")];
    for headers in [&foreign[..], &foreign[..1], &[]] {
        assert_eq!(browser.send(Method::POST, "/form", headers, "a=b").await.status, 401, "{headers:?}");
    }
    for headers in [&[("origin", "https://ada-app.hf.space")][..], &[("sec-fetch-site", "same-origin")]] {
        assert_eq!(browser.send(Method::POST, "/form", headers, "a=b").await.status, 200, "{headers:?}");
    }
    assert_eq!(browser.fetch("/me").await.status, 200, "the session is as it was");
}

on_every_adapter! {
    row_086_logout_takes_every_cookie_in_every_jar,
    row_086_other_browsers_stay_signed_in,
    row_088_no_other_site_signs_anybody_out,
    row_088_the_app_itself_does,
    the_page_that_asks_lets_its_own_form_say_where_it_comes_from,
    a_closed_page_after_the_logout_asks_before_the_hub_signs_in_again_without_a_word,
    an_answer_that_was_under_way_at_the_logout_signs_nobody_in_again,
    row_088_in_a_space_a_form_of_another_site_is_nobody_s,
}
