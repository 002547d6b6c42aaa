//! The main job.

use serde_json::Value;

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN, streams};

#[tokio::test]
async fn a_person_signs_in_asks_a_model_switches_account_and_signs_out() {
    let demo = Demo::start();
    Browser::run("whole-way", async |browser| {
        browser.open(&demo.url).await;
        browser
            .reads(&["Ask a model", "Sign in with Hugging Face", "Local Hub", "It cannot read or change"])
            .await;
        assert_eq!(browser.fetch("/api/me").await.0, 401);

        browser.click(SIGN_IN).await;
        browser.reads(&["Who do you want to be?", "Local app", "Ada Lovelace", "Grace Hopper"]).await;
        browser.click("button.person[value=ada]").await;
        browser.find(APPROVE).await;
        browser
            .reads(&["Local app asks for access", "openid", "profile", "inference-api", "Royal Society"])
            .await;
        browser.approve().await;

        browser
            .reads(&["Ada Lovelace", "@ada", "PRO", "Analytical Engine", "admin", "team", "Royal Society"])
            .await;
        browser.reads(&["openid", "profile", "inference-api", "run inference on your behalf"]).await;
        assert_eq!(
            browser.url().await,
            format!("{}/", demo.url),
            "neither code nor state stays in the address"
        );
        let remaining = browser.text("#remaining").await;
        assert!(remaining == "8 h 0 min" || remaining == "7 h 59 min", "{remaining}");
        let loaded = browser.script("return document.querySelector('img.picture').naturalWidth").await;
        assert!(loaded.as_u64().unwrap() > 0, "the picture is not shown");

        streams(&browser.ask("Why is the sky blue?").await);
        has_no_token(browser).await;

        browser.reload().await;
        browser.find(PROFILE).await;
        browser.reads(&["Ada Lovelace"]).await;

        browser.click_words("Switch account").await;
        browser.reads(&["Who do you want to be?", "signed in"]).await;
        browser.click("button.person[value=grace]").await;
        browser.find(APPROVE).await;
        browser.approve().await;
        browser.reads(&["Grace Hopper", "@grace", "Free plan", "You are in none"]).await;

        browser.click("form[action$='/logout'] button").await;
        browser.find(SIGN_IN).await;
        browser.reads(&["Sign in with Hugging Face"]).await;
        assert_eq!(browser.fetch("/api/me").await.0, 401);

        let asked = browser.requests().await;
        let elsewhere: Vec<_> = asked
            .iter()
            .filter(|url| !url.starts_with(&demo.url) && !url.starts_with(&demo.provider))
            .collect();
        assert!(asked.len() > 10 && elsewhere.is_empty(), "nothing leaves this machine: {elsewhere:?}");
    })
    .await;
}

async fn has_no_token(browser: &Browser) {
    let (status, body) = browser.fetch("/api/me").await;
    assert_eq!(status, 200, "{body}");
    let me: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(me["user"]["preferred_username"], "ada");
    assert_eq!(me["user"]["orgs"].as_array().unwrap().len(), 2);
    // Tokens of the local Hub begin so, all of them.
    assert!(!body.contains("hf_oauth_") && !body.to_lowercase().contains("token"), "{body}");
    let page = browser.script("return document.documentElement.outerHTML + document.cookie").await;
    assert!(!page.as_str().unwrap().contains("hf_oauth_"), "no script gets at a cookie or a token");
}
