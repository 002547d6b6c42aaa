//! What pages and button load, and where they may be shown.

use http::Method;
use serde_json::json;

use crate::adapter::Adapter;
use crate::browser::{Answer, FETCH};
use crate::world::{CALLBACK, LOGIN, LOGOUT, World};

const FRAMED_BY_A_STRANGER: &[(&str, &str)] = &[
    ("accept", "text/html"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "iframe"),
    ("sec-fetch-site", "cross-site"),
    ("referer", "https://evil.example/"),
];

/// The values of an attribute in some HTML of ours.
fn values(html: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Nothing that a policy without `unsafe-inline` would not let: no style, script or handler in the HTML itself.
fn assert_nothing_inline(html: &str) {
    let lower = html.to_ascii_lowercase();
    assert!(!lower.contains("<style") && !lower.contains(" style="), "{html}");
    assert!(!lower.contains("javascript:"), "{html}");
    let scripts: Vec<_> = lower.split("<script").skip(1).collect();
    assert!(scripts.iter().all(|rest| rest.contains("></script>") && rest.starts_with(" src=\"/")), "{html}");
    for tag in lower.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let handlers = tag.split(' ').filter(|part| part.starts_with("on") && part.contains('='));
        assert_eq!(handlers.count(), 0, "{tag}");
    }
}

fn assert_asset(asset: &Answer, content_type: &str) {
    assert_eq!(asset.status, 200);
    assert_eq!(asset.header("content-type"), Some(content_type));
    assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(asset.header("cache-control"), Some("public, max-age=3600"));
    assert!(asset.set_cookies().is_empty() && !asset.body.is_empty());
}

async fn row_178_pages_have_nothing_inline_and_what_they_load_is_there(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("grace").await;
    let pages = [
        browser.get(LOGOUT).await,
        browser.get(&format!("{CALLBACK}?code=a")).await,
        world.browser().send(Method::GET, "/me", FRAMED_BY_A_STRANGER, "").await,
        world.browser().at("evil.example").get(LOGIN).await,
        world.browser().send(Method::POST, "/closed", &[("sec-fetch-mode", "navigate")], "a=b").await,
    ];
    for page in pages {
        assert_nothing_inline(&page.body);
        let policy = page.header("content-security-policy").unwrap().to_owned();
        assert!(policy.contains("style-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(values(&page.body, "rel").iter().filter(|rel| *rel == "stylesheet").count(), 1);
        assert!(
            page.body.contains("<link rel=\"icon\" href=\"data:,\">") && policy.contains("img-src data:")
        );
        let style = values(&page.body, "href").into_iter().find(|href| href.ends_with(".css")).unwrap();
        assert_asset(&browser.fetch(&style).await, "text/css; charset=utf-8");
    }
}

async fn row_178_the_button_has_nothing_inline_and_its_style_is_there(adapter: Adapter) {
    for world in [World::new(adapter).await, World::space(adapter).await] {
        let mut browser = world.browser();
        let button = browser.get("/button").await.body;
        assert_nothing_inline(&button);
        assert!(button.contains(&format!("href=\"{LOGIN}?_target_url=%2Fme\"")), "{button}");
        // Without its style the face has the size that the picture itself says.
        assert!(button.contains("<svg width=\"28\" height=\"28\""), "{button}");
        let style = values(&button, "href").into_iter().find(|href| href.ends_with(".css")).unwrap();
        assert_asset(&browser.fetch(&style).await, "text/css; charset=utf-8");
    }
}

async fn a_failed_callback_takes_code_and_state_out_of_the_address(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let page = browser.get(&format!("{CALLBACK}?code=secret-code&error=x&state=secret-state")).await;
    let script = values(&page.body, "src");
    assert_eq!(script, ["/oauth/huggingface/page.js"]);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(" script-src 'self';") && policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!page.body.contains("secret-code") && !page.body.contains("secret-state"), "{}", page.body);
    let script = browser.fetch(&script[0]).await;
    assert_asset(&script, "text/javascript; charset=utf-8");
    assert_eq!(script.body.trim(), "history.replaceState(null, \"\", location.pathname);");
    // No other page runs anything.
    for page in [browser.get(LOGOUT).await, world.browser().at("evil.example").get(LOGIN).await] {
        assert!(!page.body.contains("<script"), "{}", page.body);
        assert!(!page.header("content-security-policy").unwrap().contains("script-src"));
    }
}

async fn row_175_a_stranger_s_frame_gets_a_page_that_says_where_to_open_the_app(adapter: Adapter) {
    for world in [World::new(adapter).await, World::https(adapter).await, World::space(adapter).await] {
        for (path, link) in [
            ("/me?x=1", "/me?x=1".to_owned()),
            ("/closed", "/closed".to_owned()),
            (&format!("{LOGIN}?_target_url=/me"), format!("{LOGIN}?_target_url=%2Fme")),
        ] {
            let page = world.browser().send(Method::GET, path, FRAMED_BY_A_STRANGER, "").await;
            assert_eq!((page.status.as_u16(), page.code().as_str()), (200, "framed"), "{path}");
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.ends_with("frame-ancestors *"), "{policy}");
            assert_eq!(page.header("x-frame-options"), None);
            assert!(page.set_cookies().is_empty(), "{path}");
            let anchor = format!("href=\"{link}\" target=\"_blank\" rel=\"noopener\"");
            assert!(page.body.contains(&anchor), "{anchor} in {}", page.body);
        }
    }
}

async fn row_175_whatever_failed_in_a_frame_is_that_page_too(adapter: Adapter) {
    let world = World::https(adapter).await;
    let mut browser = world.signed_in("grace").await;
    let by_form = &[&FRAMED_BY_A_STRANGER[1..], &[("accept", "text/html")]].concat();
    for (method, path, headers) in [
        (Method::GET, format!("{CALLBACK}?code=a"), FRAMED_BY_A_STRANGER),
        (Method::GET, "/park".to_owned(), FRAMED_BY_A_STRANGER),
        (Method::GET, "/jobs".to_owned(), FRAMED_BY_A_STRANGER),
        (Method::POST, LOGOUT.to_owned(), by_form),
    ] {
        let page = browser.send(method, &path, headers, "").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (200, "framed"), "{path}");
        assert!(page.header("content-security-policy").unwrap().ends_with("frame-ancestors *"), "{path}");
    }
    assert_eq!(browser.get("/").await.body, "Grace Hopper", "and nothing was done");
    // A frame of the app's own is no stranger's, and nobody signs in in it either.
    let own = [&FRAMED_BY_A_STRANGER[..3], &[("sec-fetch-site", "same-origin")]].concat();
    let page = world.browser().send(Method::GET, "/closed", &own, "").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (200, "framed"));
    assert!(!page.body.contains("of a site") && page.body.contains("nobody signs in"), "{}", page.body);
    // A Space is shown in a frame by the Hub: there the page itself is to be seen, and none of it in a stranger's frame.
    let world = World::space(adapter).await;
    let by_the_hub = [&FRAMED_BY_A_STRANGER[..4], &[("referer", world.hub.issuer())]].concat();
    for (path, code, status, ancestors) in [
        (format!("{CALLBACK}?code=a"), "state_missing", 400, format!("'self' {}", world.hub.issuer())),
        (format!("{CALLBACK}?error=x&state=y"), "login_lost", 400, "*".to_owned()),
        ("/closed".to_owned(), "unauthenticated", 401, format!("'self' {}", world.hub.issuer())),
        ("/park".to_owned(), "unauthenticated", 401, format!("'self' {}", world.hub.issuer())),
    ] {
        let page = world.browser().send(Method::GET, &path, &by_the_hub, "").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (status, code), "{path}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.ends_with(&format!("frame-ancestors {ancestors}")), "{path}: {policy}");
        let stranger = world.browser().send(Method::GET, &path, FRAMED_BY_A_STRANGER, "").await;
        let expected = if code == "login_lost" { code } else { "framed" };
        assert_eq!(stranger.code(), expected, "{path}");
        let policy = stranger.header("content-security-policy").unwrap();
        assert!(policy.ends_with("frame-ancestors *"), "{path}: {policy}");
    }
    let mut alan = world.signed_in("alan").await;
    let stranger = alan.send(Method::GET, "/park", FRAMED_BY_A_STRANGER, "").await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.code().as_str()),
        (200, "framed"),
        "nothing of the session"
    );
    let page = alan.send(Method::GET, "/park", &by_the_hub, "").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "org_restricted"));
}

async fn row_175_that_page_has_nothing_of_anybody_s_session(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let token = browser.fetch("/me").await.json()["token"].as_str().unwrap().to_owned();
    let page = browser.send(Method::GET, LOGIN, FRAMED_BY_A_STRANGER, "").await;
    assert_eq!(page.code(), "framed");
    let stranger = world.browser().send(Method::GET, LOGIN, FRAMED_BY_A_STRANGER, "").await;
    assert_eq!(page.body, stranger.body, "the same for everybody");
    assert!(!page.body.contains(&token) && !page.body.contains("Ada"));
}

async fn row_175_the_page_that_signs_out_is_framed_by_nobody_who_does_not_show_the_app(adapter: Adapter) {
    let world = World::https(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let framed = browser.send(Method::GET, LOGOUT, FRAMED_BY_A_STRANGER, "").await;
    assert_eq!(framed.code(), "framed");
    assert!(!framed.body.contains("<form"), "no button to put a picture over: {}", framed.body);
    let world = World::space(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let framed = browser.send(Method::GET, LOGOUT, FRAMED_BY_A_STRANGER, "").await;
    assert!(framed.code() == "framed" && !framed.body.contains("<form"), "{}", framed.body);
    let by_the_hub = [&FRAMED_BY_A_STRANGER[..4], &[("referer", world.hub.issuer())]].concat();
    let asks = browser.send(Method::GET, LOGOUT, &by_the_hub, "").await;
    assert!(asks.body.contains("<form"), "{}", asks.body);
    let policy = asks.header("content-security-policy").unwrap();
    assert!(policy.ends_with(&format!("frame-ancestors 'self' {}", world.hub.issuer())), "{policy}");
}

async fn row_183_a_name_turns_nothing_around_it(adapter: Adapter) {
    let world = World::new(adapter).await;
    let bidi = ['\u{61c}', '\u{200e}', '\u{200f}'].into_iter().chain('\u{202a}'..='\u{202e}');
    let bidi = bidi.chain('\u{2066}'..='\u{2069}');
    let control = ('\u{0}'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
    let hostile: String = "Ada".chars().chain(bidi).chain(control).chain("<b>ecalevoL".chars()).collect();
    let userinfo = json!({ "name": hostile, "orgs": [{ "sub": "cccc", "name": hostile, "preferred_username": hostile }] });
    world.hub.fault(hf_oauth_hub::Fault::json(userinfo).on(hf_oauth_hub::Endpoint::Userinfo));
    let mut browser = world.signed_in("ada").await;
    let html = browser.get("/name").await.body;
    assert!(html.starts_with("Ada") && html.ends_with("&lt;b&gt;ecalevoL"), "{html:?}");
    let between = &html["Ada".len()..html.len() - "&lt;b&gt;ecalevoL".len()];
    assert!(between.chars().all(|character| character == ' '), "{between:?}");
    // Neither do they appear on the pages of a guard.
    let refused = browser.get("/park").await;
    let back = world.come_back(&mut browser, refused.location(), "ada").await;
    let page = browser.get(back.location()).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "org_missing"));
    assert!(page.body.chars().all(|character| character == '\n' || !character.is_control()), "{}", page.body);
    assert!(!page.body.contains("ecalevoL"));
}

async fn row_183_sentences_of_others_are_isolated_on_pages(adapter: Adapter) {
    let world = World::with(adapter, |settings| {
        settings.on_sign_in(async |user, _| {
            let name = user.name.unwrap_or_default();
            Err(hf_oauth_web::SignInError::refused(format!("Not for {name}.")))
        })
    })
    .await;
    let userinfo = json!({ "name": "Ada \u{202e}<i>ecalevoL" });
    world.hub.fault(hf_oauth_hub::Fault::json(userinfo).on(hf_oauth_hub::Endpoint::Userinfo));
    let mut browser = world.browser();
    let page = world.sign_in(&mut browser, "ada", "/").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "sign_in_refused"));
    assert!(page.body.contains("<p dir=\"auto\">Not for Ada "), "{}", page.body);
    assert!(!page.body.contains("<i>"), "{}", page.body);
    let style = browser.ask(Method::GET, "/oauth/huggingface/page.css", FETCH, "").await.body;
    assert!(style.contains("p{margin:.5rem 0;unicode-bidi:isolate}"), "{style}");
}

on_every_adapter! {
    row_178_pages_have_nothing_inline_and_what_they_load_is_there,
    row_178_the_button_has_nothing_inline_and_its_style_is_there,
    a_failed_callback_takes_code_and_state_out_of_the_address,
    row_175_a_stranger_s_frame_gets_a_page_that_says_where_to_open_the_app,
    row_175_whatever_failed_in_a_frame_is_that_page_too,
    row_175_that_page_has_nothing_of_anybody_s_session,
    row_175_the_page_that_signs_out_is_framed_by_nobody_who_does_not_show_the_app,
    row_183_a_name_turns_nothing_around_it,
    row_183_sentences_of_others_are_isolated_on_pages,
}
