//! One login and one refresh, from the first cookie to the last, over the public surface alone.
#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::{
    App, CallbackParams, DecodedLogin, Hub, IdTokenPolicy, KeySet, LoginOptions, PendingLoginParts, Refresh,
    ReturnPath, RsaPublicKey, SignatureVerifier, UnixTime, authorize,
};
use hf_oauth_session::{
    CookieHeaders, CookiePolicy, CookieSessions, Keyring, PendingLogins, PendingLookup, RequirementId,
    Session, SetCookie,
};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// Signatures are another crate's business.
struct Believes;

impl SignatureVerifier for Believes {
    fn verify_rs256(&self, _: &RsaPublicKey, _: &[u8], _: &[u8]) -> bool {
        true
    }
}

fn keys() -> KeySet {
    let modulus = URL_SAFE_NO_PAD.encode([0xff; 256]);
    let jwks = format!(r#"{{"keys":[{{"kty":"RSA","n":"{modulus}","e":"AQAB"}}]}}"#);
    KeySet::from_jwks(serde_json::from_str(&jwks).unwrap())
}

fn id_token(parts: &PendingLoginParts) -> String {
    let claims = format!(
        r#"{{"iss":"https://huggingface.co","sub":"ada","aud":"app","exp":{},"iat":{},"nonce":"{}","name":"Ada"}}"#,
        NOW.as_secs() + 3_600,
        NOW.as_secs(),
        parts.nonce,
    );
    let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}.{}", encode(r#"{"alg":"RS256"}"#), encode(&claims), encode("signature"))
}

fn cookie_header(set_cookies: &[SetCookie]) -> String {
    let set = set_cookies.iter().filter(|cookie| !cookie.is_deletion());
    set.map(SetCookie::as_cookie).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_login_a_session_a_refresh() {
    let (app, hub) = (App::new("app"), Hub::huggingface());
    let keyring = Keyring::from_client_secret(&"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0".into(), "app").unwrap();
    let logins = PendingLogins::new(keyring.clone(), CookiePolicy::https(), &app.client_id, hub.issuer());
    let sessions = CookieSessions::new(keyring, CookiePolicy::https(), &app.client_id, hub.issuer());

    let options = LoginOptions::new()
        .with_return_path(ReturnPath::parse("/settings").unwrap())
        .with_app_state("from the menu");
    let seed = logins.new_seed().unwrap();
    let (_, pending) = authorize(&app, &hub, &options, &seed, NOW).unwrap();
    let id_token = id_token(&pending.into_parts());
    let asked = [RequirementId::of("scopes: jobs")];
    let header = cookie_header(&logins.begin(&options, &seed, &asked, &CookieHeaders::none(), NOW).unwrap());

    let cookies = CookieHeaders::new([header.as_bytes()]);
    let PendingLookup::Waiting { login: pending, asked } = logins.find(&app, &seed.state(), &cookies, NOW)
    else {
        panic!()
    };
    let params = CallbackParams::from_query(&format!("code=abc&state={}", seed.state())).unwrap();
    let (_, exchange) = pending.accept(&hub, params, NOW).unwrap().exchange(&app, &hub).unwrap();
    let answer = format!(
        r#"{{"access_token":"access-1","token_type":"bearer","expires_in":60,"refresh_token":"refresh-1",
            "id_token":"{id_token}"}}"#
    );
    let answer = serde_json::from_str(&answer).unwrap();
    let decoded: DecodedLogin = exchange.receive(Ok(answer), NOW, None).unwrap().decode().unwrap();
    let policy = IdTokenPolicy::default();
    let login = decoded.verify(&app, &hub, &keys(), &Believes, policy, NOW).unwrap();

    let session = Session::begin(login, NOW).with_asked(&asked);
    assert_eq!((session.subject(), session.app_state()), ("ada", Some("from the menu")));
    let header = cookie_header(&sessions.write(&session, &cookies, NOW).unwrap());
    let cookies = CookieHeaders::new([header.as_bytes()]);
    let session = sessions.read(&cookies, NOW).session.unwrap();

    let later = NOW + Duration::from_secs(50);
    assert!(hf_oauth_core::coordinator::RefreshPolicy::default().is_due(&session.held(), later));
    let (_, refresh) = Refresh::request(&app, &hub, session.subject(), session.tokens().clone()).unwrap();
    let answer =
        r#"{"access_token":"access-2","token_type":"bearer","expires_in":28800,"refresh_token":"refresh-2"}"#;
    let unverified = refresh.receive(Ok(serde_json::from_str(answer).unwrap()), later, None).unwrap();
    let unconfirmed = unverified.check(&app, &hub, policy).unwrap();
    let refreshed = unconfirmed.decode().unwrap().verify(&app, &hub, &keys(), &Believes, policy).unwrap();
    let renewed = session.clone().refreshed(refreshed, later);
    assert_eq!(renewed.tokens().access_token.expose(), "access-2");
    assert_eq!(renewed.user_info(), session.user_info());
    assert_eq!(renewed.asked(), asked, "what was asked for survives a refresh");
    assert_eq!(renewed.created_at(), NOW);
    let times = renewed.token_times();
    assert_eq!((times.obtained_at, times.expires_at), (Some(later), later + Duration::from_secs(28_800)));
    assert_eq!((renewed.expires_at(), renewed.can_be_refreshed()), (times.expires_at, true));
    let kept = sessions.read(&cookies, later).session.unwrap();
    assert_eq!(kept.tokens(), session.tokens(), "what the older cookie holds is as it was");
    assert_eq!(kept.held(), session.held());
    assert_ne!(renewed.held().fingerprint, session.held().fingerprint);
    assert!(!hf_oauth_core::coordinator::RefreshPolicy::default().is_due(&renewed.held(), later));

    let header = cookie_header(&sessions.write(&renewed, &cookies, later).unwrap());
    let found = sessions.read(&CookieHeaders::new([header.as_bytes()]), later).session.unwrap();
    let info = found.into_info();
    assert_eq!(info.access_token.expose(), "access-2");
    assert_eq!(info.state.as_deref(), Some("from the menu"));
    assert_eq!(info.user_info.name.as_deref(), Some("Ada"));
}
