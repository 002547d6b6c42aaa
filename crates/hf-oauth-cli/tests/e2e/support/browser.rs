//! Real browsers, driven as a person drives them: Chromium, Firefox, WebKitGTK.

mod devtools;
mod display;
mod driver;
mod inspection;
mod keyboard;
mod settings;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Instant;

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use futures_util::FutureExt as _;
use serde_json::Value;

use super::{PATIENCE, POLL, environment, eventually, screenshot};
use driver::Driver;

pub(crate) use inspection::Inspection;
pub(crate) use settings::{Kind, Settings};

pub(crate) use fantoccini::key::Key;

/// One browser with an empty profile.
pub(crate) struct Browser {
    kind: Kind,
    client: Client,
}

impl Browser {
    /// Runs `test` in a Chromium of its own, and closes it whatever happens. `name` names the picture of a failure.
    pub(crate) async fn run(name: &str, test: impl AsyncFnOnce(&Browser)) {
        Self::run_with(Settings::default(), name, test).await;
    }

    pub(crate) async fn run_with(settings: Settings, name: &str, test: impl AsyncFnOnce(&Browser)) {
        Self::run_in(Kind::Chromium, settings, name, test).await;
    }

    /// The same in a browser of that kind.
    pub(crate) async fn run_in(kind: Kind, settings: Settings, name: &str, test: impl AsyncFnOnce(&Browser)) {
        let Some(programs) = environment::browser(kind) else { return };
        let driver = Driver::start(kind, programs);
        let browser = Browser { kind, client: driver.session(settings).await };
        let outcome = AssertUnwindSafe(test(&browser)).catch_unwind().await;
        if outcome.is_err() {
            browser.explain(name).await;
        }
        let _ = browser.client.close().await;
        drop(driver);
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    }

    /// Two browsers at once, of two people who know nothing of each other.
    pub(crate) async fn run_two(settings: Settings, name: &str, test: impl AsyncFnOnce(&Browser, &Browser)) {
        let _pair = driver::pair();
        Self::run_with(settings, name, async |one| {
            Self::run_with(settings, &format!("{name}-other"), async |other| test(one, other).await).await;
        })
        .await;
    }

    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    pub(crate) async fn back(&self) {
        self.client.back().await.unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    pub(crate) async fn url(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// The element, once it is there to be seen.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let find = async || {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        };
        eventually(&format!("{css} to be seen"), find).await
    }

    pub(crate) async fn click(&self, css: &str) {
        let click = async || {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.click().await.ok()
        };
        eventually(&format!("a click on {css}"), click).await;
    }

    /// Clicks on the link that says so.
    pub(crate) async fn click_words(&self, words: &str) {
        let click = async || self.client.find(Locator::LinkText(words)).await.ok()?.click().await.ok();
        eventually(&format!("a click on {words:?}"), click).await;
    }

    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        self.find(css).await.send_keys(text).await.unwrap();
    }

    /// What a person reads in the element; nothing while it is not there.
    pub(crate) async fn text(&self, css: &str) -> String {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the page says all of this, in whatever case its style shows it.
    pub(crate) async fn reads(&self, words: &[&str]) {
        let start = Instant::now();
        loop {
            let page = self.text("body").await;
            let lower = page.to_lowercase();
            let Some(missing) = words.iter().find(|words| !lower.contains(&words.to_lowercase())) else {
                return;
            };
            assert!(
                start.elapsed() < PATIENCE,
                "{missing:?} does not stand on {}:\n{page}",
                self.url().await
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// Goes into the frame: what is found and read afterwards is in it.
    pub(crate) async fn enter_frame(&self, css: &str) {
        self.find(css).await.enter_frame().await.unwrap();
    }

    /// Back to the page around the frame.
    pub(crate) async fn leave_frame(&self) {
        self.client.enter_parent_frame().await.unwrap();
    }

    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// What `script` returns in the page.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The tab that it is in.
    pub(crate) async fn tab(&self) -> String {
        self.client.window().await.unwrap().into()
    }

    /// Opens a tab and goes into it.
    pub(crate) async fn new_tab(&self) -> String {
        let tab = self.client.new_window(true).await.unwrap().handle;
        self.client.switch_to_window(tab.clone()).await.unwrap();
        tab.into()
    }

    /// All tabs and windows, oldest first as far as the driver knows.
    pub(crate) async fn tabs(&self) -> Vec<String> {
        self.client.windows().await.unwrap().into_iter().map(Into::into).collect()
    }

    pub(crate) async fn go_to_tab(&self, tab: &str) {
        let tab = fantoccini::wd::WindowHandle::try_from(tab).unwrap();
        self.client.switch_to_window(tab).await.unwrap();
    }

    /// Goes into the tab that `click` opens.
    pub(crate) async fn opened_tab(&self, click: impl AsyncFnOnce()) -> String {
        let before = self.client.windows().await.unwrap();
        click().await;
        let opened = async || self.client.windows().await.ok()?.into_iter().find(|tab| !before.contains(tab));
        let tab = eventually("a new tab", opened).await;
        self.client.switch_to_window(tab.clone()).await.unwrap();
        tab.into()
    }

    pub(crate) async fn picture(&self, name: &str) -> Vec<u8> {
        let png = self.client.screenshot().await.unwrap();
        screenshot::save(name, &png);
        png
    }

    async fn explain(&self, name: &str) {
        if let Ok(png) = self.client.screenshot().await {
            screenshot::save(&format!("failed-{name}"), &png);
        }
        let url = self.client.current_url().await.map(String::from).unwrap_or_default();
        println!("--- {url}, pictured in target/screenshots/failed-{name}.png:\n{}", self.text("body").await);
    }
}
