//! A WebSocket brings the session of its own page, and a stranger's brings none.

use super::app::OwnApp;
use super::{BLOCKING, FRAME, SIGN_IN, page_of_a_stranger};
use crate::support::browser::Browser;
use crate::support::others::page_of_others;
use crate::support::steps::APPROVE;

/// What a socket says first.
const FIRST_WORD: &str = "return new Promise((done) => { \
    const socket = new WebSocket('ws' + URL.slice(4) + '/socket'); \
    socket.onmessage = (message) => done(message.data); \
    socket.onerror = () => done('refused'); \
})";

async fn sign_in(browser: &Browser) {
    browser.click(SIGN_IN).await;
    browser.click("button.person[value=ada]").await;
    browser.click(APPROVE).await;
    browser.reads(&["Ada Lovelace"]).await;
}

#[tokio::test]
async fn row_092_a_websocket_is_the_frames_own_and_nobodys_from_elsewhere() {
    let app = OwnApp::start().await;
    let script = FIRST_WORD.replace("URL", &format!("{:?}", app.origin));
    Browser::run_with(BLOCKING, "space-socket", async |browser| {
        browser.open(&app.page).await;
        browser.enter_frame(FRAME).await;
        browser.find(SIGN_IN).await;
        assert_eq!(browser.script(&script).await, "nobody");
        sign_in(browser).await;
        assert_eq!(browser.script(&script).await, "Ada Lovelace");
        browser.open(&page_of_a_stranger("<p>Win a prize")).await;
        assert_eq!(browser.script(&script).await, "nobody");
    })
    .await;
}

/// Another port of the same host is the same site to a browser, which sends the tab's cookies along: it is the app that says no.
#[tokio::test]
async fn row_092_a_neighbours_websocket_with_the_tabs_cookies_is_nobodys() {
    let app = OwnApp::start().await;
    let script = FIRST_WORD.replace("URL", &format!("{:?}", app.origin));
    Browser::run_with(BLOCKING, "space-socket-neighbour", async |browser| {
        browser.open(&app.origin).await;
        sign_in(browser).await;
        assert_eq!(browser.script(&script).await, "Ada Lovelace");
        browser.open(&format!("http://127.0.0.1:{}", page_of_others("<p>Win a prize"))).await;
        assert_eq!(browser.script(&script).await, "nobody");
    })
    .await;
}
