//! Many logins, long paths, and cookies of our names that nobody of us set.

use http::Method;

use crate::adapter::Adapter;
use crate::browser::{Answer, FETCH, NAVIGATION};
use crate::world::{CALLBACK, LOGIN, LOGOUT, World, encoded};

/// Begins ten logins at once from an empty jar, with return paths of this length, and finishes them: where each ended.
async fn ten_at_once(world: &World, length: usize) -> Vec<(String, Answer)> {
    let mut browser = world.browser();
    let wish = |tab: usize| {
        let start = format!("/me?tab={tab}&");
        format!("{start}{}", "x".repeat(length - start.len()))
    };
    let mut begun = Vec::new();
    for tab in 0..10 {
        let link = format!("{LOGIN}?_target_url={}", encoded(&wish(tab)));
        begun.push(browser.ask(Method::GET, &link, NAVIGATION, "").await);
    }
    // The browser itself checks each line, and that nginx would take the header.
    begun.iter().for_each(|answer| browser.take_cookies(answer));
    let mut ended = Vec::new();
    for (tab, started) in begun.iter().enumerate() {
        let back = world.come_back(&mut browser, started.location(), "ada").await;
        assert_eq!(browser.fetch("/me").await.json()["name"], "ada");
        ended.push((wish(tab), back));
    }
    ended
}

async fn row_169_ten_logins_begun_at_once_finish_where_they_began(adapter: Adapter) {
    for world in [World::new(adapter).await, World::https(adapter).await, World::space(adapter).await] {
        for (wish, back) in ten_at_once(&world, 340).await {
            assert_eq!((back.status.as_u16(), back.location()), (303, wish.as_str()));
        }
    }
}

async fn row_169_longer_paths_finish_at_home_and_none_is_lost(adapter: Adapter) {
    for world in [World::new(adapter).await, World::https(adapter).await] {
        for length in [500, 1_000, 2_000] {
            for (_, back) in ten_at_once(&world, length).await {
                assert_eq!((back.status.as_u16(), back.location()), (303, "/"), "{length}");
            }
        }
    }
}

/// What a server in front would refuse is not sent, and what it would refuse to pass on is not answered.
async fn tidied(world: &World, target: (Method, &str), headers: &[(&str, &str)], mut junk: Vec<String>) {
    let mut rounds = 0;
    while !junk.is_empty() {
        rounds += 1;
        assert!(rounds <= 100, "{} left", junk.len());
        let cookie = junk.iter().map(|name| format!("{name}=junk")).collect::<Vec<_>>().join("; ");
        let headers = [headers, &[("cookie", cookie.as_str())]].concat();
        let answer = world.browser().ask(target.0.clone(), target.1, &headers, "").await;
        assert!(answer.head_bytes() < 8_192, "{} bytes at {}", answer.head_bytes(), target.1);
        let before = junk.len();
        let gone: Vec<_> =
            answer.set_cookies().into_iter().filter(|line| line.contains("Max-Age=0")).collect();
        junk.retain(|name| !gone.iter().any(|line| line.starts_with(&format!("{name}="))));
        assert!(junk.len() < before, "nothing was taken away at {}", target.1);
    }
    assert!(rounds > 1, "not all at once");
}

async fn row_172_three_hundred_junk_cookies_go_by_and_by_and_no_head_is_long(adapter: Adapter) {
    for (world, name) in [
        (World::new(adapter).await, "hf_oauth_7860"),
        (World::https(adapter).await, "__Host-hf_oauth"),
        (World::space(adapter).await, "__Host-hf_oauth"),
    ] {
        let junk: Vec<_> = (0..300).map(|number| format!("{name}_login_junk{number:04}")).collect();
        tidied(&world, (Method::GET, "/"), FETCH, junk.clone()).await;
        tidied(&world, (Method::GET, LOGIN), NAVIGATION, junk.clone()).await;
        tidied(&world, (Method::GET, &format!("{CALLBACK}?error=x&state=y")), NAVIGATION, junk.clone()).await;
        tidied(&world, (Method::POST, LOGOUT), &[("sec-fetch-site", "same-origin")], junk).await;
    }
}

async fn row_172_three_hundred_junk_cookies_do_not_keep_anybody_from_signing_in(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let junk = (0..300).map(|number| format!("hf_oauth_7860_login_junk{number:04}=junk"));
    let junk = junk.collect::<Vec<_>>().join("; ");
    let headers = [NAVIGATION, &[("cookie", junk.as_str())]].concat();
    let started = browser.send(Method::GET, &format!("{LOGIN}?_target_url=/me"), &headers, "").await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    let done = browser.send(Method::GET, &back, &headers, "").await;
    assert_eq!((done.status.as_u16(), done.location()), (303, "/me"));
    assert!(done.head_bytes() < 8_192, "{}", done.head_bytes());
    assert_eq!(browser.fetch("/me").await.status, 200);
}

async fn row_173_the_real_session_is_found_between_junk_of_its_name(adapter: Adapter) {
    let world = World::new(adapter).await;
    let browser = world.signed_in("ada").await;
    let real = browser.cookies().into_iter().find(|pair| pair.starts_with("hf_oauth_7860=")).unwrap();
    let another = world.browser();
    for junk in ["", "junk", "1AAAA", "2AAAA", &format!("1{}", "A".repeat(700)), "0", "9"] {
        let junk = format!("hf_oauth_7860={junk}");
        for (before, after) in [(4, 0), (0, 4), (4, 4), (8, 0)] {
            let cookies = [vec![junk.as_str(); before], vec![real.as_str()], vec![junk.as_str(); after]]
                .concat()
                .join("; ");
            let headers = [FETCH, &[("cookie", cookies.as_str())]].concat();
            let answer = another.ask(Method::GET, "/me", &headers, "").await;
            assert_eq!(answer.status, 200, "{before} before, {after} after: {junk:.40}");
            let deleted = |line: &&str| line.starts_with("hf_oauth_7860=;");
            assert!(!answer.set_cookies().iter().any(deleted), "{before} before, {after} after: {junk:.40}");
        }
    }
}

async fn row_173_a_session_that_was_not_looked_for_among_junk_is_kept(adapter: Adapter) {
    let world = World::new(adapter).await;
    let browser = world.signed_in("ada").await;
    let real = browser.cookies().into_iter().find(|pair| pair.starts_with("hf_oauth_7860=")).unwrap();
    // More than anybody would open for one request.
    let junk = format!("hf_oauth_7860=1{}", "A".repeat(3_800));
    let cookies = [vec![junk.as_str(); 20], vec![real.as_str()]].concat().join("; ");
    let headers = [FETCH, &[("cookie", cookies.as_str())]].concat();
    let answer = world.browser().ask(Method::GET, "/me", &headers, "").await;
    assert!(answer.status == 200 || answer.status == 401, "{}", answer.status);
    assert_eq!(answer.set_cookies(), Vec::<&str>::new(), "a deletion would take them all");
}

on_every_adapter! {
    row_169_ten_logins_begun_at_once_finish_where_they_began,
    row_169_longer_paths_finish_at_home_and_none_is_lost,
    row_172_three_hundred_junk_cookies_go_by_and_by_and_no_head_is_long,
    row_172_three_hundred_junk_cookies_do_not_keep_anybody_from_signing_in,
    row_173_the_real_session_is_found_between_junk_of_its_name,
    row_173_a_session_that_was_not_looked_for_among_junk_is_kept,
}
