//! Messages to pages of the app and of this library.

use super::{BLOCKING, FRAME, NEW_TAB, PROFILE, SIGN_IN, open, page_of_a_stranger, sign_in, who};
use crate::support::browser::Browser;
use crate::support::eventually;
use crate::support::space::{Plan, Spaces};

/// Every shape in which somebody could tell a page that a sign-in has ended, to every page that can be reached.
const SEND: &str = "const words = ['signed-in', 'logout', '*', { type: 'hf-oauth', code: 'stolen', state: 'stolen' }, \
      { type: 'authorization_response', response: { code: 'stolen' } }, { session: 'planted' }, null]; \
    const everybody = [...document.querySelectorAll('iframe')].map((it) => it.contentWindow); \
    for (const other of [window.parent, window.opener, window.opened, ...everybody]) \
      if (other && other !== window) for (const word of [...words, ...words]) other.postMessage(word, '*'); \
    for (const name of ['hf-oauth', 'hf_oauth', 'oauth']) \
      for (const word of words) new BroadcastChannel(name).postMessage(word); \
    return words.length * 2;";

/// Counts what arrives, beside whatever the page itself listens to.
const LISTEN: &str = "window.heard = []; addEventListener('message', (message) => heard.push(message.data));";

/// Waits until the document in which the driver is has heard that many messages: by then its own listeners have, too.
async fn hears(browser: &Browser, messages: &serde_json::Value) {
    let heard = async || (browser.script("return heard.length").await == *messages).then_some(());
    eventually("all messages", heard).await;
}

#[tokio::test]
async fn row_092_no_message_from_anybody_changes_anything_in_a_frame() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-messages", async |browser| {
        let at_the_hub = async || hub.requests_to("/oauth/authorize").await.len();
        let told_by_the_page_around = async || {
            browser.script(LISTEN).await;
            browser.leave_frame().await;
            let sent = browser.script(SEND).await;
            browser.enter_frame(FRAME).await;
            hears(browser, &sent).await;
        };
        open(browser, &app).await;
        browser.find(SIGN_IN).await;
        told_by_the_page_around().await;
        browser.script(SEND).await;
        assert_eq!(who(browser).await, None);
        assert_eq!(at_the_hub().await, 0, "nobody was sent anywhere");

        sign_in(browser, "ada").await;
        let before = at_the_hub().await;
        told_by_the_page_around().await;
        browser.script(SEND).await;
        assert_eq!(who(browser).await.as_deref(), Some("ada"));
        assert_eq!(at_the_hub().await, before);
    })
    .await;
}

#[tokio::test]
async fn row_092_a_strangers_window_and_its_opener_tell_each_other_nothing() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    let stranger = page_of_a_stranger("<p>Win a prize");
    Browser::run("space-messages-stranger", async |browser| {
        browser.open(&app.origin).await;
        sign_in(browser, "ada").await;
        browser.open(&stranger).await;
        let window = browser.tab().await;
        browser.script(LISTEN).await;
        let open_app = format!("window.opened = window.open({:?})", app.origin);
        let opened = browser.opened_tab(async || drop(browser.script(&open_app).await)).await;
        browser.find(PROFILE).await;
        browser.script(LISTEN).await;
        browser.go_to_tab(&window).await;
        let sent = browser.script(SEND).await;
        browser.go_to_tab(&opened).await;
        hears(browser, &sent).await;
        assert_eq!(who(browser).await.as_deref(), Some("ada"));
        browser.go_to_tab(&window).await;
        assert_eq!(browser.script("return heard.length").await, 0, "no page of the app says anything");
        browser.new_tab().await;
        browser.open(&app.origin).await;
        assert_eq!(who(browser).await.as_deref(), Some("ada"));
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
    })
    .await;
}

/// The page at which a tab ends that was opened from a frame has no script at all, so that nothing can be told to it.
#[tokio::test]
async fn row_092_the_tab_that_was_opened_from_a_frame_listens_to_nobody() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-messages-tab", async |browser| {
        open(browser, &app).await;
        let frame = browser.tab().await;
        browser.find(SIGN_IN).await;
        let tab = browser.opened_tab(async || browser.click(NEW_TAB).await).await;
        browser.click("button.person[value=grace]").await;
        browser.click("button[value=approve]").await;
        browser.reads(&["Go on here"]).await;
        assert_eq!(browser.count("script").await, 0);
        let names = "return [window.name, window.opener, onmessage, onstorage]";
        assert_eq!(browser.script(names).await, serde_json::json!(["", null, null, null]));
        browser.go_to_tab(&frame).await;
        browser.enter_frame(FRAME).await;
        browser.script(SEND).await;
        assert_eq!(who(browser).await, None, "the frame heard nothing of the tab");
        browser.go_to_tab(&tab).await;
        browser.reads(&["Go on here", "Grace Hopper"]).await;
        browser.click_words("Go on").await;
        browser.find(PROFILE).await;
        assert_eq!(who(browser).await.as_deref(), Some("grace"));
    })
    .await;
}
