//! A Space with a domain of its own: the Hub knows the redirect URI of the first host alone.

use super::{BLOCKING, FRAME, PROFILE, SIGN_IN, choose, open, reload, sign_in, who};
use crate::support::browser::Browser;
use crate::support::space::{Plan, Spaces};

#[tokio::test]
async fn row_016_a_login_ends_on_the_domain_where_it_began_in_the_frame_and_outside() {
    let plan = Plan { metadata: "custom_domains = [\"localhost:PORT\"]", ..Plan::default() };
    let Spaces { hub, apps: [app] } = Spaces::start(plan).await;
    let domain = app.origin.replace("127.0.0.1", "localhost");
    Browser::run_with(BLOCKING, "space-custom-domain", async |browser| {
        let is_at = async |origin: &str| {
            assert_eq!(browser.script("return location.href").await, format!("{origin}/"));
        };
        browser.open(&domain).await;
        sign_in(browser, "ada").await;
        is_at(&domain).await;
        assert_eq!(who(browser).await.as_deref(), Some("ada"));
        browser.open(&app.origin).await;
        assert_eq!(who(browser).await, None, "each host has its own session");

        // In the frame, on the same domain, another person.
        browser.open(&app.page).await;
        browser.script(&format!("document.querySelector('iframe').src = '{domain}/'")).await;
        let there = async || {
            browser.enter_frame(FRAME).await;
            if browser.script("return location.origin").await == *domain {
                return Some(());
            }
            browser.leave_frame().await;
            None
        };
        crate::support::eventually("the domain in the frame", there).await;
        browser.find(PROFILE).await;
        browser.click_words("Switch account").await;
        choose(browser, "grace").await;
        is_at(&domain).await;
        assert_eq!(who(browser).await.as_deref(), Some("grace"));

        // The Space's own host in its frame is none of this.
        open(browser, &app).await;
        browser.click(SIGN_IN).await;
        browser.find(PROFILE).await;
        reload(browser).await;
        assert_eq!(browser.script("return location.origin").await, app.origin);
        assert_eq!(who(browser).await.as_deref(), Some("grace"), "whom the Hub knows by now");
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 3);
    })
    .await;
}
