//! Where the app is: configured, or loopback, and never what a request claims.

use hf_oauth_web::{App, HuggingFace, StartError};
use http::Method;

use crate::adapter::{Adapter, Gate, Shape};
use crate::browser::{self, Browser, NAVIGATION};
use crate::world::{CALLBACK, LOGIN, SECRET, World, keys};

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    NAVIGATION.iter().copied().chain(more.iter().copied()).collect()
}

fn redirect_uri(authorize_url: &str) -> String {
    let url = url::Url::parse(authorize_url).unwrap();
    url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned()
}

const FORWARDED: &[(&str, &str)] = &[
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "443"),
    ("x-forwarded-prefix", "/evil"),
    ("x-original-url", "/evil"),
    ("forwarded", "host=evil.example;proto=https"),
];

async fn row_015_an_unknown_host_is_a_page_that_names_the_setting(adapter: Adapter) {
    let world = World::new(adapter).await;
    for host in [
        "evil.example",
        "localhost.evil.example",
        "evil.example:7860",
        "192.168.1.5:7860",
        "0.0.0.0:7860",
        "localhost:7860@evil.example",
        "localhost:99999",
        "127.1",
        "[::ffff:127.0.0.1]",
        "",
    ] {
        for path in [LOGIN, &format!("{CALLBACK}?code=a&state=b"), "/oauth/huggingface/logout"] {
            let answer = Browser::new(&world.app).at(host).get(path).await;
            if answer.is_the_server_s_own_refusal() {
                continue;
            }
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (400, "host_unknown"),
                "{host} {path}"
            );
            assert!(answer.body.contains("with_public_url"), "{}", answer.body);
            assert!(!answer.body.contains("evil") && answer.set_cookies().is_empty());
        }
        let home = Browser::new(&world.app).at(host).get("/").await;
        assert!(
            home.body == "nobody" || home.is_the_server_s_own_refusal(),
            "other pages are the app's: {host}"
        );
    }
    let two = with(&[("host", "localhost:7860"), ("host", "evil.example")]);
    let answer = world.browser().send(Method::GET, LOGIN, &two, "").await;
    assert!(answer.is_the_server_s_own_refusal() || answer.code() == "host_unknown", "{answer:?}");
}

async fn row_015_a_loopback_host_is_used_as_it_came_and_nothing_of_it_is_kept(adapter: Adapter) {
    let world = World::new(adapter).await;
    // The first request after the start tries to poison.
    let poison = with(&[("host", "evil.example")]);
    world.browser().send(Method::GET, LOGIN, &poison, "").await;
    for host in ["localhost:7860", "127.0.0.1:80", "[::1]:3000", "localhost", "LOCALHOST:1"] {
        let mut browser = Browser::new(&world.app).at(host);
        let started = browser.send(Method::GET, LOGIN, &with(FORWARDED), "").await;
        let host = host.to_ascii_lowercase();
        let expected = format!("http://{}{CALLBACK}", host.strip_suffix(":80").unwrap_or(&host));
        assert_eq!(redirect_uri(started.location()), expected);
        let back = world.come_back(&mut browser, started.location(), "ada").await;
        assert_eq!((back.status.as_u16(), back.location()), (303, "/"));
    }
}

async fn row_015_a_configured_address_listens_to_no_request(adapter: Adapter) {
    for (world, expected) in [
        (World::https(adapter).await, "https://app.example.com/oauth/huggingface/callback"),
        (World::space(adapter).await, "https://ada-app.hf.space/oauth/huggingface/callback"),
    ] {
        assert_eq!(world.auth.redirect_uri().as_str(), expected);
        let home = expected.strip_suffix(CALLBACK).unwrap();
        for host in ["evil.example", "localhost:7860", "10.0.0.7:8080", "www.app.example.com"] {
            let mut browser = Browser::new(&world.app).at(host);
            let link = format!("{LOGIN}?_target_url=/me");
            let sent = browser.send(Method::GET, &link, &with(FORWARDED), "").await;
            assert_eq!(sent.location(), format!("{home}{LOGIN}?_target_url=%2Fme&_here=1"), "{host}");
            // Behind a proxy that says another host it seems to be elsewhere still, and is sent home once only.
            let started = browser.send(Method::GET, sent.location(), &with(FORWARDED), "").await;
            assert_eq!(redirect_uri(started.location()), expected, "{host}");
            let back = world.hub.approve(started.location(), "ada").await.unwrap();
            let returned = browser.send(Method::GET, &back, &with(FORWARDED), "").await;
            assert_eq!((returned.status.as_u16(), returned.location()), (303, "/me"), "{host}");
        }
    }
}

async fn row_015_switching_the_account_begins_at_the_app_s_own_address_too(adapter: Adapter) {
    let world = World::https(adapter).await;
    let link = format!("{}?_target_url=/me", world.auth.switch_account_path());
    let sent = Browser::new(&world.app).at("www.app.example.com").get(&link).await;
    let home = format!("https://app.example.com{LOGIN}/switch?_target_url=%2Fme&_here=1");
    assert_eq!((sent.status.as_u16(), sent.location()), (303, home.as_str()));
    assert!(sent.set_cookies().is_empty(), "its cookie would not be there when the browser comes back");
    let mut browser = world.browser();
    let started = browser.get(sent.location()).await;
    assert!(started.location().contains("prompt=select_account"), "{}", started.location());
    assert_eq!(world.come_back(&mut browser, started.location(), "ada").await.location(), "/me");
}

#[tokio::test]
async fn row_079_missing_and_short_keys_stop_the_start() {
    let start = |app: App| HuggingFace::new(app).start();
    assert!(matches!(start(App::new("app")).await, Err(StartError::KeysMissing)));
    for secret in ["", " ", "short", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let error = start(App::new("app").with_client_secret(secret)).await.unwrap_err();
        assert!(matches!(error, StartError::Keys { .. }), "{error}");
    }
    for variable in ["short", ",", "0123456789abcdef0123456789abcdef,short"] {
        let error = HuggingFace::from_vars(|name| match name {
            "OAUTH_CLIENT_ID" => Some("app".to_owned()),
            "OAUTH_SESSION_KEYS" => Some(variable.to_owned()),
            _ => None,
        });
        assert!(matches!(error.start().await, Err(StartError::Keys { .. })), "{variable}");
    }
    assert!(HuggingFace::new(App::new("app")).with_keys(keys("a")).start().await.is_ok());
    assert!(start(App::new("app").with_client_secret(SECRET)).await.is_ok());
}

async fn row_081_the_local_hub_is_only_asked_for_explicitly_and_only_on_this_machine(adapter: Adapter) {
    let nothing = || HuggingFace::from_vars(|_| None);
    let error = nothing().start().await.unwrap_err();
    assert!(matches!(error, StartError::NotConfigured { .. }));
    for way in ["hf_oauth: true", "OAUTH_CLIENT_ID", ".local_hub()"] {
        assert!(error.to_string().contains(way), "{error}");
    }
    let public = nothing().local_hub().with_public_url("https://app.example.com").start().await;
    assert!(matches!(public, Err(StartError::LocalHubElsewhere { .. })));
    let in_space = HuggingFace::from_vars(|name| (name == "SPACE_ID").then(|| "ada/app".to_owned()));
    let error = in_space.local_hub().start().await.unwrap_err();
    assert!(
        matches!(error, StartError::Environment { .. }) && error.to_string().contains("OAUTH_CLIENT_ID"),
        "{error}"
    );

    let auth = nothing().local_hub().start().await.unwrap();
    let app = adapter.serve(auth, Shape::Attached, Gate::new());
    for host in ["192.168.1.5:7860", "0.0.0.0:7860", "my-laptop.local"] {
        assert_eq!(Browser::new(&app).at(host).get(LOGIN).await.code(), "host_unknown");
    }
    // Somebody who has an app configured uses that.
    let configured = HuggingFace::from_vars(|name| match name {
        "OAUTH_CLIENT_ID" => Some("real".to_owned()),
        "OAUTH_CLIENT_SECRET" => Some(SECRET.to_owned()),
        _ => None,
    });
    let auth = configured.local_hub().start().await.unwrap();
    assert_eq!(auth.client().issuer().as_str(), "https://huggingface.co");
}

async fn a_target_in_absolute_form_must_name_the_host_of_the_request(adapter: Adapter) {
    let world = World::new(adapter).await;
    let ask = async |target: &str, host: &str| {
        let request = http::Request::get(target).header("host", host).header("accept", "text/html");
        browser::send(&world.app, request.body("".into()).unwrap()).await
    };
    let here = format!("http://localhost:7860{LOGIN}");
    let started = ask(&here, "localhost:7860").await;
    assert_eq!(redirect_uri(started.location()), format!("http://localhost:7860{CALLBACK}"));
    for (target, host) in [
        (here.as_str(), "evil.example"),
        (here.as_str(), "localhost:7861"),
        (&format!("http://evil.example{LOGIN}"), "localhost:7860"),
        (&format!("http://evil.example{LOGIN}"), "evil.example"),
    ] {
        let refused = ask(target, host).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code().as_str()),
            (400, "host_unknown"),
            "{target} {host}"
        );
        assert!(refused.set_cookies().is_empty() && !refused.body.contains("evil"));
    }
}

#[tokio::test]
async fn errors_of_the_start_read_as_sentences_from_main() {
    let from = |pairs: &'static [(&'static str, &'static str)]| {
        HuggingFace::from_vars(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    };
    for (settings, says) in [
        (from(&[]), "set OAUTH_CLIENT_ID"),
        (from(&[("OAUTH_CLIENT_ID", "app")]), "Set OAUTH_SESSION_KEYS"),
        (
            from(&[("OAUTH_CLIENT_ID", "app"), ("OAUTH_SESSION_KEYS", "short")]),
            "session keys cannot be used: ",
        ),
        (from(&[("OAUTH_CLIENT_ID", "app"), ("OAUTH_CLIENT_SECRET", "1234567890123456")]), "session keys"),
        (from(&[("SPACE_ID", "ada/app")]), "OAUTH_CLIENT_ID"),
        (
            from(&[("OAUTH_CLIENT_ID", "app")]).with_keys(keys("a")).with_public_url("x"),
            "https://app.example.com: ",
        ),
        (from(&[("OAUTH_CLIENT_ID", "app")]).with_keys(keys("a")).with_prefix("x"), "such as /app"),
        (from(&[("OAUTH_CLIENT_ID", "app")]).with_keys(keys("a")).with_cookie_name("a;b"), "cookie name"),
    ] {
        let error = settings.start().await.unwrap_err();
        // What `fn main() -> Result<(), StartError>` prints.
        let printed = format!("{error:?}");
        assert!(printed.starts_with("sign-in: ") && printed.contains(says), "{printed}");
        assert!(printed.starts_with(&error.to_string()) && !printed.contains(['{', '}']), "{printed}");
    }
}

#[tokio::test]
async fn a_provider_without_a_client_starts_no_local_hub() {
    for variable in ["OPENID_PROVIDER_URL", "OAUTH_CLIENT_SECRET"] {
        let settings =
            HuggingFace::from_vars(|name| (name == variable).then(|| "https://id.example.com".to_owned()));
        let error = settings.local_hub().start().await.unwrap_err();
        assert!(matches!(error, StartError::ClientIdMissing { .. }), "{error:?}");
        assert!(
            error.to_string().contains(variable) && error.to_string().contains("OAUTH_CLIENT_ID"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn settings_that_cannot_work_are_found_at_the_start() {
    let app = || HuggingFace::new(App::new("app").with_client_secret(SECRET));
    for url in [
        "app.example.com",
        "http://app.example.com",
        "https://app.example.com/path",
        "https://a@b.example",
        "",
    ] {
        let error = app().with_public_url(url).start().await.unwrap_err();
        assert!(matches!(error, StartError::PublicUrl { .. }), "{url}: {error}");
    }
    for prefix in ["x", "/a b", "/a?b", "/{a}"] {
        assert!(matches!(app().with_prefix(prefix).start().await, Err(StartError::Path)), "{prefix}");
    }
    let path = app().with_callback_path("/oauth/huggingface/logout").start().await;
    assert!(matches!(path, Err(StartError::Path)));
}

async fn prefix_and_callback_path_move_the_routes_and_the_redirect_uri(adapter: Adapter) {
    let world = World::with(adapter, |settings| settings.with_prefix("/x")).await;
    assert_eq!(world.auth.redirect_uri().as_str(), "http://localhost/x/oauth/huggingface/callback");
    assert_eq!(world.browser().get("/x/oauth/huggingface/login").await.status, 303);
    assert_eq!(world.browser().get(LOGIN).await.status, 404);
    assert!(world.auth.sign_in_button("/a").contains("\"/x/oauth/huggingface/login?_target_url=%2Fa\""));

    let world = World::with(adapter, |settings| {
        settings.with_callback_path("/login/callback").with_public_url("https://app.example.com")
    })
    .await;
    assert_eq!(world.auth.redirect_uri().as_str(), "https://app.example.com/login/callback");
    world.hub.add_app(
        hf_oauth_hub::AppConfig::confidential("app", SECRET)
            .redirect_uri("https://app.example.com/login/callback"),
    );
    let mut browser = world.browser();
    assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
}

async fn a_redirect_uri_of_the_app_says_where_the_app_is(adapter: Adapter) {
    let uri = "https://app.example.com/cb?_target_url=%2F";
    let app = App::new("app").with_client_secret(SECRET).with_redirect_uri(hf_oauth_redirect(uri));
    let auth = HuggingFace::new(app).start().await.unwrap();
    assert_eq!(auth.redirect_uri().as_str(), uri);
    let app = adapter.serve(auth, Shape::Attached, Gate::new());
    let answer = Browser::new(&app).at("app.example.com").get("/cb?code=a").await;
    assert_eq!(answer.code(), "state_missing");
}

fn hf_oauth_redirect(uri: &str) -> hf_oauth_web::RedirectUri {
    hf_oauth_web::RedirectUri::parse(uri).unwrap()
}

on_every_adapter! {
    row_015_switching_the_account_begins_at_the_app_s_own_address_too,
    a_target_in_absolute_form_must_name_the_host_of_the_request,
    row_015_an_unknown_host_is_a_page_that_names_the_setting,
    row_015_a_loopback_host_is_used_as_it_came_and_nothing_of_it_is_kept,
    row_015_a_configured_address_listens_to_no_request,
    row_081_the_local_hub_is_only_asked_for_explicitly_and_only_on_this_machine,
    prefix_and_callback_path_move_the_routes_and_the_redirect_uri,
    a_redirect_uri_of_the_app_says_where_the_app_is,
}
