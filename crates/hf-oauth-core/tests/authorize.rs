//! Where the browser is sent: PKCE, the parameters that nobody overrides, and the provider's metadata.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::*;
use serde_json::{Value, json};
use support::*;

/// The URL as a browser reads it.
fn query(request: &AuthorizationRequest) -> Vec<(String, String)> {
    url::Url::parse(&request.url()).unwrap().query_pairs().into_owned().collect()
}

/// A parameter's value, which must stand there exactly once.
fn single(query: &[(String, String)], name: &str) -> String {
    let values: Vec<_> = query.iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect();
    assert_eq!(values.len(), 1, "{name} in {query:?}");
    values[0].clone()
}

fn s256(code_verifier: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, code_verifier.as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

#[test]
fn row_011_the_s256_of_this_test_is_that_of_rfc_7636_appendix_b() {
    assert_eq!(
        s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

/// What a seed gives is kept in cookies that outlive an update: these values were computed by another program.
#[test]
fn a_seed_gives_what_it_always_gave() {
    let seed = LoginSeed::from_random_bytes(std::array::from_fn(|index| index as u8));
    let (request, pending) = authorize(&app(), &hub(), &LoginOptions::new(), &seed, NOW).unwrap();
    let (query, parts) = (query(&request), pending.into_parts());
    assert_eq!(single(&query, "state"), "f24o4ITo_rzaJAZcXHgX9gBtn267l1cQhFJG-2ntAW81p21F");
    assert_eq!(single(&query, "nonce"), "p65G7WDxuZgP6BL1POqG6QMXPMj3MiAdIHk4su5SRJg");
    assert_eq!(single(&query, "code_challenge"), "XqaJTqdco4wDxtSRzw9BiQFuJFLb-KI6WIDC7BfZjes");
    assert_eq!(parts.code_verifier, "U72WWUzu52Dw-reafIHqV8dP9PLdhgz8ULLMqfVaemo");
    let again = PendingLogin::from_parts(parts.clone()).map(PendingLogin::into_parts);
    assert_eq!(again, Ok(parts));
}

#[test]
fn row_011_ten_thousand_logins_have_distinct_unguessable_values_and_always_s256() {
    let mut seen = HashSet::new();
    for number in 0..10_000_u64 {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        let seed = LoginSeed::from_random_bytes(bytes);
        let (request, pending) = authorize(&app(), &hub(), &LoginOptions::new(), &seed, NOW).unwrap();
        let param = |name| request.params().iter().find(|(key, _)| *key == name).unwrap().1.clone();
        let kept = pending.into_parts();
        assert_eq!(param("code_challenge_method"), "S256");
        assert_eq!(param("code_challenge"), s256(&kept.code_verifier));
        assert_eq!((param("state"), param("nonce")), (kept.state.clone(), kept.nonce.clone()));
        assert!(!request.params().iter().any(|(_, value)| *value == kept.code_verifier), "it stays at home");
        for (value, length) in [(kept.state, 48), (kept.nonce, 43), (kept.code_verifier, 43)] {
            assert_eq!(value.len(), length);
            assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
            assert!(seen.insert(value), "a value came twice");
        }
    }
    assert_eq!(seen.len(), 30_000);
}

#[test]
fn row_011_nothing_that_can_be_set_switches_pkce_state_or_nonce_off() {
    let apps = [app(), app().with_client_secret("secret"), App::new("a").with_scopes(Scopes::none())];
    let prompts =
        [None, Some(Prompt::None), Some(Prompt::Consent), Some(Prompt::Login), Some(Prompt::SelectAccount)];
    let hubs = [hub(), discover(json!({ "code_challenge_methods_supported": ["plain", "S256"] })).unwrap()];
    for (app, prompt, hub) in apps
        .iter()
        .flat_map(|app| prompts.map(|prompt| (app, prompt)))
        .flat_map(|(a, p)| hubs.each_ref().map(|h| (a, p, h)))
    {
        let mut options = LoginOptions::new().with_scopes("plain code_challenge_method=plain");
        options.prompt = prompt;
        let query = query(&begin(app, hub, &options).0);
        assert_eq!(single(&query, "code_challenge_method"), "S256");
        for (name, length) in [("code_challenge", 43), ("state", 48), ("nonce", 43)] {
            assert_eq!(single(&query, name).len(), length, "{name}");
        }
    }
}

#[test]
fn row_012_metadata_without_s256_is_refused_and_silence_is_not_trusted() {
    for methods in [json!(["plain"]), json!([]), json!(["s256"])] {
        let metadata = json!({ "code_challenge_methods_supported": methods });
        assert_eq!(discover(metadata).unwrap_err(), DiscoveryError::PkceUnsupported, "{methods}");
    }
    assert!(discover(json!({ "code_challenge_methods_supported": ["plain", "S256"] })).is_ok());

    let silent = discover(json!({})).unwrap();
    let (request, pending) = begin(&app(), &silent, &LoginOptions::new());
    let query = query(&request);
    let kept = pending.into_parts();
    assert_eq!(single(&query, "code_challenge"), s256(&kept.code_verifier));
    assert_eq!(single(&query, "nonce"), kept.nonce);
    let again = PendingLogin::from_parts(kept).unwrap();
    let forged = CallbackParams::from_query("code=c&state=guessed").unwrap();
    assert_eq!(again.accept(&silent, forged, NOW).unwrap_err().error, CallbackError::StateMismatch);
}

#[test]
fn row_014_no_option_overrides_or_doubles_a_parameter() {
    let evil = "x&client_id=evil&redirect_uri=https://evil.example&state=s#&code_challenge_method=plain";
    let options = LoginOptions::new()
        .with_scopes(Scopes::from(evil).with(Scope::from("a&scope=manage-repos")))
        .with_org_id(evil)
        .with_org_id("second")
        .with_prompt(Prompt::None)
        .with_app_state(evil)
        .with_return_path(ReturnPath::parse("/?client_id=evil").unwrap());
    let (request, pending) = begin(&app(), &hub(), &options);
    let query = query(&request);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", "https://app.example/oauth/huggingface/callback"),
        ("state", pending.state().expose()),
        ("prompt", "none"),
        ("code_challenge_method", "S256"),
        ("scope", &format!("{evil} a&scope=manage-repos")),
    ] {
        assert_eq!(single(&query, name), value);
    }
    let org_ids: Vec<_> =
        query.iter().filter(|(name, _)| name == "orgIds").map(|(_, id)| id.as_str()).collect();
    assert_eq!(org_ids, [evil, "second"]);
    let names: HashSet<_> = query.iter().map(|(name, _)| name.as_str()).collect();
    let ours = "response_type client_id redirect_uri scope state nonce code_challenge code_challenge_method prompt orgIds";
    assert_eq!(names, ours.split(' ').collect());
}

#[test]
fn an_authorization_endpoint_may_have_a_query_of_its_own() {
    let hub = discover(json!({ "authorization_endpoint": "https://id.example/authorize?tenant=1" })).unwrap();
    let query = query(&begin(&app(), &hub, &LoginOptions::new()).0);
    assert_eq!(single(&query, "tenant"), "1");
    assert_eq!(single(&query, "response_type"), "code");
}

#[test]
fn without_a_client_id_nothing_begins() {
    for id in ["", " ", "\n"] {
        let seed = LoginSeed::from_random_bytes([7; 32]);
        let error = authorize(&App::new(id), &hub(), &LoginOptions::new(), &seed, NOW).unwrap_err();
        assert_eq!(error, AuthorizeError::MissingClientId);
    }
}

#[test]
fn row_017_state_is_opaque_and_carries_nothing_that_is_read() {
    // What a JavaScript client of the Hub puts there, with another redirect URI and another place to go.
    let tampered =
        r#"{"nonce":"n","redirectUri":"https://evil.example/cb","state":"{\"next\":\"//evil.example\"}"}"#;
    let forged = CallbackParams::from_pairs([("code", "the-code"), ("state", tampered)]).unwrap();
    let rejected = pending().accept(&hub(), forged, NOW).unwrap_err();
    assert_eq!(rejected.error, CallbackError::StateMismatch);

    let query = format!(
        "redirect_uri=https://evil.example&return_path=//evil.example&code=c&state={}",
        parts().state
    );
    let honest_with_extras = CallbackParams::from_query(&query).unwrap();
    let grant = rejected.pending.accept(&hub(), honest_with_extras, NOW).unwrap();
    let (request, _) = grant.exchange(&app(), &hub()).unwrap();
    let redirect_uri = &request.form().unwrap().iter().find(|(name, _)| *name == "redirect_uri").unwrap().1;
    assert_eq!(redirect_uri.expose(), "https://app.example/oauth/huggingface/callback");
}

#[test]
fn row_162_a_state_says_which_attempt_it_is_unless_anything_of_it_was_changed() {
    let seed = LoginSeed::from_random_bytes([7; 32]);
    let (first, second) = (seed.state(), seed.clone().for_restart().state());
    assert_eq!(LoginAttempt::of_state(&first), Some(LoginAttempt::First));
    assert_eq!(LoginAttempt::of_state(&second), Some(LoginAttempt::Restart));
    assert_eq!(first[..43], second[..43], "the secret is the seed's, whichever attempt it is");
    for state in [first, second] {
        let cut = (0..state.len()).map(|length| state[..length].to_owned());
        let replaced = (0..state.len()).map(|at| {
            let other = if state.as_bytes()[at] == b'x' { "y" } else { "x" };
            format!("{}{other}{}", &state[..at], &state[at + 1..])
        });
        let odd = [
            String::new(),
            "constant".to_owned(),
            format!("{state}="),
            format!(" {state}"),
            format!("{state}{state}"),
            state.to_lowercase(),
            state.to_uppercase(),
            "\u{e9}".repeat(24),
            "1".repeat(48),
        ];
        for changed in cut.chain(replaced).chain(odd) {
            assert_eq!(LoginAttempt::of_state(&changed), None, "{changed}");
        }
    }
}

#[test]
fn row_016_only_the_first_host_of_a_space_counts_and_it_must_be_a_host() {
    let space = |host: &str| {
        let host = host.to_owned();
        App::from_space_vars(move |name| {
            Some(match name {
                "SPACE_HOST" => host.clone(),
                "OPENID_PROVIDER_URL" => "https://huggingface.co".to_owned(),
                _ => "x".to_owned(),
            })
        })
    };
    for (hosts, first) in [
        ("ada-demo.hf.space", "ada-demo.hf.space"),
        ("ada-demo.hf.space,app.example.com", "ada-demo.hf.space"),
        (" ada-demo.hf.space , app.example.com", "ada-demo.hf.space"),
    ] {
        let space = space(hosts).unwrap();
        assert_eq!(space.host, first);
        let uri = space.app.redirect_uri.unwrap();
        assert_eq!(uri.as_str(), format!("https://{first}{CALLBACK_PATH}"));
    }
    for bad in [
        ",a.hf.space",
        "https://a.hf.space",
        "a.hf.space/x?",
        "u@evil.example",
        "evil.example#",
        "a b",
        "é.example",
    ] {
        assert!(space(bad).unwrap_err().to_string().contains("SPACE_HOST"), "{bad}");
    }
}

#[test]
fn row_023_metadata_never_chooses_the_algorithm() {
    for algorithms in [json!(["none", "HS256"]), json!(["HS256"]), json!(["ES256", "PS256"]), json!([])] {
        let metadata = json!({ "id_token_signing_alg_values_supported": algorithms });
        assert_eq!(discover(metadata).unwrap_err(), DiscoveryError::UnsupportedAlg, "{algorithms}");
    }
    // Listed first or alone makes no difference: the pin is in the check of the token itself (row 22).
    assert!(discover(json!({ "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"] })).is_ok());
    assert!(discover(json!({})).is_ok());
}

#[test]
fn row_048_a_document_of_another_issuer_is_not_used() {
    for issuer in [
        "https://evil.example",
        "https://id.example/",
        "http://id.example",
        "https://ID.example",
        "",
        "https://id.example/x",
    ] {
        let error = discover(json!({ "issuer": issuer })).unwrap_err();
        assert!(matches!(error, DiscoveryError::IssuerMismatch { .. }), "{issuer}");
    }
    let said = discover(json!({ "issuer": "https://id.example/" })).unwrap_err().to_string();
    assert!(said.contains("\"https://id.example/\"") && said.contains("\"https://id.example\""), "{said}");
}

#[test]
fn row_049_endpoints_are_https_and_on_an_origin_that_is_trusted() {
    let endpoints = [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "device_authorization_endpoint",
    ];
    for name in endpoints {
        for url in [
            "http://id.example/x",
            "javascript:alert(1)",
            "https://u:p@id.example/x",
            "//id.example/x",
            "/x",
            "",
        ] {
            let error = discover(json!({ name: url })).unwrap_err();
            assert!(matches!(error, DiscoveryError::InsecureEndpoint { .. }), "{name} {url}: {error:?}");
        }
        for url in [
            "https://evil.example/x",
            "https://id.example.evil.example/x",
            "https://id.example:8443/x",
            "https://10.0.0.1/x",
            "https://169.254.169.254/x",
            "http://localhost/x",
            "http://127.0.0.1:80/x",
        ] {
            let error = discover(json!({ name: url })).unwrap_err();
            assert!(matches!(error, DiscoveryError::ForeignEndpoint { .. }), "{name} {url}: {error:?}");
        }
        assert!(
            discover(json!({ name: "https://id.example:443/x" })).is_ok(),
            "the same origin, written out"
        );
    }
}

#[test]
fn row_049_another_origin_counts_only_if_the_app_lists_it() {
    let document = || -> DiscoveryDocument {
        let members = json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/a",
            "token_endpoint": "https://tokens.example:8443/t",
            "jwks_uri": "https://id.example/j",
        });
        serde_json::from_value::<DiscoveryDocument>(members).unwrap()
    };
    let issuer = Issuer::parse("https://id.example").unwrap();
    let with = |origins: &[&str]| {
        let origins: Vec<Origin> = origins.iter().map(|origin| origin.parse().unwrap()).collect();
        Hub::from_discovery(&issuer, document(), &origins)
    };
    assert!(with(&["https://tokens.example:8443"]).is_ok());
    for others in [&[][..], &["https://tokens.example"], &["https://example:8443", "https://id.example"]] {
        let error = with(others).unwrap_err();
        assert!(
            matches!(error, DiscoveryError::ForeignEndpoint { name: "token_endpoint", .. }),
            "{others:?}"
        );
    }
}

#[test]
fn metadata_of_another_shape_is_an_error_and_not_a_panic() {
    let request = Hub::discovery_request(&Issuer::parse("https://id.example").unwrap());
    for body in ["[]", "null", "{}", r#"{"issuer":5}"#, r#"{"issuer":null,"jwks_uri":[]}"#] {
        assert!(request.read::<DiscoveryDocument>(ok(body)).is_err(), "{body}");
    }
    let nulls: Value = json!({ "userinfo_endpoint": "https://id.example/u" });
    assert!(discover(nulls).unwrap().userinfo_endpoint().is_some());
}
