//! Several instances behind one address, and a proxy in front, as browsers meet them.

use std::collections::BTreeSet;

use super::local_app;
use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::front::{InTurns, Nginx};
use crate::support::hub::Hub;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN};

fn instances(hub: &Hub, keys: [&str; 2]) -> [Demo; 2] {
    keys.map(|name| {
        let keys = format!("{name}-0123456789abcdefghijklmnopqrstuvwxyz");
        Demo::of_provider(&hub.url, "local-app", &[("OAUTH_SESSION_KEYS", &keys)])
    })
}

/// How many logins the browser was sent to the Hub with.
async fn logins(hub: &Hub) -> usize {
    let requests = hub.requests_to("/oauth/authorize").await;
    let states: BTreeSet<_> = requests.iter().filter_map(|request| request.param("state")).collect();
    states.len()
}

#[tokio::test]
async fn row_163_two_instances_with_different_keys_in_turns_end_with_a_page() {
    let hub = Hub::start(&local_app(""));
    let instances = instances(&hub, ["one", "two"]);
    let front = InTurns::start(&instances);
    Browser::run("two-instances-two-keys", async |browser| {
        browser.open(&front.url).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.click(APPROVE).await;
        // The second visit to the Hub passes by itself, or asks once more.
        browser.reads(&["did not keep the sign-in cookie", "runs several times with different"]).await;
        assert_eq!(logins(&hub).await, 2, "two visits, and no more");
        assert!(hub.requests_to("/oauth/token").await.is_empty(), "no code was redeemed");
        let url = browser.url().await;
        assert!(!url.contains("code=") && !url.contains("state="), "{url}");
        let warned = |demo: &Demo| demo.program.everything().contains("OAUTH_SESSION_KEYS");
        assert!(instances.iter().any(warned), "the log says what to set");
    })
    .await;
}

#[tokio::test]
async fn row_163_two_instances_with_the_same_keys_in_turns_are_one_app() {
    let hub = Hub::start(&local_app(""));
    let instances = instances(&hub, ["same", "same"]);
    let front = InTurns::start(&instances);
    Browser::run("two-instances-one-key", async |browser| {
        browser.open(&front.url).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.approve().await;
        for _ in 0..5 {
            browser.reload().await;
            browser.find(PROFILE).await;
        }
        assert_eq!(logins(&hub).await, 1);
    })
    .await;
}

/// Ten tabs of one browser, begun before the first is finished: where each ended.
async fn ten_tabs(browser: &Browser, front: &Nginx, length: usize) -> Vec<(String, String)> {
    let wish = |tab: usize| {
        let start = format!("/?tab={tab}&");
        format!("{start}{}", "x".repeat(length - start.len()))
    };
    let mut tabs = Vec::new();
    for tab in 0..10 {
        tabs.push(browser.new_tab().await);
        let target: String = url::form_urlencoded::byte_serialize(wish(tab).as_bytes()).collect();
        browser.open(&format!("{}/oauth/huggingface/login?_target_url={target}", front.url)).await;
        browser.find("button.person[value=ada]").await;
    }
    let mut ended = Vec::new();
    for (number, tab) in tabs.iter().enumerate().rev() {
        browser.go_to_tab(tab).await;
        if ended.is_empty() {
            browser.click("button.person[value=ada]").await;
            browser.approve().await;
        } else {
            // The Hub knows by now who this is.
            browser.reload().await;
            browser.find(PROFILE).await;
        }
        let url = browser.url().await;
        ended.push((wish(number), url.strip_prefix(&front.url).unwrap_or(&url).to_owned()));
    }
    ended
}

#[tokio::test]
async fn row_169_ten_tabs_with_long_paths_behind_nginx_finish_where_they_began() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    let Some(front) = Nginx::start(&demo) else { return };
    Browser::run("ten-tabs-behind-nginx", async |browser| {
        for (wish, end) in ten_tabs(browser, &front, 340).await {
            assert_eq!(end, wish);
        }
    })
    .await;
}

#[tokio::test]
async fn row_169_ten_tabs_with_longer_paths_behind_nginx_finish_at_home() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    let Some(front) = Nginx::start(&demo) else { return };
    Browser::run("ten-tabs-at-home-behind-nginx", async |browser| {
        for (_, end) in ten_tabs(browser, &front, 2_000).await {
            assert_eq!(end, "/");
        }
    })
    .await;
}
