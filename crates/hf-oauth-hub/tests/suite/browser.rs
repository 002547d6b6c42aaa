//! What a person's browser sees and sends.

use hf_oauth_hub::{AppConfig, LocalHub, OrgConfig, UserConfig};
use reqwest::{Response, StatusCode};

use crate::support::*;

/// A browser with one cookie and a page open.
struct Browser<'a> {
    hub: &'a LocalHub,
    cookie: String,
    page: String,
}

impl<'a> Browser<'a> {
    fn new(hub: &'a LocalHub) -> Self {
        Self { hub, cookie: String::new(), page: String::new() }
    }

    async fn get(&mut self, url: &str) -> StatusCode {
        let response = client().get(url).header("cookie", &self.cookie).send().await.unwrap();
        self.take(&response);
        let status = response.status();
        self.page = response.text().await.unwrap();
        status
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let (request, token) = (self.field("request"), self.field("token"));
        let mut form = vec![("request", request.as_str()), ("token", token.as_str())];
        form.extend(fields);
        let response = client()
            .post(self.hub.url(path))
            .header("cookie", &self.cookie)
            .form(&form)
            .send()
            .await
            .unwrap();
        self.take(&response);
        response
    }

    /// The value of a hidden field, unescaped.
    fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let Some((_, rest)) = self.page.split_once(&mark) else { return String::new() };
        let value = rest.split_once('"').unwrap().0;
        value.replace("&#38;", "&").replace("&#34;", "\"").replace("&#60;", "<").replace("&#62;", ">")
    }

    fn take(&mut self, response: &Response) {
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=None"), "{cookie}");
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
    }
}

fn location(response: &Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_chooses_a_persona_consents_and_goes_back() {
    let hub = hub().await;
    let mut browser = Browser::new(&hub);
    let org = OrgConfig::new("royal-society").sub();
    let scope = "openid profile inference-api";
    assert_eq!(browser.get(&authorize_url(&hub, &[("scope", scope), ("orgIds", &org)])).await, 200);
    for name in
        ["Ada Lovelace", "Grace Hopper", "Linus Pauling", "Alan Turing", "Local Hub", "not huggingface.co"]
    {
        assert!(browser.page.contains(name), "{name}");
    }
    let planted = browser.cookie.clone();
    let response = browser.post("/login", &[("username", "ada")]).await;
    assert_eq!(response.status(), 303);
    assert_ne!(browser.cookie, planted, "a new session for who signed in");
    let onward = format!("http://localhost:{}{}", hub.port(), location(&response));
    assert_eq!(browser.get(&onward).await, 200);
    for words in [
        "asks for access",
        "inference-api",
        "Call inference providers",
        "Royal Society",
        "http://localhost:7860",
    ] {
        assert!(browser.page.contains(words), "{words}");
    }
    // The one that the app asked for is ticked, and stands first.
    let ticked: Vec<&str> = browser.page.split("type=\"checkbox\"").skip(1).collect();
    assert!(ticked[0].contains(&org) && ticked[0].contains(" checked"), "{}", ticked[0]);
    assert!(!ticked[1].contains(" checked"));
    let response = browser
        .post("/oauth/authorize/consent", &[("org[]", &org), ("org[]", "not-hers"), ("decision", "approve")])
        .await;
    assert_eq!(response.status(), 303);
    let code = param(&location(&response), "code").unwrap();
    let tokens = ok(redeem(&hub, &code).await).await;
    let info = ok(userinfo(&hub, text(&tokens, "access_token")).await).await;
    assert_eq!(info["orgs"].as_array().unwrap().len(), 1);
    assert_eq!(info["orgs"][0]["sub"], org.as_str());
    // Now consent stands for that organisation; one more is asked for.
    assert_eq!(browser.get(&authorize_url(&hub, &[("scope", scope), ("orgIds", &org)])).await, 303);
    let other = OrgConfig::new("analytical-engine").sub();
    assert_eq!(browser.get(&authorize_url(&hub, &[("scope", scope), ("orgIds", &other)])).await, 200);
}

#[tokio::test]
async fn all_of_200_organisations_can_be_ticked_without_script() {
    let hub = hub().await;
    let mut browser = Browser::new(&hub);
    browser.get(&authorize_url(&hub, &[])).await;
    let response = browser.post("/login", &[("username", "linus")]).await;
    browser.get(&format!("http://localhost:{}{}", hub.port(), location(&response))).await;
    assert_eq!(browser.page.matches("type=\"checkbox\"").count(), 200);
    assert_eq!(browser.page.matches(" checked").count(), 0);
    let response = browser.post("/oauth/authorize/consent", &[("decision", "all")]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.unwrap().matches(" checked").count(), 200);
}

#[tokio::test]
async fn forms_from_elsewhere_do_nothing() {
    let hub = hub().await;
    hub.add_user(UserConfig::new("mary").session("here"));
    let mut browser = Browser::new(&hub);
    browser.cookie = "token=here".to_owned();
    browser.get(&authorize_url(&hub, &[])).await;
    let (request, token) = (browser.field("request"), browser.field("token"));
    let consent = hub.url("/oauth/authorize/consent");
    let form = |token: &str, request: &str| {
        vec![("token", token.to_owned()), ("request", request.to_owned()), ("decision", "approve".to_owned())]
    };
    let other = request.replace("the-state", "other-state");
    assert_ne!(other, request);
    let cases = [
        (form("", &request), "token=here", ""),
        (form("x", &request), "token=here", ""),
        // For another request, in another browser, from another site.
        (form(&token, &other), "token=here", ""),
        (form(&token, &request), "", ""),
        (form(&token, &request), "token=here", "https://evil.example"),
        (form(&token, &request), "token=here", "null"),
    ];
    for (form, cookie, origin) in cases {
        let mut post = client().post(&consent).form(&form).header("cookie", cookie);
        if !origin.is_empty() {
            post = post.header("origin", origin);
        }
        let response = post.send().await.unwrap();
        assert_eq!(response.status(), 403, "{form:?} {cookie} {origin}");
        assert!(response.headers().get("location").is_none());
    }
    let origin = hub.issuer();
    let right = client().post(&consent).form(&form(&token, &request)).header("cookie", "token=here");
    assert_eq!(right.header("origin", origin).send().await.unwrap().status(), 303);
    let login = client().post(hub.url("/login")).form(&[("username", "ada"), ("request", ""), ("token", "")]);
    assert_eq!(login.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere() {
    let hub = hub().await;
    let bad = authorize_url(&hub, &[("client_id", "x")]);
    for url in [
        authorize_url(&hub, &[]),
        bad,
        hub.url("/"),
        hub.url("/login"),
        hub.url("/settings/connected-applications"),
    ] {
        let response = client().get(&url).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
        assert!(!policy.contains("form-action"), "it would block the way back to the app");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let page = response.text().await.unwrap();
        assert!(
            !page.contains("<script") && !page.contains("style=") && !page.contains("src=\"http"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_hostile_app_name_is_text() {
    let hub = hub().await;
    hub.add_user(UserConfig::new("mary").session("here").name("<i>Mary</i>"));
    let name = "<img src=x onerror=alert(1)>\" onload=\"x";
    hub.add_app(AppConfig::public("hostile").name(name).redirect_uri("http://localhost/cb"));
    let url = authorize_url(&hub, &[("client_id", "hostile"), ("scope", "openid <b>")]);
    for cookie in ["", "token=here"] {
        let page = client().get(&url).header("cookie", cookie).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("&#60;img src=x onerror=alert(1)&#62;&#34; onload=&#34;x"), "{page}");
        assert!(
            !page.contains("<img src=x") && !page.contains("<b>\"") && !page.contains("<i>Mary"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_person_can_take_an_apps_access_back() {
    let hub = hub().await;
    let tokens = tokens(&hub, "openid profile").await;
    let mut browser = Browser::new(&hub);
    browser.get(&hub.url("/login")).await;
    assert_eq!(location(&browser.post("/login", &[("username", "ada")]).await), "/");
    browser.get(&hub.url("/settings/connected-applications")).await;
    assert!(browser.page.contains("value=\"app\""), "{}", browser.page);
    let response = browser.post("/settings/connected-applications", &[("client_id", "app")]).await;
    assert_eq!(response.status(), 303);
    assert_eq!(userinfo(&hub, text(&tokens, "access_token")).await.status(), 401);
    let refreshed = refresh(&hub, text(&tokens, "refresh_token")).await;
    assert_eq!(error(refreshed, 400).await, "invalid_grant");
    browser.get(&hub.url("/settings/connected-applications")).await;
    assert!(browser.page.contains("No app has access"), "{}", browser.page);
}

#[tokio::test]
async fn the_home_page_shows_the_journal_and_signs_out() {
    let hub = hub().await;
    tokens(&hub, "openid").await;
    let mut browser = Browser::new(&hub);
    browser.get(&hub.url("/login")).await;
    browser.post("/login", &[("username", "grace")]).await;
    assert_eq!(browser.get(&hub.url("/")).await, 200);
    for words in ["POST /oauth/token", "Signed in as", "Grace Hopper", "OPENID_PROVIDER_URL", "local-app"] {
        assert!(browser.page.contains(words), "{words}");
    }
    let token = browser.field("token");
    let sign_out =
        client().post(hub.url("/logout")).header("cookie", &browser.cookie).form(&[("token", token)]);
    let response = sign_out.send().await.unwrap();
    assert_eq!(response.status(), 303);
    assert!(response.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    browser.get(&hub.url("/")).await;
    assert!(browser.page.contains("Nobody is signed in"));
}

#[tokio::test]
async fn pictures_and_profiles_are_drawn_here() {
    let hub = hub().await;
    for path in ["/avatars/ada.svg", "/avatars/royal-society.svg"] {
        let response = client().get(hub.url(path)).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "image/svg+xml");
        assert!(response.text().await.unwrap().starts_with("<svg"));
    }
    assert!(
        client().get(hub.url("/ada")).send().await.unwrap().text().await.unwrap().contains("Ada Lovelace")
    );
    for path in ["/avatars/nobody.svg", "/nobody", "/avatars/../ada.svg", "/api/agent-harnesses"] {
        assert_eq!(client().get(hub.url(path)).send().await.unwrap().status(), 404, "{path}");
    }
}
