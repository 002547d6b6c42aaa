//! How sign-in is attached: to the outermost router, to a nested one, under a prefix.

use hf_oauth_web::StartError;
use http::Method;

use crate::adapter::{Adapter, Shape};
use crate::browser::{Browser, FETCH};
use crate::log::listen;
use crate::world::{LOGIN, World, settings};

const OWN: [&str; 4] = [
    "/oauth/huggingface/login",
    "/oauth/huggingface/login/switch",
    "/oauth/huggingface/callback?code=a&state=b",
    "/oauth/huggingface/logout",
];

async fn row_171_routes_that_are_nested_say_what_to_write(adapter: Adapter) {
    let (log, _listening) = listen();
    let world = World::new(adapter).await;
    let app = world.attached(Shape::NestedAt("/app"));
    for path in OWN {
        log.take();
        let page = Browser::new(&app).get(&format!("/app{path}")).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (503, "attached_elsewhere"), "{path}");
        assert!(page.body.contains("with_prefix") && page.body.contains("outermost"), "{}", page.body);
        assert!(page.set_cookies().is_empty());
        let said = log.text();
        let error = said.lines().find(|line| line.contains("ERROR") && line.contains("with_prefix"));
        assert!(error.is_some_and(|line| line.contains("/app/oauth/huggingface/")), "{error:?}");
        let json = Browser::new(&app).ask(Method::GET, &format!("/app{path}"), FETCH, "").await;
        assert_eq!((json.status.as_u16(), json.code().as_str()), (503, "attached_elsewhere"), "{path}");
    }
    // What else is in the nested router works.
    assert_eq!(Browser::new(&app).get("/app/plain").await.body, "plain");
}

async fn row_171_a_prefix_moves_routes_links_and_redirect_uri_alike(adapter: Adapter) {
    let world = World::with(adapter, |settings| settings.with_prefix("/app")).await;
    let callback = "/app/oauth/huggingface/callback";
    let registered = hf_oauth_hub::AppConfig::confidential("app", crate::world::SECRET);
    world.hub.add_app(registered.redirect_uri(format!("http://localhost{callback}")));
    let mut browser = world.browser();
    let closed = browser.get("/me").await;
    assert_eq!(closed.location(), format!("/app{LOGIN}?_target_url=%2Fme"));
    let started = browser.get(closed.location()).await;
    let back = world.come_back(&mut browser, started.location(), "ada").await;
    assert_eq!((back.status.as_u16(), back.location()), (303, "/me"));
    assert_eq!(browser.get("/me").await.status, 200);
    let button = browser.get("/button").await.body;
    assert!(button.contains("\"/app/oauth/huggingface/button.css\""), "{button}");
    let lost = browser.get(&format!("{callback}?code=a")).await.body;
    assert!(lost.contains("\"/app/oauth/huggingface/page.css\""), "{lost}");
}

#[tokio::test]
async fn row_171_a_prefix_without_a_slash_is_found_at_the_start() {
    let (hub, clock) = crate::world::hub().await;
    for prefix in ["app", "app/", "./app"] {
        let error = settings(&hub, &clock).with_prefix(prefix).start().await.unwrap_err();
        assert!(matches!(error, StartError::Path), "{prefix}");
        assert!(error.to_string().contains("such as /app"), "{error}");
    }
    assert!(settings(&hub, &clock).with_prefix("/app/").start().await.is_ok());
}

on_every_adapter! {
    row_171_routes_that_are_nested_say_what_to_write,
    row_171_a_prefix_moves_routes_links_and_redirect_uri_alike,
}
