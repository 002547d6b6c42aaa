//! Unpatched `huggingface_hub`, as a Space uses it, signs in at the local Hub.

use serde_json::Value;

use crate::support::environment;
use crate::support::http::{client, cookies, get, json, location};
use crate::support::hub::Hub;
use crate::support::program::{Program, bare};

const HUB: &str = r#"
    [[users]]
    username = "mary"
    name = "Mary Somerville"
    email = "mary@example.com"
    picture = "avatars/mary.svg"
    website = "https://example.com/mary"
    pro = true
    session = "mary-is-here"
    orgs = [{ username = "royal-society", role = "admin" }]

    [[apps]]
    client_id = "a-space"
    client_secret = "not: a/secret+"
    redirect_uris = ["http://127.0.0.1/"]
    scopes = ["email"]
    space = true
    consent = "granted"
"#;

#[tokio::test]
async fn huggingface_hub_signs_in_at_the_local_hub() {
    let Some((python, scripts)) = environment::python() else { return };
    let hub = Hub::start(HUB);
    let mut command = bare(python);
    command.arg(scripts.join("hf_py_app.py"));
    command.envs([
        ("SPACE_ID", "mary/a-space"),
        ("OAUTH_CLIENT_ID", "a-space"),
        ("OAUTH_CLIENT_SECRET", "not: a/secret+"),
        ("OAUTH_SCOPES", "openid profile email"),
        ("OPENID_PROVIDER_URL", &hub.url),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ]);
    let mut app = Program::start(command);
    let app_url = app.line(|line| {
        let ready: Value = serde_json::from_str(line).ok()?;
        Some(ready["url"].as_str()?.to_owned())
    });

    let login = get(&format!("{app_url}/oauth/huggingface/login?_target_url=/me")).await;
    let session = cookies(&login).join("; ");
    let authorize = location(&login);
    assert!(authorize.starts_with(&format!("{}/oauth/authorize?", hub.url)), "{authorize}");
    let approved = client().get(&authorize).header("cookie", "token=mary-is-here").send().await.unwrap();
    assert_eq!(approved.status(), 303, "the Hub knows the browser, and consent stands");
    let callback = location(&approved);
    assert!(
        callback.starts_with(&format!("{app_url}/oauth/huggingface/callback?_target_url=")),
        "{callback}"
    );
    let signed_in = client().get(&callback).header("cookie", session).send().await.unwrap();
    assert!(location(&signed_in).ends_with("/me"), "{} {}", location(&signed_in), app.everything());
    let session = cookies(&signed_in).join("; ");
    let me =
        json(client().get(format!("{app_url}/me")).header("cookie", session).send().await.unwrap()).await;

    assert_eq!(me["user_info"]["preferred_username"], "mary");
    assert_eq!(me["user_info"]["name"], "Mary Somerville");
    assert_eq!(me["user_info"]["email"], "mary@example.com");
    assert_eq!(me["user_info"]["email_verified"], true);
    assert_eq!(me["user_info"]["picture"], format!("{}/avatars/mary.svg", hub.url));
    assert_eq!(me["user_info"]["website"], "https://example.com/mary");
    // It reads the ID token only, in which the Hub leaves these out.
    assert_eq!((&me["user_info"]["is_pro"], &me["user_info"]["orgs"]), (&Value::Null, &Value::Null));
    assert_eq!(me["access_token_sha256"].as_str().unwrap().len(), 64);

    let asked = &hub.requests_to("/oauth/authorize").await[0];
    assert_eq!(asked.param("code_challenge"), None, "it sends no PKCE");
    assert!(asked.param("nonce").is_some());
    assert_eq!(asked.outcome().0, 303);
    let [exchange] = &hub.requests_to("/oauth/token").await[..] else { panic!("one token request") };
    assert_eq!(exchange.outcome(), (200, "basic"));
    assert_eq!(exchange.param("code_verifier"), None);
    assert_eq!(exchange.0["username"], "mary");
    assert!(exchange.0["user_agent"].as_str().unwrap().starts_with("Authlib/"), "{exchange:?}");
}

/// With the values that its own test expects of the real Hub's staging instance.
const STAGING: &str = r#"
    [[users]]
    username = "hub.js"
    sub = "62f264b9f3c90f4b6514a269"
    name = "@huggingface/hub CI bot"
    email = "bot@example.com"
    picture = "avatars/bot.svg"
    website = "https://github.com/huggingface/hub.js"
    session = "huggingface-hub.js-cookie"

    [[apps]]
    client_id = "dummy-app"
    client_secret = "dummy-secret"
    redirect_uris = ["http://localhost:3000"]
    scopes = ["email"]
    consent = "granted"
"#;

/// The registered URI has no path, and the answer is looked for under `http://localhost:3000/`.
#[tokio::test]
async fn huggingface_hub_signs_in_the_way_its_own_test_does() {
    let Some((python, scripts)) = environment::python() else { return };
    let hub = Hub::start(STAGING);
    let mut command = bare(python);
    command.arg(scripts.join("hf_py_own_test.py")).arg("huggingface-hub.js-cookie");
    command.envs([
        ("SPACE_ID", "test_space/test_repo"),
        ("OAUTH_CLIENT_ID", "dummy-app"),
        ("OAUTH_CLIENT_SECRET", "dummy-secret"),
        ("OAUTH_SCOPES", "openid profile email"),
        ("OPENID_PROVIDER_URL", &hub.url),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ]);
    let (status, out, err) = Program::start(command).end();
    assert!(status.success(), "{out}{err}");
    let seen: Value = serde_json::from_str(&out).unwrap();

    assert_eq!(seen["before"]["msg"], "Not logged in!");
    assert_eq!((&seen["login"], &seen["authorize"]), (&302.into(), &303.into()), "{seen}");
    let location = seen["location"].as_str().unwrap();
    assert!(location.starts_with("http://localhost:3000/?code="), "{location}");
    assert_eq!(seen["callback"], serde_json::json!([307, "/"]), "{seen}");
    assert_eq!(seen["longer"], true, "the session is in the cookie");
    assert_eq!(seen["after"]["msg"], "Hello, hub.js!");
    let info = &seen["after"]["oauth_info"];
    assert_eq!(info["scope"], "openid profile email");
    assert!(info["access_token"].as_u64().unwrap() > 0);
    assert_eq!(
        info["user_info"],
        serde_json::json!({
            "sub": "62f264b9f3c90f4b6514a269",
            "name": "@huggingface/hub CI bot",
            "preferred_username": "hub.js",
            "email_verified": true,
            "email": "bot@example.com",
            "picture": format!("{}/avatars/bot.svg", hub.url),
            "profile": format!("{}/hub.js", hub.url),
            "website": "https://github.com/huggingface/hub.js",
            "is_pro": null,
            "can_pay": null,
            "orgs": null,
        })
    );
    let [exchange] = &hub.requests_to("/oauth/token").await[..] else { panic!("one token request") };
    assert_eq!(exchange.outcome(), (200, "basic"));
}
