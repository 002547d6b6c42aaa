//! Two people with a browser each: what one sends to the other, or took from them, signs nobody in as somebody else.

use serde_json::json;

use super::{BLOCKING, FRAME, SIGN_IN, choose, in_frame_and_tab, open, people, sign_in, who};
use crate::support::browser::Browser;
use crate::support::hub::Hub;
use crate::support::space::{Plan, Spaces};

/// A login of one's own at the Hub, or the page about a login that is lost.
const NOTHING: &str = "button.person, .code";

/// Where the frame is: at the Hub, with a login of this browser's.
async fn begun(browser: &Browser) -> String {
    browser.click(SIGN_IN).await;
    browser.reads(&["Who do you want to be?"]).await;
    let hub = browser.script("return location.href").await;
    hub.as_str().unwrap().to_owned()
}

/// The redirect that ends this login once `username` said yes; nobody has followed it yet.
async fn approved(hub: &Hub, address: &str, username: &str) -> String {
    let order = json!({ "url": address, "username": username });
    hub.control("approve", order).await["location"].as_str().unwrap().to_owned()
}

/// The authorize address of the newest login.
async fn newest_login(hub: &Hub) -> String {
    let requests = hub.requests_to("/oauth/authorize").await;
    let params = requests.last().unwrap().0["params"].as_array().unwrap().clone();
    let pairs = params.iter().map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{}/oauth/authorize?{query}", hub.issuer)
}

#[tokio::test]
async fn row_206_who_follows_an_attackers_login_address_signs_nobody_in_but_themselves() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_two(BLOCKING, "space-login-address", async |person, attacker| {
        open(attacker, &app).await;
        begun(attacker).await;
        let address = newest_login(&hub).await;

        person.open(&address).await;
        choose(person, "ada").await;
        // The login that came back was not this browser's, so the person went once more, on their own account.
        assert_eq!(who(person).await.as_deref(), Some("ada"));
        assert_eq!(
            hub.requests_to("/oauth/token").await.len(),
            1,
            "the attacker's login stayed without an end"
        );

        assert_eq!(in_frame_and_tab(attacker, &app).await, people("", ""));
        assert_eq!(in_frame_and_tab(person, &app).await, people("", "ada"));
    })
    .await;
}

#[tokio::test]
async fn row_206_an_attackers_callback_address_signs_nobody_in_as_the_attacker() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_two(BLOCKING, "space-callback-address", async |person, attacker| {
        open(attacker, &app).await;
        begun(attacker).await;
        let callback = approved(&hub, &newest_login(&hub).await, "linus").await;
        assert!(callback.starts_with(&app.origin), "{callback}");

        // In the frame, by a link that somebody wrote into the app; and in a tab.
        open(person, &app).await;
        person.find(SIGN_IN).await;
        person.script(&format!("location.href = {callback:?}")).await;
        person.reads(&["Who do you want to be?"]).await;
        person.open(&callback).await;
        person.reads(&["login_lost"]).await;
        assert_eq!(in_frame_and_tab(person, &app).await, people("", ""));
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 0);
        // Who goes on from there is themselves.
        person.click(SIGN_IN).await;
        choose(person, "ada").await;
        assert_eq!(in_frame_and_tab(person, &app).await, people("", "ada"));

        assert_eq!(in_frame_and_tab(attacker, &app).await, people("", ""));
    })
    .await;
}

#[tokio::test]
async fn row_206_a_stolen_callback_address_is_worth_nothing_before_and_after_its_use() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_two(BLOCKING, "space-stolen-callback", async |person, attacker| {
        open(person, &app).await;
        begun(person).await;
        let callback = approved(&hub, &newest_login(&hub).await, "ada").await;

        let thief_opens_it = async || {
            open(attacker, &app).await;
            attacker.find(SIGN_IN).await;
            attacker.script(&format!("location.href = {callback:?}")).await;
            attacker.find(NOTHING).await;
            attacker.open(&callback).await;
            attacker.find(NOTHING).await;
            assert_eq!(in_frame_and_tab(attacker, &app).await, people("", ""));
        };
        thief_opens_it().await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 0, "it was not used up either");

        // The person's own frame finishes what it began.
        person.script(&format!("location.href = {callback:?}")).await;
        person.reads(&["Ada Lovelace"]).await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
        thief_opens_it().await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
        assert_eq!(in_frame_and_tab(person, &app).await, people("ada", ""));
    })
    .await;
}

/// The frame of one browser is no way into the tab of the same: what was begun in the one does not end in the other.
#[tokio::test]
async fn row_206_what_was_begun_in_the_frame_does_not_end_in_the_tab() {
    let Spaces { hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_with(BLOCKING, "space-ends-elsewhere", async |browser| {
        open(browser, &app).await;
        let frame = browser.tab().await;
        begun(browser).await;
        let callback = approved(&hub, &newest_login(&hub).await, "ada").await;
        browser.new_tab().await;
        browser.open(&callback).await;
        browser.reads(&["Who do you want to be?"]).await;
        browser.open(&app.origin).await;
        assert_eq!(who(browser).await, None);
        browser.go_to_tab(&frame).await;
        browser.enter_frame(FRAME).await;
        browser.script(&format!("location.href = {callback:?}")).await;
        browser.reads(&["Ada Lovelace"]).await;
        assert_eq!(in_frame_and_tab(browser, &app).await, people("ada", ""));
    })
    .await;
}

/// Both signed in, each as themselves; then each gets what the other one sees.
#[tokio::test]
async fn row_206_addresses_that_signed_in_people_see_are_nobody_elses_session() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    Browser::run_two(BLOCKING, "space-addresses", async |person, attacker| {
        for (browser, username) in [(person, "ada"), (attacker, "linus")] {
            open(browser, &app).await;
            sign_in(browser, username).await;
        }
        let mut seen = person.requests().await;
        seen.retain(|address| address.starts_with(&app.origin));
        seen.sort();
        seen.dedup();
        assert!(seen.iter().any(|address| address.contains("/callback?")), "{seen:#?}");
        for address in &seen {
            attacker
                .script(&format!("return fetch({address:?}, {{ redirect: 'manual' }}).then(() => 0)"))
                .await;
            attacker.new_tab().await;
            attacker.open(address).await;
            open(attacker, &app).await;
            assert_eq!(who(attacker).await.as_deref(), Some("linus"), "after {address}");
        }
        // Among them was the address that signs in, in a tab whoever opens it.
        assert_eq!(in_frame_and_tab(attacker, &app).await, people("linus", "linus"));
        assert_eq!(in_frame_and_tab(person, &app).await, people("ada", ""));
    })
    .await;
}
