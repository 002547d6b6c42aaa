//! People of all kinds.

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::steps::PROFILE;

#[tokio::test]
async fn two_hundred_organisations_are_all_there_and_fit_a_phone() {
    let demo = Demo::start();
    Browser::run("200-organisations", async |browser| {
        browser.sign_in(&demo, "linus").await;
        browser.reads(&["Linus Pauling", "Organisations 200", "contributor", "Laboratory 200"]).await;
        assert_eq!(browser.count("ul.orgs li").await, 200);
        browser.screen(390, 844).await;
        browser.fits("200 organisations").await;
        browser.full_picture("signed-in-200-organisations-390").await;
        let (status, body) = browser.fetch("/api/me").await;
        let me: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, me["user"]["orgs"].as_array().unwrap().len()), (200, 200));
        assert!(
            me["user"]["orgs"].as_array().unwrap().iter().all(|org| org["roleInOrg"].is_string()),
            "{body}"
        );
        browser.reload().await;
        browser.find(PROFILE).await;
        assert_eq!(browser.count("ul.orgs li").await, 200, "kept in the cookies");
        assert!(browser.ask("All of them?").await.last().unwrap().contains("All of them?"));
    })
    .await;
}

#[tokio::test]
async fn an_organisation_that_demands_sso_says_so() {
    let demo = Demo::start();
    Browser::run("sso", async |browser| {
        browser.go_to_consent(&demo, "alan").await;
        browser.reads(&["Bletchley Park", "needs SSO"]).await;
        browser.approve().await;
        browser
            .reads(&["Alan Turing", "Bletchley Park", "write", "enterprise", "sign in through its SSO first"])
            .await;
        browser.picture("signed-in-sso").await;
    })
    .await;
}

#[tokio::test]
async fn row_094_names_that_look_like_html_are_shown_as_they_are() {
    let config = r#"
        [[users]]
        username = "eve"
        name = "<b onclick='alert()'>Eve</b> & \u202EevE"
        orgs = [{ username = "evil", name = "</ul><script>document.title = 'owned'</script>", security_restrictions = ["mfa", "ip"] }]
    "#;
    let demo = Demo::with_hub_config(config);
    Browser::run("html-names", async |browser| {
        browser.sign_in(&demo, "eve").await;
        browser.reads(&["<b onclick='alert()'>Eve</b>", "</ul><script>document.title"]).await;
        browser.reads(&["two-factor authentication required", "not from this network"]).await;
        assert_eq!(browser.count("section.who b, ul.orgs script").await, 0);
        assert_ne!(browser.script("return document.title").await, "owned");
        browser.picture("html-names").await;
    })
    .await;
}
