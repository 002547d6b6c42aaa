//! An app in the frame of a Space, on another site than the Hub, in real browsers.

mod first_steps;

use crate::support::browser::{Browser, Settings};
use crate::support::space::App;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN};

/// As most people will have it.
const BLOCKING: Settings =
    Settings { no_cookies_on: None, no_third_party_cookies: true, no_script: false, any_certificate: false };

const FRAME: &str = "iframe";
const SIGN_OUT: &str = "form[action$='/logout'] button";

/// Opens the Hub's page of a Space, and goes into its frame.
async fn open(browser: &Browser, app: &App) {
    browser.open(&app.page).await;
    browser.enter_frame(FRAME).await;
}

/// Loads the whole page again, and goes into the frame.
async fn reload(browser: &Browser) {
    browser.leave_frame().await;
    browser.reload().await;
    browser.enter_frame(FRAME).await;
}

/// In the frame from the button to the profile, for somebody whom the Hub does not know yet.
async fn sign_in(browser: &Browser, username: &str) {
    browser.click(SIGN_IN).await;
    browser.click(&format!("button.person[value={username}]")).await;
    browser.find(APPROVE).await;
    browser.approve().await;
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
