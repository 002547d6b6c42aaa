//! In the frame: sign in, stay so after a reload, sign out.

use super::{BLOCKING, PROFILE, SIGN_IN, SIGN_OUT, open, open_page, reload, sign_in, sign_out, who};
use crate::support::browser::{Browser, Kind, Settings};
use crate::support::demo::Demo;
use crate::support::space::{Plan, Spaces};
use crate::support::tls::Authority;

async fn first_steps(kind: Kind, settings: Settings, plan: Plan<'_>) {
    let Spaces { hub, apps: [app] } = Spaces::start(plan).await;
    Browser::run_in(kind, settings, &format!("space-first-steps-{kind:?}"), async |browser| {
        open(browser, &app).await;
        browser.find(SIGN_IN).await;
        assert_eq!(who(browser).await, None);
        sign_in(browser, "ada").await;
        assert_eq!(who(browser).await.as_deref(), Some("ada"));
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);

        reload(browser).await;
        browser.find(PROFILE).await;
        browser.click(SIGN_OUT).await;
        browser.reads(&["You are signed out in this frame", "A tab in which you signed in"]).await;
        browser.click_words("Back to the app").await;
        browser.find(SIGN_IN).await;
        assert_eq!(who(browser).await, None);
        reload(browser).await;
        browser.find(SIGN_IN).await;
    })
    .await;
}

#[tokio::test]
async fn row_089_in_chromium_without_third_party_cookies_the_frame_itself_is_signed_in() {
    first_steps(Kind::Chromium, BLOCKING, Plan::default()).await;
}

#[tokio::test]
async fn row_089_in_firefox_by_default_the_frame_itself_is_signed_in() {
    first_steps(Kind::Firefox, Settings::default(), Plan::default()).await;
}

#[tokio::test]
async fn row_089_in_webkit_the_frame_itself_is_signed_in() {
    let authority = Authority::new();
    let settings = Settings { any_certificate: true, ..Settings::default() };
    first_steps(Kind::WebKit, settings, Plan { tls: Some(&authority), ..Plan::default() }).await;
}

/// The rehearsal by one command.
#[tokio::test]
async fn the_demo_as_a_space_signs_in_inside_its_frame() {
    let (demo, page) = Demo::in_a_frame();
    Browser::run_with(BLOCKING, "demo-space-first-steps", async |browser| {
        open_page(browser, &page).await;
        sign_in(browser, "grace").await;
        reload(browser).await;
        browser.find(PROFILE).await;
        let frame = browser.script("return location.origin").await;
        assert_eq!(frame, demo.url);
        assert!(browser.ask("Are you there?").await.last().unwrap().contains("Are you there?"));
        sign_out(browser).await;
        reload(browser).await;
        browser.find(SIGN_IN).await;
    })
    .await;
}
