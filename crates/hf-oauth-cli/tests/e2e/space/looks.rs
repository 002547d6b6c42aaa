//! Every step of a sign-in in the frame, on a screen and on a phone, by day and by night, as pictures for people to look at.

use super::{APPROVE, BLOCKING, FRAME, PROFILE, SIGN_IN, SIGN_OUT, open};
use crate::support::browser::Browser;
use crate::support::space::{Plan, Spaces};

/// Takes pictures of the whole page, and goes back into its frame.
async fn look(browser: &Browser, step: &str) {
    browser.leave_frame().await;
    for (screen, height) in [(390, 844), (1280, 900)] {
        browser.screen(screen, height).await;
        browser.fits(step).await;
        browser.enter_frame(FRAME).await;
        browser.fits(&format!("{step}, in the frame")).await;
        browser.leave_frame().await;
        browser.picture(&format!("space-{step}-{screen}")).await;
    }
    browser.enter_frame(FRAME).await;
}

#[tokio::test]
async fn every_step_in_the_frame_fits_screens_and_phones_by_day_and_by_night() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-looks", async |browser| {
        // Two people: the Hub remembers what somebody allowed.
        for (light, username) in [("light", "ada"), ("dark", "alan")] {
            let look = async |step: &str| look(browser, &format!("{step}-{light}")).await;
            browser.delete_all_cookies().await;
            browser.dark(light == "dark").await;
            open(browser, &app).await;
            browser.find(SIGN_IN).await;
            look("1-signed-out").await;
            browser.click(SIGN_IN).await;
            let person = format!("button.person[value={username}]");
            browser.find(&person).await;
            look("2-who").await;
            browser.click(&person).await;
            browser.find(APPROVE).await;
            look("3-consent").await;
            browser.click("button[value=deny]").await;
            browser.reads(&["You did not give access"]).await;
            look("4-declined").await;
            browser.click_words("Try again").await;
            browser.find(APPROVE).await;
            browser.approve().await;
            browser.find(PROFILE).await;
            look("5-signed-in").await;
            browser.script("location.href = '/oauth/huggingface/logout'").await;
            browser.reads(&["Sign out?"]).await;
            look("6-sign-out").await;
            browser.click_words("Stay signed in").await;
            browser.click(SIGN_OUT).await;
            browser.reads(&["You are signed out in this frame"]).await;
            look("7-signed-out").await;
        }
    })
    .await;
}
