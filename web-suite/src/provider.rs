//! The Hub away, slow, or talking nonsense.

use std::time::{Duration, Instant};

use hf_oauth_hub::{AppConfig, Endpoint, Fault, LocalHub};
use hf_oauth_web::{App, HuggingFace, Issuer};

use crate::adapter::{Adapter, Gate, Shape};
use crate::browser::Browser;
use crate::world::{CALLBACK, LOGIN, SECRET, World};

async fn row_052_a_failing_exchange_is_one_request_and_a_page_that_says_when_to_come_back(adapter: Adapter) {
    let world = World::new(adapter).await;
    let overloaded = || Fault::status(429).with_header("retry-after", "7");
    for (fault, status, code, retry_after) in [
        (Fault::status(500), 503, "provider_unavailable", Some("10")),
        (Fault::html(502), 503, "provider_unavailable", Some("10")),
        (Fault::body(503, "text/plain", ""), 503, "provider_unavailable", Some("10")),
        (Fault::html(504), 503, "provider_unavailable", Some("10")),
        (overloaded(), 503, "provider_unavailable", Some("7")),
        (
            Fault::status(429).with_header("retry-after", "1000000000"),
            503,
            "provider_unavailable",
            Some("3600"),
        ),
        (Fault::status(429).with_header("retry-after", "soon"), 503, "provider_unavailable", Some("10")),
        (Fault::html(200), 503, "provider_unavailable", Some("10")),
        (Fault::body(200, "application/json", r#"{"access_token":7}"#), 502, "provider_malformed", None),
        (Fault::cut_body(), 503, "provider_unavailable", Some("10")),
        (Fault::lost_answer(), 503, "provider_unavailable", Some("10")),
        (Fault::endless_body(), 502, "provider_malformed", None),
        (Fault::redirect(307, "https://evil.example/"), 502, "provider_malformed", None),
        (Fault::body(400, "application/json", r#"{"error":"invalid_grant"}"#), 400, "code_refused", None),
        (
            Fault::body(401, "application/json", r#"{"error":"invalid_client"}"#),
            503,
            "app_misconfigured",
            Some("60"),
        ),
        (Fault::body(400, "application/json", r#"{"error":"invalid_scope"}"#), 502, "provider_refused", None),
    ] {
        let mut browser = world.browser();
        let started = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
        let back = world.hub.approve(started.location(), "ada").await.unwrap();
        world.hub.clear_journal();
        world.hub.fault(fault.clone().on(Endpoint::Token));
        let page = browser.get(&back).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (status, code), "{fault:?}");
        assert_eq!(page.header("retry-after"), retry_after, "{fault:?}");
        assert!(page.body.contains("_target_url=%2Fme"), "a way on: {fault:?}");
        world.hub.clear_faults();
        // The same redirect again sends nothing again.
        let again = browser.get(&back).await;
        assert_ne!(again.header("location"), Some("/me"));
        assert_eq!(world.token_requests(), 1, "{fault:?}");
        assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me", "{fault:?}");
    }
}

async fn an_identity_that_is_not_proven_is_nobody(adapter: Adapter) {
    let world = World::new(adapter).await;
    for fault in [
        Fault::bad_signature(),
        Fault::claims(serde_json::json!({ "aud": "somebody-else" })),
        Fault::claims(serde_json::json!({ "nonce": null })),
        Fault::json(serde_json::json!({ "sub": "x" })).on(Endpoint::Userinfo),
    ] {
        let mut browser = world.browser();
        world.hub.fault(fault.clone().times(1));
        let page = world.sign_in(&mut browser, "ada", "/me").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (502, "identity_refused"), "{fault:?}");
        assert!(browser.jar.is_empty());
    }
}

async fn row_059_a_silent_hub_costs_ten_seconds_of_one_login_and_nothing_else(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut signed_in = world.signed_in("ada").await;
    let started = world.browser().get(LOGIN).await;
    let mut browser = world.browser();
    let mine = browser.get(LOGIN).await;
    let back = world.hub.approve(mine.location(), "grace").await.unwrap();
    world.hub.fault(Fault::latency(Duration::from_secs(30)).on(Endpoint::Token));
    let begun = Instant::now();
    let waiting = async { browser.get(&back).await };
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let asked = Instant::now();
        assert_eq!(signed_in.fetch("/me").await.status, 200);
        assert_eq!(world.browser().get(LOGIN).await.status, 303);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    };
    let (page, ()) = futures_util::future::join(waiting, meanwhile).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (504, "provider_timeout"));
    assert!(page.header("retry-after").is_some());
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!(started.status, 303);
}

async fn row_060_an_app_starts_while_the_hub_is_away_and_heals_by_itself(adapter: Adapter) {
    let gone = LocalHub::start().await.unwrap();
    let (port, issuer) = (gone.port(), gone.issuer().to_owned());
    gone.shutdown().await;
    let auth = HuggingFace::new(App::new("app").with_client_secret(SECRET))
        .with_issuer(Issuer::parse(&issuer).unwrap())
        .start()
        .await
        .unwrap();
    let app = adapter.serve(auth, Shape::Attached, Gate::new());
    let mut browser = Browser::new(&app);
    assert_eq!(browser.get("/").await.body, "nobody");
    for _ in 0..2 {
        let page = browser.get(LOGIN).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (503, "provider_unavailable"));
        assert!(page.header("retry-after").is_some() && page.set_cookies().is_empty());
    }
    let registered =
        AppConfig::confidential("app", SECRET).redirect_uri(format!("http://localhost{CALLBACK}"));
    let hub = LocalHub::builder().port(port).app(registered).start().await.unwrap();
    let started = browser.get(LOGIN).await;
    assert_eq!(started.status, 303);
    let back = hub.approve(started.location(), "ada").await.unwrap();
    assert_eq!(browser.get(&back).await.location(), "/");
    // And away again: what is known of it serves on, sessions too.
    hub.shutdown().await;
    assert_eq!(browser.get(LOGIN).await.status, 303);
}

async fn errors_that_the_hub_redirects_with_are_pages(adapter: Adapter) {
    let world = World::new(adapter).await;
    for (error, status, code) in [
        ("temporarily_unavailable", 503, "provider_unavailable"),
        ("server_error", 503, "provider_unavailable"),
        ("invalid_scope", 502, "provider_refused"),
        ("access_denied", 403, "access_denied"),
    ] {
        let mut browser = world.browser();
        let started = browser.get(LOGIN).await;
        let url = url::Url::parse(started.location()).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let page = browser.get(&format!("{CALLBACK}?error={error}&state={state}")).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (status, code), "{error}");
    }
    assert_eq!(world.token_requests(), 0);
}

on_every_adapter! {
    row_052_a_failing_exchange_is_one_request_and_a_page_that_says_when_to_come_back,
    an_identity_that_is_not_proven_is_nobody,
    row_059_a_silent_hub_costs_ten_seconds_of_one_login_and_nothing_else,
    row_060_an_app_starts_while_the_hub_is_away_and_heals_by_itself,
    errors_that_the_hub_redirects_with_are_pages,
}
