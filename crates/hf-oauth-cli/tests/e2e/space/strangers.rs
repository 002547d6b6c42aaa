//! Pages of others that show the app in a frame.

use super::{BLOCKING, FRAME, PROFILE, SIGN_IN, page_of_a_stranger, sees_a_refusal, sign_in, who};
use crate::support::browser::Browser;
use crate::support::space::{Plan, Spaces};

/// A page of a stranger's with the app in a frame, as see-through as a trap needs it.
fn trap(address: &str, attributes: &str) -> String {
    page_of_a_stranger(&format!(
        "<p>Win a prize<iframe {attributes} width=600 height=500 style=\"opacity: 0.6\" src=\"{address}\"></iframe>"
    ))
}

#[tokio::test]
async fn row_175_in_a_strangers_frame_a_space_says_where_to_open_it_and_nothing_of_anybody() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    let traps = [
        "/",
        "/oauth/huggingface/login",
        "/oauth/huggingface/logout",
        "/oauth/huggingface/tab",
        "/inference",
    ]
    .map(|path| trap(&app.at(path), ""));
    Browser::run("space-strangers-frame", async |browser| {
        // Signed in in a tab, in a browser that sends other sites' cookies along.
        browser.open(&app.origin).await;
        sign_in(browser, "ada").await;
        for trap in traps {
            browser.open(&trap).await;
            browser.enter_frame(FRAME).await;
            browser.reads(&["Open this app in a new tab", "of a site that may not show it"]).await;
            let page = browser.text("body").await;
            assert!(!page.contains("Ada") && browser.count("form").await == 0, "{page}");
            browser.picture("space-strangers-frame").await;
        }
        browser.opened_tab(async || browser.click("a.action").await).await;
        browser.find(PROFILE).await;
        assert!(browser.url().await.starts_with(&app.origin), "in a tab of its own");
    })
    .await;
}

/// Then the app cannot tell by `Referer`, and the browser holds the stranger to the page's policy.
#[tokio::test]
async fn row_175_a_stranger_who_hides_sees_an_empty_frame() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    // The address that begins a login leads to the Hub and back, and what comes back is refused as well.
    let traps = ["/", "/oauth/huggingface/logout", "/inference", "/oauth/huggingface/login"]
        .map(|path| trap(&app.at(path), "referrerpolicy=no-referrer"));
    Browser::run("space-hiding-stranger", async |browser| {
        browser.open(&app.origin).await;
        sign_in(browser, "ada").await;
        for trap in traps {
            browser.open(&trap).await;
            sees_a_refusal(browser).await;
            assert_eq!(browser.count("form").await, 0);
        }
        browser.open(&app.origin).await;
        assert_eq!(who(browser).await.as_deref(), Some("ada"), "nobody was signed out");
    })
    .await;
}

/// The Hub's page around the app is no way in either: a stranger may not frame it.
#[tokio::test]
async fn row_175_a_stranger_cannot_frame_the_page_that_frames_the_app() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    let trap = trap(&app.page, "");
    Browser::run_with(BLOCKING, "space-framed-twice", async |browser| {
        browser.open(&app.page).await;
        browser.enter_frame(FRAME).await;
        sign_in(browser, "ada").await;
        browser.open(&trap).await;
        sees_a_refusal(browser).await;
        assert_eq!(browser.count(FRAME).await + browser.count(SIGN_IN).await, 0);
    })
    .await;
}
