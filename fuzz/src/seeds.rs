//! The seeds of the corpora: for each target some inputs that go all the way through and some that nearly do.

use std::time::Duration;

use hf_oauth_core::*;
use hf_oauth_session::{CookieHeaders, Session, SetCookie};
use serde_json::{Value, json};

use crate::support::{ACCESS_TOKEN, CLIENT_ID, CODE, NOW, PARTS, REFRESH_TOKEN, jwk, sign};
use crate::targets::{LOGINS, SESSIONS};

pub(crate) const SUBJECT: &str = "user-1";
pub(crate) const RETURN_PATH: &str = "/models?sort=new#top";
pub(crate) const ISSUER: &str = "https://id.example/realm";
pub(crate) const LISTED_ORIGIN: &str = "https://keys.example:8443";
pub(crate) const NEW_TOKEN_NAME: &str = "fuzz new";
pub(crate) const NEW_TOKEN: &str = "hf_new";

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
    type Corpus = Vec<(&'static str, Vec<u8>)>;
    let corpora: [(&'static str, Corpus); 11] = [
        ("callback_query", callback_queries()),
        ("return_path", return_paths()),
        ("cookie_set", cookie_sets()),
        ("id_token", id_tokens()),
        ("jwks", key_sets()),
        ("token_response", token_responses()),
        ("discovery", discoveries()),
        ("userinfo", userinfos()),
        ("hub_toml", hub_tomls()),
        ("device_response", device_responses()),
        ("stored_tokens_ini", stored_tokens()),
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
    [ada, Session::dangerously_unverified(OAuthUserInfo::new("user-2"), linus, NOW)]
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

fn callback_queries() -> Vec<(&'static str, Vec<u8>)> {
    let state = &PARTS.state;
    let honest = format!("code={CODE}&state={state}");
    texts([
        ("honest", honest.clone()),
        ("with-issuer", format!("{honest}&iss=https%3A%2F%2Fhuggingface.co")),
        ("mix-up", format!("{honest}&iss=https%3A%2F%2Fevil.example%1b%5B31m")),
        ("duplicate-code", format!("{honest}&code=other")),
        ("duplicate-encoded", format!("{honest}&%73tate=other")),
        ("implicit", format!("{honest}&access_token=x&id_token=y")),
        ("declined", format!("error=access_denied&error_description=no%0a%e2%80%aethanks&state={state}")),
        ("provider-error", format!("error=server_error&state={state}#code=x")),
        ("forged", "code=evil&state=guessed&next=//evil.example".to_owned()),
    ])
}

fn return_paths() -> Vec<(&'static str, Vec<u8>)> {
    texts([
        ("honest", RETURN_PATH),
        ("encoded", "/caf%C3%A9?q=%20%2F%2F"),
        ("slashes", "//evil.example"),
        ("backslash", "/\\evil.example"),
        ("tab", "/\t/evil.example"),
        ("encoded-tab", "/%09/evil.example"),
        ("encoded-slash", "/%2f%5cevil.example"),
        ("dots", "/a/.%2e//evil.example"),
        ("dot", "/./\\user:pw@evil.example:80/"),
        ("scheme", "https:evil.example"),
        ("line", "/a\r\nSet-Cookie: x=1"),
        ("ideographic", "/／evil。example"),
    ])
}

fn cookie_sets() -> Vec<(&'static str, Vec<u8>)> {
    let (sessions, logins) = (&*SESSIONS, &*LOGINS);
    let jar = |lines: Vec<SetCookie>| lines.iter().map(SetCookie::as_cookie).collect::<Vec<_>>().join("; ");
    let none = CookieHeaders::none();
    let [ada, linus] =
        self::sessions().map(|session| jar(sessions.write(&session, &none, NOW).expect("it fits")));
    let old = Session::dangerously_unverified(
        OAuthUserInfo::new(SUBJECT),
        Tokens::new(ACCESS_TOKEN.into(), None, NOW, Scopes::default()),
        UnixTime::from_secs(NOW.as_secs() - 86_400),
    );
    let ended = jar(sessions.write(&old, &none, NOW).expect("it fits"));
    let [one, two] = [1, 2]
        .map(|number| jar(logins.begin(&login_options(), &login_seed(number), &none, NOW).expect("it fits")));
    let path = ReturnPath::parse(RETURN_PATH).expect("a return path");
    let finished = jar(logins.finish(&login_seed(1).state(), &path, NOW));
    texts([
        ("signed-in", ada.clone()),
        ("two-chunks", linus.clone()),
        ("two-people", format!("{ada}; {linus}")),
        ("swapped-chunks", linus.rsplit("; ").collect::<Vec<_>>().join("\n")),
        ("ended", ended),
        ("login", one.clone()),
        ("logins", format!("a=b; {one}; {two}\n\tc=\"d\" ; {ada}")),
        ("finished", format!("{finished}; {two}")),
        ("foreign", "x=\u{e9}; ;;=; __Host-hf-session=1AAAA; \u{2000}__Host-hf-session=1".to_owned()),
    ])
}

fn id_tokens() -> Vec<(&'static str, Vec<u8>)> {
    let parts = |members| {
        let (header, claims) = id_token_parts(members);
        format!("{header}\n{claims}")
    };
    let (header, claims) = id_token_parts(json!({}));
    let signed = sign(header.to_string().as_bytes(), claims.to_string().as_bytes());
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", signed.split('.').nth(1).unwrap_or_default());
    let now = NOW.as_secs();
    texts([
        ("honest", parts(json!({}))),
        ("signed", signed),
        ("unsigned", unsigned),
        (
            "all-claims",
            parts(
                json!({ "azp": CLIENT_ID, "nbf": now as f64 + 0.5, "email": "a@b.example", "email_verified": true }),
            ),
        ),
        ("audiences", parts(json!({ "aud": [CLIENT_ID, "other"] }))),
        ("one-audience", parts(json!({ "aud": [CLIENT_ID] }))),
        ("expired", parts(json!({ "exp": now - 60 }))),
        ("future", parts(json!({ "iat": now + 61, "nbf": 1e300 }))),
        ("other-nonce", parts(json!({ "nonce": "x", "at_hash": "y" }))),
        ("other-issuer", parts(json!({ "iss": "https://huggingface.co/\u{1b}[2J\u{202e}" }))),
        ("critical", format!("{{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}}\n{claims}")),
        ("symmetric", format!("{{\"alg\":\"HS256\",\"kid\":\"k1\"}}\n{claims}")),
        ("twice", format!("{header}\n{{\"sub\":\"other\",{}", &claims.to_string()[1..])),
    ])
}

fn key_sets() -> Vec<(&'static str, Vec<u8>)> {
    let with = |name: &str, value: Value| {
        let mut key = jwk();
        key[name] = value;
        json!({ "keys": [key] }).to_string()
    };
    let many: Vec<_> = (0..5).map(|number| json!({ "kty": "EC", "kid": number })).chain([jwk()]).collect();
    texts([
        ("honest", json!({ "keys": [jwk()] }).to_string()),
        ("others-beside", json!({ "keys": many, "more": null }).to_string()),
        ("weak", with("n", json!("w".repeat(170)))),
        ("even", with("n", json!("_".repeat(341) + "8"))),
        ("exponent-one", with("e", json!("AQ"))),
        ("long-exponent", with("e", json!("AQAAAAAB"))),
        ("encryption", with("use", json!("enc"))),
        ("other-algorithm", with("alg", json!("RS512"))),
        ("operations", with("key_ops", json!(["sign", "verify"]))),
        ("no-key-id", with("kid", Value::Null)),
        ("page", "502\n<html>Bad gateway</html>".to_owned()),
    ])
}

fn token_responses() -> Vec<(&'static str, Vec<u8>)> {
    let (header, claims) = id_token_parts(json!({}));
    let jwt = sign(header.to_string().as_bytes(), claims.to_string().as_bytes());
    let answer = |members: Value| {
        let mut answer =
            json!({ "access_token": "next", "token_type": "bearer", "expires_in": 28800, "id_token": jwt });
        for (name, value) in members.as_object().into_iter().flatten() {
            answer[name] = value.clone();
        }
        format!("200\n{answer}")
    };
    let verifier = &PARTS.code_verifier;
    let (start, end) = CODE.split_at(9);
    texts([
        ("honest", answer(json!({ "refresh_token": "refresh-2", "scope": "openid profile" }))),
        ("no-id-token", "200\n{\"access_token\":\"a\",\"token_type\":\"Bearer\"}".to_owned()),
        ("lifetimes", answer(json!({ "expires_in": "-5" }))),
        ("huge-lifetime", answer(json!({ "expires_in": 1e300 }))),
        ("mac", answer(json!({ "token_type": "mac\u{1b}" }))),
        ("header-break", answer(json!({ "access_token": "a\r\nb", "refresh_token": "" }))),
        (
            "echo",
            format!(
                "400\n{{\"error\":\"invalid_grant\",\"error_description\":\"code {CODE} with {verifier}\"}}"
            ),
        ),
        (
            "echo-hidden",
            format!(
                "400\n{{\"error\":\"{start}\\u200b{end}\",\"error_description\":\"{start}\\u0007{end}\"}}"
            ),
        ),
        ("error-in-success", answer(json!({ "error": 5 }))),
        ("page", "503\n<html>".to_owned()),
        ("redirect", "302\n".to_owned()),
        ("array", "200\n[\"a\",\"bearer\"]".to_owned()),
    ])
}

fn discoveries() -> Vec<(&'static str, Vec<u8>)> {
    let document = |members: Value| {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth?tenant=a%20b"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{LISTED_ORIGIN}/keys"),
            "userinfo_endpoint": format!("{ISSUER}/userinfo"),
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        for (name, value) in members.as_object().into_iter().flatten() {
            document[name] = value.clone();
        }
        document.to_string()
    };
    texts([
        ("honest", document(json!({}))),
        ("capitals", document(json!({ "token_endpoint": "https://ID.example:443/token" }))),
        ("other-issuer", document(json!({ "issuer": "https://id.example/realm/" }))),
        ("foreign", document(json!({ "token_endpoint": "https://evil.example/token" }))),
        ("username", document(json!({ "token_endpoint": "https://id.example@evil.example/" }))),
        ("backslash", document(json!({ "jwks_uri": "https://id.example\\@evil.example/" }))),
        ("plain-http", document(json!({ "userinfo_endpoint": "http://id.example/\u{1b}[2J" }))),
        ("no-pkce", document(json!({ "code_challenge_methods_supported": ["plain"] }))),
        ("no-rs256", document(json!({ "id_token_signing_alg_values_supported": ["ES256"] }))),
        ("device", document(json!({ "device_authorization_endpoint": format!("{ISSUER}/device") }))),
    ])
}

fn userinfos() -> Vec<(&'static str, Vec<u8>)> {
    let (start, end) = ACCESS_TOKEN.split_at(9);
    let hub = json!({
        "sub": SUBJECT, "name": "Ada Lovelace", "preferred_username": "ada", "email": "ada@example.com",
        "email_verified": true, "isPro": true, "canPay": null, "brand": { "new": 1.5 },
        "orgs": [
            { "sub": "5f0c", "name": "ACME", "roleInOrg": "admin", "securityRestrictions": ["mfa", "new"] },
            { "sub": "6a0c", "pendingSSO": true, "missingMFA": true, "roleInOrg": "reader" },
            { "name": "no sub" }, 5,
        ],
    });
    let who = json!({
        "id": SUBJECT, "type": "user", "name": "ada", "isPro": "yes", "orgs": [{ "id": "1", "roleInOrg": "admin" }],
        "auth": { "type": "access_token", "accessToken": { "displayName": "laptop", "role": "read" } },
    });
    texts([
        ("honest", hub.to_string()),
        ("whoami", who.to_string()),
        ("somebody-else", json!({ "sub": "user-2" }).to_string()),
        (
            "unreadable",
            json!({ "sub": SUBJECT, "orgs": "none", "isPro": 5, "email_verified": "true" }).to_string(),
        ),
        (
            "restrictions",
            json!({ "sub": SUBJECT, "orgs": [{ "sub": "a", "securityRestrictions": 5 }] }).to_string(),
        ),
        ("echo", format!("401\n{{\"error\":\"invalid_token\",\"error_description\":\"{ACCESS_TOKEN}\"}}")),
        (
            "echo-hidden",
            format!(
                "401\n{{\"error\":\"{start}\\u200b{end}\",\"error_description\":\"{start}\\u0007{end}\"}}"
            ),
        ),
        ("whoami-error", "401\n{\"error\":\"Invalid username or password.\"}".to_owned()),
    ])
}

fn hub_tomls() -> Vec<(&'static str, Vec<u8>)> {
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

fn device_responses() -> Vec<(&'static str, Vec<u8>)> {
    let code = "device-code-0123456789";
    let answer = |members: Value| {
        let mut answer = json!({
            "device_code": code, "user_code": "M8HJ-FMGN", "verification_uri": "https://hf.co/oauth/device",
            "expires_in": 900, "interval": 5,
        });
        for (name, value) in members.as_object().into_iter().flatten() {
            answer[name] = value.clone();
        }
        format!("200\n{answer}\n--\n")
    };
    let honest = answer(json!({}));
    let complete =
        json!({ "verification_uri_complete": "https://huggingface.co/oauth/device?user_code=M8HJ-FMGN" });
    texts([
        ("pending", format!("{honest}400\n{{\"error\":\"authorization_pending\"}}")),
        ("slow-down", format!("{honest}400\n{{\"error\":\"slow_down\"}}")),
        ("granted", format!("{honest}200\n{{\"access_token\":\"a\",\"token_type\":\"bearer\"}}")),
        ("denied", format!("{honest}400\n{{\"error\":\"access_denied\"}}")),
        ("echo", format!("{honest}400\n{{\"error\":\"invalid_grant\",\"error_description\":\"{code}\"}}")),
        ("page", format!("{honest}502\n<html>")),
        ("complete", answer(complete)),
        ("times", answer(json!({ "expires_in": "1e9", "interval": -1 }))),
        ("terminal", answer(json!({ "user_code": "\u{1b}]52;c;x\u{7}" }))),
        ("foreign", answer(json!({ "verification_uri": "https://hf.co.evil.example/" }))),
        ("script", answer(json!({ "verification_uri_complete": "javascript:alert(1)" }))),
    ])
}

fn stored_tokens() -> Vec<(&'static str, Vec<u8>)> {
    texts([
        (
            "python",
            "[laptop]\nhf_token = hf_abc\n\n[ci]\nhf_token = hf_def\nrefresh_token = r\nexpires_at = 1800000000\n\n",
        ),
        (
            "by-hand",
            "# mine\r\n[laptop]\r\nHF_TOKEN: hf_abc ; no comment\r\n[ other ]\nhf_token=hf_%(x)s\n\tgoes on\n",
        ),
        ("no-line-end", "[laptop]\nhf_token = hf_abc"),
        ("empty", ""),
        ("default", "[DEFAULT]\nhf_token = hf_all\n[laptop]\n"),
        ("names", "[a]b]\nhf_token = 1\n[\u{e9} \u{2028}]\nhf_token\n[fuzz]\n"),
        ("twice", "[a]\nhf_token = 1\n[a]\nhf_token = 2\n"),
        ("broken", "hf_token = 1\n[a\n= x\n"),
        ("json", "{\"laptop\": \"hf_abc\"}"),
    ])
}

fn texts<const N: usize>(seeds: [(&'static str, impl Into<String>); N]) -> Vec<(&'static str, Vec<u8>)> {
    seeds.into_iter().map(|(name, text)| (name, text.into().into_bytes())).collect()
}
