//! One whole login over HTTP, without a browser: what the binary says while it happens, and what it takes.

use std::time::Instant;

use serde_json::json;

use crate::support::demo::Demo;
use crate::support::http::{client, cookies, get, json, location};
use crate::support::hub::Hub;

const SECRET: &str = "canary-of-the-client-secret-0123456789";
const HUB: &str = r#"
    [[apps]]
    client_id = "local-app"
    client_secret = "canary-of-the-client-secret-0123456789"
    redirect_uris = ["http://localhost/oauth/huggingface/callback"]
"#;

/// What must not be seen anywhere: each with its name.
struct Secrets(Vec<(&'static str, String)>);

/// Signs ada in, asks once, signs out; gives every secret that was on the way.
async fn whole_login(demo: &Demo, hub: &Hub) -> Secrets {
    let mut secrets = vec![("client secret", SECRET.to_owned())];
    let login = get(&demo.at("/oauth/huggingface/login")).await;
    let authorize = location(&login);
    let state = url::Url::parse(&authorize)
        .unwrap()
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    let pending = cookies(&login).join("; ");
    let order = json!({ "url": authorize, "username": "ada" });
    let approved = hub.control("approve", order).await;
    let callback = approved["location"].as_str().unwrap().to_owned();
    let code = url::Url::parse(&callback)
        .unwrap()
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    let signed_in = client().get(&callback).header("cookie", &pending).send().await.unwrap();
    assert_eq!((signed_in.status().as_u16(), location(&signed_in).as_str()), (303, "/"));
    let session = cookies(&signed_in)
        .into_iter()
        .filter(|cookie| !cookie.ends_with('='))
        .collect::<Vec<_>>()
        .join("; ");
    let me = client().get(demo.at("/api/me")).header("cookie", &session).send().await.unwrap();
    assert_eq!(json(me).await["user"]["preferred_username"], "ada");
    let ask = client().post(demo.at("/ask")).header("cookie", &session).header("origin", &demo.url);
    let answer = ask.form(&[("prompt", "Hello")]).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("Hello Ada"));
    let leave = client().post(demo.at("/oauth/huggingface/logout")).header("cookie", &session);
    assert_eq!(leave.header("origin", &demo.url).send().await.unwrap().status(), 303);

    secrets.push(("code", code));
    secrets.push(("state", state));
    let values = |jar: &str| {
        jar.split("; ").map(|cookie| cookie.split_once('=').unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    secrets.extend(values(&pending).into_iter().map(|value| ("pending login's cookie", value)));
    secrets.extend(values(&session).into_iter().map(|value| ("session's cookie", value)));
    // All tokens of the local Hub begin so.
    secrets.push(("token", "hf_oauth_local_".to_owned()));
    secrets.push(("ID token", "eyJ".to_owned()));
    Secrets(secrets)
}

#[tokio::test]
async fn row_062_no_secret_is_ever_printed_at_the_most_talkative_level() {
    let hub = Hub::start(HUB);
    let canary = "hf_canary_of_the_developers_own_token";
    let more = [("OAUTH_CLIENT_SECRET", SECRET), ("RUST_LOG", "trace"), ("HF_TOKEN", canary)];
    let demo = Demo::of_provider(&hub.url, "local-app", &more);
    let Secrets(mut secrets) = whole_login(&demo, &hub).await;
    secrets.push(("HF_TOKEN", canary.to_owned()));
    for (who, said) in [("demo", demo.program.everything()), ("hub", hub.program.everything())] {
        for (name, secret) in &secrets {
            assert!(secret.len() > 2);
            let line = said.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "the {name} is in the {who}'s output: {line:?}");
        }
    }
    let said = demo.program.everything();
    assert!(said.lines().count() > 50 && said.contains("TRACE"), "it was talkative:\n{said}");
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
    whole_login(&demo, &hub).await;
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
