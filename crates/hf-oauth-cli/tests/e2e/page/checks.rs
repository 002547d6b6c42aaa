//! Redirects and answers that are not what they should be.

use serde_json::{Value, json};

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::Browser;

#[tokio::test]
async fn row_112_a_redirect_in_another_browser_sends_nothing_and_says_so() {
    let hub = hub("");
    let page = page_of(&hub);
    let mut back = String::new();
    Browser::run("page-first-browser", async |browser| {
        let authorize = browser.page_begins(&page).await;
        back = hub.approved(&authorize).await;
    })
    .await;
    if back.is_empty() {
        return;
    }
    Browser::run("page-other-browser", async |browser| {
        browser.open(&back).await;
        browser.reads(&["Signing in did not work", "begun in this browser"]).await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.url().await, format!("{}/", page.url));
        assert_eq!(browser.module("return it.token()").await, Value::Null);
        assert!(
            hub.requests_to("/oauth/token").await.is_empty(),
            "the code of somebody else's login stays unused"
        );
    })
    .await;
}

#[tokio::test]
async fn row_115_an_id_token_that_fails_any_check_signs_nobody_in() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-id-token", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        browser.click("#sign-out").await;
        for (fault, rule) in [
            (json!({ "claims": { "aud": "somebody-else" } }), "id-token/audience"),
            (json!({ "claims": { "iss": "https://elsewhere.example" } }), "id-token/issuer"),
            (json!({ "claims": { "nonce": null } }), "id-token/nonce"),
            (json!({ "claims": { "nonce": "another" } }), "id-token/nonce"),
            (json!({ "claims": { "exp": 1_000 } }), "id-token/expired"),
            (json!({ "claims": { "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" } }), "id-token/access-token-hash"),
            (json!({ "bad_signature": true }), "id-token/signature"),
            (json!({ "header": { "alg": "none" } }), "id-token/algorithm"),
            (json!({ "endpoint": "token", "json": { "id_token": null } }), "exchange/id-token-missing"),
            (
                json!({ "endpoint": "userinfo", "json": { "sub": "somebody-else" } }),
                "userinfo/subject-mismatch",
            ),
        ] {
            let mut fault = fault;
            fault["times"] = 1.into();
            hub.fault(fault.clone()).await;
            browser.click(SIGN_IN).await;
            browser.find("#problem button").await;
            assert_eq!(browser.rule().await, rule, "{fault}");
            assert_eq!(browser.count("#who:not([hidden])").await, 0, "{rule}");
            assert_eq!(browser.module("return it.token()").await, Value::Null, "{rule}");
            let (local, session) = browser.storages().await;
            assert!(
                !local.contains("hf_oauth_") && !session.contains("hf_oauth_"),
                "{rule}: {local} {session}"
            );
        }
        browser.click(SIGN_IN).await;
        browser.find(NAME).await;
    })
    .await;
}

impl Browser {
    /// The rule by which the last redirect was refused: `init` gives the same answer to whoever asks again.
    async fn rule(&self) -> String {
        let rule = self.module("return it.init().then(() => 'none', (error) => error.rule)").await;
        rule.as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn keys_that_are_withheld_from_pages_leave_the_token_endpoints_answer_as_proof() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-keys-withheld", async |browser| {
        let signature = async || browser.module("return it.loadSavedOAuthResult().signature").await;
        browser.page_sign_in(&page, "ada").await;
        assert_eq!(signature().await, "verified");
        browser.click("#sign-out").await;
        hub.withhold(&["jwks"]).await;
        browser.open(&page.url).await;
        browser.click(SIGN_IN).await;
        browser.find(NAME).await;
        assert_eq!(signature().await, "not-checked", "by OpenID Connect Core section 3.1.3.7 (6)");
        // All other checks are made.
        browser.click("#sign-out").await;
        hub.fault(json!({ "claims": { "nonce": "another" }, "times": 1 })).await;
        browser.open(&page.url).await;
        browser.click(SIGN_IN).await;
        browser.find("#problem button").await;
        assert_eq!(browser.rule().await, "id-token/nonce");
    })
    .await;
}

#[tokio::test]
async fn row_116_the_redirect_uri_is_the_page_alone_and_the_rest_of_the_address_stays() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-address", async |browser| {
        browser.open(&page.at("/?post=7&lang=en#comments")).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.page_approve().await;
        let asked = &hub.requests_to("/oauth/authorize").await[0];
        assert_eq!(asked.param("redirect_uri"), Some(format!("{}/", page.url).as_str()));
        assert_eq!(browser.url().await, page.at("/?post=7&lang=en#comments"), "back where it began");
        let state = asked.param("state").unwrap_or_default();
        assert!(
            !state.contains("comments") && !state.contains("http"),
            "the page's own state stays here: {state}"
        );
        let exchange = &hub.requests_to("/oauth/token").await[0];
        assert_eq!(exchange.param("redirect_uri"), Some(format!("{}/", page.url).as_str()));
        assert_eq!(exchange.param("client_id"), Some("page"));

        // What the provider or a host appends is none of the login's.
        browser.click("#sign-out").await;
        // Where the Hub does not know the browser it asks who this is, and does not finish the login by itself.
        browser.delete_all_cookies().await;
        let authorize = browser.page_begins(&page).await;
        let back = hub.approved(&authorize).await;
        browser.open(&format!("{back}&utm=mail#part")).await;
        browser.find(NAME).await;
        let url = browser.url().await;
        assert!(!url.contains("code=") && !url.contains("state="), "{url}");
        assert!(url.contains("utm=mail") && url.ends_with("#part"), "{url}");
    })
    .await;
}
