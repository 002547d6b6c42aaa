//! The page in Firefox and in WebKitGTK.

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::{Browser, Kind, Settings};

/// Signed in, still so after a reload, an answer, signed out.
async fn first_steps(kind: Kind) {
    // WebKitGTK keeps no `Secure` cookie from `http`, not even from localhost.
    let hub = hub(if kind == Kind::WebKit { "[pages]\nsame_site = \"lax\"\n" } else { "" });
    let page = page_of(&hub);
    let name = format!("page-{kind:?}").to_lowercase();
    Browser::run_in(kind, Settings::default(), &name, async |browser| {
        browser.page_to_consent(&page.url, "ada").await;
        browser.page_approve().await;
        assert_eq!(browser.url().await, format!("{}/", page.url));
        browser.reload().await;
        browser.find(NAME).await;
        browser.reads(&["Ada Lovelace"]).await;
        let texts = browser.ask("In another browser?").await;
        assert!(texts.last().unwrap().contains("In another browser?"), "{texts:?}");
        browser.picture(&name).await;
        browser.click("#sign-out").await;
        browser.find(SIGN_IN).await;
        browser.reload().await;
        browser.find(SIGN_IN).await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_page_signs_in_reloads_asks_and_signs_out_in_firefox() {
    first_steps(Kind::Firefox).await;
}

#[tokio::test]
async fn the_page_signs_in_reloads_asks_and_signs_out_in_webkit() {
    first_steps(Kind::WebKit).await;
}
