//! Pages of others.

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::others::page_of_others;
use crate::support::steps::{PROFILE, SIGN_IN};

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

/// What other people write into the app's own pages comes from the app's own origin.
#[tokio::test]
async fn row_161_a_picture_a_style_a_script_and_a_fetch_of_the_own_page_sign_nobody_out() {
    let demo = Demo::start();
    Browser::run("own-page", async |browser| {
        browser.sign_in(&demo, "grace").await;
        let script = "const asked = (tag, more) => new Promise(done => { \
               const element = Object.assign(document.createElement(tag), more); \
               element.onload = element.onerror = () => done(1); \
               document.head.append(element); \
             }); \
             const logout = '/oauth/huggingface/logout'; \
             return Promise.all([ \
               asked('img', { src: logout }), \
               asked('link', { rel: 'stylesheet', href: logout }), \
               asked('script', { src: logout }), \
               asked('link', { rel: 'prefetch', href: logout }), \
               fetch(logout).then(it => it.ok), \
               fetch(logout, { method: 'HEAD' }).then(it => it.ok), \
             ]).then(all => all.length)";
        assert_eq!(browser.script(script).await, 6, "all were asked for and answered");
        browser.reload().await;
        browser.find(PROFILE).await;

        // Under this policy the form's `Origin` is `null`.
        browser
            .script(
                "document.head.insertAdjacentHTML('beforeend', '<meta name=referrer content=no-referrer>')",
            )
            .await;
        browser.click("form[action$='/logout'] button").await;
        browser.find(SIGN_IN).await;
    })
    .await;
}

#[tokio::test]
async fn row_175_a_stranger_s_frame_shows_where_to_open_the_app() {
    let demo = Demo::start();
    let port = page_of_others("<p>Win a prize");
    Browser::run("strangers-frame", async |browser| {
        browser.open(&format!("http://127.0.0.1:{port}/")).await;
        let login = demo.at("/oauth/huggingface/login?_target_url=/%3Fx=1");
        let frame =
            format!("document.body.innerHTML = '<iframe width=600 height=500 src=\"{login}\"></iframe>'");
        browser.script(&frame).await;
        browser.enter_frame("iframe").await;
        browser.reads(&["Open this app in a new tab", "shown inside another page"]).await;
        let link = browser.script("return document.querySelector('a').outerHTML").await;
        let link = link.as_str().unwrap();
        assert!(link.contains("target=\"_blank\"") && link.contains("_target_url="), "{link}");
        let styled =
            browser.script("return getComputedStyle(document.querySelector('main')).borderRadius").await;
        assert_eq!(styled, "16px", "its style was loaded");
        browser.picture("strangers-frame").await;
    })
    .await;
}
