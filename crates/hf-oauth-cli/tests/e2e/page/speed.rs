//! How long the page takes, printed and not judged: it depends on the machine.

use super::steps::{NAME, SIGN_IN, hub, page_of};
use crate::support::browser::Browser;

const ROUNDS: usize = 15;

/// Notes when the button can be clicked and when somebody is shown, in milliseconds since the navigation began.
const NOTED: &str = "new MutationObserver(() => { \
    const button = document.getElementById('sign-in'), who = document.getElementById('who'); \
    if (button && !button.disabled) window.usable ??= performance.now(); \
    if (who && !who.hidden) window.signedIn ??= performance.now(); \
  }).observe(document, { attributes: true, childList: true, subtree: true });";

#[tokio::test]
async fn the_page_is_usable_and_signed_in_soon() {
    let hub = hub("");
    let page = page_of(&hub);
    Browser::run("page-speed", async |browser| {
        browser.on_every_page(NOTED).await;
        browser.page_sign_in(&page, "ada").await;
        let (mut usable, mut signed_in) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            browser.click("#sign-out").await;
            // As somebody who comes for the first time: nothing of the page is in the browser's cache.
            browser.forget_files().await;
            browser.open(&page.url).await;
            browser.find(SIGN_IN).await;
            usable.push(browser.noted("usable").await);
            // Consent stands: there and back at once.
            browser.click(SIGN_IN).await;
            browser.find(NAME).await;
            signed_in.push(browser.noted("signedIn").await);
        }
        println!(
            "from the navigation to a usable button: {:.0} ms (median of {ROUNDS}); from the redirect to \"signed in\": {:.0} ms",
            median(&mut usable),
            median(&mut signed_in)
        );
    })
    .await;
}

impl Browser {
    async fn noted(&self, name: &str) -> f64 {
        self.script(&format!("return window.{name}")).await.as_f64().unwrap()
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
