//! What the browser is given to keep.

use http::Method;

use crate::adapter::Adapter;
use crate::browser::{Answer, FETCH};
use crate::world::{CALLBACK, LOGIN, LOGOUT, World, keys};

/// Attributes of a profile, and of the other jar of the same profile, where a cookie may lie from before.
const PROFILES: [(&str, &str, Option<&str>); 3] = [
    ("hf_oauth_7860", "; Path=/; HttpOnly; SameSite=Lax", None),
    (
        "__Host-hf_oauth",
        "; Path=/; Secure; HttpOnly; SameSite=Lax",
        Some("; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
    ),
    (
        "__Host-hf_oauth",
        "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
        Some("; Path=/; Secure; HttpOnly; SameSite=None"),
    ),
];

async fn worlds(adapter: Adapter) -> [World; 3] {
    [World::new(adapter).await, World::https(adapter).await, World::space(adapter).await]
}

async fn row_075_every_cookie_has_the_attributes_of_its_profile_deletions_too(adapter: Adapter) {
    for (world, (name, set, other)) in worlds(adapter).await.iter().zip(PROFILES) {
        let mut browser = world.browser();
        let mut lines = Vec::new();
        let mut keep = |answer: &Answer| lines.extend(answer.set_cookies().into_iter().map(str::to_owned));
        let started = browser.get(LOGIN).await;
        keep(&started);
        keep(&world.come_back(&mut browser, started.location(), "ada").await);
        keep(&browser.get(LOGIN).await);
        keep(&browser.get(LOGOUT).await);
        keep(&browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await);
        let stale = format!("{name}=1garbage; {name}_login_garbage=x");
        keep(&browser.send(Method::GET, "/", &[("cookie", &stale)], "").await);
        keep(
            &browser
                .send(Method::GET, &format!("{CALLBACK}?error=x&state=y"), &[("cookie", &stale)], "")
                .await,
        );
        assert!(lines.iter().any(|line| line.contains("Max-Age=0")));
        assert!(lines.iter().any(|line| !line.contains("Max-Age=0")));
        for line in lines {
            assert!(line.starts_with(name), "{line}");
            let (pair, rest) = line.split_once("; Max-Age=").unwrap();
            let attributes = &rest[rest.find(';').unwrap()..];
            let is_deletion = rest.starts_with("0;");
            assert_eq!(is_deletion, pair.ends_with('='), "{line}");
            assert!(attributes == set || (is_deletion && Some(attributes) == other), "{line}");
            assert!(!line.contains("Domain"));
        }
    }
}

async fn row_077_a_stale_cookie_is_deleted_and_the_login_works_in_and_out_of_a_frame(adapter: Adapter) {
    let framed = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
    for (world, (name, set, _)) in worlds(adapter).await.iter().zip(PROFILES) {
        let partitioned = set.ends_with("Partitioned");
        let real = world.signed_in("ada").await;
        let value = real.jar.values().next().unwrap().clone();
        let mut flipped = value.into_bytes();
        flipped[60] = if flipped[60] == b'A' { b'B' } else { b'A' };
        for stale in ["", "1", "2", "1AAAA", "v0.old.format", "%00", &String::from_utf8(flipped).unwrap()] {
            let mut browser = world.browser();
            browser.jar.insert((name.to_owned(), partitioned), stale.to_owned());
            let answer = browser.send(Method::GET, "/", &framed, "").await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "nobody"), "{stale}");
            assert!(answer.set_cookies().contains(&format!("{name}=; Max-Age=0{set}").as_str()), "{stale}");
            assert!(browser.jar.is_empty());

            browser.jar.insert((name.to_owned(), partitioned), stale.to_owned());
            let sent = browser.get("/me").await;
            assert_eq!(sent.status, 303);
            assert!(browser.jar.is_empty(), "deleted with the redirect already");
            assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
            assert_eq!(browser.fetch("/me").await.status, 200);
        }
    }
}

async fn row_077_a_session_survives_a_stale_callback(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    for query in ["code=a&state=b", "error=access_denied&state=b", "code=a", "", "error=server_error&state=b"]
    {
        let answer = browser.get(&format!("{CALLBACK}?{query}")).await;
        assert!(matches!(answer.status.as_u16(), 303 | 400), "{query}");
        assert_eq!(browser.fetch("/me").await.status, 200, "{query}");
    }
}

async fn row_080_keys_rotate_without_signing_anybody_out_and_the_last_step_does_so_once(adapter: Adapter) {
    let world = World::with(adapter, |settings| settings.with_keys(keys("old"))).await;
    let mut browser = world.signed_in("ada").await;
    let both = world.restarted(|settings| settings.with_keys(keys("new").also_opening(keys("old")))).await;
    let before = browser.cookies();
    let mut on_both = with_jar(&both, &browser);
    let resealed = on_both.fetch("/me").await;
    assert_eq!((resealed.status.as_u16(), resealed.set_cookies().len()), (200, 1), "sealed anew");
    assert_ne!(on_both.cookies(), before);
    assert_eq!(on_both.fetch("/me").await.set_cookies().len(), 0, "once");

    // During the roll-out requests go here and there.
    let old_first =
        world.restarted(|settings| settings.with_keys(keys("old").also_opening(keys("new")))).await;
    let mut wanderer = with_jar(&old_first, &on_both);
    for turn in 0..10 {
        assert_eq!(wanderer.get("/me").await.status, 200);
        wanderer = with_jar(if turn % 2 == 0 { &both } else { &old_first }, &wanderer);
    }

    let new = world.restarted(|settings| settings.with_keys(keys("new"))).await;
    assert_eq!(with_jar(&new, &on_both).fetch("/me").await.status, 200);
    browser = with_jar(&new, &browser);
    world.clock.advance(60);
    let out = browser.get("/me").await;
    assert_eq!(out.status, 303, "one clean logout");
    assert!(!browser.cookie_names().contains(&"hf_oauth_7860"), "{:?}", browser.cookie_names());
    assert_eq!(browser.get("/").await.body, "nobody");
}

fn with_jar(app: &crate::adapter::App, browser: &crate::browser::Browser) -> crate::browser::Browser {
    let mut other = crate::browser::Browser::new(app);
    other.jar = browser.jar.clone();
    other
}

async fn row_080_a_login_begun_under_the_old_key_ends_under_the_new_one(adapter: Adapter) {
    let world = World::with(adapter, |settings| settings.with_keys(keys("old"))).await;
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let both = world.restarted(|settings| settings.with_keys(keys("new").also_opening(keys("old")))).await;
    let mut other = with_jar(&both, &browser);
    assert_eq!(world.come_back(&mut other, started.location(), "ada").await.location(), "/me");
}

async fn row_082_somebody_with_200_organisations_signs_in_and_no_line_is_too_long(adapter: Adapter) {
    for world in worlds(adapter).await {
        let mut browser = world.signed_in("linus").await; // checks every line and the whole header
        let me = browser.fetch("/me").await.json();
        assert_eq!((me["orgs"].as_u64(), me["all_orgs"].as_bool()), (Some(200), Some(true)));
        assert!(browser.jar.values().all(|value| !value.is_empty()), "no empty part");
    }
}

async fn row_082_a_session_that_does_not_fit_is_a_page_and_no_loop(adapter: Adapter) {
    let world = World::new(adapter).await;
    let name = "x".repeat(9_000);
    world.hub.fault(
        hf_oauth_hub::Fault::json(serde_json::json!({ "name": name })).on(hf_oauth_hub::Endpoint::Userinfo),
    );
    let mut browser = world.browser();
    let page = world.sign_in(&mut browser, "ada", "/me").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (502, "session_too_large"));
    assert!(page.body.contains("bytes") && !page.body.contains("xxxx"), "{}", page.body);
    assert!(browser.jar.is_empty());
}

async fn a_session_in_several_lines_of_cookies_is_one(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut many = hf_oauth_hub::UserConfig::new("many");
    many.orgs = (0..600).map(|number| hf_oauth_hub::OrgConfig::new(format!("org-{number}"))).collect();
    world.hub.add_user(many);
    let browser = world.signed_in("many").await;
    assert!(browser.cookie_names().contains(&"hf_oauth_7860_2"), "two parts: {:?}", browser.cookie_names());
    // As HTTP/2 may send them, and servers hand them on.
    let request = http::Request::get("/me").header("host", "localhost:7860");
    let request =
        browser.cookies().iter().rev().fold(request, |request, pair| request.header("cookie", pair));
    let answer = crate::browser::send(&world.app, request.body("".into()).unwrap()).await;
    assert_eq!(answer.json()["name"], "many");
}

async fn row_085_cookies_of_the_app_and_ours_are_all_there(adapter: Adapter) {
    let world = World::with(adapter, |settings| settings.with_keys(keys("old"))).await;
    let browser = world.signed_in("linus").await;
    let both = world.restarted(|settings| settings.with_keys(keys("new").also_opening(keys("old")))).await;
    let mut other = with_jar(&both, &browser);
    // A part that no longer belongs to the session is deleted in the same answer.
    other.jar.insert(("hf_oauth_7860_5".to_owned(), false), "part".to_owned());
    let answer = other.fetch("/cookies").await;
    let names: Vec<_> = answer.set_cookies().iter().map(|line| line.split('=').next().unwrap()).collect();
    let ours = names.iter().filter(|name| name.starts_with("hf_oauth")).count();
    assert!(ours >= 2, "{names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("mine")).count(), 2, "{names:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store, private"));
    assert_eq!(other.fetch("/me").await.json()["orgs"], 200);
}

async fn row_093_nothing_of_a_sign_in_is_cached_referred_or_left_in_the_address(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    let returned = browser.get(&back).await;
    assert_eq!((returned.status.as_u16(), returned.body.as_str(), returned.location()), (303, "", "/me"));
    let page = browser.get(LOGOUT).await;
    let refused = browser.get(&format!("{CALLBACK}?code=c")).await;
    let nobody = world.browser().fetch("/me").await;
    let sent = world.browser().get("/me").await;
    world.clock.advance(28_600);
    let renewed = browser.fetch("/plain").await;
    assert!(!renewed.set_cookies().is_empty(), "the refresh set cookies on an ordinary answer");
    assert_eq!(renewed.header("cache-control"), Some("no-store, private"));
    let out = browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    for answer in [started, returned, refused, nobody, sent, out] {
        assert_eq!(answer.header("cache-control"), Some("no-store, private"), "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{answer:?}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
    }
    assert_eq!(page.header("cache-control"), Some("no-store, private"));
    let plain = world.browser().send(Method::GET, "/plain", FETCH, "").await;
    assert_eq!(plain.header("cache-control"), None, "what is none of ours is left alone");
}

async fn a_guard_that_asks_during_a_refresh_sets_each_cookie_once(adapter: Adapter) {
    for world in worlds(adapter).await {
        let mut browser = world.signed_in("ada").await;
        let before = browser.cookies();
        let login = browser.cookie_names().into_iter().find(|name| name.contains("_login_")).unwrap();
        let (login, deleted) = (login.to_owned(), format!("{login}=; Max-Age=0"));
        // The token has ended, and so has what was kept of the login.
        world.clock.advance(28_800);
        let asked = browser.get("/jobs").await; // checks that no line is there twice
        assert!(asked.location().starts_with(&world.hub.url("/oauth/authorize?")));
        assert!(asked.set_cookies().iter().any(|line| line.starts_with(&deleted)), "{login}");
        assert!(!browser.cookie_names().contains(&login.as_str()), "{login}");
        assert!(browser.cookies().iter().all(|cookie| !before.contains(cookie)), "the session is renewed");
        assert_eq!(world.refreshes(), 1);
        assert_eq!(world.come_back(&mut browser, asked.location(), "ada").await.location(), "/jobs");
        assert_eq!(browser.get("/jobs").await.status, 200);
        assert_eq!(world.refreshes(), 1, "the renewed session was kept");
    }
}

async fn a_login_that_came_back_too_late_is_deleted_once(adapter: Adapter) {
    for world in worlds(adapter).await {
        let mut browser = world.browser();
        let started = browser.get(LOGIN).await;
        let back = world.hub.approve(started.location(), "ada").await.unwrap();
        let login = browser.cookie_names()[0].to_owned();
        for passed in [600, 3_600] {
            world.clock.advance(passed);
            let mut late = browser.clone();
            let answer = late.get(&back).await;
            let deletions = answer.set_cookies().into_iter().filter(|line| line.starts_with(&login));
            assert!(deletions.clone().all(|line| line.contains("; Max-Age=0")) && deletions.count() > 0);
            assert!(!late.cookie_names().contains(&login.as_str()), "{:?}", late.jar);
        }
    }
}

async fn a_style_that_sets_a_cookie_is_in_no_cache(adapter: Adapter) {
    let world = World::new(adapter).await;
    let style = "/oauth/huggingface/page.css";
    let plain = world.browser().fetch(style).await;
    assert_eq!(plain.header("cache-control"), Some("public, max-age=3600"));
    let headers = [FETCH, &[("cookie", "hf_oauth_7860_login_junk=x")]].concat();
    let tidied = world.browser().send(Method::GET, style, &headers, "").await;
    assert_eq!((tidied.status, tidied.body), (plain.status, plain.body.clone()));
    assert_eq!(tidied.headers.get_all("set-cookie").iter().count(), 1);
    let policies: Vec<_> = tidied.headers.get_all("cache-control").iter().collect();
    assert_eq!(policies, ["no-store, private"]);
}

async fn a_session_that_ended_is_deleted_once_with_its_left_over_parts(adapter: Adapter) {
    for (world, (name, ..)) in worlds(adapter).await.iter().zip(PROFILES) {
        let mut browser = world.signed_in("ada").await;
        for app in ["app", "space"] {
            world.hub.disconnect("ada", app);
        }
        world.clock.advance(28_800);
        let parts = format!("{name}_2=x; {name}_3=x");
        let headers = [FETCH, &[("cookie", parts.as_str())]].concat();
        let ended = browser.send(Method::GET, "/me", &headers, "").await;
        assert_eq!(ended.status, 401);
        for part in ["", "_2", "_3"] {
            let deleted = format!("{name}{part}=; Max-Age=0");
            assert!(ended.set_cookies().iter().any(|line| line.starts_with(&deleted)), "{deleted}");
        }
        assert!(browser.jar.is_empty(), "{:?}", browser.jar);
    }
}

on_every_adapter! {
    a_guard_that_asks_during_a_refresh_sets_each_cookie_once,
    a_login_that_came_back_too_late_is_deleted_once,
    a_session_that_ended_is_deleted_once_with_its_left_over_parts,
    a_style_that_sets_a_cookie_is_in_no_cache,
    row_075_every_cookie_has_the_attributes_of_its_profile_deletions_too,
    row_077_a_stale_cookie_is_deleted_and_the_login_works_in_and_out_of_a_frame,
    row_077_a_session_survives_a_stale_callback,
    row_080_keys_rotate_without_signing_anybody_out_and_the_last_step_does_so_once,
    row_080_a_login_begun_under_the_old_key_ends_under_the_new_one,
    row_082_somebody_with_200_organisations_signs_in_and_no_line_is_too_long,
    row_082_a_session_that_does_not_fit_is_a_page_and_no_loop,
    a_session_in_several_lines_of_cookies_is_one,
    row_085_cookies_of_the_app_and_ours_are_all_there,
    row_093_nothing_of_a_sign_in_is_cached_referred_or_left_in_the_address,
}
