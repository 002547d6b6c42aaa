//! Storage: what lies there, what becomes of garbage, and what happens where there is none.

use serde_json::Value;

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::Browser;

#[tokio::test]
async fn row_114_tokens_lie_in_the_tab_and_no_secret_outlives_its_login() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-storage", async |browser| {
        let authorize = browser.page_begins(&page).await;
        // The login under way waits in this browser, under a name that does not tell its state.
        browser.open(&page.at("/icon.svg")).await;
        let state = url::Url::parse(&authorize).unwrap();
        let state = state.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let keys = browser.script("return Object.keys(localStorage).join(' ')").await;
        assert!(
            keys.as_str().unwrap().contains("attempt") && !keys.as_str().unwrap().contains(&state),
            "{keys}"
        );

        browser.open(&hub.approved(&authorize).await).await;
        browser.find(NAME).await;
        let (local, session) = browser.storages().await;
        assert!(session.contains("hf_oauth_local_"), "{session}");
        for secret in ["hf_oauth_", "eyJ", "codeVerifier", "nonce", "attempt"] {
            assert!(!local.contains(secret), "{secret} is in localStorage: {local}");
        }
        assert!(!session.contains("eyJ"), "the ID token has done its work");
        let databases = browser.script("return indexedDB.databases().then((all) => all.length)").await;
        assert_eq!(databases, 0);
        let cookies = browser.script("return document.cookie").await;
        assert_eq!(cookies, "");

        browser.click("#sign-out").await;
        browser.find(SIGN_IN).await;
        let (local, session) = browser.storages().await;
        assert!(!session.contains("hf_oauth_") && !local.contains("hf_oauth_local"), "{local} {session}");
    })
    .await;
}

#[tokio::test]
async fn row_113_corrupt_storage_is_nobody_and_the_next_sign_in_works() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-corrupt", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        for garbage in ["'{'", "'null'", "'[]'", "'\"text\"'", "'{\"accessToken\":1}'", "'\\u0000'", "JSON.stringify({ accessToken: 'x', expiresAt: 9e9, since: 9e15, userInfo: {} })"] {
            let spoil = format!(
                "for (const area of [localStorage, sessionStorage]) for (const key of Object.keys(area)) area.setItem(key, {garbage});"
            );
            browser.script(&spoil).await;
            browser.open(&page.url).await;
            browser.find(SIGN_IN).await;
            assert_eq!(browser.module("return it.token()").await, Value::Null, "{garbage}");
            browser.click(SIGN_IN).await;
            browser.find(NAME).await;
        }
    })
    .await;
}

const NO_STORAGE: &str = "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, \
                          { get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } });";
const FULL_STORAGE: &str =
    "Storage.prototype.setItem = () => { throw new DOMException('It is full.', 'QuotaExceededError'); };";

#[tokio::test]
async fn row_113_storage_that_throws_is_said_in_words() {
    let hub = hub("");
    let page = page_of(&hub);
    for (name, script) in [("page-no-storage", NO_STORAGE), ("page-full-storage", FULL_STORAGE)] {
        Browser::run(name, async |browser| {
            browser.on_every_page(script).await;
            browser.open(&page.url).await;
            browser.click(SIGN_IN).await;
            browser.find("#problem").await;
            let said = browser.text("#problem").await.to_lowercase();
            assert!(said.contains("storage") || said.contains("store"), "{said}");
            assert!(browser.url().await.starts_with(&page.url), "nobody is sent away for nothing");
            assert_eq!(browser.module("return it.token()").await, Value::Null);
            assert!(hub.requests_to("/oauth/authorize").await.is_empty());
        })
        .await;
    }
}

#[tokio::test]
async fn row_113_without_a_random_generator_nobody_signs_in() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-no-random", async |browser| {
        browser
            .on_every_page(
                "crypto.getRandomValues = undefined; Crypto.prototype.getRandomValues = undefined;",
            )
            .await;
        browser.open(&page.url).await;
        browser.click(SIGN_IN).await;
        browser.reads(&["random"]).await;
        assert!(hub.requests_to("/oauth/authorize").await.is_empty(), "never Math.random");
    })
    .await;
}

#[tokio::test]
async fn a_session_in_memory_ends_with_the_page() {
    let hub = hub("");
    let config = super::steps::configured(&hub);
    let script = super::files::example("page.js")
        .unwrap()
        .replace("const options = {", "const options = { storage: 'memory',");
    let page = super::files::serve(vec![
        ("config.js", config),
        ("page.js", script),
        ("index.html", super::files::index(&hub.url)),
    ]);
    Browser::run("page-memory", async |browser| {
        browser.page_to_consent(&page, "ada").await;
        browser.page_approve().await;
        let (local, session) = browser.storages().await;
        assert!(!local.contains("hf_oauth_") && !session.contains("hf_oauth_"), "{local} {session}");
        let asked = browser.tab().await;
        browser.new_tab().await;
        browser.open(&page).await;
        browser.find(NAME).await;
        browser.go_to_tab(&asked).await;
        browser.find(NAME).await;
    })
    .await;
}
