//! npm's `oidc-provider`, a certified provider that knows nothing of the Hub: the demo signs in there too.

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::environment;
use crate::support::eventually;
use crate::support::http;
use crate::support::program::{Program, bare};
use crate::support::steps::{PROFILE, SIGN_IN};

struct Provider {
    issuer: String,
    journal: String,
    _program: Program,
}

impl Provider {
    fn start(path: &str, secret: Option<&str>) -> Option<Self> {
        let folder = environment::node()?;
        let mut client = json!({
            "client_id": "demo",
            "application_type": "native",
            "redirect_uris": ["http://localhost/oauth/huggingface/callback"],
        });
        if let Some(secret) = secret {
            client["client_secret"] = secret.into();
        }
        let mut command = bare("node");
        command.arg(folder.join("oidc-provider.mjs"));
        command.arg(json!({ "clients": [client], "path": path }).to_string());
        let mut program = Program::start(command);
        let ready: Value = program.line(|line| serde_json::from_str(line).ok());
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        Some(Self { issuer: text("issuer"), journal: text("journal"), _program: program })
    }

    /// Method, path below the issuer and status of every request.
    async fn journal(&self) -> Vec<String> {
        let entries = http::json(http::get(&self.journal).await).await;
        let entries = entries.as_array().unwrap().iter();
        entries
            .map(|entry| {
                format!("{} {} {}", entry["method"], entry["path"], entry["status"]).replace('"', "")
            })
            .collect()
    }
}

/// Signs in, and sees that no prompt and no token go anywhere.
async fn signs_in(provider: &Provider, demo: &Demo, name: &str) {
    assert_eq!(demo.provider, provider.issuer);
    Browser::run(name, async |browser| {
        browser.open(&demo.url).await;
        browser.reads(&[&provider.issuer]).await;
        browser.click(SIGN_IN).await;
        browser.type_into("input[name=login]", "eve").await;
        browser.type_into("input[name=password]", "any").await;
        browser.click("button[type=submit]").await;
        eventually("the consent form", async || (browser.count("input[name=login]").await == 0).then_some(())).await;
        browser.click("button[type=submit]").await;
        browser.find(PROFILE).await;
        browser.reads(&["Eve Example", "@eve", "The provider did not say"]).await;
        assert_eq!(browser.url().await, format!("{}/", demo.url));

        browser.reads(&["No inference address belongs to", "your token goes nowhere"]).await;
        assert_eq!(browser.count("#prompt").await, 0);
        // A picture that cannot be loaded leaves the initial.
        browser.find("span.picture").await;
        let script = "return fetch('/ask', { method: 'POST', body: new URLSearchParams({ prompt: 'Hello' }) })\
                      .then(async (it) => [it.status, (await it.json()).error])";
        assert_eq!(browser.script(script).await, json!([403, "missing_scope"]));

        let (status, me) = browser.fetch("/api/me").await;
        let me: Value = serde_json::from_str(&me).unwrap();
        assert_eq!((status, &me["user"]["sub"]), (200, &json!("eve")));
        browser.picture(name).await;
        browser.click("form[action$='/logout'] button").await;
        browser.find(SIGN_IN).await;
    })
    .await;
    let journal = provider.journal().await;
    let path = provider.issuer.splitn(4, '/').nth(3).map_or(String::new(), |path| format!("/{path}"));
    let to = |what: &str| journal.iter().filter(|entry| entry.contains(&format!(" {path}/{what}"))).count();
    assert_eq!((to("token"), to("me"), to("jwks")), (1, 1, 1), "{journal:#?}");
    assert!(!journal.iter().any(|entry| entry.contains("completions")), "{journal:#?}");
}

#[tokio::test]
async fn the_demo_signs_in_at_oidc_provider() {
    let Some(provider) = Provider::start("", None) else { return };
    let demo = Demo::of_provider(&provider.issuer, "demo", &[]);
    signs_in(&provider, &demo, "oidc-provider").await;
}

#[tokio::test]
async fn the_demo_signs_in_at_oidc_provider_under_a_path_and_with_a_secret() {
    let secret = "not-a-secret-of-more-than-32-bytes: +%/";
    let Some(provider) = Provider::start("/realms/hf", Some(secret)) else { return };
    assert!(provider.issuer.ends_with("/realms/hf"));
    let demo = Demo::of_provider(&provider.issuer, "demo", &[("OAUTH_CLIENT_SECRET", secret)]);
    signs_in(&provider, &demo, "oidc-provider-path").await;
}
