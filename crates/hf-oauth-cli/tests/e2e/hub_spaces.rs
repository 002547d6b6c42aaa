//! Spaces in the frames of the local Hub's pages, in a real browser.

use crate::support::browser::{Browser, Settings};
use crate::support::demo::Demo;
use crate::support::eventually;
use crate::support::hub::Hub;
use crate::support::others::page_of_others;
use crate::support::steps::{APPROVE, SIGN_IN};

/// An app that says whether the page around it let it do what a Space may not, and that leads its frame to the Hub.
fn app() -> u16 {
    page_of_others(
        "<h1>An app</h1><p id=top>\
         <script>\
           try { top.location = '/elsewhere'; document.getElementById('top').textContent = 'The tab went away.' } \
           catch (error) { document.getElementById('top').textContent = 'The tab stayed: ' + error.name } \
           function go(hub, client) { \
             const params = { response_type: 'code', client_id: client, redirect_uri: location.origin + '/back', state: 's', \
               scope: 'openid profile', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', \
               code_challenge_method: 'S256' }; \
             location = hub + '/oauth/authorize?' + new URLSearchParams(params); \
           } \
         </script>",
    )
}

/// A Hub that frames `app`, and what leads the frame to its sign-in.
fn framing(app: u16, more: &[&str]) -> (Hub, String) {
    let space = format!("http://127.0.0.1:{app}");
    let mut hub = Hub::start_with("", &[&["--space", &space], more].concat());
    let client =
        hub.program.line(|line| Some(line.trim().strip_prefix("export OAUTH_CLIENT_ID=")?.to_owned()));
    let go = format!("go({:?}, {client:?})", hub.url);
    (hub, go)
}

const BLOCKING: Settings = Settings::NO_THIRD_PARTY_COOKIES;
const FRAME: &str = "iframe";

/// Chooses who to be on the page of a Space.
async fn choose(browser: &Browser, hub: &Hub, username: &str) {
    browser.open(&format!("{}/spaces/local/space", hub.url)).await;
    browser.click_words("Choose a person").await;
    browser.click(&format!("button.person[value={username}]")).await;
    browser.find(FRAME).await;
}

#[tokio::test]
async fn a_space_has_the_frame_and_the_sandbox_of_the_original() {
    let app = app();
    let (hub, _) = framing(app, &[]);
    Browser::run("space-frame", async |browser| {
        browser.open(&format!("{}/spaces/local/space?x=1", hub.url)).await;
        browser.reads(&["local/space", "Nobody is signed in at the Hub", "not huggingface.co"]).await;
        let attribute = async |name: &str| {
            browser.script(&format!("return document.querySelector('iframe').getAttribute('{name}')")).await
        };
        let sandbox = "allow-downloads allow-forms allow-modals allow-pointer-lock allow-popups \
                       allow-popups-to-escape-sandbox allow-same-origin allow-scripts \
                       allow-storage-access-by-user-activation";
        assert_eq!(attribute("sandbox").await, sandbox);
        let allow = attribute("allow").await;
        assert!(allow.as_str().unwrap().contains("clipboard-write; display-capture; "), "{allow}");
        assert_eq!(attribute("src").await, format!("http://127.0.0.1:{app}/?__theme=system&x=1"));
        browser.enter_frame(FRAME).await;
        // As on huggingface.co an app cannot lead the whole tab to a sign-in.
        browser.reads(&["An app", "The tab stayed: SecurityError"]).await;
        let storage = browser.script("return [isSecureContext, typeof localStorage]").await;
        assert_eq!(storage, serde_json::json!([true, "object"]));
        // The other name of this machine would put both on one site.
        browser.open(&format!("{}/spaces/local/space", hub.url.replace("localhost", "127.0.0.1"))).await;
        assert_eq!(browser.url().await, format!("{}/spaces/local/space", hub.url));
    })
    .await;
}

#[tokio::test]
async fn in_the_frame_the_hub_knows_who_is_signed_in_while_third_party_cookies_are_blocked() {
    let (hub, go) = framing(app(), &[]);
    Browser::run_with(BLOCKING, "space-consent", async |browser| {
        choose(browser, &hub, "ada").await;
        browser.reads(&["Ada Lovelace", "Sign out"]).await;
        browser.enter_frame(FRAME).await;
        browser.script(&go).await;
        // Known from the tab: nobody is asked who they are.
        browser.reads(&["local/space asks for access", "Ada Lovelace"]).await;
        browser.click(APPROVE).await;
        browser.reads(&["An app"]).await;
        let back = browser.script("return location.href").await;
        assert!(back.as_str().unwrap().contains("/back?code=local_code_"), "{back}");
        browser.leave_frame().await;
        // The form of the page signs out here and comes back.
        browser.click("form button.link").await;
        browser.reads(&["Nobody is signed in at the Hub"]).await;
        assert_eq!(browser.url().await, format!("{}/spaces/local/space", hub.url));
        browser.enter_frame(FRAME).await;
        browser.script(&go).await;
        browser.reads(&["Who do you want to be?", "Sign in to continue to local/space"]).await;
        browser.click("button.person[value=grace]").await;
        browser.reads(&["local/space asks for access", "Grace Hopper"]).await;
    })
    .await;
}

#[tokio::test]
async fn in_the_frame_the_hub_does_not_know_a_lax_cookie_and_asks_again() {
    let (hub, go) = framing(app(), &["--lax-cookie"]);
    Browser::run_with(BLOCKING, "space-lax", async |browser| {
        choose(browser, &hub, "ada").await;
        browser.reads(&["Ada Lovelace", "Sign out"]).await;
        browser.enter_frame(FRAME).await;
        browser.script(&go).await;
        browser.reads(&["Who do you want to be?", "Sign in to continue to local/space"]).await;
        browser.click("button.person[value=ada]").await;
        browser.reads(&["local/space asks for access", "Ada Lovelace"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_hub_that_may_not_be_framed_shows_nothing_in_the_frame() {
    let (hub, go) = framing(app(), &["--no-frames"]);
    Browser::run_with(BLOCKING, "space-no-frames", async |browser| {
        choose(browser, &hub, "ada").await;
        browser.enter_frame(FRAME).await;
        browser.reads(&["An app"]).await;
        browser.script(&go).await;
        browser.leave_frame().await;
        browser.enter_frame(FRAME).await;
        // The page that the browser shows in place of one that refuses.
        let shown = async || {
            let shown = browser.script("return location.href").await;
            shown.as_str()?.starts_with("chrome-error:").then_some(())
        };
        eventually("the browser's own page", shown).await;
        assert_eq!(browser.text("h1").await, "");
        assert_eq!(hub.requests_to("/oauth/authorize").await.len(), 1, "asked for, and not shown");
    })
    .await;
}

#[tokio::test]
async fn two_spaces_stand_side_by_side_and_fit_a_phone_by_day_and_by_night() {
    let apps = [app(), app()].map(|port| format!("http://127.0.0.1:{port}"));
    let hub = Hub::start_with("", &["--space", &apps[0], "--space", &apps[1]]);
    Browser::run("two-spaces", async |browser| {
        for dark in [false, true] {
            let light = if dark { "dark" } else { "light" };
            let look = async |page: &str| {
                for (width, height) in [(390, 844), (1280, 900)] {
                    browser.screen(width, height).await;
                    browser.fits(&format!("hub {page}")).await;
                    browser.full_picture(&format!("hub-{page}-{light}-{width}")).await;
                }
            };
            browser.delete_all_cookies().await;
            browser.dark(dark).await;
            browser.open(&format!("{}/spaces", hub.url)).await;
            browser.reads(&["local/space", "local/space-2", &apps[0], &apps[1]]).await;
            look("spaces").await;
            browser.click_words("Side by side").await;
            browser.reads(&["local/space", "local/space-2"]).await;
            assert_eq!(browser.count(FRAME).await, 2);
            for place in ["section:nth-of-type(1) iframe", "section:nth-of-type(2) iframe"] {
                browser.enter_frame(place).await;
                browser.reads(&["An app"]).await;
                browser.leave_frame().await;
            }
            look("side-by-side").await;
            browser.click_words("Choose a person").await;
            browser.click("button.person[value=ada]").await;
            browser.reads(&["Ada Lovelace"]).await;
            assert_eq!(browser.url().await, format!("{}/spaces/side-by-side", hub.url));
            look("side-by-side-signed-in").await;
            browser.click_words("local/space-2").await;
            browser.find(FRAME).await;
            assert_eq!(browser.url().await, format!("{}/spaces/local/space-2", hub.url));
            look("space").await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_demo_as_a_space_stands_in_the_frame_of_its_own_hub() {
    let (demo, page) = Demo::in_a_frame();
    assert!(demo.url.starts_with("http://127.0.0.1:"), "{}", demo.url);
    assert_eq!(page, format!("{}/spaces/local/space", demo.provider));
    Browser::run_with(BLOCKING, "demo-space", async |browser| {
        for dark in [false, true] {
            let light = if dark { "dark" } else { "light" };
            browser.dark(dark).await;
            browser.open(&page).await;
            browser.enter_frame(FRAME).await;
            browser.find(SIGN_IN).await;
            browser.leave_frame().await;
            for (width, height) in [(390, 844), (1280, 900)] {
                browser.screen(width, height).await;
                browser.fits("the demo as a Space").await;
                browser.picture(&format!("demo-space-{light}-{width}")).await;
            }
        }
        browser.enter_frame(FRAME).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.approve().await;
        browser.leave_frame().await;
        // The Hub's page around it has not gone anywhere.
        assert_eq!(browser.url().await, page);
        for (dark, light) in [(false, "light"), (true, "dark")] {
            browser.dark(dark).await;
            for (width, height) in [(390, 844), (1280, 900)] {
                browser.screen(width, height).await;
                browser.picture(&format!("demo-space-signed-in-{light}-{width}")).await;
            }
        }
    })
    .await;
}
