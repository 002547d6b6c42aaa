//! A CI for jobs to come from: it makes ID tokens as GitHub Actions does, and `token::exchange` knows them again.
//!
//! The job's request token is the same everywhere: whoever reaches the local Hub may be anybody, a job included.

use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::discovery::no_key;
use crate::journal::Auth;
use crate::keys::SigningKey;
use crate::request::Request;
use crate::state::Hub;

/// What a job shows to get its ID token.
const REQUEST_TOKEN: &str = "local-ci";
/// The repository in which the job runs, on the CI's side.
const REPOSITORY: &str = "local/ci";
/// GitHub's tokens live as long, in seconds.
const LIFETIME: u64 = 300;

/// `GET /ci/id-token?audience=...`, as a job asks GitHub for its
/// [ID token](https://docs.github.com/en/actions/reference/security/oidc).
pub(crate) async fn id_token(hub: &Hub, request: &Request) -> Answer {
    if request.bearer() != Some(REQUEST_TOKEN) {
        return refused(StatusCode::UNAUTHORIZED, "ACTIONS_ID_TOKEN_REQUEST_TOKEN is missing or wrong")
            .with(header::WWW_AUTHENTICATE, "Bearer realm=\"local CI\"");
    }
    let params = request.query_params();
    let Ok(audience) = params.one("audience") else {
        return refused(StatusCode::BAD_REQUEST, "audience was sent more than once");
    };
    // GitHub's default is the owner of the job's repository.
    let audience = audience.unwrap_or("https://github.com/local");
    match mint(hub, audience).await {
        Some(token) => Answer::json(StatusCode::OK, json!({ "value": token })).no_store(),
        None => no_key(),
    }
    .noting(|note| note.auth = Auth::Bearer)
}

pub(crate) async fn mint(hub: &Hub, audience: &str) -> Option<String> {
    let key = hub.signing_key().await?;
    let now = hub.now();
    let (owner, _) = REPOSITORY.split_once('/')?;
    let claims = json!({
        "iss": issuer(hub),
        "sub": format!("repo:{REPOSITORY}:ref:refs/heads/main"),
        "aud": audience,
        "iat": now,
        "nbf": now,
        "exp": now.saturating_add(LIFETIME),
        "jti": hub.random.token(),
        "repository": REPOSITORY,
        "repository_owner": owner,
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "workflow": "publish",
        "event_name": "push",
        "actor": owner,
        "runner_environment": "self-hosted",
    });
    Some(key.sign(&key.header(), &claims)?.compact())
}

/// The claims of an ID token that this CI made for this Hub and that is valid now.
pub(crate) fn verify(hub: &Hub, key: &SigningKey, token: &str) -> Result<Value, &'static str> {
    let claims = key.verify(token).ok_or("the subject token is no ID token of the local CI")?;
    if claims["iss"] != issuer(hub).as_str() {
        return Err("the subject token is another CI's");
    }
    let audiences = ["https://huggingface.co", hub.issuer.text.as_str()];
    if !claims["aud"].as_str().is_some_and(|aud| audiences.contains(&aud)) {
        return Err("the subject token's aud is neither https://huggingface.co nor the issuer");
    }
    let now = hub.now();
    if claims["exp"].as_u64().is_none_or(|exp| now >= exp) {
        return Err("the subject token has expired");
    }
    if claims["nbf"].as_u64().is_some_and(|nbf| now < nbf) {
        return Err("the subject token is not valid yet");
    }
    Ok(claims)
}

pub(crate) fn environment(hub: &Hub, resource: &str) -> Vec<(&'static str, String)> {
    vec![
        ("GITHUB_ACTIONS", "true".to_owned()),
        // GitHub's has a query already, so that clients must append to it.
        ("ACTIONS_ID_TOKEN_REQUEST_URL", hub.issuer.at("/ci/id-token?api-version=2.0")),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN.to_owned()),
        ("HF_ENDPOINT", hub.issuer.text.clone()),
        ("HF_OIDC_RESOURCE", resource.to_owned()),
    ]
}

fn issuer(hub: &Hub) -> String {
    hub.issuer.at("/ci")
}

fn refused(status: StatusCode, message: &str) -> Answer {
    Answer::json(status, json!({ "message": message })).no_store()
}
