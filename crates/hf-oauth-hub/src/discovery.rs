//! `/.well-known/openid-configuration` and `/oauth/jwks`.

use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::state::Hub;

/// OpenID Connect Discovery section 3, without `scopes_supported`, as on the Hub.
pub(crate) fn configuration(hub: &Hub) -> Answer {
    let at = |path: &str| hub.issuer.at(path);
    let mut document = json!({
        "issuer": hub.issuer.text,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "device_authorization_endpoint": at("/oauth/device"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "jwks_uri": at("/oauth/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "at_hash", "name", "preferred_username", "profile",
            "picture", "website", "email", "email_verified",
        ],
    });
    if hub.send_iss {
        document["authorization_response_iss_parameter_supported"] = json!(true);
    }
    if hub.client_metadata.is_some() {
        document["client_id_metadata_document_supported"] = json!(true);
    }
    Answer::json(StatusCode::OK, document)
}

pub(crate) async fn jwks(hub: &Hub) -> Answer {
    match hub.signing_key().await {
        Some(key) => Answer::json(StatusCode::OK, key.jwks()),
        None => no_key(),
    }
}

/// This machine could not make an RSA key.
pub(crate) fn no_key() -> Answer {
    let error = json!({ "error": "temporarily_unavailable", "error_description": "The local Hub has no signing key" });
    Answer::json(StatusCode::SERVICE_UNAVAILABLE, error)
}
