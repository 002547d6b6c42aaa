//! Apps in the frame of a Space: pages, headers, refusals, and the app that is registered for each.

use std::collections::BTreeMap;

use hf_oauth_hub::{Config, LocalHub, OrgConfig, ServeOptions, SpaceConfig, UserConfig, serve_command};
use reqwest::Response;

use crate::support::*;

const APP: &str = "http://127.0.0.1:7860";
const PAGE: &str = "/spaces/local/space";

async fn framing(space: SpaceConfig) -> LocalHub {
    LocalHub::builder().space(space).start().await.unwrap()
}

fn environment(hub: &LocalHub, index: usize) -> BTreeMap<&'static str, String> {
    hub.spaces()[index].environment().into_iter().collect()
}

async fn get(hub: &LocalHub, path: &str) -> Response {
    client().get(hub.url(path)).send().await.unwrap()
}

/// Where ada comes back to from the Space's app; its form is that of an app with a secret.
async fn back(hub: &LocalHub, changes: &[(&str, &str)]) -> Result<String, hf_oauth_hub::ApproveError> {
    let client_id = environment(hub, 0)["OAUTH_CLIENT_ID"].clone();
    let own = [("client_id", client_id.as_str()), ("redirect_uri", "http://127.0.0.1:7860/login/callback")];
    hub.approve(&authorize_url(hub, &[&own[..], changes].concat()), "ada").await
}

#[tokio::test]
async fn row_181_the_page_of_a_space_has_the_frame_of_the_original() {
    let hub = framing(SpaceConfig::new(APP)).await;
    let page = get(&hub, PAGE).await;
    assert_eq!(page.status(), 200);
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(header("referrer-policy"), "strict-origin-when-cross-origin");
    assert_eq!(header("x-frame-options"), "SAMEORIGIN");
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-src http: https:; \
         frame-ancestors 'self'"
    );
    assert!(header("set-cookie").ends_with("; Path=/; Secure; HttpOnly; SameSite=None"));
    let html = page.text().await.unwrap();
    assert!(html.contains(&format!("src=\"{APP}/?__theme=system\"")), "{html}");
    let sandbox = "sandbox=\"allow-downloads allow-forms allow-modals allow-pointer-lock allow-popups \
                   allow-popups-to-escape-sandbox allow-same-origin allow-scripts \
                   allow-storage-access-by-user-activation\"";
    assert!(html.contains(sandbox), "{html}");
    let allow = "allow=\"accelerometer; ambient-light-sensor; autoplay; battery; camera; clipboard-read; clipboard-write; \
                 display-capture; document-domain; encrypted-media; fullscreen; geolocation; gyroscope; \
                 layout-animations; legacy-image-formats; magnetometer; microphone; midi; oversized-images; payment; \
                 picture-in-picture; publickey-credentials-get; serial; sync-xhr; usb; vr ; wake-lock; xr-spatial-tracking\"";
    assert!(html.contains(allow), "{html}");
    assert!(!html.contains(&environment(&hub, 0)["OAUTH_CLIENT_SECRET"]), "no page shows a secret");
}

#[tokio::test]
async fn what_a_space_is_asked_for_goes_to_the_app_and_cannot_leave_its_attribute() {
    let hub = framing(SpaceConfig::new(APP)).await;
    let html =
        get(&hub, "/spaces/local/space?a=b&__theme=dark&c=%22%3E%3Cscript%3E").await.text().await.unwrap();
    let src = format!("src=\"{APP}/?__theme=system&#38;a=b&#38;__theme=dark&#38;c=%22%3E%3Cscript%3E\"");
    assert!(html.contains(&src), "{html}");
    for path in
        ["/spaces/local", "/spaces/local/other", "/spaces/local/space/more", "/spaces/%2e%2e/x", "/spaces//"]
    {
        assert_eq!(get(&hub, path).await.status(), 404, "{path}");
    }
    let posted = client().post(hub.url(PAGE)).send().await.unwrap();
    assert_eq!(posted.status(), 404);
}

/// Under another name of this machine the page would be on the app's own site, and rehearse nothing.
#[tokio::test]
async fn a_space_is_shown_under_the_hubs_own_name_alone() {
    let hub = framing(SpaceConfig::new(APP)).await;
    assert!(hub.issuer().starts_with("http://localhost:"), "{}", hub.issuer());
    for path in ["/spaces/local/space?x=1&y", "/spaces", "/spaces/side-by-side"] {
        let elsewhere = format!("http://127.0.0.1:{}{path}", hub.port());
        let moved = client().get(elsewhere).send().await.unwrap();
        assert_eq!(
            (moved.status().as_u16(), &moved.headers()["location"]),
            (303, &hub.url(path).parse().unwrap())
        );
    }
}

#[tokio::test]
async fn the_hub_takes_the_name_that_no_space_is_on() {
    for (spaces, host) in [
        (&["http://127.0.0.1:1"][..], "localhost"),
        (&["http://localhost:1"], "127.0.0.1"),
        (&["http://localhost:1", "http://localhost:2"], "127.0.0.1"),
        (&["http://app.localhost:1"], "localhost"),
        (&["https://app.example"], "localhost"),
        (&[], "localhost"),
    ] {
        let builder = spaces.iter().fold(LocalHub::builder(), |it, url| it.space(SpaceConfig::new(*url)));
        let hub = builder.start().await.unwrap();
        assert_eq!(hub.issuer(), format!("http://{host}:{}", hub.port()), "{spaces:?}");
        let found = get(&hub, "/.well-known/openid-configuration").await;
        assert_eq!(found.status(), 200, "{spaces:?}");
    }
}

#[tokio::test]
async fn a_space_s_app_goes_back_to_any_address_of_its_own_and_to_no_other_port() {
    let hub = framing(SpaceConfig::new(APP)).await;
    for redirect_uri in ["http://127.0.0.1:7860/", "http://127.0.0.1:7860/deep/callback?_target_url=%2F"] {
        let location = back(&hub, &[("redirect_uri", redirect_uri)]).await.unwrap();
        assert!(location.starts_with(redirect_uri) && param(&location, "code").is_some(), "{location}");
    }
    for stranger in [
        // Next to it may be another Space.
        "http://127.0.0.1:7861/login/callback",
        "http://127.0.0.1/login/callback",
        "http://localhost:7860/login/callback",
        "https://127.0.0.1:7860/login/callback",
        "http://127.0.0.1:7860@evil.example/",
        "http://127.0.0.1:78600/",
    ] {
        assert!(back(&hub, &[("redirect_uri", stranger)]).await.is_err(), "{stranger}");
    }
}

#[tokio::test]
async fn a_space_s_app_has_a_secret_its_metadata_and_the_environment_of_a_space() {
    let text = format!(
        "[[spaces]]\nurl = \"{APP}\"\nid = \"ada/engine\"\nhf_oauth_scopes = [\"inference-api\"]\n\
         hf_oauth_expiration_minutes = 30\nhf_oauth_authorized_org = \"engine\"\n\
         custom_domains = [\"app.example.com\", \"localhost:7860\"]\n"
    );
    let member = UserConfig::new("ada").org(OrgConfig::new("engine"));
    let builder = LocalHub::builder().config(Config::from_toml_str(&text, "hub.toml").unwrap());
    let hub = builder.user(member).user(UserConfig::new("grace")).start().await.unwrap();
    let space = environment(&hub, 0);
    for (name, value) in [
        ("OAUTH_SCOPES", "openid profile inference-api"),
        ("OPENID_PROVIDER_URL", hub.issuer()),
        ("SPACE_ID", "ada/engine"),
        ("SPACE_HOST", "127.0.0.1:7860,app.example.com,localhost:7860"),
    ] {
        assert_eq!(space[name], value);
    }
    assert_eq!(hub.spaces()[0].page(), hub.url("/spaces/ada/engine"));
    let printed = format!("{:?} {:?}", hub.spaces(), SpaceConfig::new(APP).client("id", "hidden"));
    assert!(!printed.contains(&space["OAUTH_CLIENT_SECRET"]) && !printed.contains("hidden"), "{printed}");

    let location = back(&hub, &[("scope", "openid inference-api")]).await.unwrap();
    let code = param(&location, "code").unwrap();
    let redeem = async |secret: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "http://127.0.0.1:7860/login/callback"),
            ("code_verifier", VERIFIER),
        ];
        let asked = client().post(hub.url("/oauth/token")).form(&form);
        asked.basic_auth(&space["OAUTH_CLIENT_ID"], Some(secret)).send().await.unwrap()
    };
    assert_eq!(error(redeem("another").await, 401).await, "invalid_client");
    assert_eq!(ok(redeem(&space["OAUTH_CLIENT_SECRET"]).await).await["expires_in"], 30 * 60);

    let refused = back(&hub, &[("scope", "openid jobs")]).await.unwrap();
    assert_eq!(param(&refused, "error").as_deref(), Some("invalid_scope"), "not in its metadata");
    let own =
        [("client_id", space["OAUTH_CLIENT_ID"].as_str()), ("redirect_uri", "http://127.0.0.1:7860/cb")];
    let stranger = hub.approve(&authorize_url(&hub, &own), "grace").await.unwrap();
    assert_eq!(param(&stranger, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn a_space_without_scopes_may_ask_for_openid_and_profile_alone() {
    let hub = framing(SpaceConfig::new(APP)).await;
    assert_eq!(environment(&hub, 0)["OAUTH_SCOPES"], "openid profile");
    let refused = back(&hub, &[("scope", "openid email")]).await.unwrap();
    assert_eq!(param(&refused, "error").as_deref(), Some("invalid_scope"));
}

#[tokio::test]
async fn client_ids_stay_and_secrets_are_new_unless_they_are_given() {
    let first = environment(&framing(SpaceConfig::new(APP)).await, 0);
    let second = environment(&framing(SpaceConfig::new(APP)).await, 0);
    assert_eq!(first["OAUTH_CLIENT_ID"], second["OAUTH_CLIENT_ID"]);
    assert_ne!(first["OAUTH_CLIENT_SECRET"], second["OAUTH_CLIENT_SECRET"]);
    let given = environment(&framing(SpaceConfig::new(APP).client("my-id", "my secret")).await, 0);
    assert_eq!((&*given["OAUTH_CLIENT_ID"], &*given["OAUTH_CLIENT_SECRET"]), ("my-id", "my secret"));
}

#[tokio::test]
async fn the_environment_is_for_programs_and_not_for_pages() {
    let hub = framing(SpaceConfig::new(APP).client("my-id", "it's $(a) secret")).await;
    let path = format!("{PAGE}/environment");
    let answer = get(&hub, &path).await;
    assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let text = answer.text().await.unwrap();
    assert!(text.contains("export OAUTH_CLIENT_SECRET='it'\\''s $(a) secret'\n"), "{text}");
    assert!(text.contains("export OAUTH_SCOPES='openid profile'\n"), "{text}");
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
    ] {
        let refused = client().get(hub.url(&path)).header(name, value).send().await.unwrap();
        assert_eq!(refused.status(), 403, "{name}: {value}");
        assert!(!refused.text().await.unwrap().contains("secret'"), "{name}: {value}");
    }
}

#[tokio::test]
async fn the_command_shows_each_address_once_and_says_how_to_start_the_app() {
    let folder = std::env::temp_dir().join(format!("hf-oauth-hub-spaces-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("hub.toml");
    std::fs::write(&file, format!("[[spaces]]\nurl = \"{APP}\"\nid = \"ada/engine\"\n")).unwrap();
    let spaces = [APP, "http://127.0.0.1:7861", "http://127.0.0.1:7861/", "http://127.0.0.1:7862"];
    let spaces = spaces.map(str::to_owned).to_vec();
    let options = ServeOptions { port: 0, config: Some(file), spaces, ..ServeOptions::default() };
    let hub = serve_command(options).await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let ids: Vec<&str> = hub.spaces().iter().map(hf_oauth_hub::Space::id).collect();
    assert_eq!(ids, ["ada/engine", "local/space", "local/space-2"]);
    let banner = hub.banner();
    for space in hub.spaces() {
        assert!(banner.contains(&format!("Space: {}\n", space.page())), "{banner}");
        assert!(banner.contains(&format!("eval \"$(curl -sf {}/environment)\"", space.page())), "{banner}");
        for (name, value) in space.environment() {
            assert!(
                banner.contains(&format!("  export {name}=")) && banner.contains(&value),
                "{name}: {banner}"
            );
        }
    }
    assert!(banner.contains(&format!("Side by side: {}\n", hub.url("/spaces/side-by-side"))), "{banner}");
    let list = get(&hub, "/spaces").await.text().await.unwrap();
    assert!(ids.iter().all(|id| list.contains(&format!("href=\"/spaces/{id}\""))), "{list}");
    let all = get(&hub, "/spaces/side-by-side").await.text().await.unwrap();
    assert_eq!(all.matches("<iframe ").count(), 3, "{all}");
}

#[tokio::test]
async fn without_spaces_the_list_says_how_to_show_one() {
    let hub = LocalHub::start().await.unwrap();
    let list = get(&hub, "/spaces").await;
    assert_eq!(list.status(), 200);
    assert!(list.text().await.unwrap().contains("--space http://127.0.0.1:7860"));
    assert_eq!(get(&hub, "/spaces/side-by-side").await.status(), 404);
    assert!(!hub.banner().contains("Space"), "{}", hub.banner());
}

#[tokio::test]
async fn below_an_issuer_with_a_path_every_link_stays_there() {
    let builder = LocalHub::builder().port(0).issuer("http://localhost:9/hub").space(SpaceConfig::new(APP));
    let hub = builder.start().await.unwrap();
    // As a proxy in front of it would ask.
    let asked =
        client().get(format!("http://127.0.0.1:{}/hub{PAGE}", hub.port())).header("host", "localhost:9");
    let html = asked.send().await.unwrap().text().await.unwrap();
    for link in ["/hub/spaces", "/hub/login?space=local/space", "/hub/assets/hub.css"] {
        assert!(html.contains(&format!("\"{link}\"")), "{link}: {html}");
    }
    assert_eq!(hub.spaces()[0].page(), "http://localhost:9/hub/spaces/local/space");
}
