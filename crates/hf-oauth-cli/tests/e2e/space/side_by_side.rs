//! Several Spaces on one page.

use super::{BLOCKING, SIGN_IN, choose, sign_in, sign_out, who};
use crate::support::browser::Browser;
use crate::support::space::{Plan, Spaces};

#[tokio::test]
async fn row_206_two_spaces_side_by_side_are_signed_in_one_by_one_and_as_two_people() {
    let Spaces { hub, apps: _apps } = Spaces::<2>::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-side-by-side", async |browser| {
        let frame = async |number: usize| {
            browser.enter_frame(&format!("section:nth-of-type({number}) iframe")).await;
        };
        let both = async || {
            let mut people = Vec::new();
            for number in [1, 2] {
                frame(number).await;
                people.push(who(browser).await.unwrap_or_default());
                browser.leave_frame().await;
            }
            people
        };
        browser.open(&format!("{}/spaces/side-by-side", hub.issuer)).await;
        frame(1).await;
        sign_in(browser, "ada").await;
        browser.leave_frame().await;
        assert_eq!(both().await, ["ada", ""], "the neighbour has nothing of it");

        frame(2).await;
        // The Hub knows this browser as ada by now.
        browser.click(SIGN_IN).await;
        browser.reads(&["asks for access", "Ada Lovelace"]).await;
        browser.approve().await;
        browser.click_words("Switch account").await;
        choose(browser, "grace").await;
        browser.leave_frame().await;
        assert_eq!(both().await, ["ada", "grace"]);
        browser.reload().await;
        assert_eq!(both().await, ["ada", "grace"]);
        browser.picture("space-side-by-side-1280").await;

        frame(1).await;
        sign_out(browser).await;
        browser.leave_frame().await;
        assert_eq!(both().await, ["", "grace"]);
    })
    .await;
}
