//! An app that nobody registered: it serves a document about itself, and the document's address is its client id.

use std::net::TcpListener;

use hf_oauth_hub::Clock;
use hf_oauth_web::{App, ClientMetadata, ClientMetadataError, HuggingFace, Issuer, StartError};
use http::Method;
use serde_json::json;

use crate::adapter::{Adapter, Gate, Shape};
use crate::browser::{Browser, FETCH, bare_get};
use crate::world::{CALLBACK, LOGIN, Settings, World, hub, keys, now, settings};

const DOCUMENT: &str = "/.well-known/oauth-cimd";

/// Settings of an app that nobody registered, without anything else.
fn unregistered(name: &str) -> Settings {
    HuggingFace::from_vars(|_| None).without_registering(name).with_keys(keys("unregistered"))
}

/// Such an app on this machine, at a Hub that has never heard of it.
async fn world(adapter: Adapter, change: impl FnOnce(Settings) -> Settings) -> World {
    let (hub, clock) = hub().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = unregistered("Night sky").with_public_url(url);
    let settings = settings.with_issuer(Issuer::parse(hub.issuer()).unwrap());
    let ours: Clock = clock.clone();
    let auth = change(settings).with_clock(move || now(&ours)).start().await.unwrap();
    let gate = Gate::new();
    let app = adapter.serve_at(listener, auth.clone(), Shape::Attached, gate.clone());
    World { hub, clock, auth, adapter, gate, app }
}

async fn it_signs_people_in_refreshes_and_asks_for_more(adapter: Adapter) {
    let world = world(adapter, |settings| settings).await;
    let client_id = format!("http://{}{DOCUMENT}", world.app.address);
    let mut browser = world.browser();
    let begun = browser.get(&format!("{LOGIN}?_target_url=%2Fme")).await;
    let page = world.hub.approve(begun.location(), "ada").await.unwrap();
    assert_eq!(browser.get(&page).await.location(), "/me");
    assert_eq!(browser.get("/me").await.json()["name"], "ada");
    let journal = world.hub.journal();
    let ids: Vec<_> = journal.to("/oauth/token").map(|entry| entry.client_id.clone()).collect();
    assert_eq!(ids, [Some(client_id.clone())]);

    world.clock.advance(28_000);
    let before = browser.get("/me").await.json()["token"].clone();
    world.clock.advance(700);
    let after = browser.get("/me").await.json();
    assert_eq!((world.refreshes() >= 1, after["name"].as_str()), (true, Some("ada")));
    assert_ne!(after["token"], before);

    let more = browser.get("/jobs").await;
    let back = world.come_back(&mut browser, more.location(), "ada").await;
    assert_eq!(back.location(), "/jobs", "{}", back.body);
    assert_eq!(browser.get("/jobs").await.status, 200);
}

async fn the_local_hub_comes_along_on_this_machine(adapter: Adapter) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = HuggingFace::from_vars(|_| None).without_registering("Night sky").local_hub();
    let settings = settings.with_public_url(format!("http://{}", listener.local_addr().unwrap()));
    let auth = settings.start().await.unwrap();
    let app = adapter.serve_at(listener, auth, Shape::Attached, Gate::new());
    let mut browser = Browser::new(&app).at(&app.address.to_string());
    let begun = browser.get(LOGIN).await;
    let answer = bare_get(begun.location()).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("Night sky"), "{answer}");
}

async fn the_document_says_what_the_hub_asks_for(adapter: Adapter) {
    let metadata = ClientMetadata::new("Night sky")
        .with_logo_uri("https://sky.example.com/logo.svg")
        .with_client_uri("https://sky.example.com/about");
    let settings =
        HuggingFace::from_vars(|_| None).without_registering(metadata).with_keys(keys("unregistered"));
    let settings = settings.with_public_url("https://Sky.example.com:443/").with_prefix("/app");
    let auth = settings.start().await.unwrap();
    let client_id = format!("https://sky.example.com{DOCUMENT}");
    assert_eq!(auth.client().app().client_id, client_id);
    let app = adapter.serve(auth, Shape::Attached, Gate::new());
    for host in ["sky.example.com", "www.sky.example.com"] {
        let answer = Browser::new(&app).at(host).ask(Method::GET, DOCUMENT, &[], "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "public, max-age=300");
        assert!(answer.set_cookies().is_empty());
        let document = json!({
            "client_id": client_id,
            "client_name": "Night sky",
            "redirect_uris": [format!("https://sky.example.com/app{CALLBACK}")],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "logo_uri": "https://sky.example.com/logo.svg",
            "client_uri": "https://sky.example.com/about",
        });
        assert_eq!(answer.json(), document);
    }
    let begun = Browser::new(&app).at("sky.example.com").get(&format!("/app{LOGIN}")).await;
    let encoded = crate::world::encoded(&client_id);
    assert!(begun.location().starts_with("https://huggingface.co/oauth/authorize?"), "{}", begun.location());
    assert!(begun.location().contains(&format!("client_id={encoded}&")), "{}", begun.location());
}

async fn an_app_that_is_registered_has_no_such_route(adapter: Adapter) {
    let world = World::new(adapter).await;
    let answer = world.browser().ask(Method::GET, DOCUMENT, FETCH, "").await;
    assert_eq!(answer.status, 404);
    assert!(!answer.body.contains("client_id"), "{}", answer.body);
}

async fn nobody_comes_back_to_the_document(adapter: Adapter) {
    let world = world(adapter, |settings| settings).await;
    let mut browser = world.browser();
    let begun = browser.get(&format!("{LOGIN}?_target_url=%2F.well-known%2Foauth-cimd")).await;
    assert_eq!(world.come_back(&mut browser, begun.location(), "ada").await.location(), "/");
    let document = browser.get(DOCUMENT).await;
    assert_eq!(document.json()["client_name"], "Night sky");
    assert!(!document.body.contains("ada"), "{}", document.body);
}

#[tokio::test]
async fn what_speaks_against_it_stops_the_start_and_says_what_to_do() {
    let of = |settings: Settings| async move {
        let error = settings.start().await.unwrap_err();
        let text = error.to_string();
        let StartError::ClientMetadata(error) = error else { panic!("{text}") };
        (error, text)
    };
    let env = |pairs: &'static [(&str, &str)]| {
        HuggingFace::from_vars(move |name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
        .without_registering("Night sky")
        .with_keys(keys("unregistered"))
        .with_public_url("https://sky.example.com")
    };
    let (error, text) = of(env(&[("OAUTH_CLIENT_ID", "app")])).await;
    assert_eq!(error, ClientMetadataError::Registered { client_id: "app".to_owned() });
    assert!(text.contains("OAUTH_CLIENT_ID") && text.contains("without_registering"), "{text}");
    let (error, _) = of(HuggingFace::new(App::new("app")).without_registering("x")).await;
    assert!(matches!(error, ClientMetadataError::Registered { .. }));
    let (error, text) = of(env(&[("OAUTH_CLIENT_SECRET", "hush-hush")])).await;
    assert_eq!(error, ClientMetadataError::Secret);
    assert!(!text.contains("hush-hush"), "{text}");
    let (error, text) = of(env(&[("SPACE_ID", "ada/app"), ("SPACE_HOST", "ada-app.hf.space")])).await;
    assert_eq!(error, ClientMetadataError::InSpace);
    assert!(text.contains("hf_oauth: true"), "{text}");
    let (error, text) = of(unregistered("Night sky")).await;
    assert_eq!(error, ClientMetadataError::NoPublicUrl);
    assert!(text.contains("with_public_url"), "{text}");
    let (error, text) = of(unregistered("Night sky").with_public_url("http://localhost:7860")).await;
    assert!(matches!(error, ClientMetadataError::OutOfReach { .. }), "{text}");
    assert!(text.contains("huggingface.co") && text.contains(".local_hub()"), "{text}");
    for name in ["", " ", "a\nb", &"x".repeat(101)] {
        let (error, _) = of(unregistered(name).with_public_url("https://sky.example.com")).await;
        assert_eq!(error, ClientMetadataError::Name, "{name}");
    }
    let logo = ClientMetadata::new("x").with_logo_uri("javascript:alert(1)");
    let (error, text) = of(unregistered("x").without_registering(logo)).await;
    assert!(matches!(error, ClientMetadataError::Link { what: "logo URI", .. }), "{text}");
}

#[tokio::test]
async fn the_other_mistakes_are_named_as_they_are_for_every_app() {
    let plain = unregistered("x").with_public_url("http://sky.example.com").start().await.unwrap_err();
    assert!(matches!(plain, StartError::PublicUrl { .. }), "{plain}");
    let keyless = HuggingFace::from_vars(|_| None).without_registering("x");
    let keyless = keyless.with_public_url("https://sky.example.com").start().await.unwrap_err();
    assert!(matches!(keyless, StartError::KeysMissing), "{keyless}");
    let provider = |url: &'static str| {
        HuggingFace::from_vars(move |name| (name == "OPENID_PROVIDER_URL").then(|| url.to_owned()))
            .without_registering("x")
            .with_keys(keys("unregistered"))
            .with_public_url("https://sky.example.com")
    };
    let invalid = provider("ftp://hub.example").start().await.unwrap_err();
    assert!(matches!(invalid, StartError::Environment { .. }), "{invalid}");
    let started = provider("https://hub.example").start().await.unwrap();
    assert_eq!(started.client().issuer().to_string(), "https://hub.example");
    let (hub, clock) = hub().await;
    let callback = settings(&hub, &clock).with_callback_path(DOCUMENT).start().await.unwrap_err();
    assert!(matches!(callback, StartError::Path), "{callback}");
}

on_every_adapter! {
    it_signs_people_in_refreshes_and_asks_for_more,
    the_local_hub_comes_along_on_this_machine,
    the_document_says_what_the_hub_asks_for,
    an_app_that_is_registered_has_no_such_route,
    nobody_comes_back_to_the_document,
}
