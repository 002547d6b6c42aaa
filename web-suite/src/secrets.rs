//! Nothing secret is ever said.

use hf_oauth_hub::{Endpoint, Fault};
use hf_oauth_web::{App, HuggingFace};
use http::Method;

use crate::adapter::Adapter;
use crate::browser::Answer;
use crate::log::listen;
use crate::world::{CALLBACK, LOGIN, LOGOUT, SECRET, World, hub, keys, settings};

fn param(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn row_062_no_secret_is_in_a_log_a_page_or_a_header(adapter: Adapter) {
    let (log, _listening) = listen();
    let world = World::new(adapter).await;
    let mut secrets = vec![("client secret", SECRET.to_owned())];
    let mut pages: Vec<Answer> = Vec::new();
    let faults = [
        None,
        Some(Fault::status(500).on(Endpoint::Token)),
        Some(
            Fault::body(
                400,
                "application/json",
                format!(r#"{{"error":"invalid_grant","error_description":"{SECRET}"}}"#),
            )
            .on(Endpoint::Token),
        ),
        Some(Fault::bad_signature()),
        Some(Fault::status(500).on(Endpoint::Userinfo)),
        Some(Fault::cut_body().on(Endpoint::Token)),
    ];
    for fault in faults {
        let mut browser = world.browser();
        let started = browser.get(LOGIN).await;
        let back = world.hub.approve(started.location(), "ada").await.unwrap();
        secrets.push(("state", param(started.location(), "state").unwrap()));
        secrets.push(("nonce", param(started.location(), "nonce").unwrap()));
        secrets.push(("code", param(&back, "code").unwrap()));
        fault.into_iter().for_each(|fault| world.hub.fault(fault.times(1)));
        pages.push(browser.get(&format!("{back}&code=again")).await);
        pages.push(browser.get(&back).await);
        pages.push(browser.get(&back).await);
        let me = browser.fetch("/me").await;
        if me.status == 200 {
            secrets.push(("access token", me.json()["token"].as_str().unwrap().to_owned()));
        }
        secrets.extend(
            browser.cookies().into_iter().map(|pair| ("cookie", pair.split_once('=').unwrap().1.to_owned())),
        );
        world.hub.fault(Fault::status(503).on(Endpoint::Token).times(1));
        world.clock.advance(28_800);
        pages.push(browser.get("/closed").await);
        world.clock.advance(10);
        let renewed = browser.fetch("/me").await;
        if renewed.status == 200 {
            secrets.push(("access token", renewed.json()["token"].as_str().unwrap().to_owned()));
            secrets.extend(
                browser
                    .cookies()
                    .into_iter()
                    .map(|pair| ("cookie", pair.split_once('=').unwrap().1.to_owned())),
            );
        }
        world.hub.disconnect("ada", "app");
        world.clock.advance(28_800);
        pages.push(browser.fetch("/me").await);
        pages.push(browser.send(Method::POST, LOGOUT, &[("sec-fetch-site", "same-origin")], "").await);
    }
    pages.push(world.browser().get(&format!("{CALLBACK}?code=canary-code&state=canary-state")).await);
    secrets.push(("forged code", "canary-code".to_owned()));
    assert!(secrets.iter().filter(|(what, _)| *what == "access token").count() >= 2);
    let said = log.text();
    assert!(said.contains("sign-in failed") && said.contains("at this redirect URI"), "the log was heard");
    let debug = format!("{:?}{:#?}", world.auth, world.auth);
    for (what, secret) in secrets.iter().filter(|(_, secret)| secret.len() >= 8) {
        // What the Hub's own server logs is not ours, and it hears of state and code only.
        let ours = said.lines().filter(|line| {
            line.contains("hf_oauth_") && !line.contains("hf_oauth_hub") || line.contains("hf_oauth:")
        });
        for line in ours {
            assert!(!line.contains(secret.as_str()), "{what} in {line}");
        }
        assert!(!debug.contains(secret.as_str()), "{what}");
        for page in &pages {
            assert!(!page.body.contains(secret.as_str()), "{what} on a page: {}", page.body);
            let elsewhere =
                page.headers.iter().filter(|(name, _)| *name != "set-cookie" && *name != "location");
            for (_, value) in elsewhere {
                assert!(!value.to_str().unwrap().contains(secret.as_str()), "{what} in a header");
            }
        }
    }
}

async fn row_062_nothing_at_all_logs_a_token_or_the_client_secret(adapter: Adapter) {
    let (log, _listening) = listen();
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let token = browser.fetch("/me").await.json()["token"].as_str().unwrap().to_owned();
    world.clock.advance(28_800);
    let next = browser.fetch("/me").await.json()["token"].as_str().unwrap().to_owned();
    assert_ne!(token, next);
    let said = log.text();
    assert!(said.lines().count() > 10, "TRACE is on");
    for secret in [token.as_str(), next.as_str(), SECRET] {
        assert!(!said.contains(secret), "dependencies included");
    }
    for cookie in browser.cookies() {
        assert!(!said.contains(cookie.split_once('=').unwrap().1));
    }
}

#[tokio::test]
async fn the_start_says_in_one_line_what_to_register() {
    let (log, _listening) = listen();
    let at_hugging_face = || HuggingFace::new(App::new("app")).with_keys(keys("a"));
    let space = HuggingFace::from_vars(|name| {
        let (_, value) = [
            ("OAUTH_CLIENT_ID", "space"),
            ("OAUTH_CLIENT_SECRET", SECRET),
            ("OAUTH_SCOPES", "inference-api"),
            ("OPENID_PROVIDER_URL", "https://huggingface.co"),
            ("SPACE_HOST", "ada-app.hf.space"),
            ("SPACE_ID", "ada/app"),
        ]
        .into_iter()
        .find(|(key, _)| *key == name)?;
        Some(value.to_owned())
    });
    for (settings, profile, uri) in [
        (at_hugging_face(), "http", "http://localhost/oauth/huggingface/callback"),
        (
            at_hugging_face().with_public_url("https://app.example.com"),
            "https",
            "https://app.example.com/oauth/huggingface/callback",
        ),
        (space, "space", "https://ada-app.hf.space/oauth/huggingface/callback"),
    ] {
        settings.start().await.unwrap();
        let said = log.take();
        let line = said.lines().find(|line| line.contains("register this redirect URI")).unwrap();
        assert!(line.contains("INFO"), "{line}");
        for part in
            ["https://huggingface.co", &format!("cookies=\"{profile}\""), &format!("redirect_uri=\"{uri}\"")]
        {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    // A Hub on this machine has nothing that anybody would have to register.
    let (hub, clock) = hub().await;
    log.take();
    settings(&hub, &clock).start().await.unwrap();
    let said = log.take();
    assert!(said.contains("Sign in with a Hub on this machine") && !said.contains("register this"), "{said}");
}

on_every_adapter! {
    row_062_no_secret_is_in_a_log_a_page_or_a_header,
    row_062_nothing_at_all_logs_a_token_or_the_client_secret,
}
