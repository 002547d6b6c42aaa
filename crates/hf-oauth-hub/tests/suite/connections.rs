//! Taking an app's access away again, also where nobody was asked for it.

use hf_oauth_hub::{AppConfig, LocalHub, OrgConfig, UserConfig};
use reqwest::Response;

use crate::support::*;

const CONNECTIONS: &str = "/settings/connected-applications";

async fn granted() -> LocalHub {
    let hub = hub().await;
    hub.add_user(UserConfig::new("mary").session("here").org(OrgConfig::new("royal-society")));
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb").consent_granted());
    hub
}

async fn as_mary(url: &str) -> Response {
    client().get(url).header("cookie", "token=here").send().await.unwrap()
}

/// Clicks "Revoke" in mary's browser.
async fn revoke(hub: &LocalHub) {
    let page = as_mary(&hub.url(CONNECTIONS)).await.text().await.unwrap();
    assert!(page.contains("value=\"app\""), "the app is listed: {page}");
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    let form = [("token", rest.split_once('"').unwrap().0), ("client_id", "app")];
    let post = client().post(hub.url(CONNECTIONS)).header("cookie", "token=here").form(&form);
    assert_eq!(post.send().await.unwrap().status(), 303);
}

#[tokio::test]
async fn access_that_was_granted_unasked_is_listed_and_can_be_taken_away() {
    let hub = granted().await;
    let url = authorize_url(&hub, &[]);
    let back = as_mary(&url).await;
    assert_eq!(back.status(), 303, "nobody is asked");
    let code = param(back.headers()["location"].to_str().unwrap(), "code").unwrap();
    let tokens = ok(redeem(&hub, &code).await).await;
    revoke(&hub).await;
    assert_eq!(userinfo(&hub, text(&tokens, "access_token")).await.status(), 401);
    let refreshed = refresh(&hub, text(&tokens, "refresh_token")).await;
    assert_eq!(error(refreshed, 400).await, "invalid_grant");
    // It does not come back by itself: mary is asked, others are not.
    let page = as_mary(&hub.url(CONNECTIONS)).await.text().await.unwrap();
    assert!(page.contains("No app has access"), "{page}");
    let asked = as_mary(&url).await;
    assert_eq!(asked.status(), 200);
    assert!(asked.text().await.unwrap().contains("asks for access"));
    let silent = as_mary(&authorize_url(&hub, &[("prompt", "none")])).await;
    assert_eq!(
        param(silent.headers()["location"].to_str().unwrap(), "error").as_deref(),
        Some("consent_required")
    );
    assert!(hub.deny(&url, "mary").await.unwrap().contains("error=access_denied"));
    let ada = hub.deny(&url, "ada").await.unwrap_err();
    assert!(matches!(ada, hf_oauth_hub::ApproveError::NotAsked), "{ada}");
    // What she says now stands as it does for every app.
    let location = hub.approve_with_orgs(&url, "mary", &[]).await.unwrap();
    let tokens = ok(redeem(&hub, &param(&location, "code").unwrap()).await).await;
    assert_eq!(ok(userinfo(&hub, text(&tokens, "access_token")).await).await["orgs"], serde_json::json!([]));
    assert_eq!(as_mary(&url).await.status(), 303);
    assert_eq!(as_mary(&authorize_url(&hub, &[("scope", "openid email")])).await.status(), 200);
}

#[tokio::test]
async fn access_can_be_taken_away_before_it_was_ever_used() {
    let hub = granted().await;
    revoke(&hub).await;
    assert_eq!(as_mary(&authorize_url(&hub, &[])).await.status(), 200);
}

#[tokio::test]
async fn a_code_that_is_under_way_ends_with_the_access() {
    let hub = granted().await;
    let back = hub.approve(&authorize_url(&hub, &[]), "mary").await.unwrap();
    hub.disconnect("mary", "app");
    assert_eq!(error(redeem(&hub, &param(&back, "code").unwrap()).await, 400).await, "invalid_grant");
}

#[tokio::test]
async fn an_organisation_that_was_unticked_stays_so() {
    let hub = granted().await;
    let url = authorize_url(&hub, &[("prompt", "consent")]);
    hub.approve_with_orgs(&url, "mary", &[]).await.unwrap();
    let location = hub.approve(&authorize_url(&hub, &[]), "mary").await.unwrap();
    let tokens = ok(redeem(&hub, &param(&location, "code").unwrap()).await).await;
    assert_eq!(ok(userinfo(&hub, text(&tokens, "access_token")).await).await["orgs"], serde_json::json!([]));
}
