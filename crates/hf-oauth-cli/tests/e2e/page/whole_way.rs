//! The main job.

use serde_json::Value;

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::steps::streams;

#[tokio::test]
async fn a_person_signs_in_asks_a_model_and_signs_out_on_the_page() {
    let page = Demo::static_page();
    Browser::run("page-whole-way", async |browser| {
        browser.watch_policy().await;
        browser.open(&page.url).await;
        browser
            .reads(&["Ask a model", "Sign in with Hugging Face", "Local Hub", "It cannot read or change"])
            .await;
        assert_eq!(
            browser.text("#redirect-uri").await,
            format!("{}/", page.url),
            "before anybody has to sign in"
        );

        browser.page_to_consent(&page.url, "ada").await;
        browser
            .reads(&["Local page asks for access", "openid", "profile", "inference-api", "Royal Society"])
            .await;
        browser.page_approve().await;
        browser
            .reads(&["Ada Lovelace", "@ada", "PRO", "Analytical Engine", "admin", "team", "Royal Society"])
            .await;
        browser.reads(&["inference-api", "run inference on your behalf", "google/gemma-2-2b-it"]).await;
        assert_eq!(
            browser.url().await,
            format!("{}/", page.url),
            "neither code nor state stays in the address"
        );
        let remaining = browser.text("#remaining").await;
        assert!(remaining == "8 h 0 min" || remaining == "7 h 59 min", "{remaining}");
        browser.find("#picture img").await;

        streams(&browser.ask("Why is the sky blue?").await);
        assert_eq!(browser.text("#status").await, "The answer is complete.");

        browser.reload().await;
        browser.find(NAME).await;
        browser.reads(&["Ada Lovelace", "Royal Society"]).await;
        assert_eq!(
            browser.module("return it.loadSavedOAuthResult().accessTokenExpiresAt instanceof Date").await,
            true
        );

        browser.click("#sign-out").await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.count("#name:not(:empty)").await, 0, "nothing of the person is left");
        browser.reload().await;
        browser.find(SIGN_IN).await;
        browser.keeps_to_its_policy().await;

        let asked = browser.requests().await;
        let elsewhere: Vec<_> = asked
            .iter()
            .filter(|url| !url.starts_with(&page.url) && !url.starts_with(&page.provider))
            .filter(|url| !url.contains("elsewhere.invalid"))
            .collect();
        assert!(asked.len() > 10 && elsewhere.is_empty(), "nothing leaves this machine: {elsewhere:?}");
    })
    .await;
}

#[tokio::test]
async fn the_page_works_by_keyboard_and_says_what_it_does() {
    let page = Demo::static_page();
    Browser::run("page-keyboard", async |browser| {
        use crate::support::browser::Key;
        browser.open(&page.url).await;
        browser.find(SIGN_IN).await;
        browser.tab_to(SIGN_IN).await;
        browser.press(&[Key::Enter]).await;
        browser.click("button.person[value=grace]").await;
        browser.page_approve().await;
        browser.tab_to("#prompt").await;
        browser.type_into("#prompt", "By hand?").await;
        browser.watch_answer().await;
        browser.press(&[Key::Control, Key::Enter]).await;
        assert!(browser.answer().await.last().unwrap().contains("By hand?"));
        let roles = "const role = (id) => document.getElementById(id).getAttribute('role'); \
                     return [role('answer'), role('status'), role('problem'), document.getElementById('coming').ariaHidden]";
        let roles: Vec<Value> = browser.script(roles).await.as_array().unwrap().clone();
        assert_eq!(roles, ["log", "status", "alert", "true"]);
        assert_eq!(browser.text("#coming").await, "", "whole sentences alone are heard, and all of them at the end");
        browser.tab_to("#retry").await;
        browser.press(&[Key::Enter]).await;
        assert!(browser.answer().await.last().unwrap().contains("By hand?"));
    })
    .await;
}

#[tokio::test]
async fn an_expired_token_is_said_in_words_and_one_click_signs_in_again() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-expired", async |browser| {
        hub.brief(6, false).await;
        browser.page_sign_in(&page, "grace").await;
        browser.reads(&["Your sign-in has ended", "one click"]).await;
        assert_eq!(browser.module("return it.token()").await, Value::Null);
        browser.click("#problem button").await;
        browser.find(NAME).await;
        assert!(browser.ask("And now?").await.last().unwrap().contains("And now?"));
    })
    .await;
}
