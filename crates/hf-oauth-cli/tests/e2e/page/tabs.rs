//! Reloads, the way back, many tabs.

use serde_json::json;

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::Browser;
use crate::support::eventually;

impl Browser {
    /// Duplicates the tab, with its session storage, and goes into the new one.
    async fn duplicate(&self) -> String {
        let before = self.tabs().await;
        self.script("window.open(location.href)").await;
        let opened = async || self.tabs().await.into_iter().find(|tab| !before.contains(tab));
        let tab = eventually("the duplicated tab", opened).await;
        self.go_to_tab(&tab).await;
        tab
    }

    /// Until the module of this tab gives no token.
    async fn is_signed_out(&self) {
        let none =
            async || self.module("return await it.token() === null").await.as_bool().filter(|none| *none);
        eventually("no token", none).await;
        self.find(SIGN_IN).await;
    }
}

#[tokio::test]
async fn row_202_reload_back_duplicate_and_a_cached_page_keep_the_session() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-reload", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        let first = browser.tab().await;
        for _ in 0..2 {
            browser.reload().await;
            browser.find(NAME).await;
        }
        // Forward to another page and back: from the back/forward cache or not, who was signed in is.
        browser.open(&hub.url).await;
        browser.back().await;
        browser.find(NAME).await;
        // Back again is the Hub's page of the login, or the page before it; never a second exchange.
        browser.back().await;
        browser.open(&page.url).await;
        browser.find(NAME).await;

        browser.duplicate().await;
        browser.find(NAME).await;
        browser.reload().await;
        browser.find(NAME).await;
        // A new tab, which has no session storage of the first, learns from it.
        browser.new_tab().await;
        browser.open(&page.url).await;
        browser.find(NAME).await;
        browser.go_to_tab(&first).await;
        browser.find(NAME).await;
        assert_eq!(hub.granted("authorization_code").await.len(), 1, "no code was redeemed twice");
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn row_202_a_reload_with_the_code_in_the_address_sends_no_second_exchange() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-f5-with-code", async |browser| {
        let authorize = browser.page_begins(&page).await;
        let back = hub.approved(&authorize).await;
        browser.open(&back).await;
        browser.find(NAME).await;
        assert_eq!(browser.url().await, format!("{}/", page.url));
        // As from a bookmark, or the history of an older browser.
        browser.open(&back).await;
        browser.find(NAME).await;
        assert_eq!(browser.count("#problem:not([hidden])").await, 0, "who is signed in need not hear of it");
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);

        // F5 while the exchange is under way costs at most one click.
        browser.click("#sign-out").await;
        let authorize = browser.page_begins(&page).await;
        hub.fault(json!({ "endpoint": "token", "times": 1, "latency_ms": 1500 })).await;
        let back = hub.approved(&authorize).await;
        browser.script(&format!("setTimeout(() => location.assign({back:?}))")).await;
        let under_way = async || (hub.requests_to("/oauth/token").await.len() == 2).then_some(());
        eventually("the exchange", under_way).await;
        browser.reload().await;
        browser.click(SIGN_IN).await;
        // This browser was never at the Hub before; consent stands.
        browser.click("button.person[value=ada]").await;
        browser.find(NAME).await;
        assert_eq!(hub.granted("authorization_code").await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn row_112_row_202_ten_tabs_begun_at_once_all_finish_in_any_order() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-ten-tabs", async |browser| {
        let mut tabs = Vec::new();
        for _ in 0..10 {
            tabs.push(browser.new_tab().await);
            browser.open(&page.url).await;
            browser.click(SIGN_IN).await;
            browser.find("button.person[value=ada]").await;
        }
        let (first, rest) = (tabs[6].clone(), [9, 0, 3, 1, 8, 2, 7, 5, 4].map(|number| tabs[number].clone()));
        browser.go_to_tab(&first).await;
        browser.click("button.person[value=ada]").await;
        browser.page_approve().await;
        for tab in rest {
            browser.go_to_tab(&tab).await;
            // The Hub knows by now who this is.
            browser.reload().await;
            browser.find(NAME).await;
            browser.reads(&["Ada Lovelace"]).await;
        }
        let exchanges = hub.requests_to("/oauth/token").await;
        assert_eq!(exchanges.len(), 10, "one login a tab");
        assert!(exchanges.iter().all(|exchange| exchange.outcome().0 == 200), "{exchanges:?}");
        let (local, _) = browser.storages().await;
        assert!(!local.contains("attempt"), "no login is left behind: {local}");
    })
    .await;
}

/// The clock of every tab, which the storage that they share sets ahead.
const CLOCK: &str =
    "const clock = Date.now; Date.now = () => clock() + Number(localStorage['test:ahead'] ?? 0);";

#[tokio::test]
async fn row_112_eight_tabs_refresh_once_and_all_have_the_new_token() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-eight-tabs", async |browser| {
        browser.on_every_page(CLOCK).await;
        browser.page_sign_in(&page, "ada").await;
        let mut tabs = vec![browser.tab().await];
        while tabs.len() < 8 {
            tabs.push(browser.new_tab().await);
            browser.on_every_page(CLOCK).await;
            browser.open(&page.url).await;
            browser.find(NAME).await;
        }
        let old = browser.module("return it.token()").await;
        // All ask at the same moment, and by then it is time to renew: five minutes before the end of eight hours.
        hub.control("clock", json!({ "advance": 28_600 })).await;
        let at = browser.script("return Date.now() + 15_000").await;
        for tab in &tabs {
            browser.go_to_tab(tab).await;
            let ask = "import('/hf-sign-in.js').then((it) => it.token()).then((token) => { window.got = token; })";
            browser.script(&format!("setTimeout(() => {{ localStorage['test:ahead'] = 28_600_000; {ask} }}, {at} - Date.now())")).await;
        }
        let mut got = Vec::new();
        for tab in &tabs {
            browser.go_to_tab(tab).await;
            let answered =
                async || Some(browser.script("return window.got ?? null").await).filter(|got| !got.is_null());
            got.push(eventually("a token", answered).await);
        }
        got.dedup();
        assert_eq!(got.len(), 1, "all have the same");
        assert!(got[0].is_string() && got[0] != old);
        assert_eq!(
            hub.granted("refresh_token").await.len(),
            1,
            "{:?}",
            hub.requests_to("/oauth/token").await
        );
        for tab in &tabs {
            browser.go_to_tab(tab).await;
            browser.find(NAME).await;
        }
    })
    .await;
}

#[tokio::test]
async fn row_112_a_sign_out_reaches_every_tab_a_frozen_and_a_cached_one_too() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-sign-out", async |browser| {
        browser.page_sign_in(&page, "ada").await;
        let frozen = browser.tab().await;
        let duplicated = browser.duplicate().await;
        browser.find(NAME).await;
        let new = browser.new_tab().await;
        browser.open(&page.url).await;
        browser.find(NAME).await;
        // In the back/forward cache, or loaded anew: both must look.
        let cached = browser.new_tab().await;
        browser.open(&page.url).await;
        browser.find(NAME).await;
        browser.open(&hub.url).await;

        browser.go_to_tab(&frozen).await;
        browser.freeze(true).await;
        browser.go_to_tab(&new).await;
        browser.click("#sign-out").await;
        browser.is_signed_out().await;

        browser.go_to_tab(&duplicated).await;
        browser.is_signed_out().await;
        browser.go_to_tab(&cached).await;
        browser.back().await;
        browser.is_signed_out().await;
        browser.go_to_tab(&frozen).await;
        browser.freeze(false).await;
        browser.is_signed_out().await;
        browser.reload().await;
        browser.is_signed_out().await;
        let (local, session) = browser.storages().await;
        assert!(!local.contains("hf_oauth_") && !session.contains("hf_oauth_"), "{local} {session}");
    })
    .await;
}
