//! Frames that keep no cookies, in every browser that may be told so.

use super::{BLOCKING, PROFILE, SIGN_IN, choose, open, picture, who};
use crate::support::browser::{Browser, Kind, Settings};
use crate::support::space::{Plan, Spaces};
use crate::support::steps::APPROVE;
use crate::support::tls::Authority;

/// After one restart a page that says why; its link opens the app outside of the frame, and there it works.
async fn leads_outside(kind: Kind, settings: Settings, plan: Plan<'_>) {
    let Spaces { hub, apps: [app] } = Spaces::start(plan).await;
    let name = format!("space-no-cookies-{kind:?}");
    Browser::run_in(kind, settings, &name, async |browser| {
        open(browser, &app).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.click(APPROVE).await;
        browser
            .reads(&["did not keep the sign-in cookie", "shown inside another page", "Open the app in a tab"])
            .await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 0, "no code was redeemed");
        let states: std::collections::BTreeSet<_> = hub
            .requests_to("/oauth/authorize")
            .await
            .iter()
            .filter_map(|request| request.param("state").map(str::to_owned))
            .collect();
        assert_eq!(states.len(), 2, "two visits to the provider, and no more");
        picture(browser, &name.to_lowercase()).await;
        let outside = browser.opened_tab(async || browser.click_words("Sign in in a new tab").await).await;
        // The Hub may know this browser's tabs no more than its frames.
        let known = async || {
            let asked = browser.count(APPROVE).await + browser.count("button.person").await;
            let there = browser.text("h1").await;
            (asked > 0 || there.contains("Go on")).then_some(browser.count("button.person").await > 0)
        };
        if crate::support::eventually("the Hub, or the app", known).await {
            choose_in_tab(browser).await;
        } else if browser.count(APPROVE).await > 0 {
            browser.click(APPROVE).await;
        }
        browser.reads(&["Go on here", "Ada Lovelace"]).await;
        browser.go_to_tab(&outside).await;
        browser.click_words("Go on").await;
        browser.find(PROFILE).await;
        assert_eq!(who(browser).await.as_deref(), Some("ada"));
    })
    .await;
}

async fn choose_in_tab(browser: &Browser) {
    browser.click("button.person[value=ada]").await;
    browser.click(APPROVE).await;
}

#[tokio::test]
async fn row_089_in_firefox_without_any_cookie_of_other_sites_the_frame_leads_outside() {
    let settings = Settings { no_third_party_cookies: true, ..Settings::default() };
    leads_outside(Kind::Firefox, settings, Plan::default()).await;
}

#[tokio::test]
async fn row_089_in_webkit_as_it_is_installed_the_frame_leads_outside() {
    let authority = Authority::new();
    let settings = Settings { any_certificate: true, no_third_party_cookies: true, ..Settings::default() };
    leads_outside(Kind::WebKit, settings, Plan { tls: Some(&authority), ..Plan::default() }).await;
}

/// Not even partitioned cookies, by a person's own rule for the app's site; then a tab keeps none either, and is told so.
#[tokio::test]
async fn row_089_an_app_from_which_no_cookie_is_kept_is_explained_in_the_frame_and_outside() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    let settings = Settings { no_cookies_on: Some("127.0.0.1"), ..BLOCKING };
    Browser::run_with(settings, "space-no-cookies-at-all", async |browser| {
        open(browser, &app).await;
        browser.click(SIGN_IN).await;
        browser.click("button.person[value=ada]").await;
        browser.click(APPROVE).await;
        browser.reads(&["did not keep the sign-in cookie", "shown inside another page"]).await;
        browser.opened_tab(async || browser.click_words("Sign in in a new tab").await).await;
        browser.reads(&["did not keep the sign-in cookie", "Open in a new tab"]).await;
        assert!(!browser.text("body").await.contains("This app is shown inside"), "it is not");
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_hubs_own_cookie_is_known_in_the_frame_or_the_hub_asks_again_there() {
    for (hub, knows) in [(&[][..], true), (&["--lax-cookie"][..], false)] {
        let Spaces { hub, apps: [app] } = Spaces::start(Plan { hub, ..Plan::default() }).await;
        Browser::run_with(BLOCKING, "space-hub-cookie", async |browser| {
            browser.open(&app.page).await;
            browser.click_words("Choose a person").await;
            browser.click("button.person[value=ada]").await;
            browser.enter_frame("iframe").await;
            browser.click(SIGN_IN).await;
            if knows {
                browser.reads(&["asks for access", "Ada Lovelace"]).await;
                browser.approve().await;
            } else {
                browser.reads(&["Who do you want to be?"]).await;
                choose(browser, "ada").await;
            }
            assert_eq!(who(browser).await.as_deref(), Some("ada"));
            assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
        })
        .await;
    }
}
