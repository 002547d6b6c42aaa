//! What others write into the app's own pages: markup, without a script.

use super::app::OwnApp;
use super::{BLOCKING, SIGN_IN, at, ends_at, open_page, page_of_a_stranger, people, reload, who};
use crate::support::browser::Browser;
use crate::support::steps::APPROVE;

/// Plants `markup` and waits until whatever it loads has loaded, or failed.
async fn plant(browser: &Browser, markup: &str) {
    let script = format!(
        "const box = document.createElement('template'); box.innerHTML = {markup:?}; \
         const it = box.content.firstChild; \
         const loads = it.matches('iframe, img, object, link'); \
         return new Promise((done) => {{ \
           it.onload = it.onerror = () => done(1); document.body.append(it); if (!loads) done(1); \
         }})"
    );
    assert_eq!(browser.script(&script).await, 1);
}

async fn sign_in(browser: &Browser, username: &str) {
    browser.click(SIGN_IN).await;
    browser.click(&format!("button.person[value={username}]")).await;
    browser.click(APPROVE).await;
    browser.find("h1").await;
}

/// The callback of a login that somebody began, and would have somebody else finish.
async fn unfinished(browser: &Browser, app: &OwnApp) -> String {
    open_page(browser, &app.page).await;
    browser.click(SIGN_IN).await;
    browser.reads(&["Who do you want to be?"]).await;
    let begun = app.hub.requests_to("/oauth/authorize").await;
    let state = begun.last().unwrap().param("state").unwrap().to_owned();
    format!("/oauth/huggingface/callback?code=planted&state={state}")
}

#[tokio::test]
async fn row_206_what_loads_by_itself_in_the_apps_own_pages_gives_nothing_to_who_planted_it() {
    let app = OwnApp::start().await;
    Browser::run_two(BLOCKING, "space-planted", async |person, attacker| {
        let callback = unfinished(attacker, &app).await;
        open_page(person, &app.page).await;
        sign_in(person, "ada").await;
        let before = app.hub.requests_to("/oauth/token").await.len();
        for address in [
            callback.as_str(),
            "/oauth/huggingface/login?_target_url=/",
            "/oauth/huggingface/login?_tab=1",
            "/oauth/huggingface/logout",
            "/oauth/huggingface/tab",
        ] {
            for markup in [
                format!("<iframe src={address:?}></iframe>"),
                format!("<img src={address:?}>"),
                format!("<object data={address:?}></object>"),
                format!("<link rel=stylesheet href={address:?}>"),
            ] {
                plant(person, &markup).await;
                reload(person).await;
                assert_eq!(who(person).await.as_deref(), Some("ada"), "{markup}");
            }
        }
        // The planted frames that begin a login are led to the Hub and back, once each, for who sits there.
        let redeemed = app.hub.requests_to("/oauth/token").await.len() - before;
        assert!(redeemed <= 4, "{redeemed} codes");
        assert_eq!(at(attacker, &app.page, &app.origin).await, people("", ""));
        assert_eq!(at(person, &app.page, &app.origin).await, people("ada", ""));
    })
    .await;
}

#[tokio::test]
async fn row_206_planted_links_and_forms_lead_who_clicks_them_home_as_themselves() {
    let app = OwnApp::start().await;
    let stranger = page_of_a_stranger("<h1>Stranger");
    Browser::run_two(BLOCKING, "space-planted-links", async |person, attacker| {
        let callback = unfinished(attacker, &app).await;
        open_page(person, &app.page).await;
        sign_in(person, "ada").await;
        let form = |method: &str, path: &str| {
            format!(
                "<form method={method} action=/oauth/huggingface/{path}><input name=_target_url value='{stranger}'>\
                 <input name=code value=planted><input name=state value=planted><button id=planted>Look</button></form>"
            )
        };
        for markup in [
            format!("<a id=planted href={callback:?}>Look</a>"),
            format!("<a id=planted href='/oauth/huggingface/login?_target_url={stranger}'>Look</a>"),
            format!("<a id=planted href='/oauth/huggingface/tab?_target_url={stranger}'>Look</a>"),
            form("get", "login"),
            form("get", "callback"),
            form("get", "tab"),
            form("post", "login"),
            form("post", "callback"),
        ] {
            plant(person, &markup).await;
            let click = "document.getElementById('planted').click()";
            ends_at(person, &app.origin, async || drop(person.script(click).await)).await;
            open_page(person, &app.page).await;
            assert_eq!(who(person).await.as_deref(), Some("ada"), "{markup}");
        }
        // The worst that a planted form does: it signs out who clicks it, here and nowhere else.
        plant(person, &form("post", "logout")).await;
        person.click("#planted").await;
        person.reads(&["You are signed out"]).await;
        assert_eq!(at(person, &app.page, &app.origin).await, people("", ""));
        assert_eq!(at(attacker, &app.page, &app.origin).await, people("", ""));
    })
    .await;
}
