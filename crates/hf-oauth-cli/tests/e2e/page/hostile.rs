//! Text of others: names, answers, errors. It is shown, and never more.

use serde_json::json;

use super::steps::{NAME, page_of};
use crate::support::browser::Browser;
use crate::support::hub::Hub;

const MARKUP: &str = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>";

#[tokio::test]
async fn row_204_names_errors_and_answers_are_text_and_the_strict_policy_holds() {
    let hub = Hub::start(&format!(
        "[[users]]\nusername = \"mallory\"\nname = {MARKUP:?}\nemail = \"m@example.com\"\n\
         orgs = [{{ username = \"evil\", name = {MARKUP:?}, role = \"admin\", plan = {MARKUP:?} }}]\n\
         [[apps]]\nclient_id = \"page\"\nredirect_uris = [\"http://localhost/\"]\n"
    ));
    let page = page_of(&hub);
    Browser::run("page-hostile", async |browser| {
        browser.watch_policy().await;
        let unharmed = async || {
            let found = "return [window.hacked ?? null, document.querySelectorAll('main script, main img[src=x]').length]";
            assert_eq!(browser.script(found).await, json!([null, 0]));
        };
        // An answer to a login of this browser, with markup in the provider's words.
        let authorize = browser.page_begins(&page).await;
        let state = url::Url::parse(&authorize).unwrap();
        let state = state.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let words: String = url::form_urlencoded::byte_serialize(MARKUP.as_bytes()).collect();
        browser.open(&page.at(&format!("/?error=server_error&error_description={words}&state={state}"))).await;
        browser.find("#problem").await;
        unharmed().await;

        browser.page_sign_in(&page, "mallory").await;
        assert_eq!(browser.script("return document.getElementById('name').textContent").await, MARKUP);
        browser.reads(&["onerror=window.hacked=1"]).await;
        unharmed().await;
        let texts = browser.ask(MARKUP).await;
        assert!(texts.last().unwrap().contains(MARKUP), "{texts:?}");
        unharmed().await;
        hub.fault(json!({ "endpoint": "chat_completions", "times": 1,
            "body": { "status": 500, "content_type": "application/json", "text": json!({ "error": { "message": MARKUP } }).to_string() } })).await;
        browser.click("#retry").await;
        browser.reads(&["answered 500", "onerror=window.hacked=1"]).await;
        unharmed().await;
        browser.find(NAME).await;
        browser.keeps_to_its_policy().await;
    })
    .await;
}
