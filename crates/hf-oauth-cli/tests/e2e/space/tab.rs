//! The same app in its frame and in a tab.

use super::{
    BLOCKING, FRAME, NEW_TAB, PROFILE, SIGN_IN, SIGN_OUT, choose, open, reload, sees_a_refusal, sign_in, who,
};
use crate::support::browser::Browser;
use crate::support::eventually;
use crate::support::space::{Plan, Spaces};
use crate::support::steps::APPROVE;

/// Whatever the two could talk through stays on its own side: what the rest of these tests shows is worth something only
/// where that is so.
#[tokio::test]
async fn storage_channels_and_cookies_are_partitioned_in_this_browser() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-partitions", async |browser| {
        let leave = "localStorage.setItem('seen', 'in the tab'); \
                     document.cookie = 'plain=1; SameSite=None; Secure'; \
                     window.heard = []; \
                     new BroadcastChannel('all').onmessage = (message) => window.heard.push(message.data); \
                     return document.cookie";
        let look = "new BroadcastChannel('all').postMessage('from the frame'); \
                    document.cookie = 'third=1; SameSite=None; Secure'; \
                    document.cookie = 'own=1; SameSite=None; Secure; Partitioned'; \
                    return [localStorage.getItem('seen'), document.cookie]";
        browser.open(&app.origin).await;
        let tab = browser.tab().await;
        assert_eq!(browser.script(leave).await, "plain=1");
        browser.new_tab().await;
        open(browser, &app).await;
        let seen = browser.script(look).await;
        assert_eq!(seen, serde_json::json!([null, "own=1"]), "only a partitioned cookie is kept");
        // What another tab says is heard, and behind everything that the frame could have said.
        browser.new_tab().await;
        browser.open(&app.origin).await;
        browser.script("new BroadcastChannel('all').postMessage('from a tab')").await;
        browser.go_to_tab(&tab).await;
        let heard =
            async || Some(browser.script("return window.heard").await).filter(|heard| heard[0].is_string());
        assert_eq!(eventually("a message", heard).await, serde_json::json!(["from a tab"]));
        assert_eq!(browser.script("return document.cookie").await, "plain=1");
    })
    .await;
}

#[tokio::test]
async fn row_206_frame_and_tab_are_two_people_and_neither_signs_the_other_out() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-frame-and-tab", async |browser| {
        open(browser, &app).await;
        sign_in(browser, "ada").await;
        let frame = browser.tab().await;
        let tab = browser.new_tab().await;
        browser.open(&app.origin).await;
        assert_eq!(who(browser).await, None, "the frame's session is the frame's");
        // The Hub knows who this is, and what they allowed.
        browser.click(SIGN_IN).await;
        browser.find(PROFILE).await;
        browser.click_words("Switch account").await;
        choose(browser, "grace").await;

        let in_frame = async || {
            browser.go_to_tab(&frame).await;
            browser.reload().await;
            browser.enter_frame(FRAME).await;
            who(browser).await
        };
        let in_tab = async || {
            browser.go_to_tab(&tab).await;
            browser.reload().await;
            who(browser).await
        };
        assert_eq!((in_frame().await.as_deref(), in_tab().await.as_deref()), (Some("ada"), Some("grace")));
        in_frame().await;
        browser.click(SIGN_OUT).await;
        browser.reads(&["You are signed out in this frame", "A tab in which you signed in"]).await;
        browser.click_words("Back to the app").await;
        browser.find(SIGN_IN).await;
        assert_eq!((in_frame().await, in_tab().await.as_deref()), (None, Some("grace")));
        browser.click(SIGN_OUT).await;
        browser.find(SIGN_IN).await;
        assert_eq!((in_frame().await, in_tab().await), (None, None));
    })
    .await;
}

#[tokio::test]
async fn row_200_the_tab_beside_the_frame_needs_no_opener_and_says_to_go_on_there() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-new-tab", async |browser| {
        open(browser, &app).await;
        let frame = browser.tab().await;
        browser.find(SIGN_IN).await;
        browser.opened_tab(async || browser.click(NEW_TAB).await).await;
        browser.find("button.person[value=ada]").await;
        assert_eq!(browser.script("return window.opener").await, serde_json::Value::Null);
        browser.click("button.person[value=ada]").await;
        browser.find(APPROVE).await;
        if browser.count("button[value=all]").await > 0 {
            browser.click("button[value=all]").await;
        }
        browser.click(APPROVE).await;
        browser
            .reads(&["Go on here", "signed in as Ada Lovelace in this tab", "The frame that you came from"])
            .await;
        for dark in [false, true] {
            browser.dark(dark).await;
            for (width, height) in [(390, 844), (1280, 900)] {
                browser.screen(width, height).await;
                browser.fits("go on here").await;
                browser
                    .picture(&format!("space-go-on-here-{}-{width}", if dark { "dark" } else { "light" }))
                    .await;
            }
        }
        browser.click_words("Go on").await;
        browser.find(PROFILE).await;
        assert!(browser.url().await.starts_with(&app.origin));

        browser.go_to_tab(&frame).await;
        browser.enter_frame(FRAME).await;
        reload(browser).await;
        assert_eq!(who(browser).await, None, "nothing came over from the tab");
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn where_the_hub_may_not_be_framed_the_link_beside_the_button_leads_on() {
    let Spaces { hub: _hub, apps: [app] } =
        Spaces::start(Plan { hub: &["--no-frames"], ..Plan::default() }).await;
    Browser::run_with(BLOCKING, "space-not-framable", async |browser| {
        open(browser, &app).await;
        browser.reads(&["Or sign in in a new tab, and go on there"]).await;
        browser.click(SIGN_IN).await;
        browser.leave_frame().await;
        sees_a_refusal(browser).await;
        browser.leave_frame().await;
        browser.picture("space-not-framable").await;
        // What a person does with a frame that shows an error: the page again, and the other way.
        browser.reload().await;
        browser.enter_frame(FRAME).await;
        browser.find(SIGN_IN).await;
        browser.opened_tab(async || browser.click(NEW_TAB).await).await;
        browser.click("button.person[value=grace]").await;
        browser.click(APPROVE).await;
        browser.reads(&["Go on here", "Grace Hopper"]).await;
        browser.click_words("Go on").await;
        browser.find(PROFILE).await;
        assert_eq!(who(browser).await.as_deref(), Some("grace"));
    })
    .await;
}
