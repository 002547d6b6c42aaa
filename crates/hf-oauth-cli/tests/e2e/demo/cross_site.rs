//! Pages of others.

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::others::page_of_others;
use crate::support::steps::PROFILE;

/// Another port of the same host is same-site: the cookies come along, and nothing but the check refuses it.
#[tokio::test]
async fn row_088_a_post_from_another_site_or_another_port_is_refused() {
    let demo = Demo::start();
    let port = page_of_others("<p>Win a prize");
    Browser::run("cross-site", async |browser| {
        browser.sign_in(&demo, "grace").await;
        for others in [format!("http://127.0.0.1:{port}/"), format!("http://localhost:{port}/")] {
            for (path, refused) in
                [("/ask", "cross_site"), ("/oauth/huggingface/logout", "cross_site_logout")]
            {
                browser.open(&others).await;
                browser.navigations().await;
                let target = demo.at(path);
                let script = format!(
                    "const form = document.createElement('form'); form.method = 'post'; form.action = {target:?}; \
                     form.innerHTML = '<input name=prompt value=stolen>'; document.body.append(form); form.submit();"
                );
                browser.script(&script).await;
                browser.reads(&[refused]).await;
                assert_eq!(browser.navigations().await, [target], "nobody is sent anywhere");
            }
            browser.open(&demo.url).await;
            browser.find(PROFILE).await;
        }
        // A link or a picture cannot sign anybody out either.
        browser.open(&format!("http://localhost:{port}/")).await;
        let link = demo.at("/oauth/huggingface/logout");
        browser.script(&format!("location.href = {link:?}")).await;
        browser.reads(&["Sign out?", "You stay signed in until you press the button"]).await;
        browser.picture("logout-asked").await;
        browser.click_words("Stay signed in").await;
        browser.find(PROFILE).await;
    })
    .await;
}
