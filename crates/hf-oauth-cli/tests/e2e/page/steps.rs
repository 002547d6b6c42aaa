//! What a person does on the page again and again.

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::eventually;
use crate::support::hub::{Entry, Hub};
use crate::support::steps::APPROVE;

pub(super) const SIGN_IN: &str = "#sign-in:not(:disabled)";
pub(super) const NAME: &str = "#who #name";

/// Every page that breaks its own security policy notes it down.
const VIOLATIONS: &str = "addEventListener('securitypolicyviolation', (event) => { \
    const all = JSON.parse(sessionStorage.getItem('test:violations') ?? '[]'); \
    sessionStorage.setItem('test:violations', JSON.stringify([...all, `${event.violatedDirective} ${event.blockedURI} ${event.sample}`])); });";

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

/// The configuration of a page of another folder.
pub(super) fn configured(hub: &Hub) -> String {
    format!("window.HF_OAUTH_CLIENT_ID = \"page\"; window.HF_OPENID_PROVIDER_URL = {:?};", hub.url)
}

impl Hub {
    pub(super) async fn fault(&self, fault: Value) {
        self.control("faults", fault).await;
    }

    /// The next token answer's token lives so many seconds.
    pub(super) async fn brief(&self, seconds: u32, refresh: bool) {
        let mut change = json!({ "expires_in": seconds });
        if !refresh {
            change["refresh_token"] = Value::Null;
        }
        self.fault(json!({ "endpoint": "token", "times": 1, "json": change })).await;
    }

    pub(super) async fn withhold(&self, endpoints: &[&str]) {
        self.control("cors", json!({ "withheld": endpoints })).await;
    }

    /// The token requests of one grant.
    pub(super) async fn granted(&self, grant_type: &str) -> Vec<Entry> {
        let all = self.requests_to("/oauth/token").await;
        all.into_iter().filter(|entry| entry.param("grant_type") == Some(grant_type)).collect()
    }

    /// How many prompts came; a browser's preflight is none.
    pub(super) async fn prompts(&self) -> usize {
        let all = self.requests_to("/v1/chat/completions").await;
        all.iter().filter(|entry| entry.0["method"] == "POST").count()
    }

    /// What a person's approval of the login at `authorize` leads to.
    pub(super) async fn approved(&self, authorize: &str) -> String {
        let answer = self.control("approve", json!({ "url": authorize, "username": "ada" })).await;
        answer["location"].as_str().unwrap().to_owned()
    }
}

impl Browser {
    /// From the page to the consent page of the local Hub.
    pub(super) async fn page_to_consent(&self, page: &str, username: &str) {
        self.open(page).await;
        self.click(SIGN_IN).await;
        let person = format!("button.person[value={username}]");
        self.find(&person).await;
        // Firefox drops a click on a page that is not whole yet; a script's navigation is not waited for.
        let whole = async || (self.script("return document.readyState").await == "complete").then_some(());
        eventually("the whole page", whole).await;
        self.click(&person).await;
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
        self.page_to_consent(&page.url, username).await;
        self.page_approve().await;
    }

    /// Clicks on sign-in and gives the address at the Hub that it leads to.
    pub(super) async fn page_begins(&self, page: &Demo) -> String {
        self.open(&page.url).await;
        // Of logins before, whose addresses are no longer good.
        self.navigations().await;
        self.click(SIGN_IN).await;
        let at_the_hub =
            async || self.navigations().await.into_iter().rev().find(|url| url.contains("/oauth/authorize?"));
        eventually("the page at the Hub", at_the_hub).await
    }

    /// What the module's `script` gives, in which `it` is the module.
    pub(super) async fn module(&self, script: &str) -> Value {
        self.script(&format!("return import('/hf-sign-in.js').then(async (it) => {{ {script} }})")).await
    }

    /// Begins to note down what breaks the page's security policy.
    pub(super) async fn watch_policy(&self) {
        self.on_every_page(VIOLATIONS).await;
    }

    /// That nothing did.
    pub(super) async fn keeps_to_its_policy(&self) {
        let broken = self.script("return sessionStorage.getItem('test:violations')").await;
        assert_eq!(broken, Value::Null);
        // And that one would be noticed.
        let script = "try { document.createElement('script').text = '1'; } catch {} new Image().src = 'http://elsewhere.invalid/';";
        self.script(script).await;
        let noticed = async || {
            let broken = self.script("return sessionStorage.getItem('test:violations')").await;
            broken
                .as_str()
                .filter(|broken| broken.contains("elsewhere.invalid") && broken.contains("trusted-types"))
                .map(|_| ())
        };
        eventually("a violation to be noticed", noticed).await;
    }

    /// Both storages, as JSON text.
    pub(super) async fn storages(&self) -> (String, String) {
        let both = self
            .script("return [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]")
            .await;
        (both[0].as_str().unwrap().to_owned(), both[1].as_str().unwrap().to_owned())
    }
}
