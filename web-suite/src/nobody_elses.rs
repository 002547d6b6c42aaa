//! Somebody else tries to end up with a person's session, or to have them end up with theirs: what is looked at is what the
//! other one's own browser holds afterwards.

use http::Method;

use crate::adapter::Adapter;
use crate::browser::{Answer, Browser, FETCH, NAVIGATION};
use crate::frame::{TAB, click, go, in_frame_of, own_in_frame, sign_in_framed};
use crate::world::{CALLBACK, LOGIN, LOGOUT, World};

const SWITCH: &str = "/oauth/huggingface/login/switch";

/// Nobody is signed in in this browser, in any way that it is asked.
async fn assert_holds_nothing(browser: &Browser, when: &str) {
    let mut browser = browser.clone();
    assert_eq!(browser.fetch("/me").await.status, 401, "{when}: {:?}", browser.cookie_names());
    assert_eq!(browser.fetch("/lax").await.body, "null", "{when}");
    for headers in [own_in_frame(), in_frame_of("https://evil.example/")] {
        let page = go(&mut browser, Method::GET, "/me", &headers).await;
        assert!(!page.body.contains("ada") && page.status != 200 || page.code() == "framed", "{when}");
    }
    assert_eq!(browser.get("/").await.body, "nobody", "{when}");
}

async fn assert_is(browser: &Browser, who: &str, when: &str) {
    let me = browser.clone().fetch("/me").await;
    assert_eq!((me.status.as_u16(), me.json()["name"].as_str()), (200, Some(who)), "{when}");
}

fn assert_no_code_in(answer: &Answer, code: &str, when: &str) {
    assert!(!answer.body.contains(code), "{when}");
    assert!(answer.headers.values().all(|value| !value.to_str().unwrap().contains(code)), "{when}");
}

fn code_of(back: &str) -> String {
    let url = url::Url::parse(back).unwrap();
    url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn row_206_a_way_back_that_was_stolen_signs_in_nobody_else(adapter: Adapter) {
    let world = World::space(adapter).await;
    let links =
        [LOGIN.to_owned(), format!("{LOGIN}?_tab=1&_target_url=/me"), format!("{SWITCH}?_target_url=/me")];
    for link in links {
        let mut victim = world.browser();
        let started = click(&mut victim, &link).await;
        let back = world.hub.approve(started.location(), "ada").await.unwrap();
        // With nothing, with a login of their own, and signed in as themselves; in a frame, in a tab, by a script.
        let (nothing, mut begun, own) = (world.browser(), world.browser(), world.signed_in("grace").await);
        begun.get(LOGIN).await;
        for thief in [nothing, begun, own] {
            let is_grace = thief.clone().fetch("/me").await.status == 200;
            for headers in
                [own_in_frame(), in_frame_of(world.hub.issuer()), in_frame_of("https://evil.example/")]
            {
                let mut thief = thief.clone();
                let answer = go(&mut thief, Method::GET, &back, &headers).await;
                assert_no_code_in(&answer, &code_of(&back), &link);
                match is_grace {
                    true => assert_is(&thief, "grace", &link).await,
                    false => assert_holds_nothing(&thief, &link).await,
                }
            }
            for headers in [NAVIGATION, FETCH, &[]] {
                let mut thief = thief.clone();
                thief.send(Method::GET, &back, headers, "").await;
                match is_grace {
                    true => assert_is(&thief, "grace", &link).await,
                    false => assert_holds_nothing(&thief, &link).await,
                }
            }
        }
        let requests = world.token_requests();
        // Nothing of it cost the person their login. Afterwards the same way back is worth nothing to anybody.
        assert_eq!(go(&mut victim, Method::GET, &back, &in_frame_of(world.hub.issuer())).await.status, 303);
        assert_is(&victim, "ada", &link).await;
        assert_eq!(world.token_requests(), requests + 1, "no code was used up");
        let mut thief = world.browser();
        go(&mut thief, Method::GET, &back, &own_in_frame()).await;
        thief.get(&back).await;
        assert_holds_nothing(&thief, "after it was used").await;
        assert_eq!(world.token_requests(), requests + 1);
    }
}

async fn row_206_a_login_of_somebody_else_is_not_finished_by_the_person_they_send_it_to(adapter: Adapter) {
    let world = World::space(adapter).await;
    for link in [LOGIN.to_owned(), format!("{LOGIN}?_tab=1"), format!("{SWITCH}?_tab=1")] {
        let mut attacker = world.browser();
        let theirs = attacker.get(&link).await;
        // The person opens it at the Hub and approves; and the other one approves as themselves, and sends the way back.
        for who in ["ada", "grace"] {
            let back = world.hub.approve(theirs.location(), who).await.unwrap();
            for headers in
                [own_in_frame(), in_frame_of(world.hub.issuer()), in_frame_of("https://evil.example/")]
            {
                let mut victim = world.browser();
                let answer = go(&mut victim, Method::GET, &back, &headers).await;
                assert_no_code_in(&answer, &code_of(&back), who);
                assert_eq!(victim.clone().fetch("/me").await.status, 401, "{who}: as nobody else");
                let mut signed_in = world.browser();
                sign_in_framed(&world, &mut signed_in, "ada", "/").await;
                go(&mut signed_in, Method::GET, &back, &headers).await;
                assert_is(&signed_in, "ada", who).await;
            }
            assert_holds_nothing(&attacker, who).await;
        }
    }
}

async fn row_206_frame_and_tab_are_two_people_and_nothing_crosses(adapter: Adapter) {
    let world = World::space(adapter).await;
    let (mut frame, mut tab) = (world.browser(), world.browser());
    sign_in_framed(&world, &mut frame, "ada", "/me").await;
    let started = tab.get(&format!("{LOGIN}?_tab=1&_target_url=/me")).await;
    let back = world.come_back(&mut tab, started.location(), "grace").await;
    assert_eq!(tab.get(back.location()).await.status, 200);
    assert_is(&frame, "ada", "beside the tab").await;
    assert_is(&tab, "grace", "beside the frame").await;
    // A login that began in one is not finished in the other.
    let begun = click(&mut frame, LOGIN).await;
    let back = world.hub.approve(begun.location(), "alan").await.unwrap();
    tab.get(&back).await;
    assert_is(&tab, "grace", "with the frame's way back").await;
    let mut other_tab = world.browser();
    other_tab.get(&back).await;
    assert_holds_nothing(&other_tab, "with the frame's way back").await;
    // Neither ends the other.
    tab.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    assert_holds_nothing(&tab, "signed out").await;
    assert_is(&frame, "ada", "after the tab signed out").await;
    // The frame of another page is another jar: with its own cookies alone, nobody is there.
    assert_holds_nothing(&world.browser(), "another partition").await;
}

async fn row_206_links_forms_and_frames_in_the_app_s_own_content_give_nobody_anything(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut attacker = world.browser();
    let theirs = attacker.get(&format!("{LOGIN}?_tab=1")).await;
    let their_way_back = world.hub.approve(theirs.location(), "grace").await.unwrap();
    let mut victim = world.browser();
    sign_in_framed(&world, &mut victim, "ada", "/").await;
    let image =
        [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
    for planted in [
        their_way_back.clone(),
        format!("{their_way_back}&_host=evil.example"),
        format!("{their_way_back}&_host=app.example.com"),
        format!("{their_way_back}&_here=1"),
        format!("{LOGIN}?_target_url=//evil.example/&_tab=1"),
        format!("{LOGIN}?_target_url={TAB}%3F_target_url=//evil.example"),
        format!("{LOGIN}?_target_url={LOGOUT}"),
        format!("{SWITCH}?_target_url=https://evil.example&_ask=1&_here=1"),
        format!("{TAB}?_target_url=//evil.example"),
        format!("{TAB}?_target_url={LOGOUT}&ticket=1&token=2"),
        format!("{LOGOUT}?_target_url=//evil.example"),
        format!("{CALLBACK}?code=c&state=s&_host=evil.example"),
    ] {
        // A link, a frame, an image and a form of the app's own page.
        for (method, headers) in [
            (Method::GET, own_in_frame()),
            (Method::HEAD, own_in_frame()),
            (Method::GET, image.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()),
        ] {
            let answer = go(&mut victim, method.clone(), &planted, &headers).await;
            let location = answer.header("location").unwrap_or_default();
            let stays = location.is_empty()
                || (location.starts_with('/') && !location.starts_with("//"))
                || location.starts_with("https://app.example.com/oauth/huggingface/callback?")
                || location.starts_with(&world.hub.url("/oauth/authorize?"));
            assert!(stays, "{method} {planted}: {location}");
            assert!(!answer.body.contains("evil.example"), "{planted}: {}", answer.body);
            assert_is(&victim, "ada", &planted).await;
        }
        // What the other one's browser has is what it had: a login that waits.
        assert_holds_nothing(&attacker, &planted).await;
    }
    for path in [LOGIN, SWITCH, CALLBACK, TAB] {
        let posted = go(&mut victim, Method::POST, path, &own_in_frame()).await;
        assert!(matches!(posted.status.as_u16(), 404 | 405), "{path}: {}", posted.status);
        assert_is(&victim, "ada", path).await;
    }
}

async fn row_206_a_page_that_frames_the_app_sees_and_starts_nothing(adapter: Adapter) {
    let world = World::space(adapter).await;
    let stranger = in_frame_of("https://evil.example/");
    // With the person's own cookies, as a browser without partitions would send them, and with none.
    for cookies in [world.signed_in("ada").await, world.browser()] {
        for path in ["/shown", "/jobs", "/park", LOGIN, SWITCH, LOGOUT, TAB] {
            let page = go(&mut cookies.clone(), Method::GET, path, &stranger).await;
            assert_eq!((page.status.as_u16(), page.code().as_str()), (200, "framed"), "{path}");
            assert!(!page.body.contains("Ada") && !page.body.contains("<form"), "{path}");
            assert_eq!(page.set_cookies(), Vec::<&str>::new(), "{path}");
        }
        for path in ["/form", LOGOUT] {
            let mut framed = cookies.clone();
            let posted = go(&mut framed, Method::POST, path, &stranger).await;
            assert!(posted.status != 303 && !posted.body.contains("ada"), "{path}: {}", posted.body);
            assert_eq!(posted.set_cookies(), Vec::<&str>::new(), "{path}");
        }
    }
}

async fn row_206_cookies_of_another_kind_place_or_app_are_nobody_s(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut victim = world.browser();
    let started = click(&mut victim, LOGIN).await;
    let pending = victim.jar.clone();
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    go(&mut victim, Method::GET, &back, &in_frame_of(world.hub.issuer())).await;
    let session = victim.jar.iter().find(|((name, _), _)| name == "__Host-hf_oauth").unwrap().1.clone();
    let login = pending.iter().next().unwrap();
    for (name, value) in [
        // A session where a login is kept, a login where a session is, and either where the app has no cookie.
        (login.0.0.clone(), session.clone()),
        ("__Host-hf_oauth".to_owned(), login.1.clone()),
        ("hf_oauth".to_owned(), session.clone()),
        ("hf_oauth_7860".to_owned(), session.clone()),
        ("__Host-hf_oauth_7860".to_owned(), session.clone()),
        ("__Host-hf_oauth_2".to_owned(), session.clone()),
        ("__Host-hf_oauth_left".to_owned(), session.clone()),
    ] {
        for is_partitioned in [true, false] {
            let mut thief = world.browser();
            thief.jar.insert((name.clone(), is_partitioned), value.clone());
            assert_holds_nothing(&thief, &name).await;
            let answer = go(&mut thief, Method::GET, &back, &in_frame_of(world.hub.issuer())).await;
            assert_no_code_in(&answer, &code_of(&back), &name);
            assert_holds_nothing(&thief, &name).await;
        }
    }
    // Nor at another app with the same client secret, which another Space may be.
    let other = world.restarted(|settings| settings.with_public_url("https://app.example.com")).await;
    let mut thief = victim.clone();
    thief.through(&other);
    assert_holds_nothing(&thief, "at another app").await;
}

async fn row_206_notes_that_somebody_planted_cost_a_page(adapter: Adapter) {
    let world = World::space(adapter).await;
    for note in ["__Host-hf_oauth_restart", "__Host-hf_oauth_left"] {
        let mut victim = world.browser();
        victim.jar.insert((note.to_owned(), true), "1".to_owned());
        sign_in_framed(&world, &mut victim, "ada", "/me").await;
        assert_is(&victim, "ada", note).await;
    }
}

on_every_adapter! {
    row_206_a_way_back_that_was_stolen_signs_in_nobody_else,
    row_206_a_login_of_somebody_else_is_not_finished_by_the_person_they_send_it_to,
    row_206_frame_and_tab_are_two_people_and_nothing_crosses,
    row_206_links_forms_and_frames_in_the_app_s_own_content_give_nobody_anything,
    row_206_a_page_that_frames_the_app_sees_and_starts_nothing,
    row_206_cookies_of_another_kind_place_or_app_are_nobody_s,
    row_206_notes_that_somebody_planted_cost_a_page,
}
