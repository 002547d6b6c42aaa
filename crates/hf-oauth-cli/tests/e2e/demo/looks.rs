//! Every page of the demo on a screen and on a phone, by day and by night, as pictures for people to look at.

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::http;
use crate::support::screenshot;
use crate::support::steps::{PROFILE, SIGN_IN};

const SCREENS: [(u32, u32); 2] = [(1280, 900), (390, 844)];

#[tokio::test]
async fn every_page_fits_screens_and_phones_by_day_and_by_night() {
    let demo = Demo::start();
    Browser::run("looks", async |browser| {
        for dark in [false, true] {
            let light = if dark { "dark" } else { "light" };
            let look = async |page: &str| {
                for (width, height) in SCREENS {
                    browser.screen(width, height).await;
                    browser.fits(page).await;
                    let background = "return getComputedStyle(document.body).backgroundColor";
                    let background = browser.script(background).await;
                    let red = background.as_str().unwrap().split(['(', ',']).nth(1).unwrap();
                    let is_dark = red.parse::<u8>().unwrap() < 128;
                    assert_eq!(is_dark, dark, "{page}: {background}");
                    browser.picture(&format!("{page}-{light}-{width}")).await;
                }
                browser.full_picture(&format!("{page}-{light}-390-whole")).await;
                browser.screen(1280, 900).await;
            };
            browser.delete_all_cookies().await;
            browser.dark(dark).await;
            browser.open(&demo.url).await;
            browser.find(SIGN_IN).await;
            look("signed-out").await;
            browser.go_to_consent(&demo, "ada").await;
            look("consent").await;
            browser.click("button[value=deny]").await;
            browser.reads(&["You did not give access"]).await;
            look("denied").await;
            browser.open(&demo.at("/oauth/huggingface/callback?error=server_error&state=unknown")).await;
            browser.reads(&["Your browser did not keep the sign-in cookie"]).await;
            look("error").await;

            browser.go_to_consent_again(&demo).await;
            browser.approve().await;
            browser.find(PROFILE).await;
            let texts = browser.ask("Why is the sky blue?").await;
            assert!(texts.last().unwrap().contains("sky"));
            browser.script("document.activeElement.blur()").await;
            browser.mouse_away().await;
            look("signed-in").await;
            if !dark {
                browser.screen(1280, 920).await;
                screenshot::save_for_readme(&browser.picture("demo").await);
            }
            browser.open(&demo.at("/oauth/huggingface/logout")).await;
            browser.reads(&["Sign out?"]).await;
            look("sign-out-asked").await;
            // The Hub forgets the consent, for the next round.
            browser.open(&format!("{}/settings/connected-applications", demo.provider)).await;
            browser.click("button[value=local-app]").await;
            browser.reads(&["No app has access"]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_page_loads_is_there_is_what_it_says_and_is_allowed_by_the_pages_policy() {
    let demo = Demo::start();
    let page = http::get(&demo.url).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    for allowed in ["style-src 'self'", "script-src 'self'", "img-src 'self'"] {
        assert!(policy.contains(allowed), "{policy}");
    }
    assert!(
        page.text().await.unwrap().contains("<link rel=\"icon\" type=\"image/svg+xml\" href=\"/icon.svg\">")
    );
    for (path, kind) in [
        ("/demo.css", "text/css; charset=utf-8"),
        ("/demo.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/favicon.ico", "image/svg+xml"),
        ("/", "text/html; charset=utf-8"),
    ] {
        let answer = http::get(&demo.at(path)).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &kind.parse().unwrap())
        );
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}
