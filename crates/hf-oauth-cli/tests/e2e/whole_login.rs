//! One whole login over HTTP, without a browser: what the binary says while it happens, and what it takes.

use std::time::Instant;

use reqwest::Response;
use serde_json::json;
use url::Url;

use crate::support::demo::Demo;
use crate::support::eventually;
use crate::support::http::{client, cookies, get, json as body, location};
use crate::support::hub::Hub;

const SECRET: &str = "canary-of-the-client-secret-0123456789";
const HUB: &str = r#"
    [[apps]]
    client_id = "local-app"
    client_secret = "canary-of-the-client-secret-0123456789"
    redirect_uris = ["http://localhost/oauth/huggingface/callback"]
"#;

/// What a login leaves with the browser, and what was on the way.
struct Login {
    state: String,
    code: String,
    /// As the `Cookie` header.
    pending: String,
    session: String,
}

impl Login {
    /// Signs ada in.
    async fn of_ada(demo: &Demo, hub: &Hub) -> Self {
        let login = get(&demo.at("/oauth/huggingface/login")).await;
        let authorize = location(&login);
        let pending = cookies(&login).join("; ");
        let approved = hub.control("approve", json!({ "url": authorize, "username": "ada" })).await;
        let callback = approved["location"].as_str().unwrap();
        let signed_in = client().get(callback).header("cookie", &pending).send().await.unwrap();
        assert_eq!((signed_in.status().as_u16(), location(&signed_in).as_str()), (303, "/"));
        let kept = cookies(&signed_in).into_iter().filter(|cookie| !cookie.ends_with('='));
        let session = kept.collect::<Vec<_>>().join("; ");
        Self { state: param(&authorize, "state"), code: param(callback, "code"), pending, session }
    }

    async fn get(&self, url: &str) -> Response {
        client().get(url).header("cookie", &self.session).send().await.unwrap()
    }

    async fn post(&self, demo: &Demo, path: &str, form: &[(&str, &str)]) -> Response {
        let request =
            client().post(demo.at(path)).header("cookie", &self.session).header("origin", &demo.url);
        request.form(form).send().await.unwrap()
    }

    /// Who is it, a prompt, and out.
    async fn use_everything(&self, demo: &Demo) {
        assert_eq!(body(self.get(&demo.at("/api/me")).await).await["user"]["preferred_username"], "ada");
        assert_eq!(self.get(&demo.url).await.status(), 200);
        let answer = self.post(demo, "/ask", &[("prompt", "Hello")]).await.text().await.unwrap();
        assert!(answer.contains("Hello Ada"), "{answer}");
        assert_eq!(self.post(demo, "/oauth/huggingface/logout", &[]).await.status(), 303);
    }

    /// What must not be seen anywhere: names and values.
    fn secrets(&self) -> Vec<(&'static str, String)> {
        let values = |name, jar: &str| {
            let values = jar.split("; ").map(|cookie| cookie.split_once('=').unwrap().1.to_owned());
            values.map(|value| (name, value)).collect::<Vec<_>>()
        };
        let mut secrets = values("pending login's cookie", &self.pending);
        secrets.extend(values("session's cookie", &self.session));
        secrets.extend([
            ("state", self.state.clone()),
            ("code", self.code.clone()),
            ("client secret", SECRET.to_owned()),
            // All tokens of the local Hub begin so, and all JWS.
            ("token", "hf_oauth_local_".to_owned()),
            ("ID token", "eyJ".to_owned()),
        ]);
        secrets
    }
}

fn param(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn row_062_no_secret_is_ever_printed_at_the_most_talkative_level() {
    let hub = Hub::start(HUB);
    let canary = "hf_canary_of_the_developers_own_token";
    let more = [("OAUTH_CLIENT_SECRET", SECRET), ("RUST_LOG", "trace"), ("HF_TOKEN", canary)];
    let demo = Demo::of_provider(&hub.url, "local-app", &more);
    let login = Login::of_ada(&demo, &hub).await;
    login.use_everything(&demo).await;
    let mut secrets = login.secrets();
    secrets.push(("HF_TOKEN", canary.to_owned()));
    for (who, said) in [("demo", demo.program.everything()), ("hub", hub.program.everything())] {
        for (name, secret) in &secrets {
            assert!(secret.len() > 2);
            let line = said.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "the {name} is in the {who}'s output: {line:?}");
        }
    }
    let said = demo.program.everything();
    assert!(said.lines().count() > 20 && said.contains("TRACE"), "it was talkative:\n{said}");
    assert!(
        said.contains("/oauth/huggingface/callback"),
        "the redirect URI to register is said at the start"
    );
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn the_demo_is_there_at_once_and_stays_small() {
    let hub = Hub::start(HUB);
    let start = Instant::now();
    let demo = Demo::of_provider(&hub.url, "local-app", &[("OAUTH_CLIENT_SECRET", SECRET)]);
    assert_eq!(get(&demo.url).await.status(), 200);
    let first_answer = start.elapsed();
    let before = demo.program.peak_memory();
    Login::of_ada(&demo, &hub).await.use_everything(&demo).await;
    let own = Demo::start();
    let start = Instant::now();
    assert_eq!(get(&own.url).await.status(), 200);
    println!(
        "first answer after {first_answer:?} (with its own Hub {:?} after its banner); peak memory: {before} KiB before a \
         login, {} KiB after it, {} KiB with its own Hub; the Hub alone {} KiB",
        start.elapsed(),
        demo.program.peak_memory(),
        own.program.peak_memory(),
        hub.program.peak_memory(),
    );
    assert!(demo.program.peak_memory() < 64 << 10, "{} KiB", demo.program.peak_memory());
}

#[tokio::test]
async fn a_session_with_a_refresh_token_outlives_its_access_token() {
    let hub = Hub::start(HUB);
    let demo = Demo::of_provider(&hub.url, "local-app", &[("OAUTH_CLIENT_SECRET", SECRET)]);
    let brief = json!({ "endpoint": "token", "times": 1, "json": { "expires_in": 3 } });
    hub.control("faults", brief).await;
    let mut login = Login::of_ada(&demo, &hub).await;
    let refreshed = async || {
        let answer = login.get(&demo.at("/api/me")).await;
        assert_eq!(answer.status(), 200, "never signed out in between");
        let kept = cookies(&answer).into_iter().filter(|cookie| !cookie.ends_with('=')).collect::<Vec<_>>();
        (!kept.is_empty()).then(|| kept.join("; "))
    };
    login.session = eventually("a refresh", refreshed).await;
    let [_, refresh] = &hub.requests_to("/oauth/token").await[..] else { panic!("one login, one refresh") };
    assert_eq!(refresh.param("grant_type"), Some("refresh_token"));
    assert_eq!(refresh.outcome(), (200, "basic"));
    login.use_everything(&demo).await;
    assert_eq!(hub.requests_to("/oauth/token").await.len(), 2, "no refresh on every call");
}
