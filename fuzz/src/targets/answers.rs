//! What the provider answers: the status, a line end, the body.

use std::sync::LazyLock;
use std::time::Duration;

use hf_oauth_core::*;
use url::{Url, form_urlencoded};

use crate::seeds;
use crate::support::{
    ACCESS_TOKEN, CLIENT_SECRET, CODE, KEYS, NOW, PARTS, REFRESH_TOKEN, Verifier, app,
    assert_short_and_fit_to_be_shown, exchange, hub, response, sign,
};

/// The token endpoint's answer, to a code and to a refresh: tokens fit into a header and end within a year; no error
/// repeats what the request had.
pub fn token_response(data: &[u8]) -> bool {
    let app = app().with_client_secret(CLIENT_SECRET);
    let (request, exchange) = exchange(&app);
    let secrets = [CODE, CLIENT_SECRET, &PARTS.code_verifier];
    let answer = request.read::<TokenResponse>(response(data));
    if let Err(error) = &answer {
        assert_short_and_fit_to_be_shown(error, &secrets);
    }
    let bearer = answer.as_ref().is_ok_and(|answer| answer.token_type.eq_ignore_ascii_case("bearer"));
    let accepted = match exchange.receive(answer, NOW, None) {
        Ok(_) => {
            assert!(bearer, "another type of token");
            true
        }
        Err(error) => {
            assert_short_and_fit_to_be_shown(&error, &secrets);
            false
        }
    };
    let held = Tokens::new(ACCESS_TOKEN.into(), Some(REFRESH_TOKEN.into()), NOW, Scopes::default());
    let (request, refresh) =
        Refresh::request(&app, &hub(), seeds::SUBJECT, held).expect("there is a refresh token");
    match refresh.receive(request.read(response(data)), NOW, None) {
        Ok(unverified) => {
            let tokens = unverified.discard_id_token();
            for token in [Some(&tokens.access_token), tokens.refresh_token.as_ref()].into_iter().flatten() {
                let value = format!("Bearer {}", token.expose());
                assert!(http::HeaderValue::from_str(&value).is_ok_and(|value| value.to_str().is_ok()));
                assert!(!token.is_empty());
            }
            assert!(
                tokens.expires_at >= NOW + Duration::from_secs(60),
                "it would be refreshed on every call"
            );
            assert!(tokens.expires_at <= NOW + Duration::from_secs(365 * 86_400), "it never ends");
        }
        Err(error) => assert_short_and_fit_to_be_shown(&error, &[REFRESH_TOKEN, CLIENT_SECRET]),
    }
    accepted
}

/// A provider's metadata: what is accepted is the issuer's own, and a browser reads every endpoint as one of the
/// issuer's origin (or of the one that the app lists).
pub fn discovery(data: &[u8]) -> bool {
    let issuer = Issuer::parse(seeds::ISSUER).expect("an issuer");
    let flag = "authorization_response_iss_parameter_supported";
    let answer = response(data);
    let body = answer.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&answer.body);
    // Members that nobody reads may hold what this reader takes for no JSON: bytes that are no text, half a surrogate pair.
    let promised = serde_json::from_slice::<serde_json::Value>(body).ok();
    let promised = promised.map(|document| document.get(flag).cloned());
    let listed: Origin = seeds::LISTED_ORIGIN.parse().expect("an origin");
    let document = Hub::discovery_request(&issuer).read::<DiscoveryDocument>(response(data));
    let hub = match document {
        Err(error) => {
            assert_short_and_fit_to_be_shown(&error, &[]);
            return false;
        }
        Ok(document) => match Hub::from_discovery(&issuer, document, std::slice::from_ref(&listed)) {
            Ok(hub) => hub,
            Err(error) => {
                assert_short_and_fit_to_be_shown(&error, &[]);
                return false;
            }
        },
    };
    assert_eq!(hub.issuer(), &issuer);
    match promised {
        None => {}
        Some(None | Some(serde_json::Value::Null)) => assert!(!hub.iss_in_callback()),
        Some(Some(promised)) => {
            assert_eq!(promised.as_bool(), Some(hub.iss_in_callback()), "read as another")
        }
    }
    let allowed = [seeds::ISSUER, seeds::LISTED_ORIGIN].map(|url| Url::parse(url).expect("a URL").origin());
    let required =
        [hub.authorization_endpoint(), hub.token_endpoint(), hub.jwks_uri(), hub.whoami_endpoint()];
    let optional = [hub.userinfo_endpoint(), hub.device_authorization_endpoint()];
    for endpoint in required.into_iter().chain(optional.into_iter().flatten()) {
        let url = Url::parse(endpoint.as_str()).expect("a browser reads it");
        assert!(allowed.contains(&url.origin()), "{endpoint} is on {:?}", url.origin());
        assert!(
            url.scheme() == "https" && url.username().is_empty() && url.fragment().is_none(),
            "{endpoint}"
        );
        let sent: http::Uri = endpoint.as_str().parse().expect("a client can call it");
        assert_eq!(sent.host().map(str::to_ascii_lowercase).as_deref(), url.host_str(), "{endpoint}");
    }
    assert_url_round_trip(&hub);
    true
}

/// The login's URL has the endpoint's own query and then the parameters, each as it was meant.
fn assert_url_round_trip(hub: &Hub) {
    let seed = seeds::login_seed(1);
    let (request, _) = authorize(&app(), hub, &seeds::login_options(), &seed, NOW).expect("a login");
    let url = Url::parse(&request.url()).expect("a browser reads it");
    let own = hub.authorization_endpoint().as_str().split_once('?').map_or("", |(_, query)| query);
    let own = form_urlencoded::parse(own.as_bytes()).into_owned();
    let params = request.params().iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    assert_eq!(url.query_pairs().into_owned().collect::<Vec<_>>(), own.chain(params).collect::<Vec<_>>());
}

/// Userinfo and `whoami-v2`: what was read is written and read again the same, only the ID token's own person is joined
/// to it, and no error repeats the token.
pub fn userinfo(data: &[u8]) -> bool {
    let token = Secret::new(ACCESS_TOKEN);
    if let Err(error) = whoami_request(&hub(), &token).read::<WhoAmI>(response(data)) {
        assert_short_and_fit_to_be_shown(&error, &[ACCESS_TOKEN]);
    }
    let request = userinfo_request(&hub(), &token).expect("the Hub has userinfo");
    let mut user = match request.read::<OAuthUserInfo>(response(data)) {
        Ok(user) => user,
        Err(error) => {
            assert_short_and_fit_to_be_shown(&error, &[ACCESS_TOKEN]);
            return false;
        }
    };
    let same_person = user.sub == seeds::SUBJECT;
    assert_eq!(verified().with_userinfo(user.clone()).is_ok(), same_person, "joined to {:?}", user.sub);
    for org in user.orgs.iter().flatten() {
        let kept_out = org.pending_sso == Some(true) || org.missing_mfa == Some(true);
        assert!(!kept_out || !org.restrictions().is_empty(), "a restriction was lost");
    }
    let text = serde_json::to_string(&user).expect("it can be written");
    let mut again: OAuthUserInfo = serde_json::from_str(&text).expect("it can be read");
    // Numbers that nobody knows may lose their last bit on the way.
    assert!(user.other.keys().eq(again.other.keys()));
    user.other.clear();
    again.other.clear();
    assert_eq!(user, again);
    same_person
}

fn verified() -> VerifiedIdentity {
    static JWT: LazyLock<String> = LazyLock::new(|| {
        let (header, claims) = seeds::id_token_parts(serde_json::json!({}));
        sign(header.to_string().as_bytes(), claims.to_string().as_bytes())
    });
    let (request, exchange) = exchange(&app());
    let answer =
        serde_json::json!({ "access_token": ACCESS_TOKEN, "token_type": "bearer", "id_token": *JWT });
    let answer = request.read(Response::new(200, answer.to_string()));
    let login = exchange.receive(answer, NOW, None).expect("an answer").decode().expect("a token");
    login
        .verify(&app(), &hub(), &KEYS, &Verifier, IdTokenPolicy::default(), NOW)
        .expect("an honest login")
        .identity
}
