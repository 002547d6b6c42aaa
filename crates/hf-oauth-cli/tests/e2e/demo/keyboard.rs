//! Without a mouse.

use crate::support::browser::{Browser, Key};
use crate::support::demo::Demo;
use crate::support::steps::{APPROVE, PROFILE, SIGN_IN};

#[tokio::test]
async fn the_keyboard_alone_is_enough() {
    let demo = Demo::start();
    Browser::run("keyboard", async |browser| {
        browser.open(&demo.url).await;
        assert!(browser.tab_to(SIGN_IN).await <= 3);
        browser.press(&[Key::Enter]).await;
        browser.find("button.person").await;
        browser.tab_to("button.person[value=ada]").await;
        browser.press(&[Key::Enter]).await;
        browser.find(APPROVE).await;
        browser.tab_to("input[name='org[]']").await;
        browser.press(&[Key::Space]).await;
        assert_eq!(browser.count("input[name='org[]']:checked").await, 1);
        browser.tab_to(APPROVE).await;
        browser.press(&[Key::Enter]).await;
        browser.find(PROFILE).await;
        browser.watch_answer().await;
        browser.tab_to("#prompt").await;
        browser.type_into("#prompt", "Only keys").await;
        browser.press(&[Key::Control, Key::Enter]).await;
        assert!(browser.answer().await.last().unwrap().contains("Only keys"));
        browser.tab_to("#send").await;
        browser.tab_to("ul.orgs").await;
        browser.open(&demo.url).await;
        browser.tab_to("form[action$='/logout'] button").await;
        browser.press(&[Key::Enter]).await;
        browser.find(SIGN_IN).await;
    })
    .await;
}
