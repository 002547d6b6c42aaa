//! Who a person is, as `/oauth/userinfo`, `/api/whoami-v2` and the ID token say it.

use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use url::Url;

use crate::answer::Answer;
use crate::clock::iso8601;
use crate::config::{OrgConfig, UserConfig};
use crate::fault::merge;
use crate::journal::Auth;
use crate::request::Request;
use crate::state::{Access, Hub};

/// `GET` or `POST /oauth/userinfo` (OpenID Connect Core section 5.3).
pub(crate) fn userinfo(hub: &Hub, request: &Request) -> Answer {
    with_access(hub, request, |access| {
        let user = &access.user;
        let mut body = json!({ "sub": user.sub() });
        merge(&mut body, &claims(hub, user, &access.scopes));
        if access.may("profile") {
            body["isPro"] = json!(user.pro);
        }
        let billing = access.may("read-billing");
        if billing {
            body["canPay"] = json!(user.can_pay);
        }
        body["orgs"] = access.granted_orgs().map(|org| userinfo_org(hub, org, billing)).collect();
        Answer::json(StatusCode::OK, body)
    })
}

/// `GET /api/whoami-v2`
pub(crate) fn whoami(hub: &Hub, request: &Request) -> Answer {
    with_access(hub, request, |access| {
        let user = &access.user;
        let mut body = json!({
            "type": if access.is_org { "org" } else { "user" },
            "id": user.sub(),
            "name": user.username,
            "fullname": user.display_name(),
            "avatarUrl": picture(hub, user),
            "auth": {
                "type": "oauth",
                "accessToken": { "role": "fineGrained", "createdAt": iso8601(access.created_at) },
                "expiresAt": iso8601(access.expires_at),
            },
        });
        if !access.is_org {
            body["isPro"] = json!(user.pro);
            body["orgs"] = access.granted_orgs().map(|org| whoami_org(hub, org)).collect();
        }
        if access.may("email")
            && let Some(email) = &user.email
        {
            body["email"] = json!(email);
            body["emailVerified"] = json!(user.email_verified.unwrap_or(true));
        }
        if access.may("read-billing") {
            body["canPay"] = json!(user.can_pay);
            body["periodEnd"] = Value::Null;
        }
        Answer::json(StatusCode::OK, body)
    })
}

/// The claims that ID token and userinfo share, as far as the scopes go.
pub(crate) fn claims(hub: &Hub, user: &UserConfig, scopes: &[String]) -> Value {
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let mut claims = Map::new();
    if has("profile") {
        claims.insert("name".into(), json!(user.display_name()));
        claims.insert("preferred_username".into(), json!(user.username));
        claims.insert("profile".into(), json!(hub.issuer.at(&format!("/{}", user.username))));
        claims.insert("picture".into(), json!(picture(hub, user)));
        if let Some(website) = &user.website {
            claims.insert("website".into(), json!(website));
        }
    }
    if has("email")
        && let Some(email) = &user.email
    {
        claims.insert("email".into(), json!(email));
        claims.insert("email_verified".into(), json!(user.email_verified.unwrap_or(true)));
    }
    Value::Object(claims)
}

/// Answers for a valid access token; otherwise as RFC 6750 section 3 says.
pub(crate) fn with_access(hub: &Hub, request: &Request, answer: impl FnOnce(&Access) -> Answer) -> Answer {
    match authenticate(hub, request) {
        Ok(access) => attributed(answer(&access), access),
        Err(refusal) => *refusal,
    }
}

/// Who asks; otherwise the refusal.
pub(crate) fn authenticate(hub: &Hub, request: &Request) -> Result<Access, Box<Answer>> {
    let Some(token) = request.bearer() else {
        let text = "Invalid credentials in Authorization header";
        return Err(Box::new(unauthorized("Bearer realm=\"local Hub\"", text)));
    };
    hub.access(token).ok_or_else(|| {
        let challenge = "Bearer realm=\"local Hub\", error=\"invalid_token\", error_description=\"The access token is unknown, revoked or expired\"";
        let answer = unauthorized(challenge, "Invalid credentials in Authorization header");
        Box::new(answer.noting(|note| note.error = Some("invalid_token".to_owned())))
    })
}

/// An answer to a valid access token.
pub(crate) fn attributed(answer: Answer, access: Access) -> Answer {
    answer.no_store().noting(|note| {
        note.auth = Auth::Bearer;
        note.client_id = Some(access.client_id);
        note.username = Some(access.user.username);
    })
}

fn unauthorized(challenge: &'static str, error: &str) -> Answer {
    Answer::json(StatusCode::UNAUTHORIZED, json!({ "error": error }))
        .no_store()
        .with(header::WWW_AUTHENTICATE, challenge)
}

fn userinfo_org(hub: &Hub, org: &OrgConfig, billing: bool) -> Value {
    let mut value = json!({
        "sub": org.sub(),
        "name": org.display_name(),
        "preferred_username": org.username,
        "picture": avatar(hub, &org.username),
        "isEnterprise": is_enterprise(org),
        "roleInOrg": org.role,
    });
    if let Some(plan) = &org.plan {
        value["plan"] = json!(plan);
    }
    if billing {
        value["canPay"] = json!(org.plan.is_some() && org.role == "admin");
    }
    if !org.security_restrictions.is_empty() {
        value["securityRestrictions"] = json!(org.security_restrictions);
    }
    // The older names of the same, which the Hub still sends.
    for (restriction, older) in [("sso", "pendingSSO"), ("mfa", "missingMFA")] {
        if org.security_restrictions.iter().any(|unmet| unmet == restriction) {
            value[older] = json!(true);
        }
    }
    value
}

fn whoami_org(hub: &Hub, org: &OrgConfig) -> Value {
    let mut value = json!({
        "type": "org",
        "id": org.sub(),
        "name": org.username,
        "fullname": org.display_name(),
        "avatarUrl": avatar(hub, &org.username),
        "roleInOrg": org.role,
        "isEnterprise": is_enterprise(org),
    });
    if let Some(plan) = &org.plan {
        value["plan"] = json!(plan);
    }
    if !org.security_restrictions.is_empty() {
        value["securityRestrictions"] = json!(org.security_restrictions);
    }
    value
}

fn is_enterprise(org: &OrgConfig) -> bool {
    org.plan.as_ref().is_some_and(|plan| plan.starts_with("enterprise"))
}

fn picture(hub: &Hub, user: &UserConfig) -> String {
    let Some(picture) = &user.picture else { return avatar(hub, &user.username) };
    if Url::parse(picture).is_ok() {
        return picture.clone();
    }
    // A relative one stands on the Hub's URL.
    hub.issuer.at(&format!("/{}", picture.trim_start_matches("./").trim_start_matches('/')))
}

fn avatar(hub: &Hub, name: &str) -> String {
    hub.issuer.at(&format!("/avatars/{name}.svg"))
}
