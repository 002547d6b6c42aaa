//! What a person does on the page again and again.

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::hub::Hub;
use crate::support::steps::APPROVE;

pub(super) const SIGN_IN: &str = "#sign-in:not(:disabled)";
pub(super) const NAME: &str = "#who #name";

/// A local Hub that can be scripted, with a page's app; `more` are further lines of its `hub.toml`.
pub(super) fn hub(more: &str) -> Hub {
    Hub::start(&format!(
        "[[apps]]\nclient_id = \"page\"\nname = \"Local page\"\nredirect_uris = [\"http://localhost/\", \"http://127.0.0.1/\"]\n{more}"
    ))
}

/// The page of that Hub's app.
pub(super) fn page_of(hub: &Hub) -> Demo {
    Demo::static_page_of(&hub.url, "page", &[])
}

impl Browser {
    /// From the page to the consent page of the local Hub.
    pub(super) async fn page_to_consent(&self, page: &Demo, username: &str) {
        self.open(&page.url).await;
        self.click(SIGN_IN).await;
        self.click(&format!("button.person[value={username}]")).await;
        self.find(APPROVE).await;
    }

    /// Ticks all organisations, says yes, and waits for the page to say who it is.
    pub(super) async fn page_approve(&self) {
        for number in 1..=self.count("input[name='org[]']").await {
            let tick = format!("label.org:nth-of-type({number}) input:not(:checked)");
            if self.count(&tick).await > 0 {
                self.click(&tick).await;
            }
        }
        self.click(APPROVE).await;
        self.find(NAME).await;
    }

    pub(super) async fn page_sign_in(&self, page: &Demo, username: &str) {
        self.page_to_consent(page, username).await;
        self.page_approve().await;
    }
}
