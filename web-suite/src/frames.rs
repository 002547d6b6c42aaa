//! Signing in inside the frame of a Space, in a tab, and outside: three ways, and no way from one to the other.

use http::Method;

use crate::adapter::Adapter;
use crate::browser::FETCH;
use crate::frame::{
    SPACE, TAB, approved, click, framed, go, in_frame_of, own_in_frame, policy, sign_in_framed, state_of,
};
use crate::world::{CALLBACK, LOGIN, LOGOUT, World};

async fn row_089_the_frame_itself_goes_to_the_hub_and_back_and_is_signed_in(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut frame = world.browser();
    let button = go(&mut frame, Method::GET, "/button", &in_frame_of(world.hub.issuer())).await.body;
    let link = format!("class=\"hf-oauth-button\" href=\"{LOGIN}?_target_url=%2Fme\" rel=\"nofollow\"");
    assert!(button.contains(&link), "it stays in the frame: {button}");
    let started = click(&mut frame, &format!("{LOGIN}?_target_url=%2Fme")).await;
    let back = approved(&world, &mut frame, started.location(), "ada").await;
    assert_eq!((back.status.as_u16(), back.location()), (303, "/me"));
    for line in [&started, &back].iter().flat_map(|answer| answer.set_cookies()) {
        assert!(line.starts_with("__Host-hf_oauth") && line.contains(SPACE), "{line}");
    }
    assert!(frame.jar.keys().all(|(_, is_partitioned)| *is_partitioned));
    // A reload, which still says that the Hub led there.
    let reloaded = go(&mut frame, Method::GET, "/me", &in_frame_of(&world.hub.url("/oauth/authorize"))).await;
    assert_eq!(reloaded.json()["name"], "ada");
    assert_eq!(frame.fetch("/me").await.status, 200);
}

async fn what_works_outside_works_in_the_frame(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut frame = world.browser();
    sign_in_framed(&world, &mut frame, "ada", "/me").await;
    // Form, fetch, WebSocket.
    let posted = go(&mut frame, Method::POST, "/form", &own_in_frame()).await;
    assert_eq!(posted.status, 200);
    assert_eq!(frame.send(Method::POST, "/form", FETCH, "").await.status, 200);
    let socket = [("upgrade", "websocket"), ("origin", "https://ada-app.hf.space")];
    assert_eq!(frame.send(Method::GET, "/me", &socket, "").await.status, 200);
    let foreign = [("upgrade", "websocket"), ("origin", "https://evil.example")];
    assert_ne!(frame.send(Method::GET, "/me", &foreign, "").await.status, 200);
    // Refresh.
    world.clock.advance(28_600);
    let renewed = click(&mut frame, "/me").await;
    assert_eq!((renewed.status.as_u16(), world.refreshes()), (200, 1));
    let kept = renewed.set_cookies().into_iter().filter(|line| !line.contains("Max-Age=0"));
    assert!(kept.clone().count() > 0 && kept.clone().all(|line| line.contains(SPACE)), "{renewed:?}");
    // Step-up: the Hub was in this frame before.
    let asked = click(&mut frame, "/jobs").await;
    assert!(asked.location().contains("prompt=consent"), "{}", asked.location());
    assert_eq!(approved(&world, &mut frame, asked.location(), "ada").await.location(), "/jobs");
    assert_eq!(click(&mut frame, "/jobs").await.status, 200);
    // Another account.
    let switch = click(&mut frame, &format!("{LOGIN}/switch?_target_url=/me")).await;
    assert!(switch.location().contains("prompt=select_account"));
    assert_eq!(approved(&world, &mut frame, switch.location(), "grace").await.location(), "/me");
    assert_eq!(frame.fetch("/me").await.json()["name"], "grace");
}

async fn a_sign_out_in_the_frame_ends_it_there_and_says_what_it_does_not_end(adapter: Adapter) {
    let world = World::space(adapter).await;
    let (mut frame, mut tab) = (world.browser(), world.signed_in("ada").await);
    sign_in_framed(&world, &mut frame, "ada", "/me").await;
    let asks = click(&mut frame, &format!("{LOGOUT}?_target_url=/plain")).await;
    assert_eq!(asks.status, 200);
    assert!(asks.body.contains("A tab in which you signed in to this app stays signed in"), "{}", asks.body);
    let link = format!("{LOGOUT}?_target_url=%2Fplain");
    let out = go(&mut frame, Method::POST, &link, &own_in_frame()).await;
    assert_eq!((out.status.as_u16(), out.location()), (303, link.as_str()));
    let page = click(&mut frame, out.location()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("You are signed out in this frame.") && page.body.contains("stays signed in"));
    assert!(page.body.contains("href=\"/plain\"") && !page.body.contains("<form"), "{}", page.body);
    assert!(policy(&page).ends_with(&format!("frame-ancestors 'self' {}", world.hub.issuer())));
    assert_eq!(frame.fetch("/me").await.status, 401);
    assert_eq!(tab.fetch("/me").await.status, 200, "as it says");
    // Outside the sign-out leads back at once, as ever; and the frame of the same person is another matter.
    sign_in_framed(&world, &mut frame, "ada", "/me").await;
    let out = tab.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!((out.status.as_u16(), out.location()), (303, "/"));
    assert_eq!(frame.fetch("/me").await.status, 200);
}

async fn row_089_a_frame_that_keeps_no_cookie_is_led_outside_after_two_visits(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut frame = world.browser();
    frame.keeps_cookies = false;
    let mut answer = click(&mut frame, LOGIN).await;
    let mut visits = 0;
    while answer.status == 303 {
        visits += 1;
        assert!(visits <= 2, "{}", answer.location());
        answer = approved(&world, &mut frame, answer.location(), "ada").await;
    }
    assert_eq!((visits, answer.status.as_u16(), answer.code().as_str()), (2, 400, "login_lost"));
    assert!(policy(&answer).ends_with("frame-ancestors *") && answer.set_cookies().is_empty());
    assert!(answer.body.contains("keep no cookies for it there"), "{}", answer.body);
    let link = format!("href=\"{LOGIN}?_tab=1\" target=\"_blank\" rel=\"noopener\"");
    assert_eq!(answer.body.matches("<a ").count(), 1, "one way on: {}", answer.body);
    assert!(answer.body.contains(&link), "{}", answer.body);
    // And that way ends signed in.
    let mut tab = world.browser();
    let started = tab.get(&format!("{LOGIN}?_tab=1")).await;
    let back = world.come_back(&mut tab, started.location(), "ada").await;
    assert_eq!((back.status.as_u16(), back.location()), (303, TAB));
    assert!(tab.get(TAB).await.body.contains("You are signed in as Ada Lovelace in this tab."));
}

async fn row_089_a_tab_that_the_frame_opened_is_signed_in_and_says_to_go_on_there(adapter: Adapter) {
    let world = World::space(adapter).await;
    let (mut frame, mut tab) = (world.browser(), world.browser());
    let button = click(&mut frame, "/button").await.body;
    let link = format!("{LOGIN}?_target_url=%2Fme&_tab=1");
    let escaped = link.replace('&', "&#38;");
    let anchor = format!("class=\"hf-oauth-tab\" href=\"{escaped}\" target=\"_blank\" rel=\"noopener\"");
    assert!(button.contains(&anchor) && button.contains("go on there"), "{button}");
    let started = tab.get(&link).await;
    let back = world.come_back(&mut tab, started.location(), "ada").await;
    assert_eq!(back.location(), format!("{TAB}?_target_url=%2Fme"));
    let page = tab.get(back.location()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<h1>Go on here</h1>") && page.body.contains("href=\"/me\""), "{}", page.body);
    assert_eq!(page.header("cache-control"), Some("no-store, private"));
    assert!(frame.jar.is_empty() && click(&mut frame, "/").await.body == "nobody", "nothing crossed");
    // By an address that somebody was given it is a page for nobody.
    let nobody = world.browser().get(&format!("{TAB}?_target_url=//evil.example")).await;
    assert_eq!((nobody.status.as_u16(), nobody.code().as_str()), (401, "unauthenticated"));
    assert!(!nobody.body.contains("evil"), "{}", nobody.body);
    // A login that fails there is tried again there.
    let started = tab.get(&link).await;
    let declined = format!("{CALLBACK}?error=temporarily_unavailable&state={}", state_of(started.location()));
    let page = tab.get(&declined).await;
    assert_eq!(page.code(), "provider_unavailable");
    assert!(page.body.contains(&format!("href=\"{escaped}\"")), "{}", page.body);
}

async fn row_089_where_the_hub_refuses_frames_the_button_opens_a_tab(adapter: Adapter) {
    let world =
        World::space_with(adapter, |it| it.with_frame_sign_in(hf_oauth_web::FrameSignIn::NewTab)).await;
    let mut frame = world.browser();
    let button = click(&mut frame, "/button").await.body;
    let link = format!("href=\"{LOGIN}?_target_url=%2Fme&#38;_tab=1\" target=\"_blank\" rel=\"noopener\"");
    assert!(button.contains(&format!("class=\"hf-oauth-button\" {link}")), "{button}");
    let beside = "class=\"hf-oauth-tab\" href=\"/me\" target=\"_blank\" rel=\"noopener\"";
    assert!(button.contains(beside) && button.contains("this frame stays signed out"), "{button}");
    for path in [format!("{LOGIN}?_target_url=/me"), format!("{LOGIN}?_target_url=/me&_tab=1")] {
        let page = click(&mut frame, &path).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (200, "framed"), "{path}");
        assert!(page.body.contains(&link) && page.body.contains("go on there"), "{}", page.body);
        assert!(page.set_cookies().is_empty());
    }
    let guarded = click(&mut frame, "/closed").await;
    assert_eq!((guarded.status.as_u16(), guarded.code().as_str()), (401, "unauthenticated"));
    let link = format!("href=\"{LOGIN}?_target_url=%2Fclosed&#38;_tab=1\" target=\"_blank\"");
    assert!(guarded.body.contains(&link), "{}", guarded.body);
}

async fn row_089_a_guard_in_the_frame_waits_for_a_click_and_names_both_ways(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut frame = world.browser();
    for headers in [own_in_frame(), in_frame_of(world.hub.issuer()), framed("cross-site", None)] {
        let page = go(&mut frame, Method::GET, "/closed?x=1", &headers).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (401, "unauthenticated"), "{headers:?}");
        let target = "_target_url=%2Fclosed%3Fx%3D1";
        assert!(page.body.contains(&format!("href=\"{LOGIN}?{target}\">Sign in<")), "{}", page.body);
        let tab = format!("href=\"{LOGIN}?{target}&#38;_tab=1\" target=\"_blank\" rel=\"noopener\"");
        assert!(
            page.body.contains(&tab) && page.body.contains("shows an error instead of Hugging Face"),
            "{}",
            page.body
        );
        assert!(policy(&page).ends_with(&format!("frame-ancestors 'self' {}", world.hub.issuer())));
    }
    assert_eq!(frame.get("/closed").await.status, 303, "in a tab it goes to the Hub at once");
}

async fn who_may_frame_the_app_is_a_setting_and_cookies_follow_it(adapter: Adapter) {
    let portal: hf_oauth_web::Origin = "https://portal.example".parse().unwrap();
    let world = World::with(adapter, |settings| {
        settings.with_public_url("https://app.example.com").with_frame_ancestors([portal])
    })
    .await;
    let mut frame = world.browser();
    let page = go(&mut frame, Method::GET, "/closed", &in_frame_of("https://portal.example/apps")).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (401, "unauthenticated"));
    assert!(policy(&page).ends_with("frame-ancestors 'self' https://portal.example"), "{}", policy(&page));
    // The issuer is on the way back, and is no page that shows the app.
    let back = sign_in_framed(&world, &mut frame, "ada", "/me").await;
    assert!(back.set_cookies().iter().all(|line| line.contains(SPACE)), "{:?}", back.set_cookies());
    assert_eq!(click(&mut frame, "/me").await.status, 200);
    let forged = [("sec-fetch-site", "cross-site"), ("origin", "https://portal.example")];
    assert_ne!(frame.send(Method::POST, "/form", &forged, "").await.status, 200, "from nobody");

    let world = World::space_with(adapter, |settings| settings.with_frame_ancestors([])).await;
    let mut tab = world.signed_in("ada").await;
    assert!(
        tab.jar.keys().all(|(_, is_partitioned)| !is_partitioned),
        "its own site's cookies: {:?}",
        tab.jar
    );
    let page = go(&mut tab, Method::GET, LOGIN, &in_frame_of(world.hub.issuer())).await;
    assert_eq!(page.code(), "framed");
    assert!(!tab.get("/button").await.body.contains("hf-oauth-tab"));
}

async fn a_rehearsed_space_on_loopback_has_a_space_s_cookies(adapter: Adapter) {
    for (hosts, host) in
        [("localhost:7860", "localhost:7860"), ("127.0.0.1:7861,localhost:7861", "127.0.0.1:7861")]
    {
        let world = World::space_at(adapter, hosts, |settings| settings).await;
        assert_eq!(world.auth.redirect_uri().as_str(), format!("http://{host}{CALLBACK}"));
        let name = format!("__Host-hf_oauth_{}", host.split(':').nth(1).unwrap());
        let mut frame = world.browser();
        let started = click(&mut frame, LOGIN).await;
        let back = approved(&world, &mut frame, started.location(), "ada").await;
        assert_eq!((back.status.as_u16(), back.location()), (303, "/"));
        for line in [&started, &back].iter().flat_map(|answer| answer.set_cookies()) {
            assert!(line.starts_with(&name) && line.contains(SPACE), "{line}");
        }
        assert_eq!(frame.fetch("/me").await.status, 200);
        let forged = [("sec-fetch-site", "cross-site"), ("origin", "http://evil.localhost")];
        assert_ne!(frame.send(Method::POST, "/form", &forged, "").await.status, 200);
    }
}

on_every_adapter! {
    row_089_the_frame_itself_goes_to_the_hub_and_back_and_is_signed_in,
    what_works_outside_works_in_the_frame,
    a_sign_out_in_the_frame_ends_it_there_and_says_what_it_does_not_end,
    row_089_a_frame_that_keeps_no_cookie_is_led_outside_after_two_visits,
    row_089_a_tab_that_the_frame_opened_is_signed_in_and_says_to_go_on_there,
    row_089_where_the_hub_refuses_frames_the_button_opens_a_tab,
    row_089_a_guard_in_the_frame_waits_for_a_click_and_names_both_ways,
    who_may_frame_the_app_is_a_setting_and_cookies_follow_it,
    a_rehearsed_space_on_loopback_has_a_space_s_cookies,
}
