//! The browsers themselves: what later tests take for granted of them.

use crate::support::browser::{Browser, Kind, Settings};
use crate::support::demo::Demo;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN};

/// Signed in, still so after a reload, signed out.
async fn first_steps(kind: Kind) {
    // WebKitGTK keeps no `Secure` cookie from `http`, not even from localhost.
    let same_site = if kind == Kind::WebKit { "lax" } else { "none" };
    let demo = Demo::with_hub_config(&format!("[pages]\nsame_site = {same_site:?}\n"));
    Browser::run_in(kind, Settings::default(), &format!("first-steps-{kind:?}"), async |browser| {
        browser.open(&demo.url).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.click(APPROVE).await;
        browser.find(PROFILE).await;
        browser.reload().await;
        browser.find(PROFILE).await;
        browser.picture(&format!("first-steps-{kind:?}").to_lowercase()).await;
        browser.click("form[action$='/logout'] button").await;
        browser.find(SIGN_IN).await;
        browser.reload().await;
        browser.find(SIGN_IN).await;
    })
    .await;
}

#[tokio::test]
async fn first_steps_in_firefox() {
    first_steps(Kind::Firefox).await;
}

#[tokio::test]
async fn first_steps_in_webkit() {
    first_steps(Kind::WebKit).await;
}
