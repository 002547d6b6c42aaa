//! Spaces that cannot be shown, and mistakes in their metadata.

use hf_oauth_hub::{Builder, Config, LocalHub, ServeOptions, SpaceConfig, StartError, serve_command};

const APP: &str = "http://127.0.0.1:7860";

async fn refusal(builder: Builder) -> String {
    match builder.start().await {
        Err(error @ StartError::Space { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_space_on_the_hubs_own_site_is_refused_and_told_where_it_can_be() {
    for (space, issuer, moved) in [
        ("http://localhost:7860", "http://localhost:5555", "http://127.0.0.1:7860"),
        ("http://127.0.0.1:7860", "http://127.0.0.1:5555", "http://localhost:7860"),
        ("https://localhost", "http://localhost:5555", "https://127.0.0.1"),
    ] {
        let error = refusal(LocalHub::builder().issuer(issuer).space(SpaceConfig::new(space))).await;
        assert!(
            error.contains(space) && error.contains("same site") && error.contains("--issuer"),
            "{error}"
        );
        assert!(error.contains(&format!("open the app as {moved}")), "{error}");
    }
    let everywhere = ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"];
    let builder = everywhere.iter().fold(LocalHub::builder(), |it, url| it.space(SpaceConfig::new(*url)));
    let error = refusal(builder).await;
    assert!(error.contains("serve them all on 127.0.0.1"), "{error}");
    let twice = LocalHub::builder().space(SpaceConfig::new(APP)).space(SpaceConfig::new(format!("{APP}/")));
    assert!(refusal(twice).await.contains("another Space is served there"));
}

#[tokio::test]
async fn addresses_that_no_space_can_have_are_refused_on_the_command_line_and_in_the_file() {
    for (url, reason) in [
        ("nonsense", "no absolute URL"),
        ("ftp://127.0.0.1", "neither http nor https"),
        ("http://user:pass@127.0.0.1:7860", "no credentials"),
        ("http://127.0.0.1:7860/app", "a whole origin"),
        ("http://127.0.0.1:7860/?x", "a whole origin"),
        ("http://192.0.2.1:7860", "this machine alone"),
        ("http://example.com", "this machine alone"),
    ] {
        let options = ServeOptions { port: 0, spaces: vec![url.to_owned()], ..ServeOptions::default() };
        let error = serve_command(options).await.unwrap_err();
        assert!(matches!(error, StartError::Space { .. }), "{url}: {error:?}");
        assert!(error.to_string().contains(reason), "{url}: {error}");
        assert!(!error.to_string().contains("pass"), "{error}");
        let text = format!("[[spaces]]\nid = \"a/b\"\nurl = \"{url}\"\n");
        let mistake = Config::from_toml_str(&text, "hub.toml").unwrap_err();
        assert_eq!((mistake.line(), mistake.key()), (Some(3), "spaces[0].url"), "{url}: {mistake}");
        assert!(mistake.reason().contains(reason), "{url}: {mistake}");
    }
}

#[test]
fn mistakes_in_a_space_s_metadata_are_named() {
    for (line, key) in [
        ("id = \"no-owner\"", "spaces[0].id"),
        ("id = \"a/b/c\"", "spaces[0].id"),
        ("hf_oauth_expiration_minutes = 43201", "spaces[0].hf_oauth_expiration_minutes"),
        ("hf_oauth_scopes = [\"jobs\", \"two words\"]", "spaces[0].hf_oauth_scopes[1]"),
        ("hf_oauth_authorized_org = [\"engine\", \"\"]", "spaces[0].hf_oauth_authorized_org[1]"),
        ("client_id = \"\"", "spaces[0].client_id"),
        ("client_secret = \"\\u0007\"", "spaces[0].client_secret"),
        ("client_id = \"taken\"", "spaces[0].client_id"),
        ("client_id = \"local-app\"", "spaces[0].client_id"),
        ("custom_domains = [\"app.example.com\", \"https://b\"]", "spaces[0].custom_domains[1]"),
        ("custom_domains = [\"a.example,b.example\"]", "spaces[0].custom_domains[0]"),
        ("custom_domains = [\"u@a.example\"]", "spaces[0].custom_domains[0]"),
        ("custom_domains = [\"a.example/x\"]", "spaces[0].custom_domains[0]"),
        ("custom_domains = [\"\"]", "spaces[0].custom_domains[0]"),
        ("hf_oauth_scope = []", "spaces[0].hf_oauth_scope"),
    ] {
        let app = "[[apps]]\nclient_id = \"taken\"\nredirect_uris = [\"http://localhost/cb\"]\n";
        let text = format!("[[spaces]]\nurl = \"{APP}\"\n{line}\n{app}");
        let mistake = Config::from_toml_str(&text, "hub.toml").unwrap_err();
        assert_eq!((mistake.line(), mistake.key()), (Some(3), key), "{line}: {mistake}");
    }
    for (one, other, key) in
        [("id = \"a/b\"", "id = \"a/b\"", "id"), ("client_id = \"x\"", "client_id = \"x\"", "client_id")]
    {
        let text = format!(
            "[[spaces]]\nurl = \"{APP}\"\n{one}\n[[spaces]]\nurl = \"http://127.0.0.1:1\"\n{other}\n"
        );
        let mistake = Config::from_toml_str(&text, "hub.toml").unwrap_err();
        assert_eq!((mistake.line(), mistake.key()), (Some(6), &*format!("spaces[1].{key}")), "{mistake}");
    }
}
