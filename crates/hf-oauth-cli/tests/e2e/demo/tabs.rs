//! Several tabs, and the way back.

use super::local_app;
use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::hub::Hub;
use crate::support::steps::{PROFILE, SIGN_IN};

#[tokio::test]
async fn row_071_ten_tabs_begun_at_once_from_an_empty_jar_all_finish_in_any_order() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    Browser::run("ten-tabs", async |browser| {
        let mut tabs = Vec::new();
        for _ in 0..10 {
            tabs.push(browser.new_tab().await);
            browser.open(&demo.url).await;
            browser.click(SIGN_IN).await;
            browser.find("button.person[value=ada]").await;
        }
        let (first, rest) = (tabs[6].clone(), [9, 0, 3, 1, 8, 2, 7, 5, 4].map(|number| tabs[number].clone()));
        browser.go_to_tab(&first).await;
        browser.click("button.person[value=ada]").await;
        browser.approve().await;
        for tab in rest {
            browser.go_to_tab(&tab).await;
            // The Hub knows by now who this is.
            browser.reload().await;
            browser.find(PROFILE).await;
            browser.reads(&["Ada Lovelace"]).await;
        }
        let exchanges = hub.requests_to("/oauth/token").await;
        assert_eq!(exchanges.len(), 10, "one login a tab");
        assert!(exchanges.iter().all(|exchange| exchange.outcome().0 == 200), "{exchanges:?}");
        assert_eq!(browser.fetch("/api/me").await.0, 200);
        println!("cookies at the end: {:?}", browser.cookies(&demo.url).await);
    })
    .await;
}

#[tokio::test]
async fn row_003_the_way_back_after_a_login_leads_to_no_error_and_no_loop() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    Browser::run("back", async |browser| {
        browser.sign_in(&demo, "ada").await;
        for _ in 0..2 {
            browser.navigations().await;
            browser.back().await;
            browser.reads(&["Ada Lovelace"]).await;
            let navigations = browser.navigations().await;
            assert!(navigations.len() <= 4, "{navigations:?}");
            println!("{navigations:#?}");
        }
        browser.open(&demo.url).await;
        browser.reads(&["Ada Lovelace", "The token ends in"]).await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1, "no code was redeemed twice");

        browser.click("form[action$='/logout'] button").await;
        browser.find(SIGN_IN).await;
        browser.back().await;
        browser.reads(&["Sign in with Hugging Face"]).await;
        assert_eq!(browser.count(PROFILE).await, 0, "nothing of the profile is left in the browser");
    })
    .await;
}
