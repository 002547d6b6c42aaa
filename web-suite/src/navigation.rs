//! What no person asked for begins, finishes and ends nothing; what older browsers and programs ask for does.

use http::Method;

use crate::adapter::Adapter;
use crate::browser::{Browser, FETCH, NAVIGATION};
use crate::world::{LOGIN, LOGOUT, World};

type Headers = &'static [(&'static str, &'static str)];

/// What the app's own page, with other people's words in it, makes a browser send.
const NOBODY_ASKED: &[Headers] = &[
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "style")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "video")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "font")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "same-origin"), ("sec-fetch-dest", "empty")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "image")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "websocket"), ("sec-fetch-dest", "websocket")],
    &[OWN_LINK[0], OWN_LINK[1], OWN_LINK[2], ("sec-purpose", "prefetch")],
    &[OWN_LINK[0], OWN_LINK[1], OWN_LINK[2], ("sec-purpose", "prefetch;prerender")],
    &[OWN_LINK[0], OWN_LINK[1], OWN_LINK[2], ("x-sec-purpose", "prefetch")],
    &[OWN_LINK[0], OWN_LINK[1], OWN_LINK[2], ("purpose", "prefetch")],
    &[OWN_LINK[0], OWN_LINK[1], OWN_LINK[2], ("x-moz", "prefetch")],
    &[("purpose", "prefetch"), ("accept", "text/html")],
    &[("x-moz", "prefetch"), ("accept", "text/html")],
];

const OWN_LINK: Headers =
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

async fn row_161_no_image_style_script_fetch_or_prefetch_signs_out(adapter: Adapter) {
    for world in [World::new(adapter).await, World::space(adapter).await] {
        let mut browser = world.signed_in("ada").await;
        for headers in NOBODY_ASKED {
            let answer = browser.send(Method::GET, LOGOUT, headers, "").await;
            assert_eq!(answer.status, 200, "a page that asks: {headers:?}");
            assert_eq!(answer.set_cookies(), Vec::<&str>::new(), "{headers:?}");
            assert_eq!(browser.get("/").await.body, "Ada Lovelace", "{headers:?}");
        }
        for headers in NOBODY_ASKED.iter().chain([&OWN_LINK, &NAVIGATION]) {
            let answer = browser.send(Method::HEAD, LOGOUT, headers, "").await;
            assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "HEAD {headers:?}");
        }
        assert_eq!(browser.get("/").await.body, "Ada Lovelace", "HEAD changes nothing");
        let out = browser.send(Method::GET, LOGOUT, OWN_LINK, "").await;
        assert_eq!((out.status.as_u16(), out.location()), (303, "/"), "a link that somebody followed");
        assert_eq!(browser.get("/").await.body, "nobody");
    }
}

async fn row_161_a_frame_signs_nobody_out(adapter: Adapter) {
    for world in [World::https(adapter).await, World::space(adapter).await] {
        let mut browser = world.signed_in("ada").await;
        for dest in ["iframe", "frame", "embed", "object", "fencedframe"] {
            let headers =
                [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", dest)];
            let answer = browser.send(Method::GET, LOGOUT, &headers, "").await;
            assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (200, 0), "{dest}");
            assert_eq!(browser.get("/").await.body, "Ada Lovelace", "{dest}");
        }
    }
}

async fn row_161_a_page_without_a_referrer_posts_an_origin_of_null_and_signs_out(adapter: Adapter) {
    let world = World::https(adapter).await;
    for headers in [
        &[("origin", "null"), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")][..],
        &[("sec-fetch-site", "same-origin")],
        // Safari before 16.4 sends no `Sec-Fetch-*`.
        &[("origin", "https://app.example.com")],
    ] {
        let mut browser = world.signed_in("ada").await;
        let out = browser.send(Method::POST, LOGOUT, headers, "").await;
        assert_eq!((out.status.as_u16(), out.location()), (303, "/"), "{headers:?}");
        assert_eq!(browser.fetch("/me").await.status, 401);
    }
    let mut browser = world.signed_in("ada").await;
    for headers in [
        &[("origin", "null")][..],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://app.example.com"), ("sec-fetch-site", "same-site")],
    ] {
        let kept = browser.send(Method::POST, LOGOUT, headers, "").await;
        assert_eq!((kept.status.as_u16(), kept.code().as_str()), (403, "cross_site_logout"), "{headers:?}");
        assert_eq!(browser.fetch("/me").await.status, 200);
    }
}

async fn row_161_an_image_begins_no_login_and_pushes_none_out(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let mine = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let before = browser.cookies();
    for path in [LOGIN, "/oauth/huggingface/login/switch"] {
        for headers in NOBODY_ASKED {
            let refused = browser.send(Method::GET, path, headers, "").await;
            assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "not_a_navigation"));
            assert_eq!(refused.set_cookies(), Vec::<&str>::new(), "{path} {headers:?}");
        }
        for headers in [NAVIGATION, OWN_LINK, &[]] {
            let head = browser.send(Method::HEAD, path, headers, "").await;
            assert_eq!((head.status.as_u16(), head.set_cookies().len()), (403, 0), "HEAD {headers:?}");
        }
    }
    assert_eq!(browser.cookies(), before);
    assert_eq!(world.come_back(&mut browser, mine.location(), "ada").await.location(), "/me");
}

async fn row_161_a_prefetch_of_a_guarded_page_begins_no_login(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    for headers in NOBODY_ASKED {
        let refused = browser.send(Method::GET, "/jobs", headers, "").await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "scope_missing"), "{headers:?}");
        assert_eq!(refused.set_cookies(), Vec::<&str>::new(), "{headers:?}");
    }
    let head = browser.send(Method::HEAD, "/jobs", NAVIGATION, "").await;
    assert_eq!((head.status.as_u16(), head.set_cookies().len()), (403, 0));
    let asked = browser.get("/jobs").await;
    assert_eq!(
        world.come_back(&mut browser, asked.location(), "ada").await.location(),
        "/jobs",
        "it is asked still"
    );
    assert_eq!(browser.get("/jobs").await.status, 200);
}

async fn row_161_no_image_or_prefetch_finishes_a_login_or_uses_it_up(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    for headers in NOBODY_ASKED {
        let refused = browser.send(Method::GET, &back, headers, "").await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "not_a_navigation"));
        assert_eq!(refused.set_cookies(), Vec::<&str>::new(), "{headers:?}");
    }
    let head = browser.send(Method::HEAD, &back, NAVIGATION, "").await;
    assert_eq!((head.status.as_u16(), head.set_cookies().len()), (403, 0));
    assert_eq!(world.token_requests(), 0);
    assert_eq!(browser.get(&back).await.location(), "/me");
}

async fn row_161_browsers_and_programs_that_say_nothing_sign_in(adapter: Adapter) {
    let world = World::new(adapter).await;
    // curl, an old Safari, a browser behind a proxy that takes headers away.
    for headers in [
        &[][..],
        &[("accept", "*/*"), ("user-agent", "curl/8.17.0")],
        &[("accept", "text/html,application/xhtml+xml"), ("user-agent", "Safari/605")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-mode", "navigate")],
    ] {
        let mut browser = world.browser();
        let started = browser.send(Method::GET, &format!("{LOGIN}?_target_url=/me"), headers, "").await;
        assert_eq!(started.status, 303, "{headers:?}");
        let back = world.hub.approve(started.location(), "ada").await.unwrap();
        let done = browser.send(Method::GET, &back, headers, "").await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/me"), "{headers:?}");
        assert_eq!(browser.fetch("/me").await.json()["name"], "ada");
    }
}

async fn row_161_a_link_that_htmx_follows_becomes_a_navigation(adapter: Adapter) {
    let world = World::new(adapter).await;
    let headers = [FETCH, &[("hx-request", "true")]].concat();
    let link = format!("{LOGIN}?_target_url=%2Fme");
    let answer = world.browser().send(Method::GET, &link, &headers, "").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "not_a_navigation"));
    assert_eq!(answer.header("hx-redirect"), Some(link.as_str()));
    assert!(answer.set_cookies().is_empty());
}

async fn head_says_what_get_says(adapter: Adapter) {
    let world = World::new(adapter).await;
    let head = async |browser: &Browser, path: &str, headers: &[(&str, &str)]| {
        let get = browser.ask(Method::GET, path, headers, "").await;
        let head = browser.ask(Method::HEAD, path, headers, "").await;
        assert_eq!(head.body, "");
        assert_eq!((head.status, head.header("location")), (get.status, get.header("location")), "{path}");
        head.status.as_u16()
    };
    let nobody = world.browser();
    assert_eq!(head(&nobody, "/me", NAVIGATION).await, 303);
    assert_eq!(head(&nobody, "/me", FETCH).await, 401);
    assert_eq!(head(&nobody, "/closed", NAVIGATION).await, 303);
    assert_eq!(head(&nobody, "/closed", FETCH).await, 401);
    let ada = world.signed_in("ada").await;
    assert_eq!(head(&ada, "/me", NAVIGATION).await, 200);
    assert_eq!(head(&ada, "/oauth/huggingface/page.css", FETCH).await, 200);
}

on_every_adapter! {
    row_161_no_image_style_script_fetch_or_prefetch_signs_out,
    row_161_a_frame_signs_nobody_out,
    row_161_a_page_without_a_referrer_posts_an_origin_of_null_and_signs_out,
    row_161_an_image_begins_no_login_and_pushes_none_out,
    row_161_a_prefetch_of_a_guarded_page_begins_no_login,
    row_161_no_image_or_prefetch_finishes_a_login_or_uses_it_up,
    row_161_browsers_and_programs_that_say_nothing_sign_in,
    row_161_a_link_that_htmx_follows_becomes_a_navigation,
    head_says_what_get_says,
}
