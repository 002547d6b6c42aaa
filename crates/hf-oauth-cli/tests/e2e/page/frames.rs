//! The page as a static Space: in a frame of the Hub's own page, which is another site.

use std::net::TcpListener;

use super::files::{index, serve_on};
use super::steps::{NAME, SIGN_IN};
use crate::support::browser::{Browser, Settings};
use crate::support::hub::Hub;
use crate::support::steps::APPROVE;

/// The Hub with its Space, and where the page of that Space stands; `more` goes into its `config.js`, `pages` into `hub.toml`.
fn space(pages: &str, more: &str) -> (Hub, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let hub = Hub::start(&format!(
        "[[spaces]]\nurl = {address:?}\nid = \"ada/page\"\nclient_id = \"page\"\nhf_oauth_scopes = [\"inference-api\"]\n[pages]\n{pages}\n"
    ));
    let variables = serde_json::json!({ "OAUTH_CLIENT_ID": "page", "OAUTH_SCOPES": "openid profile inference-api", "OPENID_PROVIDER_URL": hub.url });
    let config = format!("window.huggingface = {{ variables: {variables} }}; {more}");
    serve_on(listener, vec![("index.html", index(&hub.url)), ("config.js", config)]);
    (hub, address)
}

async fn in_the_frame(settings: Settings, name: &str) {
    let (hub, _) = space("opener_policy = true", "");
    Browser::run_with(settings, name, async |browser| {
        let framing = format!("{}/spaces/ada/page", hub.url);
        browser.open(&framing).await;
        browser.enter_frame("iframe").await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.find(APPROVE).await;
        browser.page_approve().await;
        browser.reads(&["Ada Lovelace"]).await;
        assert!(browser.ask("From a frame?").await.last().unwrap().contains("From a frame?"));
        browser.picture(name).await;

        // The partition's storage is there again after a reload of the whole page, and after the Hub's own pages.
        browser.open(&hub.url).await;
        browser.open(&framing).await;
        browser.enter_frame("iframe").await;
        let (local, session) = browser.storages().await;
        println!("{name}: local {} bytes, session {} bytes", local.len(), session.len());
        browser.find(NAME).await;
        browser.click("#sign-out").await;
        browser.find(SIGN_IN).await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn row_200_the_page_signs_in_within_a_spaces_frame_whatever_the_opener_policy() {
    in_the_frame(Settings::default(), "page-framed").await;
}

#[tokio::test]
async fn row_200_the_page_signs_in_within_a_frame_whose_storage_is_partitioned_and_cookies_are_blocked() {
    in_the_frame(Settings { no_third_party_cookies: true, ..Settings::default() }, "page-framed-blocked")
        .await;
}

#[tokio::test]
async fn where_the_hub_cannot_be_framed_the_page_shows_the_way_outside() {
    let (hub, address) = space("framed_by = \"nobody\"", "window.HF_OAUTH_FRAMABLE = false;");
    Browser::run("page-outside", async |browser| {
        browser.open(&format!("{}/spaces/ada/page", hub.url)).await;
        browser.enter_frame("iframe").await;
        browser.click(SIGN_IN).await;
        browser.reads(&["Sign in outside of this frame", "Open this page"]).await;
        browser.picture("page-outside").await;
        let before = browser.tabs().await;
        browser.click("#problem a").await;
        let opened = async || browser.tabs().await.into_iter().find(|tab| !before.contains(tab));
        let tab = crate::support::eventually("a tab of its own", opened).await;
        browser.go_to_tab(&tab).await;
        // Nothing holds on to the window that opened it.
        assert_eq!(browser.script("return window.opener === null").await, true);
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.page_approve().await;
        assert!(browser.url().await.starts_with(&address));
    })
    .await;
}

/// Windows lose each other under the Hub's opener policy, and a window that is open may look closed.
#[test]
fn row_200_nothing_looks_at_the_window_that_opened_it_or_whether_one_is_closed() {
    for name in ["page.js", "asking.js", "dom.js", "inference.js", "person.js", "words.js", "hf-sign-in.js"] {
        let text = super::files::example(name).unwrap();
        let text = text.replace("noopener", "");
        for word in [".opener", "\"opener\"", ".closed", "window.open("] {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}
