//! The seeds of the corpora: for each target some inputs that go all the way through and some that nearly do.

mod answers;
mod browser;
mod terminal;
mod tokens;

use std::time::Duration;

use hf_oauth_core::*;
use hf_oauth_session::{CookieHeaders, RequirementId, Session, SetCookie};
use serde_json::{Value, json};

use crate::support::{ACCESS_TOKEN, CLIENT_ID, CODE, LOGINS, NOW, PARTS, REFRESH_TOKEN, SESSIONS, jwk, sign};

pub(crate) const SUBJECT: &str = "user-1";
pub(crate) const RETURN_PATH: &str = "/models?sort=new#top";
pub(crate) const ISSUER: &str = "https://id.example/realm";
pub(crate) const LISTED_ORIGIN: &str = "https://keys.example:8443";
pub(crate) const NEW_TOKEN_NAME: &str = "fuzz new";
pub(crate) const NEW_TOKEN: &str = "hf_new";

/// Names and inputs.
type Corpus = Vec<(&'static str, Vec<u8>)>;

/// A file of a corpus.
pub struct Seed {
    /// Whose corpus.
    pub target: &'static str,
    /// The file's name.
    pub name: &'static str,
    /// The input.
    pub input: Vec<u8>,
}

/// All of them, made anew: signatures and seals differ from run to run, so files that are there are left alone.
pub fn all() -> Vec<Seed> {
    let corpora: [(&'static str, Corpus); 11] = [
        ("callback_query", browser::callback_queries()),
        ("return_path", browser::return_paths()),
        ("cookie_set", browser::cookie_sets()),
        ("id_token", tokens::id_tokens()),
        ("jwks", tokens::key_sets()),
        ("token_response", answers::token_responses()),
        ("discovery", answers::discoveries()),
        ("userinfo", answers::userinfos()),
        ("hub_toml", hub_tomls()),
        ("device_response", terminal::device_responses()),
        ("stored_tokens_ini", terminal::stored_tokens()),
    ];
    let seeds = corpora
        .into_iter()
        .flat_map(|(target, seeds)| seeds.into_iter().map(move |(name, input)| Seed { target, name, input }));
    seeds.collect()
}

/// The logins that sealed cookies of the corpus belong to.
pub(crate) fn login_seed(number: u8) -> LoginSeed {
    LoginSeed::from_random_bytes([number; 32])
}

pub(crate) fn login_options() -> LoginOptions {
    let path = ReturnPath::parse(RETURN_PATH).expect("a return path");
    LoginOptions::new().with_return_path(path).with_org_id("5f0c").with_app_state("a&b=c d+é")
}

/// What the logins of the corpus were begun for.
pub(crate) fn asked() -> [RequirementId; 2] {
    ["scopes: jobs", "organisation: 5f0c"].map(RequirementId::of)
}

/// Everybody whose session was ever sealed into the corpus.
pub(crate) fn sessions() -> [Session; 2] {
    let tokens = |token: String, refresh: Option<&str>| {
        let scope = Scopes::from("openid profile read-memberships");
        Tokens::new(token.into(), refresh.map(Into::into), NOW + Duration::from_secs(28_800), scope)
    };
    let mut ada = OAuthUserInfo::new(SUBJECT);
    ada.preferred_username = Some("ada".to_owned());
    ada.orgs = Some(["5f0c2b1a", "6a0c2b1b"].map(OAuthOrgInfo::new).into());
    let ada = Session::dangerously_unverified(ada, tokens(ACCESS_TOKEN.to_owned(), None), NOW);
    let long = format!("{ACCESS_TOKEN}{}", "x".repeat(3_000));
    let linus = tokens(long, Some(REFRESH_TOKEN));
    let linus = Session::dangerously_unverified(OAuthUserInfo::new("user-2"), linus, NOW);
    [ada, linus.with_asked(&asked())]
}

/// Header and claims of an honest ID token, with `members` among the claims; `null` takes one out.
pub(crate) fn id_token_parts(members: Value) -> (Value, Value) {
    let mut claims = json!({
        "iss": Issuer::HUGGING_FACE, "aud": CLIENT_ID, "sub": SUBJECT, "nonce": PARTS.nonce,
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 3_600, "preferred_username": "ada",
    });
    for (name, value) in members.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    (json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" }), claims)
}

fn hub_tomls() -> Corpus {
    let whole = r#"
[[users]]
username = "mary"
name = "Mary Somerville"
email = "mary@example.com"
email_verified = true
picture = "avatars/mary.svg"
website = "https://example.com"
pro = true
session = "mary-is-here"
orgs = [{ username = "royal-society", role = "admin", plan = "team", security_restrictions = ["mfa"] }]

[[apps]]
client_id = "my-space"
client_secret = "not-a-secret"
redirect_uris = ["https://my-space.hf.space/login/callback", "http://localhost/callback"]
scopes = ["email", "inference-api"]
space = true
consent = "granted"
expiration_minutes = 480
authorized_org = ["royal-society"]

[lifetimes]
code = 60
access_token = 28800
"#;
    texts([
        ("whole", whole.to_owned()),
        ("empty", String::new()),
        ("twins", "[[users]]\nusername = \"mary\"\n[[users]]\nusername = \"mary\"\n".to_owned()),
        ("unknown-key", "[[users]]\nusername = \"mary\"\nprro = true".to_owned()),
        ("escaped-key", "[[users]]\n\"a\\u001b[2J\\nb\" = 1\nusername = \"mary\"".to_owned()),
        ("escaped-value", "[[users]]\nusername = \"a\\u001b\\u202e\"".to_owned()),
        ("role", "users = [{ username = 'a', orgs = [{ username = 'b', role = \"x\\u0007\" }] }]".to_owned()),
        (
            "redirect",
            "[[apps]]\nclient_id = 'a'\nredirect_uris = ['http://user@localhost/#x', 'javascript:1']"
                .to_owned(),
        ),
        ("lifetime", "[lifetimes]\ncode = 0\nid_token = 9223372036854775807".to_owned()),
        ("broken", "[[users]\nusername = \"mary".to_owned()),
    ])
}

fn texts<const N: usize>(seeds: [(&'static str, impl Into<String>); N]) -> Corpus {
    seeds.into_iter().map(|(name, text)| (name, text.into().into_bytes())).collect()
}
