//! The pages around a frame: who may frame them, and what is on them.

use http::Method;

use crate::adapter::Adapter;
use crate::browser::NAVIGATION;
use crate::frame::{TAB, click, framed, go, in_frame_of, own_in_frame, policy, sign_in_framed};
use crate::world::{CALLBACK, LOGIN, LOGOUT, World};

async fn row_175_the_app_s_own_pages_say_who_may_frame_them_and_strangers_see_where_to_open_it(
    adapter: Adapter,
) {
    let world = World::space(adapter).await;
    let ours = world.auth.frame_policy().to_owned();
    assert_eq!(ours, format!("frame-ancestors 'self' {}", world.hub.issuer()));
    let mut frame = world.browser();
    for (path, policies) in [
        ("/shown", vec![ours.as_str()]),
        ("/shown/other", vec!["default-src 'none'", &ours]),
        ("/shown/own", vec![crate::adapter::OWN_POLICY]),
        // Beside `frame-ancestors` no browser would look at its `X-Frame-Options`.
        ("/shown/never", vec![]),
    ] {
        for headers in [in_frame_of(world.hub.issuer()), own_in_frame(), framed("cross-site", None)] {
            let page = go(&mut frame, Method::GET, path, &headers).await;
            let found: Vec<_> = page
                .headers
                .get_all("content-security-policy")
                .iter()
                .map(|it| it.to_str().unwrap())
                .collect();
            assert_eq!((page.body.as_str(), found), ("shown", policies.clone()), "{path}");
        }
        let stranger = go(&mut frame, Method::GET, path, &in_frame_of("https://evil.example/")).await;
        assert_eq!((stranger.status.as_u16(), stranger.code().as_str()), (200, "framed"));
        let link = format!("href=\"{path}\" target=\"_blank\" rel=\"noopener\"");
        assert!(policy(&stranger).ends_with("frame-ancestors *") && stranger.body.contains(&link));
    }
}

async fn row_093_what_is_new_around_a_frame_is_in_no_cache_and_no_referrer(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut tab = world.browser();
    let started = tab.get(&format!("{LOGIN}?_tab=1")).await;
    let back = world.come_back(&mut tab, started.location(), "ada").await;
    let go_on = tab.get(back.location()).await;
    let nobody = world.browser().get(TAB).await;
    let mut frame = world.browser();
    sign_in_framed(&world, &mut frame, "ada", "/").await;
    let out = go(&mut frame, Method::POST, LOGOUT, &own_in_frame()).await;
    let signed_out = click(&mut frame, out.location()).await;
    let guarded = click(&mut world.browser(), "/closed").await;
    let stranger =
        go(&mut world.browser(), Method::GET, "/closed", &in_frame_of("https://evil.example/")).await;
    for answer in [back, go_on, nobody, out, signed_out, guarded, stranger] {
        assert_eq!(answer.header("cache-control"), Some("no-store, private"), "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{answer:?}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
    }
}

async fn row_094_a_name_on_the_page_of_a_tab_is_text(adapter: Adapter) {
    let world = World::space(adapter).await;
    let name = "<b>Ada</b>\"'&\r\nX: y\0\u{202e}ecalevoL";
    world.hub.fault(
        hf_oauth_hub::Fault::json(serde_json::json!({ "name": name })).on(hf_oauth_hub::Endpoint::Userinfo),
    );
    let mut tab = world.browser();
    let started = tab.get(&format!("{LOGIN}?_tab=1")).await;
    let back = world.come_back(&mut tab, started.location(), "ada").await;
    let page = tab.get(back.location()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("&#60;b&#62;Ada&#60;/b&#62;") && !page.body.contains("<b>"), "{}", page.body);
    assert!(page.body.chars().all(|it| it == '\n' || !it.is_control()) && !page.body.contains('\u{202e}'));
    assert_eq!(page.header("x"), None);
}

async fn row_092_nothing_of_ours_listens_to_messages(adapter: Adapter) {
    for world in [World::space(adapter).await, World::new(adapter).await] {
        let mut frame = world.browser();
        let mut texts = Vec::new();
        for path in ["page.js", "page.css", "button.css"] {
            texts.push(frame.fetch(&format!("/oauth/huggingface/{path}")).await.body);
        }
        for path in ["/button", "/closed", LOGIN, LOGOUT, TAB, CALLBACK] {
            texts.push(go(&mut frame, Method::GET, path, &in_frame_of("https://evil.example/")).await.body);
            texts.push(click(&mut frame, path).await.body);
            texts.push(frame.send(Method::GET, path, NAVIGATION, "").await.body);
        }
        let scripts = texts.iter().map(|text| text.matches("<script").count()).sum::<usize>();
        assert!(scripts > 0, "the page after a callback has one, which is among them");
        for text in texts.iter().map(|text| text.replace("rel=\"noopener\"", "")) {
            for word in
                ["message", "opener", "Channel", "storage", "addEventListener", "onmessage", "window", "top."]
            {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    }
}

on_every_adapter! {
    row_175_the_app_s_own_pages_say_who_may_frame_them_and_strangers_see_where_to_open_it,
    row_093_what_is_new_around_a_frame_is_in_no_cache_and_no_referrer,
    row_094_a_name_on_the_page_of_a_tab_is_text,
    row_092_nothing_of_ours_listens_to_messages,
}
