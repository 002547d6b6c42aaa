use hf_oauth_hub::{AppConfig, ApproveError, LocalHub, OrgConfig, UserConfig};

use crate::support::*;

/// The redirect of a request that nobody has to look at.
async fn location(hub: &LocalHub, url: &str, cookie: &str) -> (u16, String) {
    let response = client().get(url).header("cookie", cookie).send().await.unwrap();
    let status = response.status().as_u16();
    let location = response.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
    assert!(status != 303 || hub.journal().count("/oauth/authorize") > 0);
    (status, location.unwrap_or_default())
}

#[tokio::test]
async fn what_an_app_gets_wrong_goes_back_to_it_with_its_state() {
    let hub = hub().await;
    hub.add_app(AppConfig::public("narrow").redirect_uri("http://localhost/cb").scopes(["email"]));
    let wrong: [(&[(&str, &str)], &str); 16] = [
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "s256")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("scope", "openid \"x\"")], "invalid_scope"),
        (&[("client_id", "narrow"), ("scope", "openid jobs")], "invalid_scope"),
        (&[("prompt", "nonsense")], "invalid_request"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("request_uri", "https://x")], "request_not_supported"),
        (&[("prompt", "none")], "login_required"),
    ];
    for (changes, expected) in wrong {
        let (status, location) = location(&hub, &authorize_url(&hub, changes), "").await;
        assert_eq!(status, 303, "{changes:?}");
        assert!(location.starts_with("http://localhost:7860/cb?error="), "{changes:?}: {location}");
        assert_eq!(param(&location, "error").as_deref(), Some(expected), "{changes:?}");
        assert_eq!(param(&location, "state").as_deref(), Some("the-state"));
        assert_eq!(param(&location, "code"), None);
        assert_eq!(hub.journal().entries().last().unwrap().error.as_deref(), Some(expected));
    }
    let twice = authorize_url(&hub, &[]) + "&nonce=1&nonce=2";
    let (_, location) = location(&hub, &twice, "").await;
    assert_eq!(param(&location, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn an_app_with_a_secret_needs_no_pkce_but_a_public_one_does() {
    let hub = hub().await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let url = authorize_url(&hub, &[&without[..], &[("client_id", "server")]].concat());
    let location = hub.approve(&url, "ada").await.unwrap();
    assert!(param(&location, "code").is_some(), "{location}");
    let location = hub.approve(&authorize_url(&hub, &without), "ada").await.unwrap();
    assert_eq!(param(&location, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn denying_says_it_in_the_hubs_words() {
    let hub = hub().await;
    let location = hub.deny(&authorize_url(&hub, &[]), "ada").await.unwrap();
    let expected = "http://localhost:7860/cb?error=access_denied&error_description=The%20user%20denied%20the%20request&state=the-state";
    assert_eq!(location, expected);
    hub.approve(&authorize_url(&hub, &[]), "ada").await.unwrap();
    assert!(matches!(hub.deny(&authorize_url(&hub, &[]), "ada").await, Err(ApproveError::NotAsked)));
    let again = authorize_url(&hub, &[("prompt", "consent")]);
    assert_eq!(hub.deny(&again, "ada").await.unwrap(), expected);
}

#[tokio::test]
async fn consent_is_asked_once_for_a_person_an_app_and_its_scopes() {
    let hub = hub().await;
    hub.add_user(UserConfig::new("mary").session("mary-is-here").org(OrgConfig::new("royal")));
    let (plain, more) = (authorize_url(&hub, &[]), authorize_url(&hub, &[("scope", "openid email")]));
    let cookie = "token=mary-is-here";
    assert_eq!(location(&hub, &plain, cookie).await.0, 200);
    let none = authorize_url(&hub, &[("prompt", "none")]);
    let (_, silent) = location(&hub, &none, cookie).await;
    assert_eq!(param(&silent, "error").as_deref(), Some("consent_required"));

    hub.approve(&plain, "mary").await.unwrap();
    assert_eq!(location(&hub, &plain, cookie).await.0, 303);
    assert!(param(&location(&hub, &none, cookie).await.1, "code").is_some());
    let response = client().post(&plain).header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.status(), 303);
    // Another scope, `prompt=consent` and another person are asked again.
    assert_eq!(location(&hub, &more, cookie).await.0, 200);
    assert_eq!(location(&hub, &authorize_url(&hub, &[("prompt", "consent")]), cookie).await.0, 200);
    hub.disconnect("mary", "app");
    assert_eq!(location(&hub, &plain, cookie).await.0, 200);
}

#[tokio::test]
async fn a_session_cookie_and_granted_consent_answer_at_once_to_get_and_post() {
    let hub = hub().await;
    hub.add_user(UserConfig::new("ci").session("hub-session"));
    hub.add_app(
        AppConfig::confidential("granted", "x").redirect_uri("http://localhost/cb").consent_granted(),
    );
    let url = authorize_url(&hub, &[("client_id", "granted")]);
    for post in [false, true] {
        let request = if post { client().post(&url) } else { client().get(&url) };
        let response = request.header("cookie", "other=1; token=hub-session").send().await.unwrap();
        assert_eq!(response.status(), 303);
        let location = response.headers()["location"].to_str().unwrap();
        assert!(param(location, "code").is_some(), "{location}");
    }
    // In the form as well as in the URL.
    let (path, query) = url.split_once('?').unwrap();
    let request = client().post(path).header("cookie", "token=hub-session");
    let form = request.header("content-type", "application/x-www-form-urlencoded").body(query.to_owned());
    assert_eq!(form.send().await.unwrap().status(), 303);
    assert_eq!(location(&hub, &url, "token=wrong").await.0, 200);
    // A HEAD request, as link previews send it, gives no code.
    let head = client().head(&url).header("cookie", "token=hub-session").send().await.unwrap();
    assert_eq!(head.status(), 405);
}

#[tokio::test]
async fn prompt_login_asks_who_even_when_somebody_is_signed_in() {
    let hub = hub().await;
    let url = authorize_url(&hub, &[("prompt", "login")]);
    let location = hub.approve(&url, "ada").await.unwrap();
    assert!(param(&location, "code").is_some());
    assert_eq!(hub.journal().count("/login"), 1);
    // The second time consent stands, but the page of personas comes all the same.
    hub.approve(&url, "ada").await.unwrap();
    assert_eq!((hub.journal().count("/login"), hub.journal().count("/oauth/authorize/consent")), (2, 1));
}

#[tokio::test]
async fn an_app_for_an_organisation_lets_only_its_members_in() {
    let hub = hub().await;
    for org in ["analytical-engine".to_owned(), OrgConfig::new("analytical-engine").sub()] {
        hub.add_app(AppConfig::public("ours").redirect_uri("http://localhost/cb").authorized_org(org));
        let url = authorize_url(&hub, &[("client_id", "ours")]);
        let location = hub.approve(&url, "ada").await.unwrap();
        assert!(param(&location, "code").is_some(), "{location}");
        let location = hub.approve(&url, "grace").await.unwrap();
        assert_eq!(param(&location, "error").as_deref(), Some("access_denied"));
    }
}

#[tokio::test]
async fn iss_comes_back_only_when_switched_on() {
    let hub = hub().await;
    let location = hub.approve(&authorize_url(&hub, &[]), "ada").await.unwrap();
    assert_eq!(param(&location, "iss"), None);
    let key = "authorization_response_iss_parameter_supported";
    assert!(get_json(&hub, "/.well-known/openid-configuration").await.get(key).is_none());

    let hub = LocalHub::builder().send_iss(true).start().await.unwrap();
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let location = hub.deny(&authorize_url(&hub, &[]), "ada").await.unwrap();
    assert_eq!(param(&location, "iss").as_deref(), Some(hub.issuer()));
    assert_eq!(get_json(&hub, "/.well-known/openid-configuration").await[key], true);
}

#[tokio::test]
async fn approving_can_grant_some_organisations_only() {
    let hub = hub().await;
    for (orgs, granted) in
        [(&[][..], 0), (&["royal-society"], 1), (&["royal-society", "analytical-engine"], 2)]
    {
        hub.disconnect("ada", "app");
        let location = hub.approve_with_orgs(&authorize_url(&hub, &[]), "ada", orgs).await.unwrap();
        let tokens = ok(redeem(&hub, &param(&location, "code").unwrap()).await).await;
        let info = ok(userinfo(&hub, text(&tokens, "access_token")).await).await;
        assert_eq!(info["orgs"].as_array().unwrap().len(), granted, "{orgs:?}");
    }
}

#[tokio::test]
async fn approving_says_why_nobody_came_back() {
    let hub = hub().await;
    let url = authorize_url(&hub, &[]);
    assert!(matches!(hub.approve(&url, "nobody").await, Err(ApproveError::UnknownUser { .. })));
    let foreign = url.replace(&hub.port().to_string(), "1");
    assert!(matches!(hub.approve(&foreign, "ada").await, Err(ApproveError::ForeignUrl { .. })));
    let bad = authorize_url(&hub, &[("client_id", "nobody")]);
    assert!(matches!(hub.approve(&bad, "ada").await, Err(ApproveError::Refused { status: 400, .. })));
}
