//! One login from the first click to the last.

use crate::adapter::{Adapter, Gate, Shape};
use crate::browser::{Browser, bare_get};
use crate::world::{CALLBACK, LOGIN, LOGOUT, World};
use http::Method;

async fn a_person_signs_in_comes_back_and_signs_out(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    assert_eq!(browser.get("/").await.body, "nobody");

    let closed = browser.get("/me?tab=2").await;
    assert_eq!(closed.status, 303);
    assert_eq!(closed.location(), format!("{LOGIN}?_target_url=%2Fme%3Ftab%3D2"));
    let started = browser.get(closed.location()).await;
    assert_eq!(started.status, 303);
    assert!(started.location().starts_with(&world.hub.url("/oauth/authorize?")), "{}", started.location());

    let back = world.come_back(&mut browser, started.location(), "ada").await;
    assert_eq!((back.status.as_u16(), back.location(), back.body.as_str()), (303, "/me?tab=2", ""));
    let me = browser.get("/me?tab=2").await.json();
    assert_eq!((me["name"].as_str(), me["orgs"].as_u64()), (Some("ada"), Some(1)));
    assert_eq!(browser.get("/").await.body, "Ada Lovelace");

    let page = browser.get(LOGOUT).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("method=\"post\"") && page.body.contains(LOGOUT), "{}", page.body);
    assert_eq!(browser.get("/").await.body, "Ada Lovelace", "asked, not done");
    let out = browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!((out.status.as_u16(), out.location()), (303, "/"));
    assert_eq!(browser.get("/").await.body, "nobody");
    assert_eq!(browser.cookie_names(), ["hf_oauth_7860_left"], "a note, and nothing else");
}

async fn the_local_hub_signs_in_without_any_configuration(adapter: Adapter) {
    let auth = hf_oauth_web::HuggingFace::from_vars(|_| None).local_hub().start().await.unwrap();
    let app = adapter.serve(auth, Shape::Attached, Gate::new());
    let mut browser = Browser::new(&app).at("127.0.0.1:4321");
    let started = browser.get(LOGIN).await;
    let page = bare_get(started.location()).await;
    assert!(page.contains("200 OK"), "the Hub knows http://127.0.0.1:4321{CALLBACK}: {page}");
}

on_every_adapter! {
    a_person_signs_in_comes_back_and_signs_out,
    the_local_hub_signs_in_without_any_configuration,
}
