//! What a provider answers.

use super::*;

pub(super) fn token_responses() -> Corpus {
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
        ("scopes", answer(json!({ "scope": ["openid", "profile"], "refresh_token": "" }))),
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

pub(super) fn discoveries() -> Corpus {
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
        ("flag-as-text", document(json!({ "authorization_response_iss_parameter_supported": "true" }))),
        ("byte-order-mark", format!("\u{feff}{}", document(json!({})))),
        ("no-pkce", document(json!({ "code_challenge_methods_supported": ["plain"] }))),
        ("no-rs256", document(json!({ "id_token_signing_alg_values_supported": ["ES256"] }))),
        ("device", document(json!({ "device_authorization_endpoint": format!("{ISSUER}/device") }))),
    ])
}

pub(super) fn userinfos() -> Corpus {
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
