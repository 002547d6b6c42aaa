//! Less than everything: declined, a permission missing, access taken away, a token that ends.

use serde_json::json;

use super::local_app;
use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::hub::Hub;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN};
use crate::support::{PATIENCE, within};

#[tokio::test]
async fn who_declines_gets_clear_words_and_ways_on() {
    let demo = Demo::start();
    Browser::run("declined", async |browser| {
        let decline = async || {
            browser.click("button[value=deny]").await;
            browser.reads(&["You did not give access", "Nothing was shared", "access_denied"]).await;
        };
        browser.go_to_consent(&demo, "ada").await;
        decline().await;
        browser.navigations().await;
        browser.reload().await;
        let again = browser.navigations().await;
        assert!(again.len() <= 2, "no loop, and nobody is asked again unasked: {again:?}");
        browser.open(&demo.at("/api/me")).await;
        browser.reads(&["unauthenticated"]).await;

        browser.go_to_consent_again(&demo).await;
        decline().await;
        browser.click_words("Switch account").await;
        browser.reads(&["Who do you want to be?"]).await;
        browser.click("button.person[value=grace]").await;
        browser.find(APPROVE).await;
        decline().await;
        browser.click_words("Back to the app").await;
        browser.find(SIGN_IN).await;

        browser.go_to_consent_again(&demo).await;
        decline().await;
        browser.click_words("Try again").await;
        browser.find(APPROVE).await;
        browser.approve().await;
        browser.reads(&["Grace Hopper"]).await;
    })
    .await;
}

#[tokio::test]
async fn who_did_not_allow_inference_is_told_so_and_can_allow_it() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    Browser::run("missing-scope", async |browser| {
        // The Hub grants less than was asked for, twice.
        let less = json!({ "endpoint": "token", "times": 2, "json": { "scope": "openid profile" } });
        hub.control("faults", less).await;
        browser.sign_in(&demo, "ada").await;
        browser.reads(&["You did not allow this app to run inference", "Allow it"]).await;
        assert_eq!(browser.count("#prompt").await, 0);
        browser.picture("missing-scope").await;

        browser.click("a[href='/inference']").await;
        browser.find(APPROVE).await;
        browser.reads(&["inference-api"]).await;
        browser.navigations().await;
        browser.click(APPROVE).await;
        browser.reads(&["This page needs another permission", "scope_missing"]).await;
        let navigations = browser.navigations().await;
        assert!(navigations.len() <= 4, "no loop: {navigations:?}");
        browser.picture("missing-scope-again").await;
        browser.click_words("Back to the app").await;
        browser.reads(&["You did not allow this app to run inference"]).await;

        // It is not asked for a second time unasked.
        browser.click("a[href='/inference']").await;
        browser.reads(&["This page needs another permission", "inference-api"]).await;
        browser.click_words("Try again").await;
        browser.find("#prompt").await;
        let texts = browser.ask("May I?").await;
        assert!(texts.last().unwrap().contains("May I?"), "{texts:?}");
    })
    .await;
}

#[tokio::test]
async fn who_takes_access_away_in_the_hub_is_signed_out_in_clear_words() {
    let demo = Demo::start();
    Browser::run("revoked", async |browser| {
        browser.sign_in(&demo, "ada").await;
        let profile = browser.tab().await;
        let settings = browser.find("a[href$='/settings/connected-applications']").await;
        let settings = settings.prop("href").await.unwrap().unwrap();
        browser.new_tab().await;
        browser.open(&settings).await;
        browser.click("button[value=local-app]").await;
        browser.reads(&["No app has access"]).await;

        browser.go_to_tab(&profile).await;
        browser.type_into("#prompt", "Am I still welcome?").await;
        browser.click("#send").await;
        browser.reads(&["Your sign-in has ended. Sign in"]).await;
        browser.picture("revoked").await;
        browser.click("#problem a").await;
        browser.find(APPROVE).await;
        browser.approve().await;
        assert!(browser.ask("And now?").await.last().unwrap().contains("And now?"));
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_with_its_token_in_clear_words() {
    let hub = Hub::start(&local_app(""));
    let demo = Demo::of_provider(&hub.url, "local-app", &[]);
    Browser::run("expired", async |browser| {
        let brief = json!({ "expires_in": 8, "refresh_token": null });
        hub.control("faults", json!({ "endpoint": "token", "times": 1, "json": brief })).await;
        browser.sign_in(&demo, "grace").await;
        browser.reads(&["The token ends in", " s."]).await;
        // The page says so by itself. No token is taken for shorter than a minute.
        let said = async || (!browser.text("#problem").await.is_empty()).then_some(());
        within(PATIENCE * 2, "words at the end of the token", said).await;
        browser.reads(&["Your sign-in has ended. Sign in again to go on."]).await;
        assert_eq!(browser.text("#remaining").await, "0 s");
        assert_eq!(browser.fetch("/api/me").await.0, 401);
        browser.type_into("#prompt", "Too late?").await;
        browser.click("#send").await;
        browser.reads(&["Your sign-in has ended. Sign in again to go on."]).await;
        browser.picture("expired").await;
        browser.reload().await;
        browser.find(SIGN_IN).await;
        // Consent stands: one click is enough.
        browser.click(SIGN_IN).await;
        browser.find(PROFILE).await;
    })
    .await;
}
