//! A browser that loses its cookies, once or always.

use super::local_app;
use crate::support::browser::{Browser, Settings};
use crate::support::demo::Demo;
use crate::support::hub::Hub;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN};

#[tokio::test]
async fn row_089_a_browser_that_keeps_no_cookie_gets_an_explanation_after_one_restart() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    // The Hub is on `localhost`, and keeps its own.
    let app = demo.url.replace("localhost", "127.0.0.1");
    let settings = Settings { no_cookies_on: Some("127.0.0.1"), ..Settings::default() };
    Browser::run_with(settings, "no-cookies", async |browser| {
        browser.open(&app).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.find(APPROVE).await;
        browser.navigations().await;
        browser.click(APPROVE).await;
        browser
            .reads(&["Your browser did not keep the sign-in cookie", "login_lost", "Open in a new tab"])
            .await;
        let navigations = browser.navigations().await;
        // Consent, callback, the Hub once more, callback.
        assert_eq!(navigations.len(), 4, "{navigations:#?}");
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 0, "no code was redeemed");
        browser.screen(390, 844).await;
        browser.fits("login lost").await;
        browser.picture("login-lost-390").await;
        assert_eq!(browser.cookies(&app).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn row_089_a_login_whose_cookie_is_gone_at_the_callback_is_begun_again_once() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    Browser::run("cookie-gone", async |browser| {
        browser.go_to_consent(&demo, "ada").await;
        let pending = browser.cookies(&demo.url).await;
        let pending: Vec<_> = pending.iter().filter(|name| name.contains("_login_")).collect();
        assert_eq!(pending.len(), 1, "{pending:?}");
        browser.delete_cookie(&demo.url, pending[0]).await;
        browser.navigations().await;
        browser.click(APPROVE).await;
        browser.find(PROFILE).await;
        let navigations = browser.navigations().await;
        assert_eq!(
            navigations.len(),
            5,
            "consent, callback, the Hub, callback, front page: {navigations:#?}"
        );
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_loses_all_cookies_is_signed_out_and_told_so() {
    let demo = Demo::start();
    Browser::run("cookies-gone", async |browser| {
        browser.sign_in(&demo, "grace").await;
        browser.delete_all_cookies().await;
        browser.type_into("#prompt", "Who am I?").await;
        browser.click("#send").await;
        browser.reads(&["Your sign-in has ended. Sign in again"]).await;
        browser.navigations().await;
        browser.reload().await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.navigations().await, [format!("{}/", demo.url)]);
        assert_eq!(browser.fetch("/api/me").await.0, 401);

        // Also the Hub's own, on its consent page.
        browser.go_to_consent(&demo, "ada").await;
        browser.delete_all_cookies().await;
        browser.navigations().await;
        browser.click(APPROVE).await;
        browser.reads(&["out of date"]).await;
        assert_eq!(browser.navigations().await.len(), 1);
    })
    .await;
}
