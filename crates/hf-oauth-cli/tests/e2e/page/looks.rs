//! The page on a screen and on a phone, by day and by night, as pictures for people to look at.

use serde_json::json;

use crate::support::browser::Browser;

use super::steps::{SIGN_IN, hub, page_of};

const SCREENS: [(u32, u32); 2] = [(1280, 900), (390, 844)];

#[tokio::test]
async fn the_page_fits_screens_and_phones_by_day_and_by_night() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-looks", async |browser| {
        for dark in [false, true] {
            let light = if dark { "dark" } else { "light" };
            let look = async |name: &str| {
                for (width, height) in SCREENS {
                    browser.screen(width, height).await;
                    browser.fits(name).await;
                    browser.full_picture(&format!("page-{name}-{light}-{width}")).await;
                }
                browser.screen(1280, 900).await;
            };
            browser.dark(dark).await;
            browser.open(&page.url).await;
            browser.find(SIGN_IN).await;
            look("signed-out").await;
            browser.page_to_consent(&page.url, "ada").await;
            browser.click("button[value=deny]").await;
            browser.reads(&["You did not give access"]).await;
            look("denied").await;
            browser.click(SIGN_IN).await;
            browser.page_approve().await;
            let texts = browser.ask("Why is the sky blue?").await;
            assert!(texts.last().unwrap().contains("sky"), "{texts:?}");
            browser.script("document.activeElement.blur()").await;
            browser.mouse_away().await;
            look("signed-in").await;
            let said = json!({ "status": 404, "content_type": "application/json", "text": "{\"error\":\"Model not found\"}" });
            hub.fault(json!({ "endpoint": "chat_completions", "times": 1, "body": said })).await;
            browser.click("#retry").await;
            browser.reads(&["No provider runs this model"]).await;
            look("no-model").await;
            browser.click("#sign-out").await;
            browser.find(SIGN_IN).await;
            browser.open(&format!("{}/settings/connected-applications", hub.url)).await;
            browser.click("button[value=page]").await;
            browser.reads(&["No app has access"]).await;
            browser.delete_all_cookies().await;
        }
    })
    .await;
}
