//! What can go wrong with signing in, in words, each with the way to mend it.

use serde_json::json;

use super::files::{index, serve};
use super::steps::{NAME, SIGN_IN, configured, hub, page_of};
use crate::support::browser::Browser;
use crate::support::hub::Hub;

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_is_said_when_the_person_comes_back() {
    let hub =
        Hub::start("[[apps]]\nclient_id = \"page\"\nredirect_uris = [\"http://localhost/elsewhere\"]\n");
    let page = page_of(&hub);
    Browser::run("page-mismatch", async |browser| {
        browser.open(&page.url).await;
        browser.click(SIGN_IN).await;
        browser.reads(&[&format!("{}/", page.url)]).await;
        browser.back().await;
        browser.reads(&["You came back without an answer", "redirect URI", &format!("{}/", page.url)]).await;
        assert_eq!(browser.text("#problem .copied code").await, format!("{}/", page.url));
        browser.picture("page-mismatch").await;
        // It is said once.
        browser.reload().await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.count("#problem:not([hidden])").await, 0);
        // And mended as it says.
        hub.control("apps", json!({ "client_id": "page", "redirect_uris": [format!("{}/", page.url)] }))
            .await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.page_approve().await;
    })
    .await;
}

#[tokio::test]
async fn who_declines_is_told_so_once_and_can_change_their_mind() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-declined", async |browser| {
        browser.page_to_consent(&page.url, "ada").await;
        browser.click("button[value=deny]").await;
        browser.reads(&["You did not give access", "Nothing was shared"]).await;
        assert_eq!(browser.url().await, format!("{}/", page.url), "the address is clean after a denial too");
        assert!(hub.requests_to("/oauth/token").await.is_empty());
        browser.reload().await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.count("#problem:not([hidden])").await, 0);
        browser.click(SIGN_IN).await;
        browser.page_approve().await;
    })
    .await;
}

#[tokio::test]
async fn a_page_without_a_client_id_says_what_to_paste() {
    let hub = hub("");
    let page = serve(vec![("index.html", index(&hub.url)), ("config.js", String::new())]);
    Browser::run("page-no-client-id", async |browser| {
        browser.open(&page).await;
        browser
            .reads(&["OAuth client ID not configured", "window.HF_OAUTH_CLIENT_ID = ", "Create an app"])
            .await;
        browser.find("#sign-in:disabled").await;
        assert_eq!(browser.text("#redirect-uri").await, format!("{page}/"));
        browser.picture("page-no-client-id").await;
    })
    .await;
}

/// A static Space says which app it is; nothing has to be pasted.
#[tokio::test]
async fn a_static_spaces_variables_are_enough() {
    let hub = hub("");
    let variables = json!({ "OAUTH_CLIENT_ID": "page", "OAUTH_SCOPES": "openid profile", "OPENID_PROVIDER_URL": hub.url });
    let config = format!("window.huggingface = {{ variables: {variables} }};");
    let page = serve(vec![("index.html", index(&hub.url)), ("config.js", config)]);
    Browser::run("page-static-space", async |browser| {
        browser.page_to_consent(&page, "grace").await;
        browser.page_approve().await;
        browser
            .reads(&["Grace Hopper", "Free plan", "This page may not run inference", "Allow inference"])
            .await;
        assert_eq!(browser.count("#asking:not([hidden])").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_said_and_can_be_asked_for_again() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-no-scope", async |browser| {
        hub.fault(json!({ "endpoint": "token", "times": 1, "json": { "scope": "openid profile" } })).await;
        browser.page_sign_in(&page, "ada").await;
        browser.reads(&["This page may not run inference", "inference-api"]).await;
        assert_eq!(browser.count("#asking:not([hidden])").await, 0);
        browser.click("#problem button").await;
        browser.find("#prompt").await;
        browser.find(NAME).await;
    })
    .await;
}

#[tokio::test]
async fn a_withheld_token_endpoint_is_network_or_cors() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-cors", async |browser| {
        for endpoint in ["token", "userinfo"] {
            let authorize = browser.page_begins(&page).await;
            hub.withhold(&[endpoint]).await;
            browser.open(&hub.approved(&authorize).await).await;
            browser.reads(&["Network or CORS", "does not let pages of other origins", "Sign in again"]).await;
            hub.withhold(&[]).await;
        }
        browser.click("#problem button").await;
        browser.find("button.person[value=ada]").await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_clock_is_said_with_what_it_shows() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-clock", async |browser| {
        let authorize = browser.page_begins(&page).await;
        // The Hub's time runs ahead of this browser's by a day.
        hub.control("clock", json!({ "advance": 86_400 })).await;
        let back = hub.approved(&authorize).await;
        browser.open(&back).await;
        browser.reads(&["clock of this device", "automatic", "Sign in again"]).await;
        browser.picture("page-clock").await;
    })
    .await;
}

#[tokio::test]
async fn a_client_id_that_the_hub_does_not_know_is_said_by_the_hub_and_then_by_the_page() {
    let hub = hub("");
    let mut config = configured(&hub);
    config = config.replace("\"page\"", "\"nobody\"");
    let page = serve(vec![("index.html", index(&hub.url)), ("config.js", config)]);
    Browser::run("page-unknown-app", async |browser| {
        browser.open(&page).await;
        browser.click(SIGN_IN).await;
        browser.reads(&["nobody"]).await;
        browser.back().await;
        browser.reads(&["You came back without an answer"]).await;
    })
    .await;
}
