//! What an app does works in its frame as in a tab.

use serde_json::json;

use super::{APPROVE, BLOCKING, PROFILE, SIGN_IN, choose, open, reload, sign_in, sign_out, who};
use crate::support::browser::{Browser, Settings};
use crate::support::http;
use crate::support::space::{Plan, Spaces};
use crate::support::{PATIENCE, within};

#[tokio::test]
async fn row_200_forms_and_streams_work_in_the_frame_of_a_hub_that_isolates_its_windows() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    let policy = http::get(&app.page).await.headers().get("cross-origin-opener-policy").cloned();
    assert_eq!(policy.unwrap(), "same-origin");
    Browser::run_with(BLOCKING, "space-uses", async |browser| {
        open(browser, &app).await;
        sign_in(browser, "ada").await;
        let texts = browser.ask("Why is the sky blue?").await;
        assert!(texts.len() > 2 && texts.last().unwrap().contains("Hello Ada Lovelace"), "{texts:?}");
        assert_eq!(browser.fetch("/api/me").await.0, 200);
        // Another person in the same frame; the Hub's own page is in it meanwhile.
        browser.click_words("Switch account").await;
        browser.reads(&["Who do you want to be?"]).await;
        choose(browser, "grace").await;
        assert_eq!(who(browser).await.as_deref(), Some("grace"));
        reload(browser).await;
        browser.reads(&["Grace Hopper"]).await;
        browser.leave_frame().await;
        assert_eq!(browser.url().await, app.page, "the page around it stayed");
    })
    .await;
}

#[tokio::test]
async fn what_was_not_allowed_is_asked_for_later_in_the_frame() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-step-up", async |browser| {
        let less = json!({ "endpoint": "token", "times": 1, "json": { "scope": "openid profile" } });
        hub.control("faults", less).await;
        open(browser, &app).await;
        sign_in(browser, "ada").await;
        browser.reads(&["You did not allow this app to run inference"]).await;
        browser.click("a[href='/inference']").await;
        browser.find(APPROVE).await;
        browser.reads(&["inference-api"]).await;
        browser.click(APPROVE).await;
        browser.find("#prompt").await;
        let texts = browser.ask("May I?").await;
        assert!(texts.last().unwrap().contains("May I?"), "{texts:?}");
        reload(browser).await;
        browser.find("#prompt").await;
    })
    .await;
}

#[tokio::test]
async fn a_token_that_ends_is_renewed_in_the_frame() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-refresh", async |browser| {
        // No token is taken for shorter than a minute, and the last tenth of its life is for renewing it.
        let brief = json!({ "endpoint": "token", "times": 1, "json": { "expires_in": 8 } });
        hub.control("faults", brief).await;
        open(browser, &app).await;
        sign_in(browser, "ada").await;
        let renewed = async || {
            assert_eq!(who(browser).await.as_deref(), Some("ada"));
            (hub.requests_to("/oauth/token").await.len() > 1).then_some(())
        };
        within(PATIENCE * 2, "a token that is renewed", renewed).await;
        reload(browser).await;
        browser.find(PROFILE).await;
        let asked = hub.requests_to("/oauth/token").await;
        let grants: Vec<_> = asked.iter().map(|entry| entry.param("grant_type").unwrap()).collect();
        assert_eq!(grants, ["authorization_code", "refresh_token"], "once, and what came of it is kept");
        assert!(browser.text("#remaining").await.contains(" h "), "a long-lived one");
    })
    .await;
}

/// The driver's own script runs beside the page, so the page must say by itself who is signed in.
#[tokio::test]
async fn without_any_script_somebody_signs_in_asks_and_signs_out_in_the_frame() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    let settings = Settings { no_script: true, ..BLOCKING };
    Browser::run_with(settings, "space-no-script", async |browser| {
        open(browser, &app).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=grace]").await;
        browser.click(APPROVE).await;
        browser.reads(&["Grace Hopper", "@grace"]).await;
        reload(browser).await;
        browser.reads(&["Grace Hopper"]).await;
        // A form of the page itself, without a script between.
        browser.type_into("#prompt", "Without a script?").await;
        browser.click("#send").await;
        browser.reads(&["Hello Grace Hopper", "Without a script?"]).await;
        reload(browser).await;
        sign_out(browser).await;
        reload(browser).await;
        browser.find(SIGN_IN).await;
    })
    .await;
}
