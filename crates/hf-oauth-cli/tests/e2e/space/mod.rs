//! An app in the frame of a Space, on another site than the Hub, in real browsers.

mod app;
mod attacker;
mod cookies;
mod custom_domain;
mod first_steps;
mod looks;
mod markup;
mod messages;
mod planted;
mod side_by_side;
mod socket;
mod strangers;
mod tab;
mod uses;

use crate::support::browser::{Browser, Settings};
use crate::support::eventually;
use crate::support::others::page_of_others;
use crate::support::space::App;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN};

/// As most people will have it.
const BLOCKING: Settings = Settings::NO_THIRD_PARTY_COOKIES;

const FRAME: &str = "iframe";
const SIGN_OUT: &str = "form[action$='/logout'] button";
/// The small link beside the button.
const NEW_TAB: &str = "a.hf-oauth-tab";

/// Opens the Hub's page of a Space, and goes into its frame.
async fn open(browser: &Browser, app: &App) {
    open_page(browser, &app.page).await;
}

async fn open_page(browser: &Browser, page: &str) {
    browser.open(page).await;
    browser.enter_frame(FRAME).await;
}

/// Loads the whole page again, and goes into the frame.
async fn reload(browser: &Browser) {
    browser.leave_frame().await;
    browser.reload().await;
    browser.enter_frame(FRAME).await;
}

/// From the button to the profile, for somebody whom the Hub does not know yet.
async fn sign_in(browser: &Browser, username: &str) {
    browser.click(SIGN_IN).await;
    choose(browser, username).await;
}

/// At the Hub to the profile, for somebody whom it does not know yet.
async fn choose(browser: &Browser, username: &str) {
    browser.click(&format!("button.person[value={username}]")).await;
    browser.find(APPROVE).await;
    browser.approve().await;
}

/// Signs out in the frame, and goes back to the app.
async fn sign_out(browser: &Browser) {
    browser.click(SIGN_OUT).await;
    browser.reads(&["You are signed out"]).await;
    browser.click_words("Back to the app").await;
    browser.find(SIGN_IN).await;
}

/// A picture of the whole page; the driver ends in the frame, as it was.
async fn picture(browser: &Browser, name: &str) {
    browser.leave_frame().await;
    browser.picture(name).await;
    browser.enter_frame(FRAME).await;
}

/// Waits until the frame shows what Chromium shows in place of a page that may not be framed; the driver ends in it.
async fn sees_a_refusal(browser: &Browser) {
    let refused = async || {
        browser.enter_frame(FRAME).await;
        if browser.script("return location.href").await == "chrome-error://chromewebdata/" {
            return Some(());
        }
        browser.leave_frame().await;
        None
    };
    eventually("a frame that is refused", refused).await;
}

/// Waits until `go` has led the frame to an end at this address.
async fn ends_at(browser: &Browser, origin: &str, go: impl AsyncFnOnce()) {
    browser.script("window.before = true").await;
    go().await;
    let ended = async || {
        let look = "return [!window.before && document.readyState === 'complete', location.origin]";
        let place = browser.script(look).await;
        (place[0] == true && place[1] == *origin).then_some(())
    };
    eventually(&format!("an end at {origin}"), ended).await;
}

/// Who the app takes the document for in which the driver is.
async fn who(browser: &Browser) -> Option<String> {
    let (status, body) = browser.fetch("/api/me").await;
    match status {
        401 => None,
        200 => {
            let me: serde_json::Value = serde_json::from_str(&body).unwrap();
            Some(me["user"]["preferred_username"].as_str().unwrap().to_owned())
        }
        other => panic!("{other}: {body}"),
    }
}

/// Who is signed in in a tab of the app, and who in its frame at the Hub. The driver ends in the tab.
async fn in_frame_and_tab(browser: &Browser, app: &App) -> [Option<String>; 2] {
    at(browser, &app.page, &app.origin).await
}

async fn at(browser: &Browser, page: &str, origin: &str) -> [Option<String>; 2] {
    browser.new_tab().await;
    open_page(browser, page).await;
    let frame = who(browser).await;
    browser.open(origin).await;
    [frame, who(browser).await]
}

/// Both, for short.
fn people(frame: &str, tab: &str) -> [Option<String>; 2] {
    [frame, tab].map(|name| Some(name.to_owned()).filter(|name| !name.is_empty()))
}

/// A page of somebody else's, on a site of its own.
fn page_of_a_stranger(body: &str) -> String {
    format!("http://stranger.localhost:{}", page_of_others(body))
}
