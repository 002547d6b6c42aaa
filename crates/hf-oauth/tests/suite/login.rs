//! Whole logins, with everything that an app may ask for.

use hf_oauth::*;
use hf_oauth_hub::{AppConfig, Auth, Endpoint, Fault, LocalHub};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::*;

#[tokio::test]
async fn row_018_a_public_app_signs_a_person_in() {
    let hub = hub().await;
    let client = client(&hub);
    let app_state = "from the \"menu\" & back";
    let options = LoginOptions::new()
        .with_app_state(app_state)
        .with_return_path(ReturnPath::parse("/settings?tab=1#top").unwrap());
    let (url, pending) = client.login_url(&options).await.unwrap();
    assert!(url.starts_with(&hub.url("/oauth/authorize?")), "{url}");
    assert!(!url.contains("menu"), "the app's own state never leaves it");
    let redirect = hub.approve(&url, "ada").await.unwrap();
    let login = client.handle_redirect(&redirect, pending).await.unwrap();
    assert_eq!(login.return_path.as_str(), "/settings?tab=1#top");
    let info = login.into_info();
    assert_eq!(info.state.as_deref(), Some(app_state));
    assert_eq!(info.scope.to_string(), "openid profile");
    assert_eq!(info.access_token_expires_at.as_secs(), i64::try_from(NOW).unwrap() + 28_800);
    let user = info.user_info;
    assert_eq!(user.preferred_username.as_deref(), Some("ada"));
    assert_eq!(user.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(user.is_pro, Some(true));
    assert_eq!(user.email, None, "the scope was not asked for");
    let orgs = user.orgs.unwrap();
    assert!(orgs.iter().any(|org| org.role_in_org == Some(OrgRole::Admin)), "{orgs:?}");

    let exchange = hub.journal().to(TOKEN).next().unwrap().clone();
    assert_eq!((exchange.auth, exchange.client_id.as_deref()), (Auth::ClientId, Some("app")));
    assert_eq!(exchange.param("grant_type"), Some("authorization_code"));
    assert_eq!(exchange.param("redirect_uri"), Some(CALLBACK));
    assert!(exchange.param("code_verifier").is_some() && exchange.param("client_secret").is_none());
    assert_eq!(hub.journal().to(USERINFO).next().unwrap().auth, Auth::Bearer);
}

#[tokio::test]
async fn an_app_with_a_secret_sends_it_as_basic_and_pkce_all_the_same() {
    let hub = hub().await;
    login(&client_of(server_app(), &hub), &hub).await.unwrap();
    let exchange = hub.journal().to(TOKEN).next().unwrap().clone();
    assert_eq!((exchange.auth, exchange.client_id.as_deref()), (Auth::Basic, Some("server")));
    assert!(exchange.param("code_verifier").is_some());
    assert!(exchange.param("client_secret").is_none() && exchange.param("client_id").is_none());
}

#[tokio::test]
async fn row_047_secrets_with_any_character_arrive_as_they_are() {
    let hub = hub().await;
    for (id, secret) in
        [("a-b-c_d.e~f", "p:q%r+s t/u=&v"), ("ümlaut:app", "ß–€ 🤗"), ("plain", "-"), ("x*y", "%41%zz")]
    {
        hub.add_app(AppConfig::confidential(id, secret).redirect_uri("http://localhost/cb"));
        let app =
            App::new(id).with_client_secret(secret).with_redirect_uri(RedirectUri::parse(CALLBACK).unwrap());
        login(&client_of(app, &hub), &hub).await.unwrap();
        assert_eq!(hub.journal().to(TOKEN).last().unwrap().client_id.as_deref(), Some(id));
    }
}

#[tokio::test]
async fn a_redirect_uri_that_is_left_out_is_left_out_in_both_requests() {
    let hub = hub().await;
    hub.add_app(AppConfig::public("short").redirect_uri("http://localhost/registered"));
    let client = client_of(App::new("short"), &hub);
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    assert_eq!(param(&url, "redirect_uri"), None);
    let redirect = hub.approve(&url, "grace").await.unwrap();
    assert!(redirect.starts_with("http://localhost/registered?code="), "{redirect}");
    client.handle_redirect(&redirect, pending).await.unwrap();
    assert_eq!(hub.journal().to(TOKEN).next().unwrap().param("redirect_uri"), None);
}

#[tokio::test]
async fn scopes_organisations_and_prompt_are_asked_for() {
    let hub = hub().await;
    let client = client(&hub);
    let login = login(&client, &hub).await.unwrap();
    let orgs = login.identity.user_info().orgs.as_deref().unwrap();
    let mut options =
        LoginOptions::new().with_scopes("openid profile email read-mcp").with_prompt(Prompt::Consent);
    for org in orgs.iter().map(|org| org.sub.as_str()).chain(["another"]) {
        options = options.with_org_id(org);
    }
    let (url, pending) = client.login_url(&options).await.unwrap();
    let redirect = hub.approve(&url, "ada").await.unwrap();
    let login = client.handle_redirect(&redirect, pending).await.unwrap();
    assert_eq!(login.tokens.scope.to_string(), "openid profile email read-mcp");
    assert_eq!(login.identity.user_info().email.as_deref(), Some("ada@example.com"));
    assert_eq!(login.identity.user_info().email_verified, Some(true));

    let journal = hub.journal();
    let asked = journal.to("/oauth/authorize").last().unwrap();
    assert_eq!(asked.param("prompt"), Some("consent"));
    let sent: Vec<&str> =
        asked.params.iter().filter(|(name, _)| name == "orgIds").map(|(_, id)| id.as_str()).collect();
    assert_eq!(sent.len(), orgs.len() + 1);
    assert_eq!(sent.last(), Some(&"another"));
}

#[tokio::test]
async fn two_hundred_organisations_come_through_whole() {
    let hub = hub().await;
    let client = client(&hub);
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    let redirect = hub.approve(&url, "linus").await.unwrap();
    let login = client.handle_redirect(&redirect, pending).await.unwrap();
    assert_eq!(login.identity.user_info().orgs.as_ref().map(Vec::len), Some(200));
}

#[tokio::test]
async fn a_login_survives_as_strings_and_as_a_redirect_without_host() {
    let hub = hub().await;
    let client = client(&hub);
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    let kept = serde_json::to_string(&pending.into_parts()).unwrap();
    let redirect = hub.approve(&url, "ada").await.unwrap();
    let path_and_query = redirect.strip_prefix("http://localhost:7860").unwrap();
    let pending = PendingLogin::from_parts(serde_json::from_str(&kept).unwrap()).unwrap();
    // Another instance of the app, which has asked the provider for nothing yet.
    let other_instance = crate::support::client(&hub);
    other_instance.handle_redirect(path_and_query, pending).await.unwrap();
}

#[tokio::test]
async fn those_who_kept_strings_finish_with_strings() {
    let hub = LocalHub::builder().send_iss(true).start().await.map(with_apps).unwrap();
    let client = client(&hub);
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    let kept = pending.into_parts();
    let redirect = hub.approve(&url, "ada").await.unwrap();
    let [code, state, iss] = ["code", "state", "iss"].map(|name| param(&redirect, name).unwrap());
    let params = RedirectParams {
        code: &code,
        state: &state,
        iss: Some(&iss),
        stored_state: &kept.state,
        nonce: &kept.nonce,
        code_verifier: &kept.code_verifier,
        begun_at: Some(UnixTime::from_secs(kept.begun_at)),
        ..RedirectParams::begun_with(&kept.issuer)
    };
    for secret in [&code, &kept.nonce, &kept.code_verifier] {
        assert!(!format!("{params:?}").contains(secret.as_str()), "{params:?}");
    }
    let wrong = RedirectParams { state: "forged", ..params };
    let error = client.handle_redirect_params(wrong).await.unwrap_err();
    assert_kind(&error, "Callback(StateMismatch", "a forged state");
    let wrong = RedirectParams { iss: Some("https://evil.example"), ..params };
    let error = client.handle_redirect_params(wrong).await.unwrap_err();
    assert_kind(&error, "Callback(IssuerMismatch", "a foreign issuer");
    let error = client.handle_redirect_params(RedirectParams { code: "", ..params }).await.unwrap_err();
    assert_kind(&error, "Callback(CodeMissing", "no code");
    let empty = RedirectParams { stored_state: "", state: "", ..params };
    let error = client.handle_redirect_params(empty).await.unwrap_err();
    assert_kind(&error, "Authorize(IncompleteParts", "nothing was kept");
    let late = UnixTime::from_secs(kept.begun_at - 601);
    let late = RedirectParams { begun_at: Some(late), ..params };
    let error = client.handle_redirect_params(late).await.unwrap_err();
    assert_kind(&error, "Callback(StateExpired", "begun too long ago");
    let declined = RedirectParams { error: Some("access_denied"), code: "", ..params };
    let error = client.handle_redirect_params(declined).await.unwrap_err();
    assert_kind(&error, "Callback(Declined", "the person said no");
    assert_eq!(asked(&hub, TOKEN), 0);
    let login = client.handle_redirect_params(params).await.unwrap();
    assert_eq!(login.identity.user_info().preferred_username.as_deref(), Some("ada"));
}

#[tokio::test]
async fn an_issuer_with_a_path_is_found_and_kept_apart_from_its_neighbour() {
    let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = reserved.local_addr().unwrap().port();
    drop(reserved);
    let issuer = format!("http://localhost:{port}/realms/one");
    let hub = LocalHub::builder().port(port).issuer(&issuer).start().await.map(with_apps).unwrap();
    let client = client(&hub);
    assert_eq!(client.issuer().as_str(), issuer);
    login(&client, &hub).await.unwrap();
    assert_eq!((asked(&hub, DISCOVERY), asked(&hub, TOKEN), asked(&hub, USERINFO)), (1, 1, 1));

    for neighbour in [format!("http://localhost:{port}/realms/two"), format!("http://localhost:{port}")] {
        let stranger = Client::new(app()).with_issuer(Issuer::parse(&neighbour).unwrap());
        assert!(stranger.hub().await.is_err(), "{neighbour}");
    }
    let slash = Client::new(app()).with_issuer(Issuer::parse(&format!("{issuer}/")).unwrap());
    let error = slash.hub().await.unwrap_err();
    assert!(matches!(error, ProviderError::Discovery(DiscoveryError::IssuerMismatch { .. })), "{error}");
}

#[tokio::test]
async fn a_warm_login_is_two_round_trips() {
    let hub = hub().await;
    let client = client(&hub);
    login(&client, &hub).await.unwrap();
    hub.clear_journal();
    login(&client, &hub).await.unwrap();
    let journal = hub.journal();
    let back_channel: Vec<&str> = journal
        .entries()
        .iter()
        .map(|entry| entry.path.as_str())
        .filter(|path| [DISCOVERY, TOKEN, JWKS, USERINFO, "/api/whoami-v2"].contains(path))
        .collect();
    assert_eq!(back_channel, [TOKEN, USERINFO]);
}

#[tokio::test]
async fn a_provider_without_userinfo_signs_in_by_the_id_token_alone() {
    let hub = hub().await;
    hub.fault(Fault::json(json!({ "userinfo_endpoint": null })).on(Endpoint::Discovery));
    let client = client(&hub);
    let login = login(&client, &hub).await.unwrap();
    assert_eq!(asked(&hub, USERINFO), 0);
    let user = login.identity.user_info();
    assert_eq!((user.preferred_username.as_deref(), &user.orgs), (Some("ada"), &None));
    let error = client.userinfo(&login.tokens.access_token).await.unwrap_err();
    assert_eq!(error, UserinfoError::Unsupported);
}

#[tokio::test]
async fn a_hundred_first_logins_at_once_ask_for_metadata_and_keys_once() {
    let hub = std::sync::Arc::new(hub().await);
    let client = client(&hub);
    let mut logins = JoinSet::new();
    for _ in 0..100 {
        let (hub, client) = (hub.clone(), client.clone());
        logins.spawn(async move { login(&client, &hub).await.map(|_| ()) });
    }
    for result in logins.join_all().await {
        result.unwrap();
    }
    assert_eq!((asked(&hub, DISCOVERY), asked(&hub, JWKS)), (1, 1));
    assert_eq!((asked(&hub, TOKEN), asked(&hub, USERINFO)), (100, 100));
}

#[tokio::test]
async fn no_client_id_fails_before_any_request() {
    let hub = hub().await;
    for id in ["", " ", "\t\n"] {
        let error = client_of(App::new(id), &hub).login_url(&LoginOptions::new()).await.unwrap_err();
        assert_kind(&error, "Authorize(MissingClientId", "a blank client id");
        no_secret_in(&error, &[]);
    }
    assert!(hub.journal().entries().is_empty());
}

#[tokio::test]
async fn row_214_a_login_begun_with_one_provider_sends_nothing_to_another() {
    let (begun_at, other) = (hub().await, hub().await);
    let (url, pending) = client(&begun_at).login_url(&LoginOptions::new()).await.unwrap();
    let kept = pending.into_parts();
    let redirect = begun_at.approve(&url, "ada").await.unwrap();
    let [code, state] = ["code", "state"].map(|name| param(&redirect, name).unwrap());
    let params = RedirectParams {
        code: &code,
        state: &state,
        stored_state: &kept.state,
        nonce: &kept.nonce,
        code_verifier: &kept.code_verifier,
        ..RedirectParams::begun_with(&kept.issuer)
    };
    let error = client(&other).handle_redirect_params(params).await.unwrap_err();
    assert_kind(&error, "Callback(OtherProvider", "the client of another provider");
    assert!(error.to_string().contains(&kept.issuer) && error.into_pending().is_some());
    for (stored_issuer, expected) in [
        ("", "Authorize(IncompleteParts { missing: \"issuer\" })"),
        (" ", "Authorize(InvalidParts"),
        ("http://evil.example", "Authorize(InvalidParts"),
    ] {
        let params = RedirectParams { stored_issuer, ..params };
        let error = client(&other).handle_redirect_params(params).await.unwrap_err();
        assert_kind(&error, expected, stored_issuer);
    }
    assert!(other.journal().entries().is_empty(), "nothing was asked of it");
    client(&begun_at).handle_redirect_params(params).await.unwrap();
}
