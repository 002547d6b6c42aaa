//! The page in the eyes of axe-core and html-validate, in all its states.

use serde_json::json;

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::{Browser, Inspection};

#[tokio::test]
async fn every_state_of_the_page_is_accessible_and_valid() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("accessible-page", async |browser| {
        let Some(mut inspection) = Inspection::new(browser) else { return };
        browser.open(&page.url).await;
        browser.find(SIGN_IN).await;
        inspection.page("page-signed-out").await;
        browser.page_to_consent(&page.url, "ada").await;
        browser.click("button[value=deny]").await;
        browser.reads(&["You did not give access"]).await;
        inspection.page("page-denied").await;
        browser.click(SIGN_IN).await;
        browser.page_approve().await;
        inspection.page("page-signed-in").await;
        browser.ask("Why is the sky blue?").await;
        inspection.page("page-answered").await;
        let said =
            json!({ "status": 404, "content_type": "application/json", "text": "{\"error\":\"Not Found\"}" });
        hub.fault(json!({ "endpoint": "chat_completions", "times": 1, "body": said })).await;
        browser.click("#retry").await;
        browser.reads(&["No provider runs this model"]).await;
        inspection.page("page-no-model").await;
        hub.control("apps", json!({ "client_id": "page", "redirect_uris": ["http://localhost/elsewhere"] }))
            .await;
        browser.click("#sign-out").await;
        browser.click(SIGN_IN).await;
        browser.reads(&["elsewhere"]).await;
        browser.back().await;
        browser.reads(&["You came back without an answer"]).await;
        assert_eq!(browser.count(&format!("{NAME}:not(:empty)")).await, 0);
        // What was sent last is the Hub's page; this one was there before.
        browser.navigations().await;
        inspection.page("page-came-back").await;
        inspection.end();
    })
    .await;
}

/// 200 organisations are a list that scrolls, and a keyboard gets into it.
#[tokio::test]
async fn a_person_with_very_many_organisations_is_shown_whole() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("accessible-page-many", async |browser| {
        let Some(mut inspection) = Inspection::new(browser) else { return };
        browser.page_to_consent(&page.url, "linus").await;
        browser.click("button[value=all]").await;
        browser.find("input[name='org[]']:checked").await;
        browser.click("button[value=approve]").await;
        browser.reads(&["Linus Pauling", "Organisations 200", "Laboratory 200"]).await;
        inspection.page("page-many-organisations").await;
        inspection.end();
    })
    .await;
}
