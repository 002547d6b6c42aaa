//! A token for somebody else's word (RFC 8693): a CI job's identity, or that of an organisation for its member.

use std::collections::BTreeSet;

use super::client::Client;
use super::{Failure, Granted, issue_access, lifetime};
use crate::authorize::{is_member, scopes};
use crate::ci;
use crate::config::UserConfig;
use crate::journal::Auth;
use crate::keys::SigningKey;
use crate::request::Params;
use crate::state::{Hub, Login, State, TRUSTED_PUBLISHER};

pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const USER_EMAIL: &str = "urn:huggingface:token-type:user-email";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// What a CI job's token lives, in seconds.
const HOUR: u64 = 3_600;
/// What stands before a repository's name, where it is not a model.
const KINDS: [&str; 4] = ["datasets", "spaces", "kernels", "buckets"];

/// From CI: JSON, and nobody but the ID token says who asks.
pub(super) fn for_ci(hub: &Hub, key: &SigningKey, params: &Params) -> Result<Granted, Failure> {
    let needed = |name: &str| {
        let missing = || Failure::new("invalid_request", format!("{name} is missing, or no text"));
        params.one(name)?.ok_or_else(missing)
    };
    if needed("grant_type")? != GRANT_TYPE {
        return Err(Failure::new("invalid_request", "only a CI's token exchange is sent as JSON"));
    }
    if needed("subject_token_type")? != ID_TOKEN {
        return Err(Failure::new("invalid_request", format!("subject_token_type must be {ID_TOKEN}")));
    }
    let subject_token = needed("subject_token")?;
    let (owner, scope) = target(needed("resource")?).ok_or_else(|| {
        let text = "resource is neither a repository (ns/name, datasets/ns/name, spaces/..., kernels/..., buckets/...) nor a username";
        Failure::new("invalid_request", text)
    })?;
    ci::verify(hub, key, subject_token).map_err(|reason| Failure::new("invalid_grant", reason))?;
    let mut state = hub.state();
    let person = state.user(owner);
    let known = person.is_some() || scope == REPOSITORY && state.org(owner).is_some();
    if !known {
        let text = "nobody at the local Hub has this resource, so nothing trusts the CI with it";
        return Err(Failure::new("invalid_grant", text));
    }
    let login = Login {
        username: owner.to_owned(),
        client_id: TRUSTED_PUBLISHER.to_owned(),
        scopes: vec![scope.to_owned()],
        orgs: BTreeSet::new(),
        revoked: false,
    };
    exchanged(hub, &mut state, login, HOUR)
}

/// By an organisation's own app, for a member.
pub(super) fn for_member(hub: &Hub, params: &Params, client: &Client) -> Result<Granted, Failure> {
    let proven = matches!(client.auth, Auth::Basic | Auth::Post);
    let Some(app) = client.app.as_ref().filter(|app| proven && !app.is_public()) else {
        let text = "a member's token is for an app that shows its secret; a CI's exchange is sent as JSON";
        return Err(Failure::new("invalid_client", text));
    };
    if app.authorized_org.is_empty() {
        let text = "the app is no organisation's: at the local Hub its authorized_org says whose it is";
        return Err(Failure::new("invalid_client", text));
    }
    if params.one("subject_token_type")? != Some(USER_EMAIL) {
        return Err(Failure::new("invalid_request", format!("subject_token_type must be {USER_EMAIL}")));
    }
    let email = params.one("subject_token")?;
    let email = email.ok_or_else(|| Failure::new("invalid_request", "subject_token is missing"))?;
    // Who asks for none gets what the app is registered for.
    let registered = app.scopes.join(" ");
    let all = Some(registered.as_str()).filter(|all| !all.is_empty());
    let scopes = scopes(app, params.one("scope")?.or(all))
        .map_err(|(error, description)| Failure::new(error, description))?;
    let mut state = hub.state();
    let member = |user: &&UserConfig| {
        let verified = user.email_verified.unwrap_or(true);
        let same = user.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(email));
        same && verified && is_member(app, user)
    };
    // One answer for all, so that an app cannot find out who has an account.
    let unknown = || Failure::new("invalid_grant", "no member of the organisation has this verified address");
    let user = state.users.iter().find(member).ok_or_else(unknown)?;
    let own = |sub: &String, name: &String| app.authorized_org.iter().any(|org| org == sub || org == name);
    let orgs = user.orgs.iter().map(|org| (org.sub(), &org.username));
    let login = Login {
        username: user.username.clone(),
        client_id: app.client_id.clone(),
        scopes,
        orgs: orgs.filter(|(sub, name)| own(sub, name)).map(|(sub, _)| sub).collect(),
        revoked: false,
    };
    exchanged(hub, &mut state, login, lifetime(hub, app))
}

fn exchanged(hub: &Hub, state: &mut State, login: Login, expires_in: u64) -> Result<Granted, Failure> {
    let scopes = login.scopes.clone();
    state.logins.push(login);
    let index = state.logins.len() - 1;
    let granted = issue_access(hub, state, index, scopes, expires_in);
    let mut granted = granted.ok_or_else(|| Failure::new("invalid_grant", "the subject is gone"))?;
    granted.issued_token_type = Some(ACCESS_TOKEN);
    Ok(granted)
}

const REPOSITORY: &str = "write-repos";

/// Whose a resource is, and the scope that goes with it: writing for a repository, reading gated ones for a person.
fn target(resource: &str) -> Option<(&str, &'static str)> {
    let parts: Vec<&str> = resource.split('/').collect();
    let named = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=96).contains(&name.len()) && name.bytes().all(allowed)
    };
    let (owner, scope) = match parts.as_slice() {
        [owner] => (*owner, "gated-repos"),
        [owner, name] if !KINDS.contains(owner) && named(name) => (*owner, REPOSITORY),
        [kind, owner, name] if KINDS.contains(kind) && named(name) => (*owner, REPOSITORY),
        _ => return None,
    };
    named(owner).then_some((owner, scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_a_repository_of_a_kind_or_a_username() {
        for (resource, owner, scope) in [
            ("ada", "ada", "gated-repos"),
            ("ada/model", "ada", "write-repos"),
            ("datasets/ada/data", "ada", "write-repos"),
            ("spaces/ada/space", "ada", "write-repos"),
            ("kernels/ada/k", "ada", "write-repos"),
            ("buckets/ada/b", "ada", "write-repos"),
        ] {
            assert_eq!(target(resource), Some((owner, scope)), "{resource}");
        }
        for none in
            ["", "/", "ada/", "/ada", "datasets/ada", "a/b/c", "datasets/a/b/c", "a b", "a/b?c", "ada/mödel"]
        {
            assert_eq!(target(none), None, "{none}");
        }
    }
}
