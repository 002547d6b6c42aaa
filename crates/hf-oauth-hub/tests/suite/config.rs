use hf_oauth_hub::{AppConfig, Config, Consent, FramedBy, LocalHub, SameSite, StartError, UserConfig};

const USER: &str = "[[users]]\nusername = \"mary\"\n";
const APP: &str = "[[apps]]\nclient_id = \"app\"\nredirect_uris = [\"http://localhost/cb\"]\n";

#[test]
fn every_key_is_read() {
    let text = r#"
[[users]]
username = "mary"
sub = "x"
name = "Mary"
email = "mary@example.com"
email_verified = false
picture = "pictures/mary.png"
website = "https://example.com"
pro = true
can_pay = true
session = "here"

[[users.orgs]]
sub = "o"
username = "royal"
name = "Royal"
role = "admin"
plan = "team"
security_restrictions = ["mfa", "sso", "ip", "token-policy"]

[[apps]]
client_id = "app"
client_secret = "x"
name = "App"
redirect_uris = ["https://app.example/cb", "com.example.app:/cb"]
scopes = ["email"]
space = false
consent = "granted"
expiration_minutes = 43200
authorized_org = ["royal", "other"]

[[apps]]
client_id = "bare"
redirect_uris = ["http://localhost"]
authorized_org = "royal"

[pages]
opener_policy = false
framed_by = "nobody"
same_site = "lax"

[lifetimes]
code = 10
access_token = 20
id_token = 30
refresh_token = 40
"#;
    let config = Config::from_toml_str(text, "hub.toml").unwrap();
    let user = &config.users[0];
    assert_eq!(
        (user.sub().as_str(), user.name.as_deref(), user.session.as_deref()),
        ("x", Some("Mary"), Some("here"))
    );
    assert_eq!((user.email_verified, user.pro, user.can_pay), (Some(false), true, true));
    assert_eq!((user.orgs[0].role.as_str(), user.orgs[0].security_restrictions.len()), ("admin", 4));
    let (app, bare) = (&config.apps[0], &config.apps[1]);
    assert_eq!(
        (app.name.as_str(), app.consent, app.expiration_minutes),
        ("App", Consent::Granted, Some(43_200))
    );
    assert_eq!((app.authorized_org.len(), &*bare.authorized_org[0]), (2, "royal"));
    assert_eq!((bare.name.as_str(), bare.consent, bare.space), ("bare", Consent::Ask, false));
    assert_eq!((config.lifetimes.code, config.lifetimes.refresh_token), (10, 40));
    assert_eq!(user.orgs[0].sub(), "o");
    let pages = &config.pages;
    assert_eq!(
        (pages.opener_policy, pages.framed_by, pages.same_site),
        (false, FramedBy::Nobody, SameSite::Lax)
    );
    assert!(!format!("{config:?}").contains("here"));
}

#[test]
fn a_mistake_is_named_with_line_and_key() {
    let mistakes: Vec<(String, usize, &str)> = vec![
        ("[[users]]\nusername = ".into(), 2, ""),
        ("users = 1".into(), 1, "users"),
        ("[[user]]\nusername = \"x\"".into(), 1, "user"),
        ("[[users]]\nname = \"x\"".into(), 1, "users[0]"),
        (format!("{USER}prro = true"), 3, "users[0].prro"),
        (format!("{USER}pro = \"yes\""), 3, "users[0].pro"),
        (format!("{USER}{USER}"), 4, "users[1].username"),
        ("[[users]]\nusername = \"a b\"".into(), 2, "users[0].username"),
        ("[[users]]\nusername = \"\"".into(), 2, "users[0].username"),
        (format!("{USER}sub = \"\""), 3, "users[0].sub"),
        (format!("{USER}sub = \"1\"\n[[users]]\nusername = \"n\"\nsub = \"1\""), 6, "users[1].sub"),
        (
            format!(
                "{USER}[[users.orgs]]\nusername = \"o\"\nsub = \"1\"\n[[users]]\nusername = \"n\"\n[[users.orgs]]\nusername = \"o\""
            ),
            8,
            "users[1].orgs[0].sub",
        ),
        ("[pages]\nopener_policy = \"no\"".into(), 2, "pages.opener_policy"),
        ("[pages]\nframed_by = \"anybody\"".into(), 2, "pages.framed_by"),
        ("[pages]\nsame_site = \"strict\"".into(), 2, "pages.same_site"),
        (format!("{USER}email = \"nobody\""), 3, "users[0].email"),
        (format!("{USER}email_verified = true"), 3, "users[0].email_verified"),
        (format!("{USER}picture = \"javascript:x\""), 3, "users[0].picture"),
        (format!("{USER}website = \"/here\""), 3, "users[0].website"),
        (format!("{USER}session = \"a;b\""), 3, "users[0].session"),
        (format!("{USER}orgs = [{{ username = \"o\", role = \"owner\" }}]"), 3, "users[0].orgs[0].role"),
        (
            format!("{USER}orgs = [{{ username = \"o\" }},\n {{ username = \"o\" }}]"),
            4,
            "users[0].orgs[1].username",
        ),
        (
            format!("{USER}[[users.orgs]]\nusername = \"o\"\nsecurity_restrictions = [\"mfa\",\n \"SSO\"]"),
            6,
            "users[0].orgs[0].security_restrictions[1]",
        ),
        (
            format!("{USER}[[users.orgs]]\nusername = \"o\"\nrole = \"read\"\ntier = 1"),
            6,
            "users[0].orgs[0].tier",
        ),
        ("[[apps]]\nclient_id = \"app\"".into(), 1, "apps[0].redirect_uris"),
        (
            "[[apps]]\nclient_id = \"a b\"\nredirect_uris = [\"http://localhost\"]".into(),
            2,
            "apps[0].client_id",
        ),
        (format!("{APP}{APP}"), 5, "apps[1].client_id"),
        (format!("{APP}client_secret = \"\""), 4, "apps[0].client_secret"),
        (format!("{APP}client_secret = 5"), 4, "apps[0].client_secret"),
        (
            "[[apps]]\nclient_id = \"a\"\nredirect_uris = [\n\"http://localhost\",\n\"/cb\"]".into(),
            5,
            "apps[0].redirect_uris[1]",
        ),
        (
            "[[apps]]\nclient_id = \"a\"\nredirect_uris = [\"http://localhost/#x\"]".into(),
            3,
            "apps[0].redirect_uris[0]",
        ),
        (
            "[[apps]]\nclient_id = \"a\"\nredirect_uris = [\"javascript:x\"]".into(),
            3,
            "apps[0].redirect_uris[0]",
        ),
        (
            "[[apps]]\nclient_id = \"a\"\nredirect_uris = \"http://localhost\"".into(),
            3,
            "apps[0].redirect_uris",
        ),
        (format!("{APP}scopes = [\"openid profile\"]"), 4, "apps[0].scopes[0]"),
        (format!("{APP}space = 1"), 4, "apps[0].space"),
        (format!("{APP}consent = \"yes\""), 4, "apps[0].consent"),
        (format!("{APP}expiration_minutes = 0"), 4, "apps[0].expiration_minutes"),
        (format!("{APP}expiration_minutes = 43201"), 4, "apps[0].expiration_minutes"),
        (format!("{APP}expiration_minutes = -1"), 4, "apps[0].expiration_minutes"),
        (format!("{APP}authorized_org = 7"), 4, "apps[0].authorized_org"),
        (format!("{APP}authorized_org = [\"a\", \"\"]"), 4, "apps[0].authorized_org[1]"),
        (format!("{APP}secret = \"x\""), 4, "apps[0].secret"),
        ("[lifetimes]\n\ncode = 0".into(), 3, "lifetimes.code"),
        ("[lifetimes]\ncodes = 1".into(), 2, "lifetimes.codes"),
        ("[lifetimes]\nid_token = 99999999999".into(), 2, "lifetimes.id_token"),
        ("[[apps]]\nclient_id = \"a\"\nclient_id = \"b\"".into(), 3, ""),
    ];
    for (text, line, key) in mistakes {
        let error = Config::from_toml_str(&text, "hub.toml").expect_err(&text);
        assert_eq!((error.line(), error.key()), (Some(line), key), "{text}\n=> {error}");
        assert!(error.to_string().starts_with(&format!("hub.toml:{line}: ")), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn a_mistake_has_nothing_that_a_terminal_obeys() {
    for text in [
        "[[users]]\n\"a\\u001b[2J\\nb\" = 1\nusername = \"mary\"",
        "\"\\u202e\\u0007\" = 1",
        "[[users]]\nusername = \"a\\u001b\\u202e\"",
        "users = [{ username = 'a', orgs = [{ username = 'b', role = \"x\\u0007\" }] }]",
    ] {
        let error = Config::from_toml_str(text, "hub.toml").unwrap_err().to_string();
        assert!(!error.contains(|c: char| c.is_control() || c == '\u{202e}'), "{error:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::from_file("/nonexistent/hub.toml").unwrap_err();
    assert_eq!(error.to_string(), "/nonexistent/hub.toml: the file cannot be read");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_configuration_made_in_rust_is_checked_at_the_start() {
    let refused = LocalHub::builder().app(AppConfig::public("app").redirect_uri("/cb")).start().await;
    match refused {
        Err(StartError::Config(error)) => {
            assert_eq!((error.key(), error.line()), ("apps[0].redirect_uris[0]", None))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn configured_users_replace_the_personas_and_local_app_can_be_replaced() {
    let text =
        "[[apps]]\nclient_id = \"local-app\"\nname = \"Mine\"\nredirect_uris = [\"http://localhost/mine\"]";
    let config = Config::from_toml_str(text, "hub.toml").unwrap();
    let hub = LocalHub::builder().config(config).user(UserConfig::new("mary")).start().await.unwrap();
    let banner = hub.banner();
    assert!(banner.contains("People: mary\n") && banner.contains("Apps:   local-app, 26be6b09-"), "{banner}");
    let home = crate::support::client().get(hub.url("/")).send().await.unwrap().text().await.unwrap();
    assert!(
        home.contains("http://localhost/mine") && !home.contains("/oauth/huggingface/callback"),
        "{home}"
    );
}
