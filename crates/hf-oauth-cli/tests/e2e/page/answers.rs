//! Answers that do not end well.

use serde_json::{Value, json};

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::Browser;
use crate::support::eventually;

fn answered(status: u16, body: &Value) -> Value {
    let body = json!({ "status": status, "content_type": "application/json", "text": body.to_string() });
    json!({ "endpoint": "chat_completions", "times": 1, "body": body })
}

impl Browser {
    /// Asks, and waits until the page complains; gives what the answer has.
    async fn ask_in_vain(&self, words: &[&str]) -> String {
        self.script("document.getElementById('prompt').value = 'Why?'").await;
        self.click("#send").await;
        self.find("#answer[aria-busy=false]").await;
        self.find("#problem").await;
        self.reads(words).await;
        self.text("#answer").await
    }
}

#[tokio::test]
async fn row_205_an_answer_that_is_cut_is_said_to_be_and_what_came_stays() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-cut", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        let piece =
            |text: &str| format!("data: {}\n\n", json!({ "choices": [{ "delta": { "content": text } }] }));
        let stream = |rest: &str| {
            let text = format!("{}{}{rest}", piece("One sentence. "), piece("And a ha"));
            json!({ "endpoint": "chat_completions", "times": 1,
                "body": { "status": 200, "content_type": "text/event-stream", "text": text } })
        };
        hub.fault(stream("")).await;
        let came =
            browser.ask_in_vain(&["The answer broke off", "Try again", "The answer is not complete."]).await;
        assert_eq!(came, "One sentence. And a ha");
        browser.picture("page-broke-off").await;
        // The whole connection, and not only the end of the stream.
        hub.fault(json!({ "endpoint": "chat_completions", "times": 1, "cut_body": true })).await;
        browser.ask_in_vain(&["The answer broke off"]).await;
        hub.fault(stream("data: {\"error\":{\"message\":\"The engine stopped\"}}\n\n")).await;
        let came = browser.ask_in_vain(&["The answer broke off", "It said: The engine stopped"]).await;
        assert_eq!(came, "One sentence. And a ha");
        // Asking again is one click, and works.
        browser.click("#problem button").await;
        browser.find("#answer[aria-busy=false]").await;
        browser.reads(&["The answer is complete."]).await;
        assert!(browser.text("#answer").await.contains("Hello Ada"));
        assert_eq!(browser.count("#problem:not([hidden])").await, 0);
    })
    .await;
}

#[tokio::test]
async fn row_205_a_401_before_or_in_the_middle_is_words_and_the_token_is_not_sent_again() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-401", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        let text = "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\ndata: {\"error\":{\"message\":\"Token revoked\",\"code\":401}}\n\n";
        let middle = json!({ "endpoint": "chat_completions", "times": 1,
            "body": { "status": 200, "content_type": "text/event-stream", "text": text } });
        hub.fault(middle).await;
        let came = browser.ask_in_vain(&["Your sign-in has ended", "Token revoked"]).await;
        assert_eq!(came, "Half", "what came stays");
        let sent = hub.prompts().await;
        browser.ask_in_vain(&["Your sign-in has ended"]).await;
        assert_eq!(hub.prompts().await, sent, "a token that was refused is not used again");
        browser.click("#problem button").await;
        browser.find("#who").await;
        browser.find(NAME).await;
        let asked = async || (browser.count("#problem:not([hidden])").await == 0).then_some(());
        eventually("the page after the new sign-in", asked).await;
        assert!(browser.ask("And now?").await.last().unwrap().contains("And now?"));
    })
    .await;
}

#[tokio::test]
async fn row_205_stop_keeps_what_came_and_whoever_leaves_ends_the_answer() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-stop", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        let slow = json!({ "endpoint": "chat_completions", "slow_body_ms": 300 });
        hub.fault(slow).await;
        let begin = async || {
            browser.script("document.getElementById('prompt').value = 'Slowly?'").await;
            browser.click("#send").await;
            let begun = async || (!browser.text("#answer").await.is_empty()).then_some(());
            eventually("the first words", begun).await;
        };
        begin().await;
        browser.click("#stop").await;
        browser.reads(&["Stopped."]).await;
        let came = browser.text("#answer").await;
        assert!(!came.is_empty() && !came.contains("real model answers here"), "{came}");
        assert_eq!(browser.count("#problem:not([hidden])").await, 0, "who stops need not be told");
        browser.find("#copy").await;

        // Signed out in another tab in mid-answer: the answer ends with the session, and nothing is sent after it.
        begin().await;
        let first = browser.tab().await;
        let sent = hub.prompts().await;
        browser.new_tab().await;
        browser.open(&page.url).await;
        browser.click("#sign-out").await;
        browser.go_to_tab(&first).await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.script("return document.getElementById('answer').textContent").await, "");
        browser.reload().await;
        browser.find(SIGN_IN).await;
        assert_eq!(hub.prompts().await, sent);

        // Whoever leaves in mid-answer and comes back finds the page as it is for who is signed in.
        browser.click(SIGN_IN).await;
        browser.find(NAME).await;
        begin().await;
        browser.open(&hub.url).await;
        browser.back().await;
        browser.find(NAME).await;
        assert_eq!(hub.prompts().await, sent + 1, "nothing is asked again by itself");
    })
    .await;
}

#[tokio::test]
async fn row_205_every_refusal_of_the_router_is_in_words_with_a_way_to_mend_it() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-router", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        let cases: [(Value, &[&str]); 8] = [
            (answered(429, &json!({ "error": "Too Many Requests" })), &["Too many requests", "Wait a minute", "Try again"]),
            (answered(402, &json!({ "error": "You have exceeded your monthly included credits" })), &["credits are used up", "PRO", "billing"]),
            (answered(403, &json!({ "error": "no permission" })), &["may not run inference", "inference-api", "Allow inference"]),
            (answered(404, &json!({ "error": "Not Found" })), &["No provider runs this model", "HF_INFERENCE_MODEL", "google/gemma-2-2b-it"]),
            (
                answered(400, &json!({ "error": { "message": "The requested model does not exist", "code": "model_not_found" } })),
                &["No provider runs this model", "It said: The requested model does not exist"],
            ),
            (answered(503, &json!({ "error": "Model is currently loading", "estimated_time": 20 })), &["The model is starting", "Try again"]),
            (answered(500, &json!({ "error": "Internal" })), &["answered 500", "Try again"]),
            (json!({ "endpoint": "chat_completions", "times": 1, "html": 502 }), &["answered 502", "Try again"]),
        ];
        for (fault, words) in cases {
            hub.fault(fault).await;
            assert_eq!(browser.ask_in_vain(words).await, "");
        }
        let mut limited = answered(429, &json!({ "error": "slow down" }));
        limited["headers"] = json!({ "retry-after": "7" });
        hub.fault(limited).await;
        browser.ask_in_vain(&["Wait 7 seconds"]).await;
        hub.withhold(&["chat_completions"]).await;
        browser.ask_in_vain(&["Network or CORS", "localhost", "CORS"]).await;
        browser.picture("page-network-or-cors").await;
        hub.withhold(&[]).await;
        browser.click("#problem button").await;
        browser.reads(&["The answer is complete."]).await;
    })
    .await;
}
