//! What a person does again and again.

use serde_json::Value;

use super::browser::Browser;
use super::demo::Demo;

pub(crate) const SIGN_IN: &str = "a.hf-oauth-button";
pub(crate) const APPROVE: &str = "button[value=approve]";
pub(crate) const PROFILE: &str = "section.who h1";

impl Browser {
    /// From the demo's front page to the consent page of the local Hub.
    pub(crate) async fn go_to_consent(&self, demo: &Demo, username: &str) {
        self.open(&demo.url).await;
        self.click(SIGN_IN).await;
        self.click(&format!("button.person[value={username}]")).await;
        self.find(APPROVE).await;
    }

    /// The same for somebody whom the Hub knows already.
    pub(crate) async fn go_to_consent_again(&self, demo: &Demo) {
        self.open(&demo.url).await;
        self.click(SIGN_IN).await;
        self.find(APPROVE).await;
    }

    /// From the demo's front page to the profile, with all organisations.
    pub(crate) async fn sign_in(&self, demo: &Demo, username: &str) {
        self.go_to_consent(demo, username).await;
        self.approve().await;
    }

    /// Ticks all organisations and says yes.
    pub(crate) async fn approve(&self) {
        if self.count("button[value=all]").await > 0 {
            self.click("button[value=all]").await;
            self.find("input[name='org[]']:checked").await;
        } else {
            for number in 1..=self.count("input[name='org[]']").await {
                let tick = format!("label.org:nth-of-type({number}) input:not(:checked)");
                if self.count(&tick).await > 0 {
                    self.click(&tick).await;
                }
            }
        }
        self.click(APPROVE).await;
        self.find(PROFILE).await;
    }

    /// Asks, and gives every text that the answer had while it came, the last one whole.
    pub(crate) async fn ask(&self, prompt: &str) -> Vec<String> {
        self.watch_answer().await;
        self.type_into("#prompt", prompt).await;
        self.click("#send").await;
        self.answer().await
    }

    /// Begins to note down every text of the answer.
    pub(crate) async fn watch_answer(&self) {
        self.script(
            "const answer = document.getElementById('answer'); window.seen = []; \
             new MutationObserver(() => { \
               if (answer.ariaBusy === 'true' && answer.textContent) window.seen.push(answer.textContent); \
             }).observe(answer, { childList: true, characterData: true, subtree: true });",
        )
        .await;
    }

    pub(crate) async fn answer(&self) -> Vec<String> {
        self.find("#answer[aria-busy=false]").await;
        let seen =
            self.script("return [...window.seen, document.getElementById('answer').textContent]").await;
        seen.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// Status and body of a request that the page sends.
    pub(crate) async fn fetch(&self, path: &str) -> (u64, String) {
        let script = format!("return fetch({path:?}).then(async (it) => [it.status, await it.text()])");
        match self.script(&script).await {
            Value::Array(answer) => (answer[0].as_u64().unwrap(), answer[1].as_str().unwrap().to_owned()),
            other => panic!("{other}"),
        }
    }
}

/// The answer was read before it was complete, and only ever grew.
pub(crate) fn streams(texts: &[String]) {
    let (whole, before) = texts.split_last().unwrap();
    assert!(whole.contains("Hello Ada Lovelace") && whole.contains("Why is the sky blue?"), "{whole}");
    let mut partial: Vec<_> = before.iter().filter(|text| *text != whole).collect();
    partial.dedup();
    assert!(partial.len() >= 2, "not streamed: {texts:?}");
    assert!(partial.iter().all(|text| whole.starts_with(*text)), "{texts:?}");
    println!("{} texts before the last one of {} bytes", partial.len(), whole.len());
}
