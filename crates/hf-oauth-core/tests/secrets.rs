//! Secrets do not print: every type and every error that may have met one, with canaries.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::error::Error;
use std::fmt::Debug;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth_core::*;
use serde_json::json;
use support::*;

const CLIENT_SECRET: &str = "canary-client-secret-0123456789";
const CODE: &str = "canary-code-0123456789";
const ACCESS: &str = "canary-access-0123456789";
const REFRESH: &str = "canary-refresh-0123456789";

/// What must be in no output; eight characters of one are too much.
struct Canaries(Vec<String>);

impl Canaries {
    fn new() -> Self {
        let kept = parts();
        let basic = STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
        let id_token = Attempt::new().jwt();
        let signature = id_token.rsplit('.').next().unwrap().to_owned();
        let mut all: Vec<String> = [CLIENT_SECRET, CODE, ACCESS, REFRESH].map(str::to_owned).to_vec();
        all.extend([kept.code_verifier, kept.nonce, kept.state, basic, signature, "canary-".to_owned()]);
        all.extend(id_token.split('.').map(str::to_owned));
        Self(all)
    }

    fn absent(&self, text: &str) {
        for canary in &self.0 {
            let start = &canary[..canary.len().min(8)];
            assert!(!text.contains(start), "{start}… in {text}");
        }
    }

    fn not_in(&self, value: &dyn Debug) {
        self.absent(&format!("{value:?}"));
        self.absent(&format!("{value:#?}"));
    }

    fn not_in_error(&self, error: &dyn Error) {
        self.not_in(&error);
        let mut next = Some(error);
        while let Some(error) = next {
            self.absent(&error.to_string());
            next = error.source();
        }
    }
}

fn secret_app() -> App {
    app().with_client_secret(CLIENT_SECRET)
}

fn callback() -> CallbackParams {
    CallbackParams::from_pairs([("code", CODE.to_owned()), ("state", parts().state)]).unwrap()
}

fn canary_exchange() -> (Request, CodeExchange) {
    pending().accept(&hub(), callback(), NOW).unwrap().exchange(&secret_app(), &hub()).unwrap()
}

fn canary_answer() -> serde_json::Value {
    token_json(json!({ "access_token": ACCESS, "refresh_token": REFRESH }))
}

fn refresh() -> (Request, Refresh) {
    let tokens = Tokens::new(ACCESS.into(), Some(REFRESH.into()), NOW, Scopes::default());
    Refresh::request(&secret_app(), &hub(), "user-1", tokens).unwrap()
}

#[test]
fn row_062_no_value_of_a_login_prints_a_secret() {
    let canaries = Canaries::new();
    canaries.not_in(&secret_app());
    canaries.not_in(&LoginSeed::from_random_bytes([7; 32]));
    canaries.not_in(&parts());
    canaries.not_in(&callback());
    let waiting = pending();
    canaries.not_in(&waiting);
    let forged = CallbackParams::from_query("code=canary-code-0&state=x").unwrap();
    let rejected = waiting.accept(&hub(), forged, NOW).unwrap_err();
    canaries.not_in(&rejected);
    canaries.not_in_error(&rejected.error);

    let grant = rejected.pending.accept(&hub(), callback(), NOW).unwrap();
    canaries.not_in(&grant);
    let (request, exchange) = grant.exchange(&secret_app(), &hub()).unwrap();
    canaries.not_in(&request);
    canaries.absent(&format!("{:?}", request.to_http().headers()));
    canaries.not_in(&exchange);

    let response = ok(canary_answer());
    canaries.not_in(&response);
    let answer: TokenResponse = request.read(response).unwrap();
    canaries.not_in(&answer);
    let unverified = exchange.receive(Ok(answer), NOW, None).unwrap();
    canaries.not_in(&unverified);
    let attempt = Attempt::new();
    let decoded = unverified.decode().unwrap();
    // The claims are the app's to see, the token is not.
    let claims = format!("{decoded:?}{decoded:#?}");
    canaries.absent(&claims);
    let verified =
        decoded.verify(&secret_app(), &hub(), &attempt.keys, &attempt.verifier, attempt.policy, NOW).unwrap();
    canaries.not_in(&verified);
    canaries.not_in(&verified.tokens.clone());
    canaries.not_in(&verified.into_info());
}

#[test]
fn row_062_no_value_of_a_refresh_prints_a_secret() {
    let canaries = Canaries::new();
    let (request, refresh) = refresh();
    canaries.not_in(&request);
    canaries.not_in(&refresh);
    let unverified = refresh.receive(request.read(ok(canary_answer())), NOW, None).unwrap();
    canaries.not_in(&unverified);
    let attempt = Attempt::new();
    let unconfirmed = unverified.check(&secret_app(), &hub(), attempt.policy).unwrap();
    canaries.not_in(&unconfirmed);
    canaries.not_in(&unconfirmed.clone().into_parts());
    let decoded = unconfirmed.decode().unwrap();
    canaries.not_in(&decoded);
    let refreshed =
        decoded.verify(&secret_app(), &hub(), &attempt.keys, &attempt.verifier, attempt.policy).unwrap();
    canaries.not_in(&refreshed);
    for request in [whoami_request(&hub(), &ACCESS.into()), userinfo_request(&hub(), &ACCESS.into()).unwrap()]
    {
        canaries.not_in(&request);
        canaries.absent(&format!("{:?}", request.to_http()));
    }
}

/// Every way in which a provider, or what stands before it, may repeat what it was sent.
fn echoes(secrets: &[String]) -> Vec<Response> {
    let mut all = Vec::new();
    for secret in secrets {
        for status in [200, 400, 401, 500] {
            let described =
                |description: String| json!({ "error": "invalid_grant", "error_description": description });
            all.push(Response::new(status, described(format!("{secret} is bad, {secret}")).to_string()));
            // Where the text is cut at 200 characters, a part of a secret must not stay.
            for start in [170, 180, 190, 195] {
                let long = format!("{}{secret}", "x".repeat(start));
                all.push(Response::new(status, described(long).to_string()));
            }
            all.push(Response::new(status, json!({ "error": secret }).to_string()));
            all.push(Response::new(status, json!({ "error": { "secret": secret } }).to_string()));
            all.push(Response::new(status, format!("<html>{secret}</html>")));
            all.push(Response::new(status, format!("\"{secret}\"")));
            all.push(Response::new(
                status,
                json!({ "access_token": { "x": secret }, "sub": [secret] }).to_string(),
            ));
            all.push(Response::new(status, json!({ secret.as_str(): secret }).to_string()));
            all.push(Response::new(status, format!("{{\"access_token\": \"{secret}")));
        }
    }
    all
}

#[test]
fn row_062_a_provider_that_repeats_the_request_puts_no_secret_into_an_error() {
    let canaries = Canaries::new();
    let basic = STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    let sent = [CODE.to_owned(), parts().code_verifier, CLIENT_SECRET.to_owned(), basic.clone()];
    for response in echoes(&sent) {
        let (request, exchange) = canary_exchange();
        let answer = request.read::<TokenResponse>(response);
        canaries.not_in_error(answer.as_ref().unwrap_err());
        canaries.not_in_error(&exchange.receive(answer, NOW, None).unwrap_err());
    }
    for response in echoes(&[REFRESH.to_owned(), CLIENT_SECRET.to_owned(), basic]) {
        let (request, refresh) = refresh();
        let answer = request.read::<TokenResponse>(response);
        canaries.not_in_error(answer.as_ref().unwrap_err());
        canaries.not_in_error(&refresh.receive(answer, NOW, None).unwrap_err());
    }
    for response in echoes(&[ACCESS.to_owned()]) {
        let userinfo = userinfo_request(&hub(), &ACCESS.into()).unwrap();
        canaries.not_in_error(&userinfo.read::<OAuthUserInfo>(response.clone()).unwrap_err());
        let whoami = whoami_request(&hub(), &ACCESS.into());
        canaries.not_in_error(&whoami.read::<WhoAmI>(response).unwrap_err());
    }
}

#[test]
fn row_062_an_error_that_another_parser_filled_is_cleaned_as_well() {
    let canaries = Canaries::new();
    let (request, exchange) = canary_exchange();
    let text = format!("the code {CODE} and {} are unknown", parts().code_verifier);
    let error = request.error(BackchannelFault::OAuth(OAuthError::new(CLIENT_SECRET, Some(&text))));
    let error = exchange.receive(Err(error), NOW, None).unwrap_err();
    canaries.not_in_error(&error);
    assert!(error.to_string().contains("the code *** and *** are unknown"), "{error}");
}

#[test]
fn row_062_tokens_of_a_login_that_fails_are_not_in_its_error() {
    let canaries = Canaries::new();
    for members in [
        json!({ "token_type": "mac" }),
        json!({ "access_token": format!("{ACCESS} x") }),
        json!({ "refresh_token": format!("{REFRESH}\n") }),
        json!({ "id_token": null }),
        json!({ "id_token": 5 }),
    ] {
        let (request, exchange) = canary_exchange();
        let mut answer = canary_answer();
        merge(&mut answer, members);
        let error = exchange.receive(request.read(ok(answer)), NOW, None).unwrap_err();
        canaries.not_in_error(&error);
    }
    for claims in [
        json!({ "iss": "x" }),
        json!({ "aud": "x" }),
        json!({ "nonce": "x" }),
        json!({ "at_hash": "x" }),
        json!({ "exp": 0 }),
        json!({ "sub": "" }),
    ] {
        canaries.not_in_error(&Attempt::new().with(claims).error());
    }
    let attempt = Attempt::new();
    for jwt in [format!("{}x", attempt.jwt()), attempt.jwt().replace('.', "")] {
        canaries.not_in_error(&attempt.run_jwt(&jwt).unwrap_err());
    }
}

#[test]
fn row_062_a_password_in_an_address_is_not_repeated() {
    let canaries = Canaries::new();
    for url in [
        "https://user:canary-pass@host.example/x",
        "http://canary-user@host.example",
        "https://u:canary-p/a@ss@host.example",
        "postgres://u:canary-p@host",
        "user:canary-p@host",
    ] {
        canaries.not_in_error(&EndpointUrl::parse(url).unwrap_err());
        canaries.not_in_error(&Issuer::parse(url).unwrap_err());
        canaries.not_in_error(&RedirectUri::parse(url).unwrap_err());
        canaries.not_in_error(&url.parse::<Origin>().unwrap_err());
        let error = App::from_space_vars(|name| {
            Some(if name == "OPENID_PROVIDER_URL" { url } else { CLIENT_SECRET }.to_owned())
        });
        canaries.not_in_error(&error.unwrap_err());
    }
    let mut damaged = parts();
    damaged.issuer = "https://canary-user@host".to_owned();
    canaries.not_in_error(&PendingLogin::from_parts(damaged).unwrap_err());
}

#[test]
fn row_062_errors_still_say_step_endpoint_status_and_what_to_do() {
    let request = canary_exchange().0;
    for (fault, words) in [
        (BackchannelFault::Connect, "network"),
        (BackchannelFault::Tls { detail: "self-signed".to_owned() }, "SSL_CERT_FILE"),
        (BackchannelFault::Timeout { after: Duration::from_secs(10) }, "10 s"),
        (BackchannelFault::Interrupted, "broke"),
        (BackchannelFault::BodyTooLarge, "1048576"),
        (BackchannelFault::Redirected, "issuer"),
        (BackchannelFault::NotJson, "JSON"),
    ] {
        let said = request.error(fault).to_string();
        assert!(said.starts_with("code exchange at https://huggingface.co/oauth/token"), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
