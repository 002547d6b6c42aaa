//! The page on plain `http` under a name of a local network: no `crypto.subtle`, no Web Locks, no clipboard.

use serde_json::json;

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::{Browser, Settings};

#[tokio::test]
async fn the_whole_page_works_on_plain_http_in_a_local_network() {
    let hub = hub("");
    let page = page_of(&hub);
    let address = format!("{}/", page.url.replace("localhost", "hf-page.test"));
    hub.control("apps", json!({ "client_id": "page", "redirect_uris": [address] })).await;
    let settings = Settings { name_of_this_machine: Some("hf-page.test"), ..Settings::default() };
    Browser::run_with(settings, "page-plain-http", async |browser| {
        browser.watch_policy().await;
        browser.open(&address).await;
        let missing = "return [isSecureContext, typeof crypto.subtle, typeof crypto.randomUUID, typeof navigator.locks]";
        assert_eq!(browser.script(missing).await, json!([false, "undefined", "undefined", "undefined"]));
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.page_approve().await;
        assert_eq!(hub.requests_to("/oauth/authorize").await[0].param("code_challenge_method"), Some("S256"));
        assert_eq!(browser.module("return it.loadSavedOAuthResult().signature").await, "verified");
        assert!(browser.ask("Over the air?").await.last().unwrap().contains("Over the air?"));
        browser.click("#copy").await;
        browser.reads(&["Copied"]).await;
        browser.reload().await;
        browser.find(NAME).await;
        browser.click("#sign-out").await;
        browser.find(SIGN_IN).await;
        browser.keeps_to_its_policy().await;
    })
    .await;
}
